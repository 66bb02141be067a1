internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509

/// Where a node's API server and the control plane's endpoint are, as far as the files of a tree say it beyond doubt.
///
/// A kubeconfig points to the API server on the node or to a load balancer, and does not say which. Its address is the
/// node's where a certificate of the node has it too. Loopback addresses say nothing: a proxy may listen there.
struct TreeServers {
  /// A fact, and the file that says it.
  struct Found<Value> {
    let value: Value
    let file: String
  }

  /// The address of the API server on the node.
  private(set) var address: Found<IPAddress>?
  /// The port of the API server on the node.
  private(set) var port: Found<Int>?
  /// The control plane's endpoint, where it is another one than the API server on the node.
  private(set) var endpoint: Found<Endpoint>?
  /// The addresses under which the node is known: in the certificates of its etcd member, and in kubeconfigs.
  private(set) var ownAddresses: [IPAddress] = []
  /// The addresses that belong to the node, or to what is in front of the API servers.
  private(set) var addresses: [IPAddress] = []

  init(_ tree: TreeContents) {
    let administrators =
      [CatalogEntry.ID.admin, .superAdmin].first { Self.server($0, tree) != nil } ?? .admin
    let control = Self.server(administrators, tree)
    let locals = [CatalogEntry.ID.controllerManager, .scheduler, .kubelet].compactMap { id in
      Self.server(id, tree).map { (id: id, endpoint: $0) }
    }
    let etcd = Self.addresses(of: [.etcdServer, .etcdPeer], tree)
    for (id, endpoint) in locals {
      guard case .ipAddress(let address) = endpoint.host, Self.isOwn(address, control, tree) else { continue }
      self.address = Found(value: address, file: Self.name(id))
      port = Found(value: endpoint.port ?? Self.httpsPort, file: Self.name(id))
      break
    }
    ownAddresses = etcd + [address?.value].compactMap(\.self)
    if address == nil, etcd.count == 1 { address = Found(value: etcd[0], file: "etcd/server.crt") }
    if tree.role == .worker, let (id, server) = locals.first {
      // A worker has no API server of its own.
      endpoint = Found(value: server, file: Self.name(id))
    }
    if let control, isElsewhere(control, locals.first?.endpoint) {
      endpoint = Found(value: control, file: Self.name(administrators))
    }
    addresses =
      etcd
      + ([control] + locals.map { $0.endpoint }).compactMap { endpoint in
        if case .ipAddress(let address)? = endpoint?.host { address } else { nil }
      }
  }

  /// The port of an `https` URL that names none.
  private static let httpsPort = 443

  private static func name(_ id: CatalogEntry.ID) -> String { Catalog.allFiles[id]?.name ?? id.rawValue }

  /// The server of a kubeconfig, with its port; `nil` for a loopback address.
  private static func server(_ id: CatalogEntry.ID, _ tree: TreeContents) -> Endpoint? {
    guard let url = tree[id].kubeconfig.value?.server, let endpoint = Endpoint(url: url) else { return nil }
    switch endpoint.host {
    case .ipAddress(let address) where address.isLoopback: return nil
    case .dnsName("localhost"): return nil
    default: return Endpoint(host: endpoint.host, port: endpoint.port ?? httpsPort)
    }
  }

  /// The addresses in certificates, without loopback addresses; what cannot be read has none.
  private static func addresses(of ids: [CatalogEntry.ID], _ tree: TreeContents) -> [IPAddress] {
    var addresses: [IPAddress] = []
    for id in ids {
      for address in (try? tree[id].certificate?.subjectAlternativeName())??.ipAddresses ?? []
      where !address.isLoopback && !addresses.contains(address) {
        addresses.append(address)
      }
    }
    return addresses
  }

  /// Whether an address in a kubeconfig is the node's own, as other files confirm.
  private static func isOwn(_ address: IPAddress, _ control: Endpoint?, _ tree: TreeContents) -> Bool {
    for ids in [[CatalogEntry.ID.etcdServer, .etcdPeer], [.kubeletServer]] {
      let own = addresses(of: ids, tree)
      if !own.isEmpty { return own.contains(address) }
    }
    if let control, control.host != .ipAddress(address) { return true }
    let served = addresses(of: [.apiserver], tree)
    // The service has an address there too. A third one may be the node's, and this one the load balancer's.
    return served.contains(address) && served.count { $0.isIPv6 == address.isIPv6 } <= 2
  }

  /// Whether the administrators' server is not the API server on the node.
  private func isElsewhere(_ control: Endpoint, _ local: Endpoint?) -> Bool {
    if let address {
      return control.host != .ipAddress(address.value) || port.map { $0.value != control.port } ?? false
    }
    if case .dnsName = control.host { return true }
    return local.map { $0 != control } ?? false
  }
}
