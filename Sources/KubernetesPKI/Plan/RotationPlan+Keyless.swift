internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// Machines that have a CA's certificates and not its key: workers, and the nodes of an external CA.
extension RotationPlanBuilder {
  /// Checks that the CA's file is that of the stage: it comes from where the key is.
  mutating func keyless(_ ca: CatalogEntry) {
    let (path, keyPath) = (location.path(of: ca), location.path(of: ca, .key))
    let trusted = Set((examination.tree.ca(ca.id)?.accepted ?? []).map(\.publicKey)).count
    let isNode = examination.tree.role == .controlPlane || ca.id != .ca
    switch options.verb {
    case .prepare where trusted < 2 && isNode, .switchOver where trusted < 2 && isNode:
      return errors.append(
        .unsound(
          Finding(
            .caKeyMissing, [keyPath, path], "the key of the CA \(ca.name), \(keyPath), is not here",
            remedy: examination.remedy(.lendCAKey(keyPath), .copyCAOfStage(path)))))
    case .prepare where trusted < 2, .switchOver where trusted < 2:
      return errors.append(
        .unsound(fileOfOtherStage(path, "holds one CA, and must hold two CAs at this stage")))
    case .retire where trusted > 1:
      return errors.append(.unsound(fileOfOtherStage(path, "still holds \(trusted) CAs")))
    case .prepare, .switchOver, .back: break
    case .retire: refuseUseOfPredecessor(of: ca)
    }
    files.append(.keep(.entry(ca)))
    if options.verb == .switchOver || options.verb == .back { refuseUnsigned(of: ca) }
    refuseFileOfBefore(ca)
  }

  /// Refuses a file that was not copied since the other nodes have switched, or gone back: another CA signs now, so that it
  /// holds the two in another order than what kubeconfigs trust since the stage before.
  ///
  /// A node that has the key says which CA signs. Without one, a successor is taken for younger than its predecessor.
  private mutating func refuseFileOfBefore(_ ca: CatalogEntry) {
    guard options.verb == .switchOver || options.verb == .back,
      let accepted = examination.tree.ca(ca.id)?.accepted, let first = accepted.first,
      let second = accepted.first(where: { $0.publicKey != first.publicKey })
    else { return }
    let signers = options.peers.compactMap { peer in
      peer[ca.id].key.value.map { _ in peer.trustedKeys(of: ca.id).first }
    }
    let (one, other) = (first.validity.notBefore, second.validity.notBefore)
    let isOfBefore =
      signers.isEmpty
      ? (options.verb == .switchOver ? one < other : one > other) && isTrusted(accepted, of: ca)
      : !signers.contains(first.publicKey)
    guard isOfBefore else { return }
    let (age, command) = options.verb == .switchOver ? ("older", "switch") : ("younger", "way back")
    let problem =
      signers.isEmpty
      ? "begins with the \(age) of its CAs: it is a copy from before the \(command)"
      : "begins with \(first.subject), which does not sign any more"
    errors.append(.unsound(fileOfOtherStage(location.path(of: ca), problem)))
  }

  /// Whether kubeconfigs trust just these certificates, in this order, as far as there are any.
  private func isTrusted(_ certificates: [Certificate], of ca: CatalogEntry) -> Bool {
    catalog.entries.filter { $0.ca == ca.id && $0.isKubeconfig }.allSatisfy { entry in
      guard let kubeconfig = examination.tree[entry.id].kubeconfig.value,
        !kubeconfig.certificateAuthorities.isEmpty
      else { return true }
      return Array(kubeconfig.certificateAuthorities.prefix(certificates.count)) == certificates
    }
  }

  private func fileOfOtherStage(_ path: String, _ problem: String) -> Finding {
    Finding(
      .rotationOrder, [path], "\(path) \(problem)", remedy: examination.remedy(.copyCAOfStage(path)))
  }

  /// What the CA that signs now has to sign where its key is; the kubelet of a worker asks for its certificate itself.
  private mutating func refuseUnsigned(of ca: CatalogEntry) {
    guard let issuing = examination.tree.ca(ca.id)?.issuing else { return }
    let entries = catalog.entries.filter { entry in
      let asksItself = entry.id == .kubelet && examination.tree.role != .controlPlane
      return entry.ca == ca.id && !asksItself
        && examination.tree[entry.id].certificate.map { !$0.isIssued(by: issuing) } == true
    }
    guard !entries.isEmpty else { return }
    let paths = entries.map { location.path(of: $0) }
    refusals.append(
      Finding(
        .caKeyMissing, paths,
        "the other CA has signed \(paths.joined(separator: ", ")), and the key of \(location.path(of: ca)) is not here",
        remedy: examination.remedy(.request(entries.map(\.id)))))
  }
}

/// What keeps a predecessor from being retired.
extension RotationPlanBuilder {
  /// Refuses to end the trust in what has signed a certificate that is in use, here or on another node.
  mutating func refuseUseOfPredecessor(of ca: CatalogEntry) {
    guard let issuing = examination.tree.ca(ca.id)?.issuing else { return }
    let trees = [examination.tree] + options.peers
    let leaves = trees.flatMap { tree in
      catalog.entries.filter { entry in
        entry.ca == ca.id && tree[entry.id].certificate.map { !$0.isIssued(by: issuing) } == true
      }.map { tree.location.path(of: $0) }
    }
    let signers = options.peers.filter { peer in
      peer.ca(ca.id).map { $0.key.signing != nil && $0.issuing.publicKey != issuing.publicKey } == true
    }.map { $0.location.path(of: ca, .key) }
    refuse(leaves) { "the CA whose trust would end has signed \($0)" }
    refuse(signers) { "the CA whose trust would end still signs: \($0)" }
    // What a copy leaves out cannot be looked at.
    for peer in options.peers where ca.id == .ca {
      guard let entry = catalog[.kubelet], peer[.kubelet].certificate == nil,
        let outside = peer.outsideFinding(entry)
      else { continue }
      warnings.append(
        "\(outside.message); check that its certificate is not of the CA whose trust ends: openssl x509 -noout -issuer -in"
          + " \(KubeletState.file)")
    }
  }

  private mutating func refuse(_ paths: [String], _ message: (String) -> String) {
    guard !paths.isEmpty else { return }
    errors.append(
      .unsound(
        Finding(
          .predecessorInUse, paths, message(paths.joined(separator: ", ")),
          remedy: examination.remedy(.renewBeforeRetiring))))
  }
}

extension TreeContents {
  /// Whether the rotation of a CA is an affair of the machine.
  func isConcerned(by ca: CatalogEntry) -> Bool { role == .controlPlane || !self[ca.id].isAbsent }
}
