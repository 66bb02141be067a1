public import FoundationEssentials
internal import OpenSSLX509

extension Plan {
  /// The plan that gives certificates new lifetimes, from nothing but the files of the tree.
  ///
  /// An item that cannot be renewed is no obstacle to the others: it is left out, and ``refusals`` says why.
  ///
  /// - Parameters:
  ///   - catalog: what a tree may hold; `tree` was read with it.
  ///   - instant: the time of the run, from which lifetimes count.
  public init(
    renewing selection: Selection, of catalog: Catalog, in tree: TreeContents, _ options: RenewalOptions,
    at instant: Date
  ) {
    let cluster = options.cluster ?? ClusterConfiguration()
    let examination = Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant)
    var builder = RenewalBuilder(options: options, examination: examination)
    for profile in catalog.certificates where selection.certificates.contains(profile.id) {
      builder.add(profile)
    }
    for profile in catalog.kubeconfigs where selection.kubeconfigs.contains(profile.id) {
      builder.add(profile)
    }
    let isEmpty = examination.isEmpty
    self.init(
      steps: builder.steps, warnings: isEmpty ? [] : builder.warnings,
      refusals: isEmpty ? [examination.nothingThere] : builder.refusals, tree: tree, cluster: cluster,
      instant: instant)
  }

  /// A kubeconfig outside the tree that holds the certificate which admin.conf is going to lose.
  public struct CopyOfAdmin: Sendable {
    /// Where it is.
    public let path: String
    /// Whether it is admin.conf to the byte, and not only a user of it among others.
    public let isWhole: Bool
  }

  /// What the kubeconfig at `path` has of the certificate that admin.conf is going to lose; `nil` where it has nothing of
  /// it, or is admin.conf itself.
  public func copyOfAdmin(at path: String) -> CopyOfAdmin? {
    for step in steps {
      guard case .kubeconfig(let profile) = step.item, profile.id == .admin,
        let previous = step.action.replacement?.previous,
        tree.place(of: path) != tree.place(of: tree.location.kubeconfig(profile)),
        let copy = tree.kubeconfigText(at: path, holding: previous),
        let admin = tree.kubeconfigText(at: tree.location.kubeconfig(profile), holding: previous)
      else { continue }
      return CopyOfAdmin(path: path, isWhole: copy.hasSameBytes(as: admin))
    }
    return nil
  }
}
