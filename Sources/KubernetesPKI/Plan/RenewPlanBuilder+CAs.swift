internal import FileStore
internal import FoundationEssentials
internal import GoRules
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// CAs that get new dates, with the key that they have.
extension RenewPlanBuilder {
  /// Gives a CA new dates: everything that it signed stays good, because its name and its key are the same.
  mutating func extend(_ row: CatalogEntry) {
    guard let ca = tree.ca(row.id) else { return ownRefusals += examination.ownFindings(row) }
    guard isDue(examination.currentCertificate(of: ca)) else {
      settledCAs.insert(row.id)
      return steps.append(.keep(.entry(row)))
    }
    do throws(Refusal) {
      let (renewed, isOnlyCertificate) = (try extended(row, ca), ca.accepted.count == 1)
      let places = [location.path(of: row), location.path(of: row, .key)].map(tree.place)
      if let other = self.renewed[places] {
        return warnings.append("\(row.name) is in the same file as \(other), and is renewed with it")
      }
      self.renewed[places] = row.name
      settledCAs.insert(row.id)
      extended[row.id] = renewed.specification.validity
      steps.append(.rotate(row, .extend(renewed)))
      warn(about: renewed, of: row)
      if !isOnlyCertificate { warnAboutOthers(of: ca, row) }
    } catch {
      ownRefusals.append(error.finding)
    }
  }

  /// Whether a certificate expires soon enough to be renewed.
  func isDue(_ certificate: Certificate) -> Bool {
    guard let limit = options.expiringWithin else { return true }
    return certificate.validity.notAfter <= examination.instant.addingTimeInterval(Double(limit.seconds))
  }

  /// Why a CA is not renewed.
  private struct Refusal: Error {
    let finding: Finding
  }

  private func extended(_ row: CatalogEntry, _ ca: CertificateAuthority) throws(Refusal) -> CAExtension {
    let (path, previous) = (location.path(of: row), ca.issuing)
    guard previous.isSelfSigned else {
      throw Refusal(
        finding: Finding(
          .caKeyMissing, [path],
          "cannot renew \(path): \(previous.issuer.description.quoted) signed it, and its key is not here",
          remedy: examination.remedy(.haveCASignedAgain(certificate: path))))
    }
    if let obstacle = tree.succession(of: row.id).findings.first
      ?? examination.signingObstacle(row, ignoring: [.expired])
    {
      throw Refusal(finding: obstacle)
    }
    if let finding = tree.irreplaceableFinding([path]) { throw Refusal(finding: finding) }
    guard let present = CAArrangement(row.id, in: tree) else {
      throw Refusal(finding: examination.certificateProblem(row, "it does not belong to its key"))
    }
    let (validity, _) = Validity.starting(examination.instant, lifetime: options.caValidity, within: nil)
    do throws(OpenSSLError) {
      let content = try CertificateContent(extending: previous, key: .existing(present.key))
      if let problem = ParsedExtensions.problem(try content.encodedExtensions()) {
        throw OpenSSLError(
          operation: "no component would accept its successor, a copy", reasons: ["\(problem)"])
      }
      return CAExtension(
        specification: CertificateSpecification(content, validity: validity, issuer: .itself),
        previous: previous, cross: try cross(row, present, signedBy: previous, until: validity.notAfter),
        present: present)
    } catch {
      throw Refusal(finding: examination.certificateProblem(row, error.description))
    }
  }

  /// The successor, certified again, as that ends with the CA; `nil` where the CA has certified none.
  private func cross(
    _ row: CatalogEntry, _ present: CAArrangement, signedBy ca: Certificate, until end: Date
  ) throws(OpenSSLError) -> CertificateSpecification? {
    guard let cross = present.cross, let next = present.nextKey?.publicKey, cross.publicKey == next,
      cross.isIssued(by: ca)
    else { return nil }
    let successors = present.accepted.filter { $0.publicKey == next }
    let limit = successors.map(\.validity.notAfter).max() ?? end
    return CertificateSpecification(
      try CertificateContent(extending: cross, key: .requested(next)),
      validity: Validity(
        notBefore: examination.instant.addingTimeInterval(-Validity.backdate), notAfter: min(end, limit)),
      issuer: .ca(row.id))
  }

