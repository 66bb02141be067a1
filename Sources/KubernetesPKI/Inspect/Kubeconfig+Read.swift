internal import FoundationEssentials
internal import OpenSSLX509

extension Kubeconfig {
  /// Reads a kubeconfig, and the files that it names instead of embedding.
  ///
  /// - Throws: ``KubeconfigDocument/Problem`` with what is wrong.
  init(_ document: KubeconfigDocument) throws(KubeconfigDocument.Problem) {
    let authority = try document.certificateAuthority()
    let certificate = try document.clientCertificate()
    let key = try document.clientKey()
    var files: [String] = []
    for case .file(let path) in [authority, certificate, key] where !files.contains(path) {
      files.append(path)
    }
    self.init(
      names: document.context, server: try document.server(),
      certificateAuthorities: try authority.certificates("certificate-authority"),
      clientCertificates: try certificate.certificates("client-certificate"),
      clientKey: try key.privateKey("client-key"), referencedFiles: files)
  }
}

extension KubeconfigDocument.Source {
  /// The certificates that are embedded or pointed to by the field `name`.
  func certificates(_ name: String) throws(KubeconfigDocument.Problem) -> [Certificate] {
    try decode(name) { (pem) throws(OpenSSLError) in try Certificate.all(pem: pem) }
  }

  /// The private key that is embedded or pointed to by the field `name`.
  func privateKey(_ name: String) throws(KubeconfigDocument.Problem) -> PrivateKey {
    try decode(name) { (pem) throws(OpenSSLError) in try PrivateKey(pem: pem) }
  }

  private func decode<Value>(
    _ name: String, _ read: (SecretBytes) throws(OpenSSLError) -> Value
  ) throws(KubeconfigDocument.Problem) -> Value {
    let field: String
    let pem: SecretBytes
    switch self {
    case .embedded(let base64):
      field = "\(name)-data"
      guard let data = Data(base64Encoded: base64) else { throw .init("its \(field) is not base64") }
      pem = SecretBytes(data)
    case .file(let path):
      field = "\(name) \(path)"
      do throws(PKIError) {
        pem = try FileSystem.read(path)
      } catch {
        throw .init("its \(name) cannot be used: \(error)")
      }
    }
    do throws(OpenSSLError) {
      return try read(pem)
    } catch {
      throw .init("its \(field) is unusable: \(error)")
    }
  }
}
