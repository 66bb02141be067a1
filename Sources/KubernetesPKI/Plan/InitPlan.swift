package import FoundationEssentials
internal import OpenSSLX509

extension Plan {
  /// The plan of `init` and `phase`: makes what is missing of `selection`, and keeps what is there once it was checked.
  ///
  /// - Parameters:
  ///   - root: signs the CAs; without it each signs itself.
  ///   - options: what is done where there is a choice.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with everything that is wrong with the cluster, with what is there or what is needed; of a fact
  ///   that the selection needs and the cluster does not know, ``PKIError/missingSetting(_:)`` with its field.
  package init(
    completing selection: Selection, of catalog: Catalog, in tree: TreeContents,
    for cluster: ClusterConfiguration, under root: RootCA? = nil,
    _ options: CompletionOptions = CompletionOptions(),
    at instant: Date
  ) throws(PKIErrors) {
    try cluster.check(needing: selection.facts(in: catalog))
    let examination = Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant)
    var builder = InitPlanBuilder(
      selection: selection, examination: examination, root: root, options: options)
    builder.addAll()
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(
      steps: builder.steps, warnings: builder.warnings + builder.cutLifetimes.warnings(catalog), root: root,
      examination)
  }
}

/// Collects the steps of an ``Plan/init(completing:of:in:for:under:_:at:)``, and what keeps them from being done.
struct InitPlanBuilder {
  let selection: Selection
  let examination: Examination
  /// The root CA above the tree, where one was named.
  let root: RootCA?
  /// What is done where there is a choice.
  let options: CompletionOptions
  var steps: [Plan.Step] = []
  var errors: [PKIError] = []
  var warnings: [String] = []
  var cutLifetimes = CutLifetimes()

  /// What has to be signed by a CA that cannot sign, by CA.
  private var unmetDemands: [CatalogEntry.ID: [CatalogEntry]] = [:]
  /// CAs that are not part of the selection, and were checked because they have to sign.
  private var checkedCAs: Set<CatalogEntry.ID> = []

  var catalog: Catalog { examination.catalog }
  var tree: TreeContents { examination.tree }
  var cluster: ClusterConfiguration { examination.cluster }
  var location: TreeLocation { examination.location }

  init(selection: Selection, examination: Examination, root: RootCA?, options: CompletionOptions) {
    self.selection = selection
    self.examination = examination
    self.root = root
    self.options = options
  }

  mutating func addAll() {
    checkSharedFiles()
    addRoot()
    for item in selection.items(of: catalog) {
      switch item {
      case .entry(let entry): add(entry)
      case .serviceAccountKey: addServiceAccountKey()
      }
    }
    reportUnmetDemands()
    refuseNewCAs()
  }

  private mutating func add(_ entry: CatalogEntry) {
    defer { if entry.isCA { addRootChain(of: entry) } }
    if isAwaited(entry) {
      if let finding = tree[entry.id].key.finding { errors.append(.unsound(finding)) }
      return steps.append(.wait(entry))
    }
    guard isAbsent(entry) else {
      return keep(.entry(entry), examination.findings(entry) + strangerFindings(entry))
    }
    guard let commonName = entry.commonName.resolved(in: cluster) else { return }
    guard let ca = entry.ca else { return create(entry, named: commonName) }
    demand(ca, for: entry)
    let cluster = cluster
    let validity = validity(of: entry.name, cluster.certificateValidity, signedBy: .ca(ca))
    create { () throws(PKIError) in
      .create(
        entry,
        CertificateSpecification(
          try CertificateContent(
            commonName, entry.organizations, sans: entry.sans(in: cluster), purposes: entry.purposes,
            key: .new(cluster.keyAlgorithm)), validity: validity, issuer: .ca(ca)))
    }
  }

  private mutating func create(_ ca: CatalogEntry, named commonName: String) {
    refuseOrphans(of: ca)
    if let error = rootError(ca, commonName) { errors.append(error) }
    let issuer = root == nil ? CertificateIssuer.itself : .root
    let cluster = cluster
    let validity = validity(of: ca.name, cluster.caCertificateValidity, signedBy: issuer)
    create { () throws(PKIError) in
      // Below a root CA, a CA of a tree signs leaves and nothing else.
      let content = try CertificateContent(
        ca: commonName, pathLength: issuer == .root ? 0 : nil, key: .new(cluster.keyAlgorithm))
      return .create(ca, CertificateSpecification(content, validity: validity, issuer: issuer))
    }
  }

  private mutating func addServiceAccountKey() {
    switch (tree.serviceAccountKey.isAbsent, tree.serviceAccountPublicKeys.isAbsent) {
    // What signs next, or has signed before, is no reason to make a third.
    case (true, true) where tree.serviceAccountNextKey.isAbsent && tree.serviceAccountPreviousKey.isAbsent:
      if !tree[.apiserver].isAbsent {
        warnings.append(
          "\(location.serviceAccountKey) is missing, and a new pair is made: service-account tokens of the old key become"
            + " invalid")
      }
      steps.append(.createServiceAccountKey(cluster.keyAlgorithm))
    case (false, true) where tree.serviceAccountKey.value != nil: steps.append(.derivePublicKey)
    case (_, _): keep(.serviceAccountKey, examination.serviceAccountFindings())
    }
  }

