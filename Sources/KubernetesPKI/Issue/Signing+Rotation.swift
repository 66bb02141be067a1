internal import Kubeconfigs
internal import OpenSSLX509

/// What a rotation makes, and where it puts what is there.
extension Signing {
  /// The files of a CA for which this run makes a certificate; `nil` where it makes none.
  func arrangement(
    of entry: CatalogEntry, _ rotation: CARotation, key: PrivateKey?
  ) throws(IssueError) -> CAArrangement? {
    switch rotation {
    case .prepare(let successor): try arrangement(of: entry, with: successor, key: key)
    case .extend(let renewed): try arrangement(of: entry, extendedBy: renewed)
    case .certify(let certification): try arrangement(of: entry, certifiedBy: certification)
    case .arrange, .complete: nil
    }
  }

  /// The files of a CA whose predecessor certifies it, or which certifies its successor.
  private func arrangement(
    of entry: CatalogEntry, certifiedBy certification: CACertification
  ) throws(IssueError) -> CAArrangement {
    guard case .requested(let key) = certification.specification.content.key else {
      throw IssueError("there is no key of the successor")
    }
    let cross = try IssueError.from { () throws(OpenSSLError) in
      try random.certificate(
        certification.specification, of: key, for: "\(entry.name)-cross", by: certification.key,
        issuer: certification.predecessor)
    }
    return certification.present.crossed(by: cross)
  }

  /// What follows the leaves of a CA whose predecessor certifies it in this run; `nil` where none does.
  func newChain(of entry: CatalogEntry) -> [Certificate]? {
    guard let id = entry.ca, prepared[id] != nil,
      plan.steps.contains(where: { step in
        if case .rotate(let ca, .certify) = step { ca.id == id } else { false }
      })
    else { return nil }
    return ca(id)?.chain
  }

  /// The files of a CA with new dates.
  private func arrangement(
    of entry: CatalogEntry, extendedBy renewed: CAExtension
  ) throws(IssueError) -> CAArrangement {
    let key = renewed.present.key
    let certificate = try sign(renewed.specification, key.publicKey, own: key, for: entry.name)
    // Everything that the CA signed hangs on these.
    let hasSameIdentifier = try IssueError.from { () throws(OpenSSLError) in
      try certificate.subjectKeyIdentifier() == renewed.previous.subjectKeyIdentifier()
    }
    guard certificate.isSelfSigned, certificate.isSameCA(as: renewed.previous), hasSameIdentifier else {
      throw IssueError("the new certificate of \(certificate.subject) is of another CA than the present one")
    }
    let cross = try renewed.cross.map { (specification) throws(IssueError) in
      guard case .requested(let key) = specification.content.key else {
        throw IssueError("there is no key of the successor")
      }
      return try sign(specification, key, own: nil, for: "\(entry.name)-cross")
    }
    return renewed.present.extended(by: certificate, cross: cross)
  }

  /// The files of a CA with its successor.
  private func arrangement(
    of entry: CatalogEntry, with successor: CASuccessor, key: PrivateKey?
  ) throws(IssueError) -> CAArrangement {
    let (certificate, key) = try made(successor, key, for: entry)
    let cross = try successor.cross.map { (specification) throws(IssueError) in
      try sign(specification, key.publicKey, own: nil, for: "\(entry.name)-cross")
    }
    return successor.present.prepared(certificate, key: key, cross: cross)
  }

  private func made(
    _ successor: CASuccessor, _ key: PrivateKey?, for entry: CatalogEntry
  ) throws(IssueError) -> (Certificate, PrivateKey) {
    switch successor.origin {
    case .given(let certificate, let key): return (certificate, key)
    case .made(let specification):
      guard let key else { throw IssueError("there is no new key for \(entry.name)") }
      return (try sign(specification, key.publicKey, own: key, for: "\(entry.name)-next"), key)
    }
  }

  /// The files of a CA that change.
  func files(_ entry: CatalogEntry, _ rotation: CARotation) throws(IssueError) -> [PKIFile] {
    switch rotation {
    case .arrange(let files), .complete(let files): try files.map(file)
    case .prepare, .extend, .certify:
      try prepared[entry.id]?.changes(of: entry, in: plan.tree).map(file) ?? []
    }
  }

  /// The files of the key of service-account tokens that change.
  func files(_ rotation: ServiceAccountRotation, _ newKey: PrivateKey?) throws(IssueError) -> [PKIFile] {
    switch rotation {
    case .arrange(let files): return try files.map(file)
    case .prepare:
      guard let key = plan.tree.serviceAccountKey.value, let newKey else {
        throw IssueError("there is no new key of service-account tokens")
      }
      return try ServiceAccountArrangement(key, next: newKey, previous: nil).changes(in: plan.tree).map(file)
    }
  }

  private func file(_ change: RotatedFile) throws(IssueError) -> PKIFile {
    let pem: SecretBytes
    do throws(OpenSSLError) {
      switch change.content {
      case .nothing(let kind): return PKIFile(removing: kind, at: change.path)
      case .certificates(let certificates): pem = try certificates.pem()
      case .key(let key): pem = try key.pem()
      case .publicKeys(let keys): pem = try keys.pem()
      }
    } catch {
      throw IssueError(openSSL: error)
    }
    var certificate: Certificate?
    if case .certificates(let certificates) = change.content { certificate = certificates.first }
    return PKIFile(change.kind, at: change.path, pem, certificate: certificate, replaces: change.isThere)
  }

  /// The files of a certificate that stays, with what follows it and what its kubeconfig trusts.
  func files(_ entry: CatalogEntry, _ adjustment: Adjustment) throws(IssueError) -> [PKIFile] {
    let chain = adjustment.takesNewCross ? newChain(of: entry) ?? adjustment.chain : adjustment.chain
    let certificates = [adjustment.certificate] + chain
    guard let client = adjustment.client else {
      return [try certificateFile(certificates, at: location.path(of: entry), replaces: true)]
    }
    let trust = ClientTrust(entry.ca.flatMap(ca)?.trust ?? [], isExact: adjustment.isTrustExact)
    if let text = try movedPair(client, adjustment.place, trust) {
      return [
        PKIFile(.kubeconfig, at: client.path, text, certificate: adjustment.certificate, replaces: true)
      ]
    }
    return try Renewed(certificates, client.key, isKeyNew: false).files(for: client, trusting: trust)
  }

  /// A kubeconfig whose client certificate and key are in another place; `nil` where they stay.
  private func movedPair(
    _ client: KubeconfigClient, _ place: Adjustment.Place, _ trust: ClientTrust
  ) throws(IssueError) -> SecretBytes? {
    let file: String?
    switch place {
    case .same: return nil
    case .embedded: file = nil
    case .file(let path): file = path
    }
    let trusted = try IssueError.from { () throws(OpenSSLError) in try trust.certificates.pem() }
    return try IssueError.from { () throws(KubeconfigProblem) in
      try client.text(naming: file, trusting: trusted)
    }
  }
}
