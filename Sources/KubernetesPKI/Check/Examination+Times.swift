internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509
internal import StructuredText

/// What the times of certificates say: one finding for each cause.
extension Examination {
  /// What is wrong with the times of an entry, where its certificate can be read.
  func validityFindings(_ entry: CatalogEntry) -> [Finding] {
    guard let dated = dated(entry), dated.state != nil else { return [] }
    return validityFindings(
      dated.certificate, dated.path, entry.isCA ? caAction(of: entry) : renewAction(entry))
  }

  /// The findings about the times of the whole tree.
  ///
  /// What a CA has signed ends with it, and all of it may wait for a clock to be set. What is left has one command as its
  /// remedy.
  func timeFindings() -> [Finding] {
    let dated = catalog.entries.compactMap(dated)
    let notYetValid = dated.filter { $0.state == .notYetValid }
    var findings = notYetValidFindings(notYetValid)
    for ca in dated where ca.entry.isCA { findings += endFindings(ca, among: dated) }
    let leaves = dated.filter { !$0.entry.isCA && !endsWithCA($0) }
    for code in [FindingCode.expired, .expiringSoon] {
      let ending = leaves.filter { $0.state == code }
      for isExternal in [false, true] {
        let group = ending.filter { ($0.entry.ca.map(tree.isExternal) == true) == isExternal }
        guard !group.isEmpty else { continue }
        let ids = group.map(\.entry.id)
        let action: Remedy.Action =
          isExternal
          ? .request(ids) : group.count == leaves.count && group.count > 1 ? .renewAll : .renew(ids)
        findings.append(
          Finding(code, group.map(\.path), Self.sentence(group, code), remedy: remedy(action)))
      }
    }
    return findings
  }

  /// A certificate whose times count, and where it is.
  private struct Dated {
    let entry: CatalogEntry
    let path: String
    let certificate: Certificate
    /// What is wrong with its times; `nil` for nothing.
    let state: FindingCode?

    var end: Date { certificate.validity.notAfter }
  }

  private func dated(_ entry: CatalogEntry) -> Dated? {
    let certificate =
      tree.ca(entry.id).map(currentCertificate) ?? leaf(entry)?.certificate
    return certificate.map { certificate in
      let path = location.path(of: entry)
      return Dated(
        entry: entry, path: path, certificate: certificate,
        state: validityFindings(certificate, path, .renewAll).first?.code)
    }
  }

  /// Whether a leaf ends because its CA does, so that no renewal helps.
  private func endsWithCA(_ leaf: Dated) -> Bool {
    guard let ca = leaf.entry.ca.flatMap({ catalog[$0] }).flatMap(dated) else { return false }
    return ca.state == .expired || ca.state == .expiringSoon && leaf.end >= ca.end
  }

  /// A CA that ends, with the leaves that end with it.
  private func endFindings(_ ca: Dated, among dated: [Dated]) -> [Finding] {
    guard let code = ca.state, code != .notYetValid else { return [] }
    let leaves = leavesEnding(with: ca, among: dated)
    let end = ca.end.rfc3339
    let message =
      code == .expired
      ? "\(ca.path) expired at \(end), and no certificate that it signed is accepted any more"
      : "\(ca.path) expires at \(end)\(leaves.isEmpty ? "" : ", and with it \(leaves.map(\.path).listed)")"
    return [
      Finding(
        code, [ca.path] + leaves.map(\.path), message,
        remedy: remedy(caAction(ca.entry, thenRenew: leaves.map(\.entry.id))))
    ]
  }

  private func leavesEnding(with ca: Dated, among dated: [Dated]) -> [Dated] {
    dated.filter { leaf in
      leaf.entry.ca == ca.entry.id && [.expired, .expiringSoon].contains(leaf.state) && endsWithCA(leaf)
    }
  }

  private func caAction(of entry: CatalogEntry) -> Remedy.Action {
    let dated = catalog.entries.filter { $0.id == entry.id || $0.ca == entry.id }.compactMap(dated)
    let leaves = dated.first { $0.entry.id == entry.id }.map { leavesEnding(with: $0, among: dated) } ?? []
    return caAction(entry, thenRenew: leaves.map(\.entry.id))
  }

  /// How the certificate of a CA gets a new lifetime: with the key that it has, which all that it signed depends on.
  private func caAction(_ entry: CatalogEntry, thenRenew leaves: [CatalogEntry.ID]) -> Remedy.Action {
    guard tree.ca(entry.id)?.issuing.isSelfSigned != false else {
      return .haveCASignedAgain(certificate: location.path(of: entry))
    }
    return .extendCA(entry.id, thenRenew: leaves, keyIsHere: !tree.isExternal(entry.id))
  }

  /// All that is not yet valid: a clock that is wrong is one finding.
  private func notYetValidFindings(_ group: [Dated]) -> [Finding] {
    guard let first = group.map(\.certificate.validity.notBefore).min() else { return [] }
    let paths = group.map(\.path)
    let message =
      paths.count == 1
      ? "\(paths[0]) is not valid before \(first.rfc3339)"
      : "\(paths.listed) are not valid yet, the first of them from \(first.rfc3339) on"
    let again: [Remedy.Action] =
      group.contains(where: \.entry.isCA) ? [] : [.renew(group.map(\.entry.id))]
    return [
      Finding(
        .notYetValid, paths, message, remedy: Remedy([.checkClock(instant)] + again, in: context))
    ]
  }

  private static func sentence(_ group: [Dated], _ code: FindingCode) -> String {
    let (verb, verbs) = code == .expired ? ("expired", "expired") : ("expires", "expire")
    let first = group.map(\.end).min()?.rfc3339 ?? ""
    let paths = group.map(\.path)
    return paths.count == 1
      ? "\(paths[0]) \(verb) at \(first)" : "\(paths.listed) \(verbs), the first at \(first)"
  }
}