  mutating func keep(_ item: Plan.Item, _ findings: [Finding]) {
    let wrong = findings.filter { $0.severity == .error }.map { PKIError.unsound($0) }
    // Of a directory that cannot be read, it is said once.
    errors += wrong.filter { !errors.contains($0) }
    steps.append(.keep(item))
  }

  mutating func create(_ makeStep: () throws(PKIError) -> Plan.Step) {
    do throws(PKIError) {
      steps.append(try makeStep())
    } catch {
      errors.append(error)
    }
  }
}

extension InitPlanBuilder {
  func isAbsent(_ entry: CatalogEntry) -> Bool {
    tree[entry.id].isAbsent && tree[entry.id].kubeconfig.isAbsent
  }

  func isToBeCreated(_ id: CatalogEntry.ID) -> Bool {
    guard let entry = catalog[id] else { return false }
    return selection.entries.contains(id) && isAbsent(entry)
  }

  /// Whether a certificate is not there, and an external CA has to sign it.
  private func isAwaited(_ entry: CatalogEntry) -> Bool {
    guard options.awaitsExternalCAs, let ca = entry.ca, tree.isExternal(ca), tree.outsideFinding(entry) == nil
    else {
      return false
    }
    return tree[entry.id].certificates.isAbsent
  }

  /// Notes that a CA has to sign something, and checks it once when the selection does not do so already.
  private mutating func demand(_ id: CatalogEntry.ID, for entry: CatalogEntry) {
    guard !isToBeCreated(id), let ca = catalog[id] else { return }
    let contents = tree[id]
    if let outside = tree.outsideFinding(ca), checkedCAs.insert(id).inserted {
      return errors.append(.unsound(outside))
    }
    if contents.key.isAbsent, contents.certificates.isAbsent || contents.certificates.value != nil {
      unmetDemands[id, default: []].append(entry)
    }
    guard !isAbsent(ca), !selection.entries.contains(id), checkedCAs.insert(id).inserted else { return }
    errors += examination.findings(ca).filter { $0.severity == .error }.map { .unsound($0) }
  }

  /// Turns what the CAs of this tree cannot do into errors, one for each CA.
  private mutating func reportUnmetDemands() {
    for ca in catalog.cas {
      guard let demands = unmetDemands[ca.id] else { continue }
      let (path, keyPath) = (location.path(of: ca), location.path(of: ca, .key))
      let names = demands.map(\.name).joined(separator: ", ")
      let finding =
        tree[ca.id].certificates.isAbsent
        ? Finding(
          .missingFile, [path], "the CA \(ca.name) is missing (\(path)); it has to sign \(names)",
          remedy: examination.remedy(examination.absenceAction(ca)))
        : Finding(
          .caKeyMissing, [keyPath, path],
          "the CA \(path) is there without its key \(keyPath); it has to sign \(names)",
          remedy: Remedy(
            !tree.isExternal(ca.id)
              ? [.putBackKey(keyPath, of: path)]
              : (tree.role.holdsKey(of: ca) ? [.lendCAKey(keyPath)] : []) + [.request(demands.map(\.id))],
            in: examination.context))
      errors.append(.unsound(finding))
    }
  }

  /// A new CA is of no use to what an older one has signed; what is selected has findings of its own.
  private mutating func refuseOrphans(of ca: CatalogEntry) {
    let leaves = catalog.entries.filter { entry in
      entry.ca == ca.id && !selection.entries.contains(entry.id)
    }.compactMap(examination.leaf)
    errors += leaves.flatMap(examination.issuerFindings).map { .unsound($0) }
  }

  /// The last instant of a CA that is there or is going to be; none for a certificate that signs itself.
  private func end(of signer: CertificateIssuer) -> Date? {
    let lifetime = Double(cluster.caCertificateValidity.seconds)
    switch signer {
    case .itself: return nil
    case .root:
      guard let root, !root.isToBeMade else {
        return examination.instant.addingTimeInterval(lifetime * Double(RootCA.lifetimeFactor))
      }
      return root.certificate?.validity.notAfter
    case .ca(let id):
      guard isToBeCreated(id) else { return tree.ca(id)?.issuing.validity.notAfter }
      let end = examination.instant.addingTimeInterval(lifetime)
      return root == nil ? end : min(end, self.end(of: .root) ?? end)
    }
  }

  mutating func validity(
    of name: String, _ lifetime: Lifetime, signedBy signer: CertificateIssuer
  ) -> Validity {
    let (validity, isCut) = Validity.starting(
      examination.instant, lifetime: lifetime, within: end(of: signer))
    if isCut { cutLifetimes.add(name, signedBy: signer, validity) }
    return validity
  }
}
