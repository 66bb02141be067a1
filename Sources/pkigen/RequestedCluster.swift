import KubernetesPKI

/// The cluster that the command line describes, where its tree is, and what that consists of.
struct RequestedCluster {
  let request: ClusterRequest
  let catalog: Catalog
  let location: TreeLocation

  /// Puts the options of a command together.
  init(_ options: ClusterOptions, in tree: WhereOptions) throws {
    request = options.request
    catalog = try request.catalog()
    location = tree.location
  }

  /// Checks what was said of the cluster, for a command that makes or looks at this part of the tree.
  func configuration(for selection: Selection) throws(PKIErrors) -> ClusterConfiguration {
    try request.configuration(needing: selection.facts(in: catalog), refusing: catalog.authorityNames)
  }
}
