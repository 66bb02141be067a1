internal import FileStore
internal import KubernetesPKI
internal import OpenSSLX509

/// The files of one node of an inventory: where they are, and which there have to be.
struct NodeTree: Sendable {
  /// Certificates that are made with the same values: a machine's kubelet connects to the control plane, and a control plane's
  /// own clients to the machine itself.
  struct Part: Sendable {
    let selection: Selection
    let catalog: Catalog
    let cluster: ClusterConfiguration
  }

  let entry: FleetTree
  let node: Inventory.Node
  /// Whether it runs a member of etcd.
  let runsEtcd: Bool
  let parts: [Part]

  var location: TreeLocation { entry.location }

  /// The tree of a node in the directory of an inventory's trees.
  ///
  /// - Throws: ``PKIErrors`` with what is wrong with its values.
  init(_ node: Inventory.Node, of cluster: Inventory.Cluster, in directory: String) throws(PKIErrors) {
    self.node = node
    let root = Path.join(Path.join(directory, cluster.name), node.name)
    let isControlPlane = node.roles.contains(.controlPlane)
    entry = FleetTree(
      cluster: cluster.name, node: node.name,
      location: TreeLocation(
        certificateDirectory: Path.join(root, "etc/kubernetes/pki"),
        kubeconfigDirectory: Path.join(root, "etc/kubernetes"), rootDirectory: root),
      isControlPlane: isControlPlane)
    let settings = ClusterSettings(joining: [cluster.settings, node.settings])
    let catalog = settings.catalog
    let hasEtcd = catalog[.etcdServer] != nil
    runsEtcd =
      hasEtcd && (node.roles.contains(.etcd) || isControlPlane && !cluster.hasEtcdNodes)
    var parts: [Part] = []
    func add(_ selection: Selection, _ settings: ClusterSettings) throws(PKIErrors) {
      do throws(PKIErrors) {
        let configuration = try settings.configuration(needing: selection.facts(in: catalog))
        parts.append(Part(selection: selection, catalog: catalog, cluster: configuration))
      } catch {
        throw Self.placed(error, at: node)
      }
    }
    if isControlPlane {
      var selection = Selection.everything(in: catalog)
      if !runsEtcd { selection.entries.subtract([.etcdServer, .etcdPeer, .etcdHealthcheckClient]) }
      try add(selection, settings)
    } else {
      if runsEtcd { try add(.everything(in: catalog, for: .etcd), settings) }
      if node.roles.contains(.worker) {
        try add(.everything(in: catalog, for: .worker), Self.workerSettings(settings, in: cluster))
      }
    }
    self.parts = parts
  }

  /// The errors, with the place of the node in those about something that the inventory does not say.
  private static func placed(_ errors: PKIErrors, at node: Inventory.Node) -> PKIErrors {
    let isMissing = { (error: PKIError) in if case .missingSetting = error { true } else { false } }
    // What is missing may be what is wrong.
    let others = errors.errors.filter { !isMissing($0) }
    guard others.isEmpty, let setting = node.settings[.nodeName] else { return PKIErrors(others) }
    let needsAddress = node.roles != [.worker] && node.address == nil
    return PKIErrors([
      setting.invalid(
        needsAddress
          ? "without an address"
          : "without an API server: the cluster has neither a control-plane-endpoint nor a control-plane node with an address"
      )
    ])
  }

  /// What is said of a worker, whose kubelet connects to the load balancer, or to the first control-plane node without one.
  private static func workerSettings(
    _ settings: ClusterSettings, in cluster: Inventory.Cluster
  ) -> ClusterSettings {
    var settings = settings
    settings[.advertiseAddress] = nil
    guard settings[.controlPlaneEndpoint] == nil,
      let first = cluster.nodes.first(where: { $0.roles.contains(.controlPlane) }),
      let address = first.settings[.advertiseAddress]
    else { return settings }
    let port = ClusterSettings(joining: [cluster.settings, first.settings])[.bindPort]?.text ?? "6443"
    let host = address.text.contains(":") ? "[\(address.text)]" : address.text
    settings[.controlPlaneEndpoint] = Setting("\(host):\(port)", from: address.origin)
    return settings
  }

  /// The files of the tree that are there, by path.
  ///
  /// - Throws: ``FileError`` when one cannot be read.
  func files() throws(FileError) -> [String: SecretBytes] {
    var files: [String: SecretBytes] = [:]
    guard try FileSystem.status(location.certificateDirectory, followingLinks: true) != nil else {
      return [:]
    }
    for path in location.knownPaths where try FileSystem.status(path, followingLinks: true) != nil {
      files[path] = try FileSystem.read(path)
    }
    return files
  }

  /// Whether a run died here, which the next one that writes finishes.
  var hasUnfinishedRun: Bool {
    (try? FileSystem.status(Path.join(location.certificateDirectory, Journal.fileName))) ?? nil != nil
  }

  /// The files that the node shares with others.
  var sharedFiles: [SharedFile] {
    SharedFile.all.filter { $0.belongs(to: node.roles, runningEtcd: runsEtcd) }
  }
}
