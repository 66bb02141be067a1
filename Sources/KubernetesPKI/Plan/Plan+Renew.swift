public import FoundationEssentials

extension Plan {
  /// The plan that gives certificates new lifetimes, from nothing but the files of the tree.
  ///
  /// An item that cannot be renewed is no obstacle to the others: it is left out, and ``refusals`` says why.
  ///
  /// - Parameter instant: the time of the run, from which lifetimes count.
  public init(
    renewing selection: Selection, of catalog: Catalog, in tree: TreeContents, _ options: RenewalOptions,
    at instant: Date
  ) {
    let cluster = options.cluster ?? ClusterConfiguration()
    var builder = RenewalBuilder(
      options: options,
      examination: Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant))
    for profile in catalog.certificates where selection.certificates.contains(profile.id) {
      builder.add(profile)
    }
    for profile in catalog.kubeconfigs where selection.kubeconfigs.contains(profile.id) {
      builder.add(profile)
    }
    self.init(
      steps: builder.steps, warnings: builder.warnings, refusals: builder.refusals, tree: tree,
      cluster: cluster,
      instant: instant)
  }

  /// Those of some kubeconfigs outside the tree that hold the certificate which admin.conf is going to lose.
  public func copiesOfAdmin(among paths: [String]) -> [String] {
    for step in steps {
      guard case .kubeconfig(let profile) = step.item, profile.id == .admin,
        let previous = step.action.replacement?.previous
      else { continue }
      return paths.filter { tree.kubeconfigClient(at: $0).value?.certificates.first == previous }
    }
    return []
  }
}
