internal import FileStore
internal import FoundationEssentials
internal import KubernetesPKI
internal import OpenSSLX509

/// A node whose files were checked.
struct CheckedNode: Sendable {
  let tree: NodeTree
  /// What is to be made, and what is there.
  let planned: InventoryRun.MadeTree

  /// Checks what is there of a node, and plans what is not.
  ///
  /// - Throws: ``PKIErrors`` with everything that is wrong.
  init(_ tree: NodeTree, sharing files: ClusterFiles, at instant: Date) throws(PKIErrors) {
    self.tree = tree
    let work = try NodeWork(of: tree, sharing: files, at: instant)
    var planned = InventoryRun.MadeTree(tree: tree.entry, roles: tree.node.roles)
    planned.kept = work.kept
    planned.created = try work.plannedPaths()
    self.planned = planned
  }
}

/// A cluster whose files were checked.
struct CheckedCluster: Sendable {
  let files: ClusterFiles
  let nodes: [CheckedNode]
  /// The nodes that are written before all others, by their places: without them, the keys of new CAs were on no disk.
  let holders: [Int]

  /// - Throws: ``PKIErrors`` when none of the nodes has the key of a new CA.
  init(files: ClusterFiles, nodes: [CheckedNode]) throws(PKIErrors) {
    self.files = files
    self.nodes = nodes
    var holders: [Int] = []
    // A member of etcd has nothing of the other CAs, so that etcd's is first.
    let keys = files.new.filter { $0.kind == .privateKey }.sorted { $0.ca == .etcdCA && $1.ca != .etcdCA }
    for key in keys {
      guard let holder = nodes.firstIndex(where: { $0.tree.sharedFiles.contains(key) }) else {
        throw PKIErrors([Self.error(key, nodes)])
      }
      if !holders.contains(holder) { holders.append(holder) }
    }
    self.holders = holders
  }

  private static func error(_ key: SharedFile, _ nodes: [CheckedNode]) -> PKIError {
    let cluster = nodes.first?.tree.entry.cluster ?? ""
    return .invalidSetting(
      .value("cluster"), value: cluster,
      problem: "without a chosen node that keeps the new \(key.place.path): choose a"
        + " \(key.ca == .etcdCA ? "member of etcd" : "control-plane node") too", hint: nil)
  }
}

/// What has to be made for one node.
struct NodeWork {
  private let plans: [Plan]
  private let shared: [PKIFile]
  /// How many files are there.
  let kept: Int

  /// Reads the files of a node, checks them, and plans what is missing.
  ///
  /// - Throws: ``PKIErrors`` with everything that is wrong.
  init(of tree: NodeTree, sharing files: ClusterFiles, at instant: Date) throws(PKIErrors) {
    let present = try one { () throws(PKIError) in try KubernetesPKI.files(tree.files()) }
    let location = tree.location
    kept = present.count
    let all = present.merging(files.content(at: location)) { own, _ in own }
    let wanted = files.content(of: tree.sharedFiles, at: location)
    shared = SharedFile.all.compactMap { file in
      let path = location.path(file.place)
      guard present[path] == nil, let content = wanted[path] else { return nil }
      return PKIFile(file.kind, at: path, content)
    }
    var (plans, errors): ([Plan], [PKIError]) = ([], [])
    for part in tree.parts {
      do throws(PKIErrors) {
        plans.append(
          try Plan(
            completing: part.selection, of: part.catalog,
            in: TreeContents(files: all, at: location, for: part.cluster), for: part.cluster, at: instant))
      } catch {
        errors += error.errors
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
    self.plans = plans
  }

  /// The files that would be made.
  func plannedPaths() throws(PKIErrors) -> [String] {
    var paths = shared.map(\.path)
    for plan in plans where plan.changesSomething {
      let report = try one { () throws(PKIError) in try Report(plan) }
      paths += report.files.filter { $0.action == .create }.map(\.path)
    }
    return paths
  }

  /// Makes the files, in memory.
  func files() throws(PKIErrors) -> [PKIFile] {
    var files = shared
    for plan in plans where plan.changesSomething {
      files += try one { () throws(PKIError) in try Issuer(jobs: 1).issue(plan) }
    }
    return files
  }
}

/// The value of a call with one error, as one of several.
func one<Value>(_ body: () throws(PKIError) -> Value) throws(PKIErrors) -> Value {
  do throws(PKIError) {
    return try body()
  } catch {
    throw PKIErrors([error])
  }
}
