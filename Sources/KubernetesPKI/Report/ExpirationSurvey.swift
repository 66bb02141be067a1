internal import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509

/// Looks at the certificates of a tree, one after the other.
struct ExpirationSurvey {
  typealias Entry = ExpirationReport.Entry
  typealias Content = ExpirationReport.Content

  let examination: Examination
  let margin: ExpiryMargin?

  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.tree.location }

  func entry(_ row: CatalogEntry) -> Entry? {
    let contents = tree[row.id]
    let isAbsent = contents.certificates.isAbsent && contents.kubeconfig.isAbsent
    guard !isAbsent || tree.shouldHold(row) else { return nil }
    // Of a certificate outside of the tree, nothing is known.
    if contents.certificate == nil, tree.isOutside(row) { return nil }
    var entry = Entry(
      name: row.name, path: location.path(of: row), ca: row.ca?.rawValue, instant: examination.instant)
    entry.contents = self.contents(row)
    (entry.role, entry.others) = others(row, entry)
    entry.isExternallyManaged = tree.isExternal(row.ca ?? row.id)
    entry.referencedPath = contents.kubeconfig.value?.files[.clientCertificate]
    entry.finding =
      contents.certificates.isAbsent
      ? examination.waiting(row) ?? examination.absence(of: row) : contents.certificates.finding
    check(&entry, examination.renewAction(row))
    return entry
  }

  /// What the places of an entry hold.
  private func contents(_ row: CatalogEntry) -> [Content] {
    guard row.isKubeconfig else {
      let certificates = tree[row.id].certificates.value ?? []
      // Of a bundle, the certificate whose times count comes first.
      let current = tree.ca(row.id).map { [examination.currentCertificate(of: $0)] } ?? []
      return [
        Content(embedding: nil, certificates: current + certificates.filter { !current.contains($0) })
      ]
    }
    guard let kubeconfig = tree[row.id].kubeconfig.value else {
      return [Content(embedding: nil, certificates: [])]
    }
    return [
      Content(embedding: (.user, kubeconfig.userName), certificates: kubeconfig.clientCertificates),
      Content(embedding: (.cluster, kubeconfig.clusterName), certificates: kubeconfig.certificateAuthorities),
    ]
  }

  /// The root CAs above the CAs, each once.
  var rootEntries: [Entry] {
    var roots: [Certificate] = []
    return examination.catalog.cas.compactMap { row in
      guard let root = tree.ca(row.id)?.root, !roots.contains(root) else { return nil }
      roots.append(root)
      var entry = Entry(
        name: RootCA.itemName, path: location.path(of: row, .rootChain), ca: nil,
        instant: examination.instant)
      entry.contents = [Content(embedding: nil, certificates: [root])]
      entry.isExternallyManaged = true
      check(&entry, .replaceRoot)
      return entry
    }
  }

  /// Sets the state: by what keeps the certificate from being read, or by its times.
  private func check(_ entry: inout Entry, _ action: Remedy.Action) {
    if let finding = entry.finding {
      entry.state = [.missingFile, .awaitingCertificate].contains(finding.code) ? .missing : .unreadable
    } else if let certificate = entry.certificate {
      entry.finding = examination.validityFindings(certificate, entry.path, action).first
      entry.state = ExpirationReport.State(certificate.validity, at: examination.instant, margin: margin)
    }
  }
}

/// What belongs to a certificate besides.
extension ExpirationSurvey {
  private typealias Role = ExpirationReport.CertificateRole
  private typealias Other = ExpirationReport.OtherCertificate

  /// The role of an entry's certificate, and the certificates beside it.
  fileprivate func others(_ row: CatalogEntry, _ entry: Entry)
    -> (ExpirationReport.CertificateRole?, [ExpirationReport.OtherCertificate])
  {
    let certificates = entry.contents.first?.certificates ?? []
    guard row.isCA else { return (nil, intermediates(row, certificates).map { other($0, $1, entry.path) }) }
    let keys = tree.keys(of: row.id)
    let roles = certificates.map { certificate -> Role in
      let role = keys.flatMap { Role(rawValue: $0.role(of: certificate.publicKey)) } ?? .trusted
      // Of two with one key, one signs.
      return role == .signs && certificate != certificates.first ? .trusted : role
    }
    let crossPath = location.path(of: row, .crossCertificate)
    let cross = (tree.succession(of: row.id).cross.value ?? []).map { other(.cross, $0, crossPath) }
    return (
      roles.first,
      zip(roles, certificates).dropFirst().map { other($0, $1, entry.path) } + cross
    )
  }

  private func other(_ role: Role, _ certificate: Certificate, _ path: String) -> Other {
    Other(
      role: role, path: path, certificate: certificate,
      state: ExpirationReport.State(certificate.validity, at: examination.instant, margin: margin),
      instant: examination.instant)
  }

  /// What leads from a leaf upwards and is not in the CA's own files, which have entries of their own.
  private func intermediates(_ row: CatalogEntry, _ certificates: [Certificate]) -> [(Role, Certificate)] {
    guard let leaf = certificates.first, let id = row.ca, let ca = tree.ca(id) else { return [] }
    let known = ca.trust + [ca.cross].compactMap(\.self)
    var (rest, current) = (Array(certificates.dropFirst()), leaf)
    var found: [(Role, Certificate)] = []
    while let index = rest.firstIndex(where: { current.isIssued(by: $0) }) {
      current = rest.remove(at: index)
      guard !known.contains(current), !current.isSelfSigned else { continue }
      found.append((ca.cross != nil && current.isSameCA(as: ca.issuing) ? .cross : .intermediate, current))
    }
    return found
  }
}
