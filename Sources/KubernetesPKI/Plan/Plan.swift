public import FoundationEssentials
public import OpenSSLX509

/// What a run is going to do, decided before anything is made: ordered steps, each an item of the catalog.
///
/// A plan is made from values alone. ``Issuer`` carries it out, ``TreeWriter`` puts the result on the disk.
public struct Plan: Sendable {
  /// One item of the catalog, and what happens to it.
  public struct Step: Sendable {
    /// Which item.
    public enum Item: Sendable {
      /// The authority above the tree.
      case root(RootAuthority)
      /// The certificates that lead from an authority to that one.
      case bundle(CertificateProfile)
      /// A certificate and its key.
      case certificate(CertificateProfile)
      /// The pair for service-account tokens.
      case serviceAccountKey
      /// A kubeconfig.
      case kubeconfig(KubeconfigProfile)
    }

    /// What happens to it.
    public enum Action: Sendable {
      /// It is there, was looked at, and stays.
      case keep
      /// It is put together from certificates.
      case assemble
      /// It waits for a certificate that an authority elsewhere has to sign.
      case wait
      /// A request for its certificate is made.
      case request(PlannedRequest)
      /// A certificate that was signed elsewhere is put in its place.
      case install(Installation)
      /// It is made, with a new key.
      case create(CertificateSpecification)
      /// It is made anew in place of what is there.
      case replace(Replacement)
      /// A key pair is made.
      case createKeyPair(KeyAlgorithm)
      /// The public half is derived from the private key that is there.
      case derivePublicKey
    }

    /// Which item.
    public let item: Item
    /// What happens to it.
    public let action: Action
  }

  /// The steps, authorities before what they sign.
  public let steps: [Step]
  /// What the user should know although it stops nothing.
  public let warnings: [String]
  /// What could not be done of what was asked for, and why.
  public let refusals: [Finding]
  /// What is there already.
  public let tree: TreeContents
  /// The authority above the tree, where one was named.
  public let root: RootAuthority?
  /// What all of it is for.
  public let cluster: ClusterConfiguration
  /// The instant of the run.
  public let instant: Date

  /// What becomes of items that an authority elsewhere has to sign.
  public enum Unsignable: Sendable {
    /// They are errors.
    case refused
    /// They wait.
    case awaited
  }

  /// What an authority elsewhere has to sign.
  public struct Outstanding: Sendable {
    /// The authority.
    public let authority: CertificateProfile
    /// kubeadm's names of the certificates and kubeconfigs.
    public fileprivate(set) var names: [String] = []
    /// Where the requests are, or will be.
    public fileprivate(set) var requestPaths: [String] = []
    /// Whether some of them are not made yet.
    public fileprivate(set) var lacksRequests = false
  }

  /// Whether the run would write anything.
  public var changesSomething: Bool {
    steps.contains {
      switch $0.action {
      case .keep, .wait: false
      case .request(let request): request.place != .same
      default: true
      }
    }
  }

  /// How many keys the run makes.
  public var newKeyCount: Int { steps.count { $0.action.newKeyAlgorithm != nil } }

  /// The plan that completes a tree: makes what is missing of `selection`, and keeps what is there once it was looked at.
  ///
  /// - Parameters:
  ///   - root: signs the authorities; without it each signs itself.
  ///   - unsignable: what becomes of items that an authority elsewhere has to sign.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with everything that is wrong with what is there or what is needed.
  public init(
    completing selection: Selection, of catalog: Catalog, in tree: TreeContents,
    for cluster: ClusterConfiguration, under root: RootAuthority? = nil, unsignable: Unsignable = .refused,
    at instant: Date
  ) throws(PKIErrors) {
    var builder = PlanBuilder(
      selection: selection,
      examination: Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant), root: root,
      unsignable: unsignable)
    builder.addRoot()
    for profile in catalog.certificates where selection.certificates.contains(profile.id) {
      builder.add(profile)
    }
    if selection.serviceAccountKey { builder.addServiceAccountKey() }
    for profile in catalog.kubeconfigs where selection.kubeconfigs.contains(profile.id) {
      builder.add(profile)
    }
    builder.reportUnmetDemands()
    if !builder.errors.isEmpty { throw PKIErrors(builder.errors) }
    self.init(
      steps: builder.steps, warnings: builder.warnings, refusals: [], tree: tree, root: root,
      cluster: cluster,
      instant: instant)
  }

  package init(
    steps: [Step], warnings: [String], refusals: [Finding], tree: TreeContents, root: RootAuthority? = nil,
    cluster: ClusterConfiguration, instant: Date
  ) {
    self.steps = steps
    self.warnings = warnings
    self.refusals = refusals
    self.tree = tree
    self.root = root
    self.cluster = cluster
    self.instant = instant
  }
}

extension Plan {
  /// What waits for certificates, by authority.
  ///
  /// - Parameter catalog: the one of the plan.
  public func outstanding(of catalog: Catalog) -> [Outstanding] {
    var all: [Outstanding] = []
    for step in steps {
      let isRequested: Bool
      switch step.action {
      case .request: isRequested = true
      case .wait: isRequested = tree.hasRequest(for: step.item)
      default: continue
      }
      guard let authority = step.item.authority.flatMap({ catalog[$0] }),
        let path = tree.location.request(step.item)
      else { continue }
      let index = all.firstIndex { $0.authority.id == authority.id } ?? all.endIndex
      if index == all.endIndex { all.append(Outstanding(authority: authority)) }
      all[index].names.append(step.name)
      all[index].requestPaths.append(path)
      if !isRequested { all[index].lacksRequests = true }
    }
    return all
  }
}

extension Plan.Step.Item {
  /// The authority that signs it.
  package var authority: CertificateProfile.ID? {
    switch self {
    case .certificate(let profile): profile.authority
    case .kubeconfig(let profile): profile.authority
    case .root, .bundle, .serviceAccountKey: nil
    }
  }
}
