internal import FileStore
internal import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509

/// Collects the steps of a plan, and what stands in its way.
package struct PlanBuilder {
  package let selection: Selection
  package let examination: Examination
  /// The authority above the tree, where one was named.
  package let root: RootAuthority?
  /// What becomes of items that an authority elsewhere has to sign.
  package let unsignable: Plan.Unsignable
  package var steps: [Plan.Step] = []
  package var errors: [PKIError] = []

  /// What has to be signed by an authority that cannot sign, by authority.
  private var unmetDemands: [CertificateProfile.ID: [String]] = [:]
  /// What ends earlier than asked for because its authority does, by authority.
  private var clamped: [CertificateIssuer: [String]] = [:]
  /// Authorities that are not part of the selection, and were looked at because they have to sign.
  private var examinedAuthorities: Set<CertificateProfile.ID> = []

  package var catalog: Catalog { examination.catalog }
  package var tree: TreeContents { examination.tree }
  package var cluster: ClusterConfiguration { examination.cluster }

  package init(
    selection: Selection, examination: Examination, root: RootAuthority?, unsignable: Plan.Unsignable
  ) {
    self.selection = selection
    self.examination = examination
    self.root = root
    self.unsignable = unsignable
  }

  package mutating func add(_ profile: CertificateProfile) {
    defer { if profile.role == .authority { addBundle(of: profile) } }
    if isAwaited(profile) { return leaveWaiting(.certificate(profile), tree.keys[profile.id]?.finding) }
    guard isAbsent(profile) else {
      return keep(.certificate(profile), examination.findings(profile) + strangerFindings(profile))
    }
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    guard let authority = profile.authority else { return create(profile, named: commonName) }
    demand(authority, for: profile.id.rawValue)
    let validity = validity(of: profile.id.rawValue, signedBy: .authority(authority))
    create(.certificate(profile)) { (cluster) throws(PKIError) in
      try CertificateSpecification(
        commonName: commonName, organizations: profile.organizations, purposes: profile.purposes,
        names: profile.names(in: cluster), authority: authority, validity: validity,
        keyAlgorithm: cluster.keyAlgorithm)
    }
  }

  private mutating func create(_ authority: CertificateProfile, named commonName: String) {
    refuseOrphans(of: authority)
    if let error = rootError(authority, commonName) { errors.append(error) }
    let issuer = root == nil ? CertificateIssuer.itself : .root
    let validity = validity(of: authority.id.rawValue, signedBy: issuer)
    create(.certificate(authority)) { (cluster) throws(PKIError) in
      // Below a root, an authority of a tree signs leaves and nothing else.
      try CertificateSpecification(
        authority: commonName, pathLength: issuer == .root ? 0 : nil, issuer: issuer, validity: validity,
        keyAlgorithm: cluster.keyAlgorithm)
    }
  }

  package mutating func add(_ profile: KubeconfigProfile) {
    if isAwaited(profile) { return leaveWaiting(.kubeconfig(profile), nil) }
    if let content = tree.kubeconfigs[profile.id], !content.isAbsent {
      return keep(.kubeconfig(profile), examination.findings(profile))
    }
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    demand(profile.authority, for: profile.fileName)
    let validity = validity(of: profile.fileName, signedBy: .authority(profile.authority))
    create(.kubeconfig(profile)) { (cluster) throws(PKIError) in
      try CertificateSpecification(
        commonName: commonName, organizations: profile.organizations, purposes: [.clientAuth], names: [],
        authority: profile.authority, validity: validity, keyAlgorithm: cluster.keyAlgorithm)
    }
  }

  package mutating func addServiceAccountKey() {
    switch (tree.serviceAccountPrivateKey.isAbsent, tree.serviceAccountPublicKeys.isAbsent) {
    case (true, true):
      steps.append(Plan.Step(item: .serviceAccountKey, action: .createKeyPair(cluster.keyAlgorithm)))
    case (false, true) where tree.serviceAccountPrivateKey.value != nil:
      steps.append(Plan.Step(item: .serviceAccountKey, action: .derivePublicKey))
    default: keep(.serviceAccountKey, examination.serviceAccountFindings())
    }
  }

  /// Turns what the authorities of this tree cannot do into errors, one for each authority.
  package mutating func reportUnmetDemands() {
    for profile in catalog.certificates {
      guard let demands = unmetDemands[profile.id] else { continue }
      let (path, keyPath) = (examination.location.certificate(profile), examination.location.key(profile))
      let names = demands.joined(separator: ", ")
      let finding =
        tree.certificates[profile.id]?.isAbsent ?? true
        ? Finding(
          .missingFile, [path],
          "the authority \(profile.id.rawValue) is missing (\(path)); it has to sign \(names)",
          remedy:
            "make it with: pkigen phase cert \(profile.id.rawValue)\(examination.location.commandOptions)")
        : Finding(
          .authorityKeyMissing, [keyPath, path],
          "the authority \(path) is there without its key \(keyPath); it has to sign \(names)",
          remedy: "put the key there; or request them: pkigen csr create"
            + " \(demands.joined(separator: " "))\(examination.location.commandOptions) with the cluster's options"
        )
      errors.append(.unsound(finding))
    }
  }

  package var warnings: [String] {
    let authorities = catalog.certificates.map {
      (CertificateIssuer.authority($0.id), "the authority \($0.id.rawValue)")
    }
    return ([(.root, "the root")] + authorities).compactMap { signer, name in
      guard let names = clamped[signer], let end = end(of: signer) else { return nil }
      return "\(names.joined(separator: ", ")) will be in force only until \(end.rfc3339), when \(name) ends"
    }
  }
}

