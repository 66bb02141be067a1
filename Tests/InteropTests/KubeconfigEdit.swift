import FoundationEssentials

/// A change to a good kubeconfig, or the good one itself.
struct KubeconfigEdit: Sendable, CustomStringConvertible {
  /// What is changed.
  let name: String
  /// Why kubectl's answer and pkigen's differ, where they do.
  let difference: String?
  /// The changed text, as bytes.
  let apply: @Sendable (KubeconfigText) -> [UInt8]

  var description: String { name }

  /// An edit that makes another text.
  init(
    _ name: String, difference: String? = nil, _ apply: @escaping @Sendable (KubeconfigText) -> String
  ) {
    self.init(bytes: name, difference: difference) { Array(apply($0).utf8) }
  }

  /// An edit that makes other bytes.
  init(
    bytes name: String, difference: String? = nil,
    _ apply: @escaping @Sendable (KubeconfigText) -> [UInt8]
  ) {
    self.name = name
    self.difference = difference
    self.apply = apply
  }
}

/// A good kubeconfig, and texts that are made of it.
struct KubeconfigText: Sendable {
  let server: String
  /// The values of the three fields with data, in base64.
  let authority: String
  let certificate: String
  let key: String
  /// A CA of another cluster, and the key of another certificate.
  let otherAuthority: String
  let otherKey: String

  /// The kubeconfig.
  var text: String {
    """
    apiVersion: v1
    clusters:
    - cluster:
        certificate-authority-data: \(authority)
        server: \(server)
      name: kubernetes
    contexts:
    - context:
        cluster: kubernetes
        user: admin
      name: here
    current-context: here
    kind: Config
    preferences: {}
    users:
    - name: admin
      user:
        client-certificate-data: \(certificate)
        client-key-data: \(key)

    """
  }

  /// The text with a part replaced, which must be there.
  func replacing(_ old: String, _ new: String) -> String { text.replacing(old, with: new) }

  /// The text with the line of a field replaced by lines, at the indentation of the field.
  func line(_ field: String, _ lines: String...) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard line.drop(while: { $0 == " " || $0 == "-" }).hasPrefix("\(field):") else { return String(line) }
      let start = line.prefix { $0 == " " || $0 == "-" }
      let indentation = String(repeating: " ", count: start.count)
      return lines.enumerated().map { ($0 == 0 ? start : indentation[...]) + $1 }.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// The text with further fields of the cluster.
  func cluster(_ fields: String...) -> String {
    replacing("    server:", fields.map { "    \($0)\n" }.joined() + "    server:")
  }

  /// The text with further fields of the user.
  func user(_ fields: String...) -> String {
    replacing("    client-key-data:", fields.map { "    \($0)\n" }.joined() + "    client-key-data:")
  }

  /// The text with a further entry at the end of a list.
  func entry(_ list: String, _ entry: String) -> String {
    replacing("\(list):\n", "\(list):\n- \(entry)\n")
  }

  /// A base64 text in lines of 64 characters.
  func lines(_ base64: String, _ separator: String) -> String {
    stride(from: 0, to: base64.utf8.count, by: 64).map { start in
      String(decoding: Array(base64.utf8)[start..<min(start + 64, base64.utf8.count)], as: UTF8.self)
    }.joined(separator: separator)
  }

  /// The base64 of a text before another base64.
  func prefixed(_ base64: String, with bytes: [UInt8]) -> String {
    (Data(bytes) + (Data(base64Encoded: base64) ?? Data())).base64EncodedString()
  }
}
