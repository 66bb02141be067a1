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
      refuseForeignLeaves(of: ca)
      arrange(ca) { $0.alone() }
    case .keyless: keyless(ca)
    }
  }

  /// A worker has a CA's certificates and not its key; so has a node of an external CA.
  private mutating func keyless(_ ca: CatalogEntry) {
    guard examination.tree[.apiserver].isAbsent else {
      let keyPath = location.path(of: ca, .key)
      return errors.append(
        .unsound(
          Finding(
            .caKeyMissing, [keyPath, location.path(of: ca)],
            "the key of the CA \(ca.name), \(keyPath), is not here",
            remedy: examination.remedy(.lendCAKey(keyPath)))))
    }
    files.append(.keep(.entry(ca)))
  }

  private mutating func arrange(_ ca: CatalogEntry, _ change: (CAArrangement) -> CAArrangement?) {
    guard let present = CAArrangement(ca.id, in: examination.tree), let next = change(present),
      let authority = next.ca(rootChain: examination.tree.rootChain(of: ca.id).value ?? [])
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
    "\(location.path(of: ca)) may certify no CA: what trusts it alone refuses what the successor signs, so that the"
      + " successor must be trusted everywhere before the switch"
  }

  private mutating func switchOver(_ ca: CatalogEntry) {
    let isCertified = examination.tree.ca(ca.id)?.cross != nil
    guard let next = CAArrangement(ca.id, in: examination.tree)?.nextKey?.publicKey else { return }
    // etcd's members and clients accept the certificate that leads to the predecessor.
    if ca.id != .etcdCA || !isCertified {
      for peer in options.peers
      where peer.ca(ca.id)?.accepted.contains(where: { $0.publicKey == next }) != true {
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

  /// Refuses to end the trust in what has signed a certificate that is in use, here or on another node.
  private mutating func refuseForeignLeaves(of ca: CatalogEntry) {
    guard let issuing = examination.tree.ca(ca.id)?.issuing else { return }
    let paths = ([examination.tree] + options.peers).flatMap { tree in
      catalog.entries.filter { entry in
        entry.ca == ca.id && tree[entry.id].certificate.map { !$0.isIssued(by: issuing) } == true
      }.map { tree.location.path(of: $0) }
    }
    guard !paths.isEmpty else { return }
    errors.append(
      .unsound(
        Finding(
          .predecessorInUse, paths,
          "\(paths.count == 1 ? "a certificate is" : "certificates are") still of the CA whose trust would end:"
            + " \(paths.listed)",
          remedy: examination.remedy(.renewBeforeRetiring))))
  }

  /// Whether kube-controller-manager does not sign with a file of its own yet; then that file is all that is made.
  mutating func stopsForSigningFile() -> Bool {
    guard let ca = catalog[.ca], examination.tree.stage(of: ca) == .idle, options.signingFile != .separate,
      let present = CAArrangement(.ca, in: examination.tree)
    else { return false }
    let path = location.path(of: ca, .signingCertificate)
    let message =
      switch options.signingFile {
      case .shared(let file, let manifest):
        "\(manifest) has kube-controller-manager sign with \(file), which must be a file of exactly one certificate"
      case .separate, .unknown:
        "kube-controller-manager must sign with a file of exactly one certificate, and no manifest in"
          + " \(location.manifestDirectory) shows with which file it signs"
      }
    files.append(
      present.hasSigningFile
        ? .keep(.entry(ca))
        : .rotate(ca, .arrange(present.separatingSigner().changes(of: ca, in: examination.tree))))
    refusals.append(
      Finding(.signingFileShared, [path], message, remedy: examination.remedy(.separateSigner(path))))
    return true
  }
}