extension PlanBuilder {
  package func isAbsent(_ profile: CertificateProfile) -> Bool {
    (tree.certificates[profile.id]?.isAbsent ?? true) && (tree.keys[profile.id]?.isAbsent ?? true)
  }

  package func isToBeCreated(_ id: CertificateProfile.ID) -> Bool {
    guard let profile = catalog[id] else { return false }
    return selection.certificates.contains(id) && isAbsent(profile)
  }

  /// Whether a certificate is not there, and an authority elsewhere has to sign it.
  private func isAwaited(_ profile: CertificateProfile) -> Bool {
    guard unsignable == .awaited, let authority = profile.authority else { return false }
    return tree.isElsewhere(authority) && tree.certificates[profile.id]?.isAbsent == true
  }

  /// Whether a kubeconfig is not there, or waits for its certificate.
  private func isAwaited(_ profile: KubeconfigProfile) -> Bool {
    guard unsignable == .awaited, tree.isElsewhere(profile.authority) else { return false }
    return tree.kubeconfigs[profile.id]?.isAbsent == true || examination.awaiting(profile) != nil
  }

  private mutating func leaveWaiting(_ item: Plan.Step.Item, _ finding: Finding?) {
    if let finding { errors.append(.unsound(finding)) }
    steps.append(Plan.Step(item: item, action: .wait))
  }

  package mutating func keep(_ item: Plan.Step.Item, _ findings: [Finding]) {
    errors += findings.filter { $0.severity == .error }.map { .unsound($0) }
    steps.append(Plan.Step(item: item, action: .keep))
  }

  package mutating func create(
    _ item: Plan.Step.Item, _ specify: (ClusterConfiguration) throws(PKIError) -> CertificateSpecification
  ) {
    do throws(PKIError) {
      steps.append(Plan.Step(item: item, action: .create(try specify(cluster))))
    } catch {
      errors.append(error)
    }
  }

  /// Notes that `id` has to sign something, and looks at it once when the selection does not do so already.
  private mutating func demand(_ id: CertificateProfile.ID, for name: String) {
    guard !isToBeCreated(id), let profile = catalog[id] else { return }
    let content = tree.certificates[id] ?? .absent
    if content.isAbsent && (tree.keys[id]?.isAbsent ?? true)
      || content.value != nil && (tree.keys[id]?.isAbsent ?? true)
    {
      unmetDemands[id, default: []].append(name)
    }
    guard !isAbsent(profile), !selection.certificates.contains(id), examinedAuthorities.insert(id).inserted
    else { return }
    errors += examination.findings(profile).filter { $0.severity == .error }.map { .unsound($0) }
  }

  /// A new authority is of no use to what an older one has signed; what is selected itself says so on its own.
  private mutating func refuseOrphans(of authority: CertificateProfile) {
    var leaves = catalog.certificates.filter {
      $0.authority == authority.id && !selection.certificates.contains($0.id)
    }.compactMap(examination.leaf)
    // With --cert-dir alone, the kubeconfigs in the usual place are another tree's.
    if examination.location.isConventional || !selection.kubeconfigs.isEmpty {
      leaves += catalog.kubeconfigs.filter {
        $0.authority == authority.id && !selection.kubeconfigs.contains($0.id)
      }.compactMap(examination.leaf)
    }
    errors += leaves.flatMap(examination.issuerFindings).map { .unsound($0) }
  }

  /// The last instant of an authority that is there or is going to be; none for a certificate that signs itself.
  private func end(of signer: CertificateIssuer) -> Date? {
    let lifetime = Double(cluster.caCertificateValidity.seconds)
    switch signer {
    case .itself: return nil
    case .root:
      guard let root, !root.isToBeMade else {
        return examination.instant.addingTimeInterval(lifetime * Double(RootAuthority.lifetimeFactor))
      }
      return root.certificate?.validity.notAfter
    case .authority(let id):
      guard isToBeCreated(id) else { return examination.authority(id)?.validity.notAfter }
      let end = examination.instant.addingTimeInterval(lifetime)
      return root == nil ? end : min(end, self.end(of: .root) ?? end)
    }
  }

  /// From five minutes before the run, for clocks that are late, to the end that was asked for or the signer's own.
  private mutating func validity(of name: String, signedBy signer: CertificateIssuer) -> Validity {
    let lifetime: Lifetime =
      if case .authority = signer { cluster.certificateValidity } else { cluster.caCertificateValidity }
    var end = min(examination.instant.addingTimeInterval(Double(lifetime.seconds)), Validity.endOfTime)
    if let limit = self.end(of: signer), limit < end {
      end = limit
      clamped[signer, default: []].append(name)
    }
    return Validity(notBefore: examination.instant.addingTimeInterval(-300), notAfter: end)
  }
}
