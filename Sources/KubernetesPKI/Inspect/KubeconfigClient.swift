internal import OpenSSLX509

/// The client of a kubeconfig's current context, with the text in which it stands.
struct KubeconfigClient: Sendable {
  /// The text and the entries.
  let document: KubeconfigDocument
  /// The client certificate, followed by its chain.
  let certificates: [Certificate]
  /// The client's private key, where it can be read.
  let key: PrivateKey?

  /// Reads the client certificate, embedded or from the file that is named.
  ///
  /// - Throws: ``KubeconfigDocument/Problem`` when there is no certificate to go by.
  init(_ document: KubeconfigDocument) throws(KubeconfigDocument.Problem) {
    self.document = document
    certificates = try document.clientCertificate().certificates("client-certificate")
    try Self.checkThatItCanBeEdited(document)
    // A key that is lost or broken is what renewing mends.
    key = try? document.clientKey().privateKey("client-key")
  }

  /// The files in which the client certificate stands: the kubeconfig, or those that it points to.
  var placesOfCertificate: [String] {
    guard case .file(let path)? = try? document.clientCertificate() else { return [document.path] }
    return [path]
  }

  /// What is embedded must stand in the text so that it can be replaced there.
  private static func checkThatItCanBeEdited(
    _ document: KubeconfigDocument
  ) throws(KubeconfigDocument.Problem) {
    let nothing = SecretBytes([])
    var fields: [(field: String, value: SecretBytes)] = []
    switch (try document.clientCertificate(), try document.clientKey()) {
    case (.embedded, .embedded): fields = [("client-certificate-data", nothing), ("client-key-data", nothing)]
    case (.file, .file): break
    case (.embedded, .file), (.file, .embedded):
      throw .init("its client certificate is embedded and its key is not, or the reverse")
    }
    if case .embedded = try document.certificateAuthority() {
      fields.append(("certificate-authority-data", nothing))
    }
    _ = try document.text(replacing: fields)
  }
}
