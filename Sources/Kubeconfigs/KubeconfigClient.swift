package import FileStore
package import OpenSSLX509

/// The client of a kubeconfig's current context, with the text in which it stands: what renewing it needs.
package struct KubeconfigClient: Sendable {
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
  /// Where the trusted CAs stand.
  package let caSource: KubeconfigDocument.Source?
  /// The URL that takes the place of the server's.
  package private(set) var newServer: String?
  /// The kubeconfig as it is.
  private let document: KubeconfigDocument

  /// Reads the client of the kubeconfig at `path`.
  ///
  /// - Throws: ``KubeconfigProblem`` when there is no certificate to go by, or the text cannot be edited.
  package init(_ text: SecretBytes, path: String, reach: FileReach = .machine) throws(KubeconfigProblem) {
    try self.init(KubeconfigDocument(text, path: path, reach: reach))
  }

  /// Reads the client certificate of a parsed kubeconfig, embedded or from the file that is named.
  ///
  /// - Throws: ``KubeconfigProblem`` when there is no certificate to go by, or the text cannot be edited.
  package init(_ document: KubeconfigDocument) throws(KubeconfigProblem) {
    let (_, cluster, user) = try document.current()
    let owner = "user \(user.name.debugDescription)"
    self.document = document
    userName = user.name
    server = cluster.server
    certificateSource = try .required(.clientCertificate, user.clientCertificate, of: owner)
    keySource = try .required(.clientKey, user.clientKey, of: owner)
    caSource = cluster.certificateAuthority
    for source in [certificateSource, keySource] {
      if let path = source.outside {
        throw .init("its \(source.part.rawValue) \(path) is outside of the tree")
      }
    }
    guard certificateSource.isEmbedded == keySource.isEmbedded else {
      throw .init("its client certificate is embedded and its key is not, or the reverse")
    }
    certificates = try certificateSource.certificates()
    // Renewing replaces a key that is lost or broken.
    key = try? keySource.privateKey()
    // Everything that may have to be replaced is tried before anything is made.
    let something = SecretBytes("-----BEGIN".utf8)
    _ = try document.text(
      replacing: [certificateSource, keySource, caSource].compactMap { source in
        source.map { ($0, something) }
      })
  }

  /// The client, for whom another server takes the place of the one that the kubeconfig has.
  ///
  /// - Throws: ``KubeconfigProblem`` when the server is written in a way that cannot be edited in place.
  package func pointing(to url: String) throws(KubeconfigProblem) -> KubeconfigClient {
    var client = self
    client.newServer = url
    _ = try client.text(replacing: [])
    return client
  }

  /// Where the kubeconfig is.
  package var path: String { document.path }

  /// Its text, untouched.
  package var text: SecretBytes { document.text }

  /// The text with other values in some embedded fields; every other byte stays, and so does what is not embedded.
  ///
  /// - Parameter values: the content of the fields, unencoded.
  /// - Throws: ``KubeconfigProblem`` when a field is written in a way that cannot be edited in place.
  package func text(
    replacing values: [(source: KubeconfigDocument.Source, value: SecretBytes)]
  ) throws(KubeconfigProblem) -> SecretBytes {
    try document.text(replacing: values, server: newServer)
  }

  /// The text in which the client certificate and its key are embedded, or in the file at a path; `nil` for embedded, as they
  /// are in the files that it names now.
  ///
  /// - Throws: ``KubeconfigProblem`` when the key cannot be read, or a field is written in a way that cannot be edited in place.
  package func text(
    naming file: String?, trusting trust: SecretBytes?
  ) throws(KubeconfigProblem) -> SecretBytes {
    var values: [(source: KubeconfigDocument.Source, value: KubeconfigDocument.NewValue)] = []
    if let caSource, caSource.isEmbedded, let trust { values.append((caSource, .embedded(trust))) }
    if let file {
      values += [certificateSource, keySource].map { ($0, .file(file)) }
    } else {
      let key = try keySource.privateKey()
      do throws(OpenSSLError) {
        values.append((certificateSource, .embedded(try certificates.pem())))
        values.append((keySource, .embedded(try key.pem())))
      } catch {
        throw KubeconfigProblem("its client certificate cannot be embedded: \(error)")
      }
    }
    return try document.text(setting: values)
  }

  /// The file in which the client certificate stands: the kubeconfig, or the one that it points to.
  package var certificatePath: String { certificateSource.file ?? path }

  /// The file in which the client's key stands: the kubeconfig, or the one that it points to.
  package var keyPath: String { keySource.file ?? path }

  /// The embedded CAs, where they are not what the kubeconfig should trust.
  package func sourceToTrust(_ trust: ClientTrust) -> KubeconfigDocument.Source? {
    guard let caSource, caSource.isEmbedded else { return nil }
    return trust.isMet(by: embeddedCAs) ? nil : caSource
  }

  /// The CAs that are embedded; what cannot be read is as good as none.
  package var embeddedCAs: [Certificate] {
    guard let caSource, caSource.isEmbedded else { return [] }
    return (try? caSource.certificates()) ?? []
  }

  /// What the kubeconfig trusts when it trusts what it should: a CA takes the place of its older certificates, and what is
  /// trusted beside it stays. One that trusts none of these CAs trusts nothing else afterwards.
  package func trusted(by trust: ClientTrust) -> [Certificate] {
    let wanted = trust.certificates
    guard !trust.isExact, trusts(wanted) else { return wanted }
    let trusted = embeddedCAs
    return wanted + trusted.filter { !wanted.contains(where: $0.isSameCA) }
  }

  /// Whether one of the embedded CAs is one of `cas`: has its name and its key.
  package func trusts(_ cas: [Certificate]) -> Bool {
    let trusted = (try? caSource?.certificates()) ?? []
    return trusted.contains { one in cas.contains(where: one.isSameCA) }
  }
}

/// What a kubeconfig should trust.
package struct ClientTrust: Sendable {
  /// The CAs' certificates, in their order in the file of the CA.
  package let certificates: [Certificate]
  /// Whether it should trust nothing else; otherwise what it trusts besides is its owner's affair.
  package let isExact: Bool

  /// These certificates and, unless `isExact`, others.
  package init(_ certificates: [Certificate], isExact: Bool = false) {
    self.certificates = certificates
    self.isExact = isExact
  }

  /// Whether a kubeconfig that trusts these certificates trusts what it should.
  fileprivate func isMet(by trusted: [Certificate]) -> Bool {
    isExact ? trusted == certificates : certificates.allSatisfy(trusted.contains)
  }
}
