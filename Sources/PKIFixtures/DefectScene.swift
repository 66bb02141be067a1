internal import FoundationEssentials
internal import KubernetesPKI
internal import OpenSSLX509

/// What a defect is made from: a good cluster, and the randomness of the defect's own items.
struct DefectScene: Sendable {
  let fault: FixtureSpecification.Fault
  let cluster: MadeCluster
  let random: FixtureRandom
  /// The instant from which lifetimes count.
  let instant: Date

  /// The directory of a defect's files in the set.
  var directory: String { "defects/\(fault.defect.name)" }

  /// The instant so many days later, or earlier.
  func days(_ days: Double) -> Date { instant.addingTimeInterval(days * 86_400) }

  /// A certificate of the cluster, about to be signed again, with a serial number of its own.
  func draft(
    of id: CatalogEntry.ID, signedBy ca: CatalogEntry.ID
  ) throws(OpenSSLError) -> CertificateDraft {
    try draft(of: cluster.certificate(id), named: id.rawValue, signedBy: cluster.key(ca))
  }

  /// The same of any certificate.
  func draft(
    of certificate: Certificate, named role: String, signedBy key: PrivateKey
  ) throws(OpenSSLError) -> CertificateDraft {
    let item = "\(directory)/\(role)"
    let body = TBSCertificate(certificate, serialNumber: try random.serialNumber(for: item))
    return CertificateDraft(body, signer: try random.signingKey(key, for: item))
  }

  /// A new key of the cluster's kind, or of another.
  func key(for role: String, _ algorithm: KeyAlgorithm? = nil) throws(OpenSSLError) -> PrivateKey {
    try random.key(algorithm ?? cluster.configuration.keyAlgorithm, for: "\(directory)/\(role)")
  }

  /// A CA below another.
  struct Intermediate {
    let certificate: Certificate
    let key: PrivateKey
  }

  /// A CA below etcd's, or below `issuer`, with a key of its own.
  func intermediate(
    _ name: String, below issuer: Intermediate? = nil, algorithm: KeyAlgorithm? = nil,
    pathLength: Int? = nil
  ) throws(OpenSSLError) -> Intermediate {
    let root = try cluster.certificate(.etcdCA)
    let key = try key(for: name, algorithm)
    let item = "\(directory)/\(name)"
    let template = CertificateTemplate(
      serialNumber: try random.serialNumber(for: item), subject: try DistinguishedName(commonName: name),
      validity: root.validity, publicKey: key.publicKey,
      extensions: [
        try KeyUsage([.digitalSignature, .keyCertSign, .cRLSign]).encoded(isCritical: true),
        try BasicConstraints.ca(pathLength: pathLength).encoded(isCritical: true),
      ])
    let rootKey = try cluster.key(.etcdCA)
    let signer = try random.signingKey(issuer?.key ?? rootKey, for: item)
    return Intermediate(
      certificate: try template.signed(by: signer, issuer: issuer?.certificate ?? root), key: key)
  }

  /// etcd's serving certificate, signed by an intermediate CA.
  func etcdServer(under issuer: Intermediate) throws(OpenSSLError) -> CertificateDraft {
    var draft = try draft(
      of: cluster.certificate(.etcdServer), named: CatalogEntry.ID.etcdServer.rawValue,
      signedBy: issuer.key)
    try draft.body.setIssuer(issuer.certificate)
    return draft
  }

  /// A file of the defect.
  func file(
    _ kind: FixtureFile.Kind, _ path: String, _ content: SecretBytes, _ body: TBSCertificate? = nil
  ) -> FixtureFile {
    var file = FixtureFile(kind, at: "\(directory)/\(path)", content, purpose: fault.defect.summary)
    if let body { file = file.describing(body.subject, until: body.notAfter) }
    file.defect = fault.defect.name
    return file
  }

  /// The files of the defect, the faulty one with what verifiers say about it.
  func files() throws(OpenSSLError) -> [FixtureFile] {
    var files = try fault.defect.make(self)
    let faulty = "\(directory)/\(fault.defect.path)"
    for index in files.indices where files[index].path == faulty {
      files[index].question = question(among: Set(files.map(\.path)))
      files[index].verdicts = fault.defect.verdicts
    }
    return files
  }

  /// The question, with the defect's own files where it has them, and else the cluster's.
  private func question(among paths: Set<String>) -> Question? {
    let catalog = cluster.specification.catalog
    guard let question = fault.defect.question, let leaf = catalog[question.certificate],
      let ca = catalog[question.ca]
    else { return nil }
    func path(_ path: String) -> String {
      let name = path.dropFirst(MadeCluster.directory(cluster.specification.name).count + 1)
      let own = "\(directory)/\(name)"
      return paths.contains(own) ? own : path
    }
    let host: String? =
      switch question.host {
      case .address: cluster.address
      case .name(let name): name
      case .unasked: nil
      }
    return Question(
      certificate: path(cluster.location.path(of: leaf)),
      authority: path(cluster.location.path(of: ca)), key: path(cluster.location.path(of: leaf, .key)),
      usage: leaf.purposes.contains(.serverAuth) ? "server" : "client", host: host)
  }
}

extension TBSCertificate {
  /// Names another CA as the one that signs.
  mutating func setIssuer(_ ca: Certificate) throws(OpenSSLError) {
    issuer = ca.subject
    if let identifier = try ca.subjectKeyIdentifier() {
      try replace(AuthorityKeyIdentifier(identifier))
    }
  }
}
