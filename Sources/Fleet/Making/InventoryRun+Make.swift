internal import FileStore
internal import KubernetesPKI
internal import OpenSSLX509
internal import Synchronization

extension InventoryRun {
  /// How many trees lack something.
  package var unfinishedCount: Int { planned.count { !$0.created.isEmpty } }

  /// Makes what is missing, and says of every tree what became of it. What fails in one cluster does not stop the others.
  ///
  /// - Parameter progress: is called from any thread, after each tree, with the number of trees that are made.
  package func make(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> [MadeTree] {
    let count = Atomic(0)
    let step = { @Sendable () -> Void in progress(count.add(1, ordering: .relaxed).newValue) }
    let first = Parallel.map(clusters, jobs: jobs) { cluster in
      makeHolders(of: cluster, step)
    }
    let rest = zip(clusters, first).flatMap { cluster, made -> [Task] in
      cluster.nodes.indices.filter { made[$0] == nil }.map { index in
        Task(cluster: cluster, index: index, isPossible: made.values.allSatisfy(\.errors.isEmpty))
      }
    }
    let others = Parallel.map(rest, jobs: jobs) { task in
      task.isPossible ? make(task.cluster.nodes[task.index], in: task.cluster, step) : task.skipped
    }
    var remaining = others[...]
    return zip(clusters, first).flatMap { cluster, made in
      cluster.nodes.indices.compactMap { made[$0] ?? remaining.popFirst() }
    }
  }

  /// A tree that is made after those that hold the keys of its cluster's CAs.
  private struct Task: Sendable {
    let cluster: CheckedCluster
    let index: Int
    /// Whether the keys of the CAs are on the disk.
    let isPossible: Bool

    /// What is said of a tree that was not tried.
    var skipped: MadeTree {
      var made = cluster.nodes[index].planned
      made.created = []
      made.isSkipped = true
      return made
    }
  }

  /// Makes the trees that hold keys of new CAs, one after the other, until one fails.
  private func makeHolders(of cluster: CheckedCluster, _ step: @Sendable () -> Void) -> [Int: MadeTree] {
    var made: [Int: MadeTree] = [:]
    for index in cluster.holders where made.values.allSatisfy(\.errors.isEmpty) {
      made[index] = make(cluster.nodes[index], in: cluster, step)
    }
    return made
  }

  private func make(
    _ node: CheckedNode, in cluster: CheckedCluster, _ step: @Sendable () -> Void
  ) -> MadeTree {
    var made = node.planned
    guard !made.created.isEmpty else { return made }
    made.created = []
    do throws(PKIErrors) {
      made.created = try write(node.tree, cluster.files)
    } catch {
      made.errors = error.errors
    }
    step()
    return made
  }

  /// Plans again, now that no other run can change the tree, and writes what is missing.
  private func write(_ tree: NodeTree, _ shared: ClusterFiles) throws(PKIErrors) -> [String] {
    let writer = try one { () throws(PKIError) in try TreeWriter(tree.location) }
    let files = try NodeWork(of: tree, sharing: shared, at: instant).files()
    _ = try one { () throws(PKIError) in try writer.write(files) }
    return files.map(\.path)
  }
}
