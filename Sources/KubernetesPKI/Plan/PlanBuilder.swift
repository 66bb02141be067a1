internal import FoundationEssentials
internal import OpenSSLX509

/// Collects the steps of a plan, and what stands in its way.
struct PlanBuilder {
  let selection: Selection
  let examination: Examination
  private(set) var steps: [Plan.Step] = []
  private(set) var errors: [PKIError] = []

  /// What has to be signed by an authority that cannot sign, by authority.
  private var unmetDemands: [CertificateProfile.ID: [String]] = [:]
  /// What ends earlier than asked for because its authority does, by authority.
  private var clamped: [CertificateProfile.ID: [String]] = [:]
  /// Authorities that are not part of the selection, and were looked at because they have to sign.
  private var examinedAuthorities: Set<CertificateProfile.ID> = []

  private var catalog: Catalog { examination.catalog }
  private var tree: TreeContents { examination.tree }
  private var cluster: ClusterConfiguration { examination.cluster }

  init(selection: Selection, examination: Examination) {
    self.selection = selection
    self.examination = examination
  }

  mutating func add(_ profile: CertificateProfile) {
    guard isAbsent(profile) else {
      return keep(.certificate(profile), examination.findings(profile))
    }
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    if profile.role == .authority { refuseOrphans(of: profile) }
    if let authority = profile.authority { demand(authority, for: profile.id.rawValue) }
    let validity = validity(of: profile.id.rawValue, signedBy: profile.authority)
    create(.certificate(profile)) { (cluster) throws(PKIError) in
      try CertificateSpecification(
        commonName: commonName, organizations: profile.organizations, purposes: profile.purposes,
        names: profile.names(in: cluster), authority: profile.authority, validity: validity,
        keyAlgorithm: cluster.keyAlgorithm)
    }
  }

  mutating func add(_ profile: KubeconfigProfile) {
    if let content = tree.kubeconfigs[profile.id], !content.isAbsent {
      return keep(.kubeconfig(profile), examination.findings(profile))
    }
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    demand(profile.authority, for: profile.fileName)
    let validity = validity(of: profile.fileName, signedBy: profile.authority)
    create(.kubeconfig(profile)) { (cluster) throws(PKIError) in
      try CertificateSpecification(
        commonName: commonName, organizations: profile.organizations, purposes: [.clientAuth], names: [],
        authority: profile.authority, validity: validity, keyAlgorithm: cluster.keyAlgorithm)
    }
  }

  mutating func addServiceAccountKey() {
    switch (tree.serviceAccountPrivateKey.isAbsent, tree.serviceAccountPublicKeys.isAbsent) {
    case (true, true):
      steps.append(Plan.Step(item: .serviceAccountKey, action: .createKeyPair(cluster.keyAlgorithm)))
    case (false, true) where tree.serviceAccountPrivateKey.value != nil:
      steps.append(Plan.Step(item: .serviceAccountKey, action: .derivePublicKey))
    default: keep(.serviceAccountKey, examination.serviceAccountFindings())
    }
  }

  /// Turns what the authorities of this tree cannot do into errors, one for each authority.
  mutating func reportUnmetDemands() {
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
          remedy: "put the key there; or have \(names) signed where the key is, and put them into the tree")
      errors.append(.unsound(finding))
    }
  }

  var warnings: [String] {
    catalog.certificates.compactMap { profile in
      guard let names = clamped[profile.id], let end = authorityEnd(profile.id) else { return nil }
      return "\(names.joined(separator: ", ")) will be in force only until \(end.rfc3339), when the authority"
        + " \(profile.id.rawValue) ends"
    }
  }
}

extension PlanBuilder {
  private func isAbsent(_ profile: CertificateProfile) -> Bool {
    (tree.certificates[profile.id]?.isAbsent ?? true) && (tree.keys[profile.id]?.isAbsent ?? true)
  }

  private func isToBeCreated(_ id: CertificateProfile.ID) -> Bool {
    guard let profile = catalog[id] else { return false }
    return selection.certificates.contains(id) && isAbsent(profile)
  }

  private mutating func keep(_ item: Plan.Step.Item, _ findings: [Finding]) {
    errors += findings.filter { $0.severity == .error }.map { .unsound($0) }
    steps.append(Plan.Step(item: item, action: .keep))
  }

  private mutating func create(
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

  /// The last instant of an authority that is there or is going to be.
  private func authorityEnd(_ id: CertificateProfile.ID) -> Date? {
    if isToBeCreated(id) {
      return examination.instant.addingTimeInterval(Double(cluster.caCertificateValidity.seconds))
    }
    return examination.authority(id)?.validity.notAfter
  }

  /// From five minutes before the run, for clocks that are late, to the end that was asked for or the authority's own.
  private mutating func validity(of name: String, signedBy authority: CertificateProfile.ID?) -> Validity {
    let lifetime = authority == nil ? cluster.caCertificateValidity : cluster.certificateValidity
    var end = min(examination.instant.addingTimeInterval(Double(lifetime.seconds)), Validity.endOfTime)
    if let authority, let limit = authorityEnd(authority), limit < end {
      end = limit
      clamped[authority, default: []].append(name)
    }
    return Validity(notBefore: examination.instant.addingTimeInterval(-300), notAfter: end)
  }
}