  private mutating func warn(about renewed: CAExtension, of row: CatalogEntry) {
    let (path, end) = (location.path(of: row), renewed.specification.validity.notAfter)
    if end < renewed.previous.validity.notAfter {
      warnings.append(
        "\(path) is valid until \(end.rfc3339), and was until \(renewed.previous.validity.notAfter.rfc3339)")
    }
    // Its key stays, and so does what is weak about it.
    let weak = examination.ownFindings(row).filter { $0.code == .weakKey || $0.code == .keyExposed }
    warnings += weak.map { "\($0.message); its key stays: replace the CA" }
  }

  /// Other certificates of a bundle stay as they are.
  private mutating func warnAboutOthers(of ca: CertificateAuthority, _ row: CatalogEntry) {
    for other in ca.accepted where !other.isSameCA(as: ca.issuing) && isDue(other) {
      let end = other.validity.notAfter
      guard end <= examination.instant else { continue }
      warnings.append(
        "\(location.path(of: row)) also holds \(other.subject.description.quoted), which expired at \(end.rfc3339)"
          + " and stays as it is: its key does not sign")
    }
  }
}

/// What depends on the very certificate of a CA.
extension RenewPlanBuilder {
  /// Has kubeconfigs trust the certificates that their CA has, and renews the leaves that name the certificate which is
  /// replaced.
  mutating func addDependents() {
    let replaced = Set(
      steps.compactMap { step -> CatalogEntry.ID? in
        if case .replace(let entry, _) = step { entry.id } else { nil }
      })
    var bound: [CatalogEntry] = []
    for entry in catalog.entries where !replaced.contains(entry.id) {
      guard let row = entry.ca.flatMap({ settledCAs.contains($0) ? catalog[$0] : nil }) else { continue }
      switch dependent(entry, row) {
      case .none: continue
      case .unusable(let finding): ownRefusals.append(finding)
      case .trust(let adjustment): steps.append(.adjust(entry, adjustment))
      case .leaf(let current):
        bound.append(entry)
        steps.removeAll { $0.entry?.id == entry.id }
        replace(entry, current, row)
      }
    }
    warnAboutBound(bound)
  }

  /// What a new certificate of a CA means for an entry.
  private enum Dependent {
    case none
    case unusable(Finding)
    /// Its kubeconfig trusts another certificate.
    case trust(Adjustment)
    /// It names the certificate that is replaced.
    case leaf(Current)
  }

  private mutating func dependent(_ entry: CatalogEntry, _ row: CatalogEntry) -> Dependent {
    guard let ca = tree.ca(row.id) else { return .none }
    let isAbsent = tree[entry.id].isAbsent && tree[entry.id].kubeconfig.isAbsent
    guard !isAbsent, examination.waiting(entry) == nil, tree.outsideFinding(entry) == nil else {
      return .none
    }
    let content = current(entry)
    guard let current = content.value else {
      return entry.isKubeconfig ? content.finding.map { .unusable($0) } ?? .none : .none
    }
    let isExtended = extended[row.id] != nil
    if isExtended, current.previous.isBoundToIssuerCertificate, current.previous.isIssued(by: ca.issuing) {
      return .leaf(current)
    }
    guard let client = current.clients.first, client.caSource?.isEmbedded == true,
      isExtended ? client.trusts(ca.accepted) : client.sourceToTrust(ClientTrust(ca.trust)) != nil
    else { return .none }
    return .trust(
      Adjustment(
        certificate: current.previous, chain: current.following, client: client, isTrustExact: false))
  }

  private mutating func warnAboutBound(_ entries: [CatalogEntry]) {
    for row in catalog.cas where extended[row.id] != nil {
      let names = entries.filter { $0.ca == row.id }.map(\.name)
      guard !names.isEmpty else { continue }
      warnings.append(
        "\(names.joined(separator: ", ")): renewed too, because the certificate names the CA \(row.name) by its serial"
          + " number, which is new. Renew all other certificates of this CA that do so: OpenSSL and Java refuse them"
      )
    }
  }
}
