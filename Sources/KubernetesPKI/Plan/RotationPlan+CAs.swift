internal import OpenSSLX509
internal import StructuredText

/// The stages of a CA.
extension RotationPlanBuilder {
  mutating func add(_ ca: CatalogEntry) {
    let stage = examination.tree.stage(of: ca)
    switch move(ca.name, at: location.path(of: ca), stage, after: "predecessor") {
    case .none: break
    case .keep: files.append(.keep(.entry(ca)))
    case .prepare: prepare(ca)
    case .switchOver: switchOver(ca)
    case .switchBack: arrange(ca) { $0.switchedBack() }
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
    guard let next = CAArrangement(ca.id, in: examination.tree)?.nextKey?.publicKey else { return }
    // One that was lost, or is another CA's, certifies nothing.
    let isCertified = examination.tree.ca(ca.id)?.cross?.publicKey == next
    if !isCertified {
      warnings.append(
        "\(location.path(of: ca, .crossCertificate)) does not certify the successor: what trusts the present CA alone"
          + " refuses what the successor signs")
    }
    // etcd's members and clients accept the certificate that leads to the predecessor.
    if ca.id != .etcdCA || !isCertified {
      for peer in options.peers
      where peer.isConcerned(by: ca)
        && peer.ca(ca.id)?.accepted.contains(where: { $0.publicKey == next }) != true
      {
        errors.append(.unsound(successorNotTrusted(peer.location.path(of: ca))))
      }
    }
    arrange(ca) { $0.switched() }
  }

  func successorNotTrusted(_ path: String) -> Finding {
    Finding(
      .successorNotTrusted, [path],
      "\(path) does not hold the successor: that node would refuse what the successor signs",
      remedy: examination.remedy(.prepareOtherNode))
  }

  /// Whether kube-controller-manager does not sign with a file of its own yet; then that file is all that is made.
  mutating func stopsForSigningFile() -> Bool {
    guard let ca = catalog[.ca], examination.tree.stage(of: ca) == .idle, options.signingFile != .separate,
      let present = CAArrangement(.ca, in: examination.tree)
    else { return false }
    files.append(
      present.hasSigningFile
        ? .keep(.entry(ca))
        : .rotate(ca, .arrange(present.separatingSigner().changes(of: ca, in: examination.tree))))
    refusals.append(signingFileShared(ca))
    return true
  }

  /// Reports a manifest that has kube-controller-manager sign with a file of two certificates, as where the files of another
  /// node came here first.
  mutating func refuseSharedSigningFile() {
    guard let ca = catalog[.ca], case .shared = options.signingFile,
      [.prepare, .switchOver].contains(options.verb),
      [.prepared, .switched].contains(examination.tree.stage(of: ca))
    else { return }
    refusals.append(signingFileShared(ca))
  }

  private func signingFileShared(_ ca: CatalogEntry) -> Finding {
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
      .signingFileShared, [path], message, remedy: examination.remedy(.separateSigner(path)))
  }
}
