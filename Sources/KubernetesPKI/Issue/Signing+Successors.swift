internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509

/// What takes the place of what is there, or waits for its certificate.
extension Signing {
  /// The files of a CSR: its key, where that is a new one, and the CSR itself.
  func files(_ entry: CatalogEntry, _ csr: PlannedCSR, _ newKey: PrivateKey?) throws(IssueError) -> [PKIFile]
  {
    guard csr.place != .same else { return [] }
    let key = try key(of: csr.content, newKey)
    var files: [PKIFile] = []
    if newKey != nil {
      files.append(try keyFile(entry, csr.content.subject, key))
    }
    let pem = try IssueError.from { () throws(OpenSSLError) in
      try random.csr(csr.content, signedBy: key, for: entry.name).pem()
    }
    return files + [
      PKIFile(
        .certificateRequest, at: location.path(of: entry, .request), pem, replaces: csr.place == .other)
    ]
  }

  /// What a new key is put into: a file of its own, or a kubeconfig that waits for the certificate.
  private func keyFile(
    _ entry: CatalogEntry, _ subject: DistinguishedName, _ key: PrivateKey
  ) throws(IssueError) -> PKIFile {
    guard let names = entry.kubeconfig else {
      return try pemFile(.privateKey, at: location.path(of: entry, .key), of: key)
    }
    return try kubeconfig(entry, names, subject, [], key)
  }

  /// The files that put a certificate in its place which an external CA has signed.
  func files(_ entry: CatalogEntry, _ installation: Installation) throws(IssueError) -> [PKIFile] {
    switch installation.place {
    case .empty, .certificate:
      return [
        try certificateFile(
          installation.certificates, at: location.path(of: entry), replaces: installation.previous != nil)
      ]
    case .waitingKubeconfig(let kubeconfig):
      let text = try IssueError.from { () throws(KubeconfigProblem) in
        try kubeconfig.text(with: installation.certificates, trusting: installation.trust.certificates)
      }
      return [
        PKIFile(
          .kubeconfig, at: kubeconfig.path, text, certificate: installation.certificates.first, replaces: true
        )
      ]
    case .client(let client):
      guard !installation.certificates.isEmpty, let key = client.key else { return [] }
      return try Renewed(installation.certificates, key, isKeyNew: false)
        .files(for: client, trusting: installation.trust)
    }
  }

  /// The files that take the place of a certificate and its key, or of a kubeconfig, what it points to, and its copies.
  func files(
    _ entry: CatalogEntry, _ replacement: Replacement, _ newKey: PrivateKey?
  ) throws(IssueError) -> [PKIFile] {
    let key = try key(of: replacement.specification.content, newKey)
    let certificate = try sign(replacement.specification, key.publicKey, own: nil, for: entry.name)
    try verify(certificate, key, replacement.specification.issuer)
    let renewed = try Renewed(
      [certificate] + (newChain(of: entry) ?? replacement.chain), key, isKeyNew: newKey != nil)
    guard entry.isKubeconfig else {
      return renewed.files(
        at: location.path(of: entry), keyPath: location.path(of: entry, .key), by: entry.replacement)
    }
    var files: [PKIFile] = []
    for client in replacement.clients {
      files += try renewed.files(for: client, trusting: trust(of: entry, replacement))
    }
    return files
  }

  /// What a kubeconfig is given to trust: a CA that gets new dates is known now.
  private func trust(of entry: CatalogEntry, _ replacement: Replacement) -> ClientTrust {
    guard let id = entry.ca, prepared[id] != nil, let ca = ca(id) else { return replacement.trust }
    return ClientTrust(ca.trust, isExact: replacement.trust.isExact)
  }

  private func key(of content: CertificateContent, _ newKey: PrivateKey?) throws(IssueError) -> PrivateKey {
    switch (content.key, newKey) {
    case (.existing(let key), _): return key
    case (.new, let key?): return key
    case (.new, nil), (.requested, _): throw IssueError("there is no private key for \(content.subject)")
    }
  }

  /// Before a certificate that works is replaced, its successor must verify.
  private func verify(
    _ certificate: Certificate, _ key: PrivateKey, _ issuer: CertificateIssuer
  ) throws(IssueError) {
    guard case .ca(let id) = issuer, let ca = ca(id) else { throw IssueError("the CA is missing") }
    let isPair = try IssueError.from { () throws(OpenSSLError) in try key.isPair(of: certificate.publicKey) }
    guard certificate.isIssued(by: ca.issuing), isPair else {
      throw IssueError(
        "the signature of the new certificate of \(certificate.subject), or its key, does not verify")
    }
  }
}

/// A certificate that takes the place of another, or stays with another chain, and where its parts go.
struct Renewed {
  /// The certificate and its chain.
  private let certificates: [Certificate]
  private let pem: SecretBytes
  /// The key; `nil` for one that is lost, of a certificate that stays.
  private let keyPEM: SecretBytes?
  /// Whether the key takes the place of another, too.
  private let isKeyNew: Bool

  init(_ certificates: [Certificate], _ key: PrivateKey?, isKeyNew: Bool) throws(IssueError) {
    self.certificates = certificates
    self.isKeyNew = isKeyNew
    (pem, keyPEM) = try IssueError.from { () throws(OpenSSLError) in
      (try certificates.pem(), try key.map { (key) throws(OpenSSLError) in try key.pem() })
    }
  }

  private var certificate: Certificate? { certificates.first }

  /// The files for a pair; the key comes first.
  func files(at path: String, keyPath: String, by replacement: PairReplacement) -> [PKIFile] {
    if path == keyPath, let keyPEM {
      // kubelet-client-current.pem holds both.
      let both = SecretBytes(joining: [pem, keyPEM])
      return [PKIFile(.privateKey, at: path, both, certificate: certificate, replaces: true)]
    }
    let key = isKeyNew ? keyPEM.map { PKIFile(.privateKey, at: keyPath, $0, replaces: true) } : nil
    return [key].compactMap(\.self) + [
      PKIFile(
        .certificate, at: path, pem, certificate: certificate, replaces: true, keyPath: keyPath,
        replacement: replacement)
    ]
  }

  /// The files for a kubeconfig: its own text where something in it changes, and those that it points to.
  func files(
    for client: KubeconfigClient, trusting trust: ClientTrust
  ) throws(IssueError) -> [PKIFile] {
    var files: [PKIFile] = []
    var values: [(source: KubeconfigDocument.Source, value: SecretBytes)] = []
    if client.certificates == certificates {
      // What is there stays, to the byte.
    } else if let path = client.certificateSource.file, let keyPath = client.keySource.file {
      // client-go reads them anew for each handshake.
      files = self.files(at: path, keyPath: keyPath, by: .exchange)
    } else {
      values.append((client.certificateSource, pem))
      if isKeyNew, let keyPEM { values.append((client.keySource, keyPEM)) }
    }
    if let source = client.sourceToTrust(trust) {
      let trusted = client.trusted(by: trust)
      values.append((source, try IssueError.from { () throws(OpenSSLError) in try trusted.pem() }))
    }
    guard !values.isEmpty || client.newServer != nil else { return files }
    let text = try IssueError.from { () throws(KubeconfigProblem) in try client.text(replacing: values) }
    return files + [PKIFile(.kubeconfig, at: client.path, text, certificate: certificate, replaces: true)]
  }
}
