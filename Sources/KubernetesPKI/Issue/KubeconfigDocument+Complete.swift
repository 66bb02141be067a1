internal import FoundationEssentials
internal import OpenSSLX509
internal import Yams

extension KubeconfigDocument {
  /// The text of a kubeconfig with a client certificate in its current context, and with authorities where it trusts none of
  /// them yet; everything else that it says stays.
  ///
  /// - Throws: ``Problem`` when the text is no kubeconfig.
  static func completed(
    _ text: SecretBytes, path: String, with certificates: [Certificate], trusting authorities: [Certificate]
  ) throws(Problem) -> SecretBytes {
    let (_, cluster, user) = try KubeconfigDocument(text, path: path).current()
    let trusted = (try? cluster.certificateAuthority?.certificates()) ?? []
    do {
      guard var root = try compose(yaml: String(decoding: text.copy, as: UTF8.self)) else { throw Problem("it is empty") }
      root.set("client-certificate-data", try certificates.pem(), of: ("users", "user", user.name))
      if let first = authorities.first, !trusted.contains(first) {
        root.set("certificate-authority-data", try authorities.pem(), of: ("clusters", "cluster", cluster.name))
      }
      return SecretBytes(try serialize(node: root, width: -1, sortKeys: true).utf8)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem("it cannot be written: \(error)")
    }
  }
}

extension Node {
  /// Sets a field of the entry of this name in a list of a kubeconfig.
  fileprivate mutating func set(
    _ field: String, _ value: SecretBytes, of entry: (list: String, member: String, name: String)
  ) {
    let entries = self[entry.list]?.sequence.map(Array.init) ?? []
    guard let index = entries.firstIndex(where: { $0["name"]?.string == entry.name }) else { return }
    self[entry.list]?[index]?[entry.member]?[field] = Node(Data(value.copy).base64EncodedString())
  }
}
