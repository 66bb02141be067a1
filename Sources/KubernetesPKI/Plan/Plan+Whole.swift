public import FoundationEssentials

extension Plan {
  /// Makes what is missing of a cluster's PKI: all CAs, certificates, kubeconfigs and the service-account key pair.
  ///
  /// What is there is checked and kept. Nothing is written; give the plan to ``Issuer/issue(_:progress:)``.
  ///
  /// - Parameters:
  ///   - tree: what is there; a new one is a ``TreeContents`` of no files.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with everything that is wrong with the cluster or the files that are there, and every value that
  ///   is missing.
  public init(
    completing tree: TreeContents, for cluster: ClusterConfiguration, at instant: Date
  ) throws(PKIErrors) {
    let catalog = cluster.catalog
    try self.init(completing: .everything(in: catalog), of: catalog, in: tree, for: cluster, at: instant)
  }

  /// Renews the certificates of a tree that a CA signs, and those in its kubeconfigs. CAs and the service-account key pair
  /// stay.
  ///
  /// A certificate that cannot be renewed does not keep the others from it: ``refusals`` says why. Nothing is written; give the
  /// plan to ``Issuer/issue(_:progress:)``.
  ///
  /// - Parameters:
  ///   - tree: what is there.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with what is wrong with `options`.
  public init(
    renewing tree: TreeContents, _ options: RenewalOptions = RenewalOptions(), at instant: Date
  ) throws(PKIErrors) {
    var options = options
    options.skipsAbsent = true
    let leaves = tree.catalog.entries.filter { !$0.isCA }.map(\.id)
    try self.init(renewing: Selection(Set(leaves)), of: tree.catalog, in: tree, options, at: instant)
  }
}
