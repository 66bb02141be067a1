public import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509

extension Plan {
  /// The plan that puts certificates in place which authorities elsewhere have signed: each where its key is, whatever its
  /// file is called.
  ///
  /// - Parameters:
  ///   - paths: files of certificates in PEM, with or without what leads to their authorities.
  ///   - catalog: what a tree may hold; `tree` was read with it.
  ///   - instant: the time at which they must be in force.
  /// - Throws: ``PKIErrors`` with everything that is wrong with them.
  public init(
    installing paths: [String], of catalog: Catalog, in tree: TreeContents, at instant: Date
  ) throws(PKIErrors) {
    let cluster = ClusterConfiguration()
    var builder = InstallationBuilder(
      examination: Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant))
    for path in paths { builder.read(path) }
    builder.installAll()
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(
      steps: builder.steps, warnings: builder.warnings, refusals: [], tree: tree, cluster: cluster,
      instant: instant)
  }

  /// Whether kubeconfigs are part of it.
  public var hasKubeconfigs: Bool { steps.contains { if case .kubeconfig = $0.item { true } else { false } } }

  /// The kubeconfigs that wait for the certificates which are put into them.
  public var waitingKubeconfigs: Set<String> {
    Set(
      steps.compactMap { step in
        guard case .install(let installation) = step.action,
          case .waitingKubeconfig(let kubeconfig) = installation.place
        else { return nil }
        return kubeconfig.path
      })
  }
}
