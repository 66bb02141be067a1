internal import OpenSSLX509

extension ClusterSettings {
  /// The certificates of a catalog whose names it decides.
  package func renamed(in catalog: Catalog) -> Set<CatalogEntry.ID> {
    Set(catalog.entries.filter { $0.sans.contains(where: decides) }.map(\.id))
  }

  /// Whether it says what a rule goes by.
  private func decides(_ rule: CatalogEntry.SANRule) -> Bool {
    rule.field.map { self[$0] != nil } ?? false
  }

  /// The settings, with what they do not say of the node and its cluster taken from their tree, as far as it says it beyond
  /// doubt: the node's name from kubelet.conf's user; the address and the port from the kubeconfig of a component on the
  /// node whose address a certificate of the node confirms; the load balancer from admin.conf, where that points to another
  /// server; and the domain and the network of services from the names in apiserver.crt. Leaves of another CA say nothing.
  package func completed(from tree: TreeContents) -> ClusterSettings {
    let tree = tree.withoutForeignLeaves
    var result = self
    func take(_ text: String?, _ noun: String, for field: ClusterField) {
      if result[field] == nil {
        result[field] = text.map { Setting($0, from: .environment(noun, field: field.name)) }
      }
    }
    take(tree[.kubelet].certificate?.subject.nodeName, "the node's name in kubelet.conf", for: .nodeName)
    let servers = TreeServers(tree)
    if let address = servers.address {
      take(address.value.description, "the node's address in \(address.file)", for: .advertiseAddress)
    }
    if let port = servers.port { take(String(port.value), "the server in \(port.file)", for: .bindPort) }
    if let endpoint = servers.endpoint {
      take(endpoint.value.text, "the server in \(endpoint.file)", for: .controlPlaneEndpoint)
    }
    // What cannot be read has no names to go by.
    let names = (try? tree[.apiserver].certificate?.subjectAlternativeName()) ?? nil
    take(names.flatMap(Self.domain), "the domain of services in apiserver.crt", for: .dnsDomain)
    let others = servers.addresses.map(\.description) + [self[.advertiseAddress]?.text].compactMap(\.self)
    take(
      names.flatMap { Self.serviceSubnets($0, without: others) }, "the network of services in apiserver.crt",
      for: .serviceSubnets)
    return result
  }

  /// The domain that follows the service's name; the documentation has the service in its first label too.
  private static func domain(_ names: SubjectAlternativeName) -> String? {
    let prefix = "kubernetes.default.svc."
    return names.dnsNames.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
      .max { $0.count < $1.count }
  }

  /// The smallest networks of which addresses in a certificate can be the first, as that of the service is.
  ///
  /// Where there are several of a family, the tree does not say which it is, unless it is the usual one.
  private static func serviceSubnets(_ names: SubjectAlternativeName, without others: [String]) -> String? {
    let candidates = names.ipAddresses.filter { address in
      (address.bytes.last ?? 0) & 0x0f == 1 && !address.isLoopback && !others.contains(address.description)
    }
    let usual = candidates.first { address in
      ClusterConfiguration().serviceSubnets.contains { $0.firstAddress == address }
    }
    let networks = candidates.filter { usual == nil || $0 == usual || $0.isIPv6 }
      .map { $0.isIPv6 ? "\($0)/124" : "\($0)/28" }
    return networks.isEmpty ? nil : networks.joined(separator: ",")
  }
}
