internal import FileStore
package import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509
internal import Synchronization

/// Makes the trees of an inventory: checks everything first, then writes the trees that hold the keys of CAs, then all others.
package struct InventoryRun: Sendable {
  /// What was made for one node.
  package struct MadeTree: Sendable {
    /// Which tree it is.
    package let tree: FleetTree
    /// The roles of the node.
    package let roles: Set<NodeRole>
    /// The files that were made, or would be.
    package internal(set) var created: [String] = []
    /// How many files were there already.
    package internal(set) var kept = 0
    /// What kept the tree from being made.
    package internal(set) var errors: [PKIError] = []
    /// Whether it was not tried, as the keys of its cluster's CAs could not be written.
    package internal(set) var isSkipped = false
  }

  let jobs: Int
  let instant: Date
  private(set) var clusters: [CheckedCluster] = []
  /// The trees that are there, and not in the inventory: they are left as they are.
  package let left: [FleetTree]

  /// Checks an inventory against the trees that are there; nothing is written, but what a run that died has committed.
  ///
  /// - Parameters:
  ///   - chosen: the part of the inventory whose trees are made.
  ///   - directory: where the trees are, in CLUSTER/NODE.
  ///   - jobs: how many trees are worked on at once.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with everything that is wrong, of all clusters.
  package init(
    _ inventory: Inventory, choosing chosen: Inventory, in directory: String, jobs: Int, at instant: Date
  ) throws(PKIErrors) {
    self.jobs = jobs
    self.instant = instant
    let trees = try Self.trees(below: directory)
    let listed = Set(
      inventory.clusters.flatMap { cluster in cluster.nodes.map { "\(cluster.name)/\($0.name)" } })
    left = trees.filter { !listed.contains($0.name) }
    let checked = Parallel.map(chosen.clusters, jobs: jobs) { cluster in
      Result { () throws(PKIErrors) in
        try Self.check(
          cluster, beside: trees.filter { $0.cluster == cluster.name }, in: directory, at: instant)
      }
    }
    var errors: [PKIError] = []
    for result in checked {
      do throws(PKIErrors) { clusters.append(try result.get()) } catch { errors += error.errors }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }

  private static func trees(below directory: String) throws(PKIErrors) -> [FleetTree] {
    try one { () throws(PKIError) in
      guard try files(FileSystem.status(directory, followingLinks: true)) != nil else { return [] }
      return try files(Fleet(below: directory)).trees
    }
  }

  /// What a dry run says.
  package var planned: [MadeTree] { clusters.flatMap(\.nodes).map(\.planned) }
}

// The check.
extension InventoryRun {
  /// Refuses the directory of a node, or of its cluster, that is a symbolic link: CAs are not looked for behind one, so that the
  /// cluster would get others.
  private static func refuseLink(_ directory: String) throws(PKIErrors) {
    let status = try one { () throws(PKIError) in try files(FileSystem.status(directory)) }
    guard let status, !status.isDirectory else { return }
    throw PKIErrors([
      .unsound(
        Finding(
          .unreadableFile, [directory],
          "\(directory) is not a directory: CAs are not looked for behind symbolic links",
          .replaceLinks([directory])))
    ])
  }

  private static func check(
    _ cluster: Inventory.Cluster, beside trees: [FleetTree], in directory: String, at instant: Date
  ) throws(PKIErrors) -> CheckedCluster {
    try refuseLink(Path.join(directory, cluster.name))
    var errors: [PKIError] = []
    var nodes: [NodeTree] = []
    for node in cluster.nodes {
      do throws(PKIErrors) {
        let tree = try NodeTree(node, of: cluster, in: directory)
        try refuseLink(Path.join(directory, tree.entry.name))
        nodes.append(tree)
        if tree.hasUnfinishedRun { _ = try one { () throws(PKIError) in try TreeWriter(tree.location) } }
      } catch {
        errors += error.errors
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
    var files = try ClusterFiles(in: trees)
    try files.complete(for: nodes, at: instant)
    var checked: [CheckedNode] = []
    for node in nodes {
      do throws(PKIErrors) {
        checked.append(try CheckedNode(node, sharing: files, at: instant))
      } catch {
        errors += error.errors
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
    return try CheckedCluster(files: files, nodes: checked)
  }
}
