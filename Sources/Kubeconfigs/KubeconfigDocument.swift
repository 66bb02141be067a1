package import FileStore
package import OpenSSLX509
internal import StructuredText

/// A kubeconfig, parsed once: its text and its entries, not yet decoded.
///
/// Everything that is done with a kubeconfig starts here: reading it (``Kubeconfig``), replacing values in place
/// (``KubeconfigClient``) and completing one that waits for its certificate (``WaitingKubeconfig``).
///
/// What client-go does not load is a problem, whichever entry it stands in; unknown fields are none.
package struct KubeconfigDocument: Sendable {
  /// The names that a context ties together.
  package struct Context: Sendable {
    /// The context's name.
    package let name: String
    /// The name of the cluster entry.
    package let cluster: String
    /// The name of the user entry.
    package let user: String
  }

  /// An API server, and whom to trust as one.
  package struct Cluster: Sendable {
    /// The name of the entry.
    package let name: String
    /// The API server's URL.
    package let server: String?
    /// The name that the API server's certificate must have, where that is not the host of the URL.
    package let tlsServerName: String?
    /// Whether clients accept every certificate of an API server: `insecure-skip-tls-verify`.
    package let skipsVerification: Bool
    /// The URL of the proxy to the API server.
    package let proxyURL: String?
    /// The trusted CAs.
    package let certificateAuthority: Source?
    /// Where the server's URL stands in the text.
    let serverPlace: Source.Place?
    /// The way from the root of the kubeconfig to the server's URL.
    let serverSteps: [ConfigurationValue.Step]
  }

  /// The credentials of a user.
  package struct User: Sendable {
    /// The name of the entry.
    package let name: String
    /// The client certificate.
    package let clientCertificate: Source?
    /// The client's private key.
    package let clientKey: Source?
    /// The names of the fields that hold credentials of other kinds: `token`, `exec`.
    package let otherCredentials: [String]
    /// What client-go refuses of those fields, as sentences' second halves.
    package let problems: [String]
  }

  /// Where the kubeconfig is.
  package let path: String
  /// Its text, untouched.
  package let text: SecretBytes
  /// How the text is encoded.
  let encoded: EncodedText
  /// All that the text says.
  let root: ConfigurationValue
  /// The name of the current context; `nil` where there is none.
  package let currentContext: String?
  /// The contexts, in the order of the file.
  package let contexts: [Context]
  /// The clusters, in the order of the file.
  package let clusters: [Cluster]
  /// The users, in the order of the file.
  package let users: [User]

  /// Reads the text of the kubeconfig at `path`; relative paths in it count from there.
  ///
  /// - Parameter reach: which files its paths may lead to.
  /// - Throws: ``KubeconfigProblem`` when the text is not YAML, or not a kubeconfig that client-go loads.
  package init(_ text: SecretBytes, path: String, reach: FileReach = .machine) throws(KubeconfigProblem) {
    guard let encoded = EncodedText(text) else {
      throw KubeconfigProblem("it is not UTF-8 text")
    }
    guard let root = try Self.root(encoded) else { throw KubeconfigProblem("it is empty") }
    guard case .object = root.content else { throw KubeconfigProblem("it is not a YAML mapping") }
    try Self.checkType(root)
    try KubeconfigType.config.check(root, "content")
    let folder = KubeconfigFolder(of: path, reach)
    self.path = path
    self.text = text
    self.encoded = encoded
    self.root = root
    currentContext = root.nonEmpty("current-context")
    contexts = root.entries("contexts", "context") { name, fields, _ in
      Context(name: name, cluster: fields?.string("cluster") ?? "", user: fields?.string("user") ?? "")
    }
    clusters = root.entries("clusters", "cluster") { name, fields, place in
      Cluster(
        name: name, server: fields?.string("server"), tlsServerName: fields?.nonEmpty("tls-server-name"),
        skipsVerification: fields?.isTrue("insecure-skip-tls-verify") ?? false,
        proxyURL: fields?.nonEmpty("proxy-url"),
        certificateAuthority: Source(.certificateAuthority, in: fields, place, folder),
        serverPlace: fields?.member("server").map(Source.Place.init), serverSteps: place + [.field("server")])
    }
    users = root.entries("users", "user") { name, fields, place in
      User(
        name: name, clientCertificate: Source(.clientCertificate, in: fields, place, folder),
        clientKey: Source(.clientKey, in: fields, place, folder),
        otherCredentials: fields?.otherCredentials ?? [],
        problems: fields.map { OtherCredentials($0, folder.path).problems } ?? [])
    }
  }

  /// Whether the text of a file is meant as a kubeconfig: the first document says so, or has clusters and no kind.
  package static func isKubeconfig(_ text: SecretBytes) -> Bool {
    guard let root = EncodedText(text).flatMap({ try? root($0) }) else { return false }
    return root.string("kind") == "Config" || root["kind"] == nil && root["clusters"] != nil
  }

  /// The first document of a text, which is all that client-go reads of it.
  static func root(_ text: EncodedText) throws(KubeconfigProblem) -> ConfigurationValue? {
    do throws(ConfigurationProblem) {
      guard let root = try ConfigurationDocuments.first(of: text) else { return nil }
      if case .null = root.content { return nil }
      return root
    } catch {
      let (start, rest) = ("it is not YAML", error.text)
      // The position comes first, but after what every reader has to know.
      guard rest.hasPrefix("\(start): ") else { throw KubeconfigProblem("line \(error.line): \(rest)") }
      throw KubeconfigProblem("\(start): line \(error.line): \(rest.dropFirst(start.count + 2))")
    }
  }

  /// Checks `kind` and `apiVersion`, whose names client-go takes in any case, as it does no other's.
  private static func checkType(_ root: ConfigurationValue) throws(KubeconfigProblem) {
    func field(_ name: String) throws(KubeconfigProblem) -> String {
      let members = root.members.filter {
        !$0.isOverridden && $0.name.asciiLowercased == name.asciiLowercased
      }
      for member in members { try KubeconfigType.string.check(member.value, member.name) }
      guard let last = members.max(by: { $0.name < $1.name }) else { return "" }
      if case .string(let text) = last.value.content { return text }
      return ""
    }
    guard ["", "Config"].contains(try field("kind")) else {
      throw KubeconfigProblem("its kind is not Config")
    }
    guard ["", "/", "v1", "/v1"].contains(try field("apiVersion")) else {
      throw KubeconfigProblem("its apiVersion is not v1")
    }
  }
}

extension ConfigurationValue {
  /// The string in a field, where there is one and it is not empty.
  func nonEmpty(_ field: String) -> String? { string(field).flatMap { $0.isEmpty ? nil : $0 } }

  /// Whether a field is true.
  func isTrue(_ field: String) -> Bool { self[field].map { JSONValue($0) == .bool(true) } ?? false }

  /// The entries of a list of a kubeconfig; `make` gets the name, the fields and the way to the fields.
  fileprivate func entries<Entry>(
    _ list: String, _ member: String, _ make: (String, ConfigurationValue?, [Step]) -> Entry
  ) -> [Entry] {
    (self[list]?.elements ?? []).enumerated().map { index, entry in
      make(
        entry.string("name") ?? "", entry[member], [.field(list), .element(index), .field(member)])
    }
  }

  /// The names of a user's fields that are not a client certificate's, in the order of the file.
  fileprivate var otherCredentials: [String] {
    members.filter { !$0.isOverridden && !$0.name.hasPrefix("client-") }.map(\.name)
  }
}
