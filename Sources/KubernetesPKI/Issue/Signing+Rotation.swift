internal import Kubeconfigs
internal import OpenSSLX509

/// What a rotation makes, and where it puts what is there.
extension Signing {
  /// The files of a CA as its rotation leaves them.
  func arrangement(
    _ rotation: CARotation, _ key: PrivateKey?, of entry: CatalogEntry
  ) throws(IssueError) -> CAArrangement {
    switch rotation {
    case .arrange(let rearrangement): return rearrangement.arrangement
    case .prepare(let successor):
      let (certificate, key) = try made(successor, key, for: entry)
      let cross = try successor.cross.map { (specification) throws(IssueError) in
        try sign(specification, key.publicKey, own: nil, for: "\(entry.name)-cross")
      }
      return successor.present.prepared(certificate, key: key, cross: cross)
    }
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
    case .arrange(let rearrangement): try rearrangement.changes.map(file)
    case .prepare: try arranged[entry.id]?.changes(of: entry, in: plan.tree).map(file) ?? []
    }
  }

  /// The files of the key of service-account tokens that change.
  func files(_ rotation: ServiceAccountRotation, _ newKey: PrivateKey?) throws(IssueError) -> [PKIFile] {
    switch rotation {
    case .arrange(let rearrangement): return try rearrangement.arrangement.changes(in: plan.tree).map(file)
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
      case .publicKeys(let keys):
        pem = SecretBytes(joining: try keys.map { (key) throws(OpenSSLError) in try key.pem() })
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
    let certificates = [adjustment.certificate] + adjustment.chain
    guard let client = adjustment.client else {
      return [try certificateFile(certificates, at: location.path(of: entry), replaces: true)]
    }
    let trust = entry.ca.flatMap(ca)?.trust ?? []
    var files: [PKIFile] = []
    var values: [(source: KubeconfigDocument.Source, value: SecretBytes)] = []
    let pem = try IssueError.from { () throws(OpenSSLError) in try certificates.pem() }
    if client.certificates != certificates {
      if let path = client.certificateSource.file {
        files.append(try chainFile(certificates, client, at: path))
      } else {
        values.append((client.certificateSource, pem))
      }
    }
    if let source = client.sourceToTrust(ClientTrust(trust, isExact: true)) {
      values.append((source, try IssueError.from { () throws(OpenSSLError) in try trust.pem() }))
    }
    guard !values.isEmpty else { return files }
    let text = try IssueError.from { () throws(KubeconfigProblem) in try client.text(replacing: values) }
    return files + [
      PKIFile(.kubeconfig, at: client.path, text, certificate: adjustment.certificate, replaces: true)
    ]
  }

  /// The file that a kubeconfig names for its client certificate; it may hold the key too.
  private func chainFile(
    _ certificates: [Certificate], _ client: KubeconfigClient, at path: String
  ) throws(IssueError) -> PKIFile {
    guard path == client.keyPath, let key = client.key else {
      return try certificateFile(certificates, at: path, replaces: true)
    }
    let both = try IssueError.from { () throws(OpenSSLError) in
      SecretBytes(joining: [try certificates.pem(), try key.pem()])
    }
    return PKIFile(.privateKey, at: path, both, certificate: certificates.first, replaces: true)
  }
}
