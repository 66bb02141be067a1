internal import OpenSSLX509
internal import StructuredText

/// The stages of a CA.
extension RotationPlanBuilder {
  mutating func add(_ ca: CatalogEntry) {
    let stage = examination.tree.stage(of: ca)
    if options.verb == .prepare { refuseSecondSuccessor(of: ca) }
    switch move(ca.name, at: location.path(of: ca), stage, after: "predecessor") {
    case .none: break
    case .keep: complete(ca)
    case .prepare: prepare(ca)
    case .switchOver: switchOver(ca)
    case .switchBack:
      if let finding = examination.successionKeyFinding(ca) { errors.append(.unsound(finding)) }
      arrange(ca) { $0.switchedBack() }
    case .endTrust:
      refuseUseOfPredecessor(of: ca)
      arrange(ca) { $0.alone() }
    case .keyless: keyless(ca)
    }
  }

  private mutating func arrange(_ ca: CatalogEntry, _ change: (CAArrangement) -> CAArrangement?) {
    guard let present = CAArrangement(ca.id, in: examination.tree), let next = change(present),
      let authority = next.ca
    else { return }
    files.append(.rotate(ca, .arrange(next.changes(of: ca, in: examination.tree))))
    tree = tree.replacing(authority, for: ca.id)
  }

  private mutating func prepare(_ ca: CatalogEntry) {
    guard let present = CAArrangement(ca.id, in: examination.tree), let authority = examination.tree.ca(ca.id)
    else { return }
    let faults = ([ca] + catalog.entries.filter { $0.ca == ca.id && !examination.tree[$0.id].isAbsent })
      .flatMap(examination.findings).filter { $0.severity == .error }
    guard faults.isEmpty else { return errors += Finding.merged(faults).map { .unsound($0) } }
    do throws(PKIError) {
      let successor = try RotationSuccessor(
        options: options, entry: ca, predecessor: authority.issuing, examination: examination
      ).planned(beside: ca.id == .ca ? present.separatingSigner() : present)
      if successor.cross == nil, options.crossSigns { warnings.append(withoutCross(ca)) }
      files.append(.rotate(ca, .prepare(successor)))
    } catch {
      errors.append(error)
    }
  }

  private func withoutCross(_ ca: CatalogEntry) -> String {
    let path = location.path(of: ca)
    let isBelowRoot = examination.tree.ca(ca.id)?.issuing.isSelfSigned == false
    return
      (isBelowRoot
      ? "\(path) is below a root CA, and does not certify its successor" : "\(path) may certify no CA")
      + ": what trusts it alone refuses what the successor signs, so that the successor must be trusted everywhere before the"
      + " switch"
  }

  private mutating func switchOver(_ ca: CatalogEntry) {
    guard let arrangement = CAArrangement(ca.id, in: examination.tree),
      let next = arrangement.nextKey?.publicKey
    else {
      return errors += [examination.successionKeyFinding(ca)].compactMap(\.self).map { .unsound($0) }
    }
    let finding = examination.crossFinding(ca)
    if options.crossSigns, let finding { errors.append(.unsound(finding)) }
    // One that was lost, or is another CA's, certifies nothing.
    let isCertified = finding == nil && arrangement.cross != nil
    if !isCertified {
      warnings.append(
        "no \(location.path(of: ca, .crossCertificate)) leads from the successor to the present CA: what trusts that alone"
          + " refuses what the successor signs")
    }
    refuseUntrustedSuccessor(next, of: ca, isCertified: isCertified)
    arrange(ca) { (isCertified ? $0 : $0.crossed(by: nil)).switched() }
  }

  /// Whether kube-controller-manager does not sign with a file of its own yet; then that file is all that is made.
  mutating func stopsForSigningFile() -> Bool {
    guard let ca = catalog[.ca], isSigningFileShared(at: examination.tree.stage(of: ca)),
      let present = CAArrangement(.ca, in: examination.tree)
    else { return false }
    let changes = present.separatingSigner().changes(of: ca, in: examination.tree)
    files.append(changes.isEmpty ? .keep(.entry(ca)) : .rotate(ca, .arrange(changes)))
    refusals.append(
      signingFileShared(ca, .separateSigner(location.path(of: ca, .signingCertificate))))
    return true
  }

  /// Whether kube-controller-manager signs with the file that holds, or would hold, two certificates. The files of another node
  /// may have come here first.
  private func isSigningFileShared(at stage: RotationStage) -> Bool {
    switch (stage, options.signingFile) {
    case (.idle, .shared), (.idle, .unknown), (.prepared, .shared): true
    default: false
    }
  }

  /// Refuses to switch where kube-controller-manager signs with a file of two certificates, and so signs nothing.
  mutating func refuseSharedSigningFile() {
    guard let ca = catalog[.ca], case .shared(_, let manifest) = options.signingFile,
      options.verb == .switchOver,
      [.prepared, .switched].contains(examination.tree.stage(of: ca))
    else { return }
    let path = location.path(of: ca, .signingCertificate)
    errors.append(.unsound(signingFileShared(ca, .nameSigner(path, manifest: manifest))))
  }

  private func signingFileShared(_ ca: CatalogEntry, _ action: Remedy.Action) -> Finding {
    let path = location.path(of: ca, .signingCertificate)
    let message =
      switch options.signingFile {
      case .shared(let file, let manifest):
        "\(manifest) has kube-controller-manager sign with \(file), which must be a file of exactly one certificate"
      case .separate, .unknown:
        "kube-controller-manager must sign with a file of exactly one certificate, and no manifest in"
          + " \(location.manifestDirectory) shows with which file it signs"
      }
    return Finding(
      .signingFileShared, [path], message, remedy: examination.remedy(action))
  }
}
