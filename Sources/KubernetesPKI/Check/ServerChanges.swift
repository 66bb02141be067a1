internal import Kubeconfigs
internal import OpenSSLX509

/// Where kubeconfigs point to, and which names a node has, after something else was said of the node or of the load balancer
/// than the tree says.
struct ServerChanges {
  /// What was said, and nothing else.
  private let cluster: ClusterConfiguration
  /// The port of the API server on the node, where it was said.
  private let port: Int?
  /// What the tree says.
  private let former: TreeServers
  private let formerName: String?
  private let hasAPIServer: Bool

  init(_ cluster: ClusterConfiguration, port: Int?, in tree: TreeContents) {
    self.cluster = cluster
    self.port = port
    former = TreeServers(tree)
    formerName = tree[.kubelet].certificate?.subject.nodeName
    hasAPIServer = !tree[.apiserver].certificates.isAbsent
  }

  /// The URL to which a kubeconfig of an entry has to point instead; `nil` where it stays.
  func url(of entry: CatalogEntry, insteadOf present: String?) -> String? {
    guard let names = entry.kubeconfig, let present, let endpoint = Endpoint(url: present),
      let url = newURL(of: entry, names.server, endpoint), let new = ServerURL(url),
      ServerURL(present).map(new.isSameServer) != true
    else { return nil }
    return url
  }

  private func newURL(
    of entry: CatalogEntry, _ server: CatalogEntry.KubeconfigNames.Server, _ present: Endpoint
  ) -> String? {
    let defaultPort = port ?? former.port?.value ?? cluster.bindPort
    let endpoint = cluster.controlPlaneEndpoint?.url(defaultPort: defaultPort)
    let isWorkers = server == .nearest && !hasAPIServer && cluster.advertiseAddress == nil
    if let endpoint, [.admin, .superAdmin].contains(entry.id) || isWorkers { return endpoint }
    if let address = ownAddress(present) {
      return Endpoint(host: .ipAddress(cluster.advertiseAddress ?? address), port: nil)
        .url(defaultPort: port ?? present.port ?? defaultPort)
    }
    return present.host == former.endpoint?.value.host ? endpoint : nil
  }

  /// The address of a server, where it is the node's.
  private func ownAddress(_ endpoint: Endpoint) -> IPAddress? {
    guard case .ipAddress(let address) = endpoint.host, former.ownAddresses.contains(address) else {
      return nil
    }
    return address
  }

  /// The subject of a successor, where it says the node's name and the node has another one now.
  func subject(of entry: CatalogEntry, insteadOf present: DistinguishedName) throws(OpenSSLError)
    -> DistinguishedName?
  {
    guard let formerName, let name = entry.commonName.resolved(in: cluster) else { return nil }
    let formerText = entry.commonName.text(nodeName: formerName)
    let organizations = present.organizations
    guard name != formerText,
      try present == DistinguishedName(organizations: organizations, commonName: formerText)
    else { return nil }
    return try DistinguishedName(organizations: organizations, commonName: name)
  }

  /// The names that the node or its load balancer had and that are not said of them any more.
  var formerNames: [GeneralName] {
    var names: [GeneralName] = []
    if let new = cluster.advertiseAddress, let old = former.address?.value, new != old {
      names.append(.ipAddress(old))
    }
    if let new = cluster.nodeName, let formerName, new != formerName {
      names.append(GeneralName(host: formerName))
    }
    if let new = cluster.controlPlaneEndpoint, let old = former.endpoint?.value, new.host != old.host {
      names.append(old.host)
    }
    return names
  }
}
