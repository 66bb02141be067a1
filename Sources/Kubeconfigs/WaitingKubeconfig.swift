internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText
internal import Yams

/// A kubeconfig that has a client's key and waits for the certificate, with everything that it says.
package struct WaitingKubeconfig: Sendable {
  /// Where it is.
  package let path: String
  private let document: JSONValue
  /// The names of the current entries.
  private let names: (cluster: String, user: String)
  /// The authorities that it trusts already.
  private let trusted: [Certificate]

  /// Reads the kubeconfig at `path`.
  ///
  /// - Throws: ``KubeconfigProblem`` when the text is no kubeconfig.
  package init(_ text: SecretBytes, path: String) throws(KubeconfigProblem) {
    self.path = path
    let root = try KubeconfigDocument.root(text, .default)
    let (_, cluster, user) = try KubeconfigDocument(root, path: path).current()
    names = (cluster.name, user.name)
    // What cannot be read is trusted by nobody.
    trusted = (try? cluster.certificateAuthority?.certificates()) ?? []
    do throws(JSONValue.Problem) {
      document = try JSONValue(.mapping(root))
    } catch {
      throw .init(error.text)
    }
  }

  /// The kubeconfig with the client's certificate and its chain, and with `anchors` where it does not trust the first of
  /// them yet; everything else that it says stays.
  ///
  /// - Throws: ``KubeconfigProblem`` when it cannot be encoded.
  package func text(
    with certificates: [Certificate], trusting anchors: [Certificate]
  ) throws(KubeconfigProblem) -> SecretBytes {
    var document = document
    document.set("client-certificate-data", try certificates.base64(), of: ("users", "user", names.user))
    if let authority = anchors.first, !trusted.contains(authority) {
      document.set(
        "certificate-authority-data", try anchors.base64(), of: ("clusters", "cluster", names.cluster))
    }
    return try document.encodedKubeconfig()
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
