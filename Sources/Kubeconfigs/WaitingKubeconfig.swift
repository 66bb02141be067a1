package import FileStore
package import OpenSSLX509
internal import StructuredText

/// A kubeconfig that has a client's key and waits for the certificate, with everything that it says.
package struct WaitingKubeconfig: Sendable {
  /// Where it is.
  package let path: String
  private let content: JSONValue
  /// The names of the current entries.
  private let names: (cluster: String, user: String)
  /// The CAs that it trusts already; `nil` where they are in a file outside of the tree.
  private let trusted: [Certificate]?

  /// Reads the kubeconfig at `path`.
  ///
  /// - Throws: ``KubeconfigProblem`` when the text is not a kubeconfig.
  package init(_ text: SecretBytes, path: String, reach: FileReach = .machine) throws(KubeconfigProblem) {
    try self.init(KubeconfigDocument(text, path: path, reach: reach))
  }

  /// Takes a parsed kubeconfig.
  ///
  /// - Throws: ``KubeconfigProblem`` when it has no current context.
  package init(_ document: KubeconfigDocument) throws(KubeconfigProblem) {
    let (_, cluster, user) = try document.current()
    path = document.path
    names = (cluster.name, user.name)
    // A CA that cannot be read is not trusted by any client.
    trusted =
      cluster.certificateAuthority?.outside == nil
      ? (try? cluster.certificateAuthority?.certificates()) ?? [] : nil
    content = JSONValue(document.root)
  }

  /// The kubeconfig with the client's certificate and its chain, and with `anchors` where it does not trust the first of
  /// them yet; everything else that it says stays.
  ///
  /// - Throws: ``KubeconfigProblem`` when it cannot be encoded.
  package func text(
    with certificates: [Certificate], trusting anchors: [Certificate]
  ) throws(KubeconfigProblem) -> SecretBytes {
    var content = content
    content.set("client-certificate-data", try certificates.base64(), of: ("users", "user", names.user))
    if let anchor = anchors.first, let trusted, !trusted.contains(anchor) {
      content.set(
        "certificate-authority-data", try anchors.base64(), of: ("clusters", "cluster", names.cluster))
    }
    return try content.encodedKubeconfig()
  }
}

extension JSONValue {
  /// Sets a field of the entry of this name in a list of a kubeconfig.
  fileprivate mutating func set(
    _ field: String, _ value: String, of place: (list: String, member: String, name: String)
  ) {
    self[place.list] = .array(
      (self[place.list]?.array ?? []).map { entry in
        guard entry["name"]?.string == place.name else { return entry }
        var (changed, fields) = (entry, entry[place.member] ?? [:])
        fields[field] = .string(value)
        changed[place.member] = fields
        return changed
      })
  }
}
