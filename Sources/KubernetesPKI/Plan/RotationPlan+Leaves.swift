internal import Kubeconfigs
internal import OpenSSLX509

/// What a CA has signed, and who trusts it.
extension RotationPlanBuilder {
  /// Issues again what the CA as it will be has not signed, and changes what kubeconfigs trust.
  mutating func addLeaves(of ca: CatalogEntry) {
    var options = RenewalOptions()
    options.validity = self.options.validity
    options.rotates = true
    options.allowsNewCA = true
    options.skipsAbsent = true
    let arranged = Examination(
      catalog: catalog, tree: tree, cluster: ClusterConfiguration.unknown, instant: examination.instant)
    var renewal = RenewPlanBuilder(options: options, examination: arranged)
    for entry in catalog.entries where entry.ca == ca.id {
      switch change(of: entry, ca) {
      case .none: continue
      case .reissue: renewal.add(entry)
      case .adjust(let adjustment): leaves.append(.adjust(entry, adjustment))
      case .unusable(let finding): errors.append(.unsound(finding))
      }
    }
    leaves += renewal.steps
    errors += renewal.refusals.map { .unsound($0) }
    warnings += renewal.warnings.filter { !warnings.contains($0) }
  }

  /// What becomes of a leaf.
  private enum Change {
    case none
    case reissue
    case adjust(Adjustment)
    case unusable(Finding)
  }

  private func change(of entry: CatalogEntry, _ ca: CatalogEntry) -> Change {
    let contents = tree[entry.id]
    guard let authority = tree.ca(ca.id), !contents.isAbsent || !contents.kubeconfig.isAbsent else {
      return .none
    }
    let isPreparing = isPreparing(ca)
    guard entry.isKubeconfig else {
      if let finding = contents.certificates.finding { return .unusable(finding) }
      guard let leaf = contents.certificate else { return .none }
      return change(leaf, contents.following, authority, nil, certifies(ca))
    }
    if contents.certificate == nil, let outside = tree.outsideFinding(entry) { return .unusable(outside) }
    if entry.id == .kubelet, let change = kubeletChange(authority) { return change }
    let content = tree.kubeconfigClient(at: location.path(of: entry))
    guard let client = content.value else { return content.finding.map { .unusable($0) } ?? .none }
    if isPreparing {
      return client.caSource?.isEmbedded == true
        ? .adjust(
          Adjustment(
            certificate: client.certificates[0], chain: Array(client.certificates.dropFirst()),
            client: client,
            isTrustExact: true))
        : .none
    }
    return change(
      client.certificates[0], Array(client.certificates.dropFirst()), authority, client, certifies(ca))
  }

  /// What becomes of the certificate of a kubelet that has to ask for another: a machine without the CA's key issues none.
  private func kubeletChange(_ ca: CertificateAuthority) -> Change? {
    guard tree.role != .controlPlane, options.verb == .switchOver || options.verb == .back else { return nil }
    switch tree.kubeletState(ca) {
    case .named(let client, _):
      return .adjust(
        Adjustment(
          certificate: client.certificates[0], chain: Array(client.certificates.dropFirst()), client: client,
          isTrustExact: true, place: .embedded))
    case .renewed(let client, let certificates):
      return .adjust(
        Adjustment(
          certificate: certificates[0], chain: Array(certificates.dropFirst()), client: client,
          isTrustExact: true, place: .file(KubeletState.file)))
    case .current, .embedded, nil: return nil
    }
  }

  private func isPreparing(_ ca: CatalogEntry) -> Bool {
    files.contains { step in
      if case .rotate(let entry, .prepare) = step { entry.id == ca.id } else { false }
    }
  }

  private func change(
    _ leaf: Certificate, _ following: [Certificate], _ ca: CertificateAuthority, _ client: KubeconfigClient?,
    _ takesNewCross: Bool
  ) -> Change {
    let isSigned = leaf.isIssued(by: ca.issuing)
    // A worker, and the node of a CA whose key is not here, can have nothing issued.
    if !isSigned, ca.key.signing != nil { return .reissue }
    if takesNewCross {
      return .adjust(
        Adjustment(
          certificate: leaf, chain: [], client: client, isTrustExact: true, takesNewCross: true))
    }
    let chain = chain(following, ca)
    if isSigned, ca.cross != nil, ca.chain != following, options.verb == .switchOver { return .reissue }
    let trusts = client?.sourceToTrust(ClientTrust(ca.trust, isExact: true)) == nil
    return chain == following && trusts
      ? .none : .adjust(Adjustment(certificate: leaf, chain: chain, client: client, isTrustExact: true))
  }

  /// What follows a leaf, without the certificate that led to a predecessor which is not trusted any more.
  private func chain(_ following: [Certificate], _ ca: CertificateAuthority) -> [Certificate] {
    guard ca.cross == nil else { return following }
    return following.filter { !$0.isSameCA(as: ca.issuing) || ca.accepted.contains($0) }
  }
}
