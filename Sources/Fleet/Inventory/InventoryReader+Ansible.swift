internal import FileStore
internal import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// The JSON of `ansible-inventory --list`, with the groups and variables of kubespray:
/// <https://github.com/kubernetes-sigs/kubespray/blob/master/docs/ansible/inventory.md>.
extension InventoryReader {
  private static let groups: [(name: String, role: NodeRole)] = [
    ("kube_control_plane", .controlPlane), ("etcd", .etcd), ("kube_node", .worker),
  ]

  /// Whether a document is Ansible's: it alone has variables of hosts.
  static func isAnsible(_ document: ConfigurationValue) -> Bool {
    document["_meta"] != nil && document["kind"] == nil
  }

  /// The cluster, which is called as the file.
  mutating func ansibleCluster(_ document: ConfigurationValue) -> [Inventory.Cluster] {
    let fileName = Path.name(of: path)
    let name = path == "-" ? "kubernetes" : String(fileName.prefix { $0 != "." })
    if let problem = HostName.problem(name) {
      report(1, "the cluster is called as the file, and \(name.quoted) is \(problem)")
    }
    var hosts: [(name: String, line: Int)] = []
    var roles: [String: Set<NodeRole>] = [:]
    for group in Self.groups {
      for host in self.hosts(of: group.name, in: document, above: []) {
        if roles[host.name] == nil { hosts.append(host) }
        roles[host.name, default: []].insert(group.role)
      }
    }
    guard !hosts.isEmpty else {
      report(document.line, "it has no hosts in \(Self.groups.map(\.name).listed)")
      return []
    }
    let variables = document["_meta"]?["hostvars"]
    let nodes = hosts.map { host in
      node(host, of: name, roles: roles[host.name] ?? [], variables?[host.name])
    }
    return [
      Inventory.Cluster(
        name: name, settings: ClusterSettings(), nodes: nodes,
        hasEtcdNodes: nodes.contains { $0.roles.contains(.etcd) })
    ]
  }

  /// The hosts of a group, and of the groups in it.
  private func hosts(
    of group: String, in document: ConfigurationValue, above: [String]
  ) -> [(name: String, line: Int)] {
    guard let value = document[group], !above.contains(group) else { return [] }
    let own = (value["hosts"]?.elements ?? []).compactMap { host in host.scalar.map { ($0, host.line) } }
    let children = (value["children"]?.elements ?? []).compactMap(\.scalar)
    return own + children.flatMap { hosts(of: $0, in: document, above: above + [group]) }
  }

  private mutating func node(
    _ host: (name: String, line: Int), of cluster: String, roles: Set<NodeRole>,
    _ variables: ConfigurationValue?
  ) -> Inventory.Node {
    let owner = "\(cluster)/\(host.name)"
    if let problem = HostName.problem(host.name) {
      report(host.line, "the node \(host.name.quoted) is \(problem)")
    }
    func settings(_ field: ClusterField, _ text: String, _ variable: String) -> ClusterSettings {
      ClusterSettings(
        field, text,
        from: .file(
          path: path, line: variables?[variable]?.line ?? host.line, field: "\(variable) of \(owner)"))
    }
    var all = [
      ClusterSettings(.nodeName, host.name, from: .file(path: path, line: host.line, field: owner))
    ]
    // The name with which Ansible connects may be no address.
    let addresses = ["ip", "access_ip", "ansible_host"].compactMap { variable -> (String, String)? in
      guard let text = variables?[variable]?.scalar, variable != "ansible_host" || IPAddress(text) != nil
      else { return nil }
      return (text, variable)
    }
    if let (text, variable) = addresses.first { all.append(settings(.advertiseAddress, text, variable)) }
    // Other nodes connect to this one.
    if let access = variables?["access_ip"]?.scalar, access != addresses.first?.0 {
      all += [ClusterField.apiServerSANs, .etcdServerSANs, .etcdPeerSANs].map {
        settings($0, access, "access_ip")
      }
    }
    return Inventory.Node(name: host.name, roles: roles, settings: ClusterSettings(joining: all))
  }
}
