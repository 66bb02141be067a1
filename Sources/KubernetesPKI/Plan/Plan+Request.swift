internal import OpenSSLX509

extension Selection {
  /// Everything whose authority's key is not in the tree, so that somebody else has to sign it.
  public static func signedElsewhere(_ catalog: Catalog, _ tree: TreeContents) -> Selection {
    func isElsewhere(_ id: CertificateProfile.ID) -> Bool { tree.keys[id]?.isAbsent ?? true }
    var selection = Selection()
    selection.certificates = Set(
      catalog.certificates.filter { $0.authority.map(isElsewhere) ?? false }.map(\.id))
    selection.kubeconfigs = Set(catalog.kubeconfigs.filter { isElsewhere($0.authority) }.map(\.id))
    return selection
  }

  /// What certificates are to be requested for: the leaf certificates and kubeconfigs of these names, or with `all`
  /// everything whose authority's key is not in the tree.
  ///
  /// - Throws: ``PKIErrors`` with every name that is none, or needs no request.
  public init(
    requesting names: [String], of catalog: Catalog, in tree: TreeContents
  ) throws(PKIErrors) {
    let elsewhere = Self.signedElsewhere(catalog, tree)
    let named = try Selection(renewing: names.filter { $0 != "all" }, in: catalog)
    var errors = catalog.certificates.filter {
      named.certificates.contains($0.id) && !elsewhere.certificates.contains($0.id)
    }.map { Self.needless($0.id.rawValue, "phase cert", tree.location) }
    errors += catalog.kubeconfigs.filter {
      named.kubeconfigs.contains($0.id) && !elsewhere.kubeconfigs.contains($0.id)
    }.map { Self.needless($0.id.rawValue, "phase kubeconfig", tree.location) }
    let isAll = names.contains("all")
    if isAll, elsewhere.certificates.isEmpty, elsewhere.kubeconfigs.isEmpty {
      errors.append(Self.needless("all", "init", tree.location))
    }
    guard errors.isEmpty else { throw PKIErrors(errors) }
    self = isAll ? elsewhere : named
  }

  private static func needless(_ name: String, _ command: String, _ location: TreeLocation) -> PKIError {
    .invalidSetting(
      .option("NAME"), value: name, problem: "nothing to request: the key that signs it is in this tree",
      hint: "make it with pkigen \(command)\(name == "all" ? "" : " \(name)")\(location.commandOptions)")
  }
}

extension Plan {
  /// The plan that makes requests for certificates which authorities elsewhere have to sign, and keys where there are none.
  ///
  /// - Throws: ``PKIErrors`` with everything that is wrong with what is there or what is needed.
  public init(
    requesting selection: Selection, of catalog: Catalog, in tree: TreeContents,
    for cluster: ClusterConfiguration
  ) throws(PKIErrors) {
    var builder = RequestBuilder(catalog: catalog, tree: tree, cluster: cluster)
    for profile in catalog.certificates where selection.certificates.contains(profile.id) { builder.add(profile) }
    for profile in catalog.kubeconfigs where selection.kubeconfigs.contains(profile.id) { builder.add(profile) }
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(steps: builder.steps, warnings: [], refusals: [], tree: tree, cluster: cluster, instant: .distantPast)
  }
}

/// Collects requests, and what stands in their way.
private struct RequestBuilder {
  let catalog: Catalog
  let tree: TreeContents
  let cluster: ClusterConfiguration
  var steps: [Plan.Step] = []
  var errors: [PKIError] = []

  private var location: TreeLocation { tree.location }

  mutating func add(_ profile: CertificateProfile) {
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    let key = tree.keys[profile.id] ?? .absent
    if let finding = key.finding { return errors.append(.unsound(finding)) }
    if key.isAbsent, let chain = tree.certificates[profile.id], !chain.isAbsent {
      return refuse(location.certificate(profile), without: location.key(profile))
    }
    add(.certificate(profile), key.value, at: location.request(profile)) { (algorithm) throws(PKIError) in
      try RequestSpecification(
        commonName: commonName, organizations: profile.organizations, names: profile.names(in: cluster),
        purposes: profile.purposes, keyAlgorithm: algorithm)
    }
  }

  mutating func add(_ profile: KubeconfigProfile) {
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    let content = tree.kubeconfigs[profile.id] ?? .absent
    if let finding = content.finding { return errors.append(.unsound(finding)) }
    if let kubeconfig = content.value, kubeconfig.clientKey == nil {
      return errors.append(.unsound(.unusableKubeconfig(location.kubeconfig(profile), kubeconfig.allProblems[0])))
    }
    add(.kubeconfig(profile), content.value?.clientKey, at: location.request(profile)) {
      (algorithm) throws(PKIError) in
      try RequestSpecification(
        commonName: commonName, organizations: profile.organizations, names: [], purposes: [.clientAuth],
        keyAlgorithm: algorithm)
    }
  }

  /// Requests a certificate for the key that is there, or for a new one.
  private mutating func add(
    _ item: Plan.Step.Item, _ key: PrivateKey?, at path: String,
    _ specify: (KeyAlgorithm) throws(PKIError) -> RequestSpecification
  ) {
    // What the key is used for differs between RSA and the others only.
    let algorithm = key.map { $0.type.isRSA ? .rsa2048 : .ecdsaP256 } ?? cluster.keyAlgorithm
    do throws(PKIError) {
      var specification = try specify(algorithm)
      specification.replacesRequest = !tree.request(at: path).isAbsent
      let source = key.map { Replacement.KeySource.existing($0) } ?? .new(algorithm)
      steps.append(Plan.Step(item: item, action: .request(specification, key: source)))
    } catch {
      errors.append(error)
    }
  }

  private mutating func refuse(_ path: String, without keyPath: String) {
    errors.append(
      .unsound(
        Finding(
          .keyMissing, [keyPath, path], "\(path) is there, but its private key \(keyPath) is not",
          remedy: "put back \(keyPath), or move \(path) away for a new key")))
  }
}
