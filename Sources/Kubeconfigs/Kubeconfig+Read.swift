internal import FileStore
internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText

extension Kubeconfig {
  /// Reads a kubeconfig, and the files that it names instead of embedding; what cannot be used of these is noted in
  /// ``problems``, so that one broken part does not hide the others.
  ///
  /// - Throws: ``KubeconfigProblem`` with what is wrong with the kubeconfig as a whole.
  package init(_ text: SecretBytes, path: String) throws(KubeconfigProblem) {
    let (context, cluster, user) = try KubeconfigDocument(text, path: path).current()
    var problems: [Part: String] = [:]
    func noted<Value>(_ part: Part, _ read: () throws(KubeconfigProblem) -> Value) -> Value? {
      do throws(KubeconfigProblem) {
        return try read()
      } catch {
        problems[part] = error.text
        return nil
      }
    }
    let server = noted(.server, cluster.requiredServer)
    let authorities = noted(.certificateAuthority) { () throws(KubeconfigProblem) in
      try KubeconfigDocument.Source.required(
        .certificateAuthority, cluster.certificateAuthority, of: "cluster \(context.cluster.debugDescription)"
      ).certificates()
    }
    let owner = "user \(context.user.debugDescription)"
    let certificates = noted(.clientCertificate) { () throws(KubeconfigProblem) in
      try KubeconfigDocument.Source.required(.clientCertificate, user.clientCertificate, of: owner)
        .certificates()
    }
    let key = noted(.clientKey) { () throws(KubeconfigProblem) in
      try KubeconfigDocument.Source.required(.clientKey, user.clientKey, of: owner).privateKey()
    }
    let sources = [cluster.certificateAuthority, user.clientCertificate, user.clientKey].compactMap(\.self)
    self.init(
      names: context, server: server, certificateAuthorities: authorities, clientCertificates: certificates,
      clientKey: key, problems: problems,
      files: Dictionary(sources.compactMap { source in source.file.map { (source.part, $0) } }) { first, _ in
        first
      }, isAwaitingCertificate: user.clientCertificate == nil && key != nil)
  }
}

extension KubeconfigDocument.Source {
  /// The certificates that are embedded or in the file.
  package func certificates() throws(KubeconfigProblem) -> [Certificate] {
    try decoded { (pem) throws(OpenSSLError) in try Certificate.all(pem: pem) }
  }

  /// The private key that is embedded or in the file.
  package func privateKey() throws(KubeconfigProblem) -> PrivateKey {
    try decoded { (pem) throws(OpenSSLError) in try PrivateKey(pem: pem) }
  }

  private func decoded<Value>(
    _ read: (SecretBytes) throws(OpenSSLError) -> Value
  ) throws(KubeconfigProblem) -> Value {
    let field: String
    let pem: SecretBytes
    switch content {
    case .embedded(let base64, _):
      field = "\(part.rawValue)-data"
      // As in client-go, line breaks are let be, and nothing else that is not base64.
      let isBreak = [UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains
      guard let data = Data(base64Encoded: Data(base64.utf8.filter { !isBreak($0) })) else {
        throw .init("its \(field) is not base64")
      }
      pem = SecretBytes(data)
    case .file(let path):
      field = "\(part.rawValue) \(path)"
      do throws(FileError) {
        pem = try FileSystem.read(path)
      } catch {
        throw .init("its \(part.rawValue) cannot be used: \(error)")
      }
    }
    do throws(OpenSSLError) {
      return try read(pem)
    } catch {
      throw .init("its \(field) is unusable: \(error)")
    }
  }
}
