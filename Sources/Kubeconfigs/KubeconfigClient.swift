package import OpenSSLX509

/// The client of a kubeconfig's current context, with the text in which it stands: what renewing it needs.
package struct KubeconfigClient: Sendable {
  /// Where the kubeconfig is.
  package let path: String
  /// Its text, untouched.
  package let text: SecretBytes
  /// The name of the user entry.
  package let userName: String
  /// The API server's URL, where there is one.
  package let server: String?
  /// The client certificate, followed by its chain.
  package let certificates: [Certificate]
  /// The client's private key, where it can be read.
  package let key: PrivateKey?
  /// Where the client certificate stands.
  package let certificateSource: KubeconfigDocument.Source
  /// Where the client's key stands.
  package let keySource: KubeconfigDocument.Source
  /// Where the trusted authorities stand.
  package let authoritySource: KubeconfigDocument.Source?

  /// Reads the client certificate, embedded or from the file that is named.
  ///
  /// - Throws: ``KubeconfigProblem`` when there is no certificate to go by, or the text cannot be edited.
  package init(_ text: SecretBytes, path: String) throws(KubeconfigProblem) {
    let (_, cluster, user) = try KubeconfigDocument(text, path: path).current()
    let owner = "user \(user.name.debugDescription)"
    self.path = path
    self.text = text
    userName = user.name
    server = cluster.server
    certificateSource = try .required(.clientCertificate, user.clientCertificate, of: owner)
    keySource = try .required(.clientKey, user.clientKey, of: owner)
    authoritySource = cluster.certificateAuthority
    guard (certificateSource.file == nil) == (keySource.file == nil) else {
      throw .init("its client certificate is embedded and its key is not, or the reverse")
    }
    certificates = try certificateSource.certificates()
    // A key that is lost or broken is what renewing mends.
    key = try? keySource.privateKey()
    // Everything that may have to be replaced is tried, before anything is made.
    let something = SecretBytes("-----BEGIN".utf8)
    _ = try self.text(
      replacing: [certificateSource, keySource, authoritySource].compactMap { source in
        source.map { ($0, something) }
      })
  }

  /// The file in which the client certificate stands: the kubeconfig, or the one that it points to.
  package var certificatePath: String { certificateSource.file ?? path }

  /// The file in which the client's key stands, likewise.
  package var keyPath: String { keySource.file ?? path }

  /// The embedded authorities, where `authority` is not among them.
  package func sourceToTrust(_ authority: Certificate) -> KubeconfigDocument.Source? {
    guard let authoritySource, authoritySource.file == nil else { return nil }
    // What cannot be read is as good as another authority.
    return (try? authoritySource.certificates())?.contains(authority) == true ? nil : authoritySource
  }
}
