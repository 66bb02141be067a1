package import OpenSSLX509

extension CatalogEntry.CommonName {
  /// The common name in this cluster; `nil` where it depends on a node's name that is not known.
  package func resolved(in cluster: ClusterConfiguration) -> String? {
    if case .fixed(let name) = self { name } else { cluster.nodeName.map(text) }
  }

  /// The common name in words: where it depends on a node's name that is not known, with a word in its place.
  package func text(in cluster: ClusterConfiguration) -> String {
    resolved(in: cluster) ?? text(nodeName: "NODE")
  }

  /// The common name on a node of this name.
  package func text(nodeName: String) -> String {
    switch self {
    case .fixed(let name): name
    case .nodeName: nodeName
    case .systemNode: DistinguishedName.nodePrefix + nodeName
    }
  }

  /// What has to be known of the cluster.
  package var facts: Set<ClusterConfiguration.Fact> {
    switch self {
    case .fixed: []
    case .nodeName, .systemNode: [.nodeName]
    }
  }
}

extension CatalogEntry.SANRule {
  /// The names that the rule yields in this cluster; none where what it needs is not known.
  package func names(in cluster: ClusterConfiguration) -> [GeneralName] {
    switch self {
    case .nodeName: cluster.nodeName.map { [GeneralName(host: $0)] } ?? []
    case .advertiseAddress, .nodeAddress: cluster.advertiseAddress.map { [.ipAddress($0)] } ?? []
    case .kubernetesService:
      ["kubernetes", "kubernetes.default", "kubernetes.default.svc"].map { .dnsName($0) }
    case .kubernetesServiceInDomainLabel:
      cluster.dnsDomain.map { [.dnsName("kubernetes.default.svc.\($0.prefix { $0 != "." })")] } ?? []
    case .kubernetesServiceInDomain:
      cluster.dnsDomain.map { [.dnsName("kubernetes.default.svc.\($0)")] } ?? []
    case .firstServiceAddresses: cluster.serviceSubnets.map { .ipAddress($0.firstAddress) }
    case .controlPlaneEndpoint: cluster.controlPlaneEndpoint.map { [$0.host] } ?? []
    case .loopback:
      [.dnsName("localhost")] + ["127.0.0.1", "::1"].compactMap { IPAddress($0).map { .ipAddress($0) } }
    case .extra(let list): cluster.extraNames[list] ?? []
    }
  }

  /// Those of the names by which something in the cluster connects, and without which a certificate is of no use.
  package func neededNames(in cluster: ClusterConfiguration) -> [GeneralName] {
    switch self {
    // The documentation lists it, and no resolver asks for it.
    case .kubernetesServiceInDomainLabel: []
    // The service has an address of the first network only.
    case .firstServiceAddresses: Array(names(in: cluster).prefix(1))
    // The API server connects to the etcd beside it by the loopback address of the cluster's family.
    case .loopback:
      names(in: cluster).filter { name in
        guard case .ipAddress(let address) = name else { return true }
        return address.isIPv6 == (cluster.advertiseAddress?.isIPv6 ?? false)
      }
    case .nodeName, .advertiseAddress, .nodeAddress, .kubernetesService, .kubernetesServiceInDomain,
      .controlPlaneEndpoint, .extra:
      names(in: cluster)
    }
  }

  /// What has to be known of the cluster.
  package var facts: Set<ClusterConfiguration.Fact> {
    switch self {
    case .nodeName: [.nodeName]
    case .advertiseAddress: [.advertiseAddress]
    case .nodeAddress, .kubernetesService, .kubernetesServiceInDomainLabel, .kubernetesServiceInDomain,
      .firstServiceAddresses, .controlPlaneEndpoint, .loopback, .extra:
      []
    }
  }

  /// The field that the rule goes by; `nil` where it goes by none.
  package var field: ClusterField? {
    switch self {
    case .nodeName: .nodeName
    case .advertiseAddress, .nodeAddress: .advertiseAddress
    case .kubernetesServiceInDomainLabel, .kubernetesServiceInDomain: .dnsDomain
    case .firstServiceAddresses: .serviceSubnets
    case .controlPlaneEndpoint: .controlPlaneEndpoint
    case .extra(.apiServer): .apiServerSANs
    case .extra(.etcdServer): .etcdServerSANs
    case .extra(.etcdPeer): .etcdPeerSANs
    case .extra(.kubeletServer): .kubeletServerSANs
    case .kubernetesService, .loopback: nil
    }
  }
}

extension GeneralName {
  /// The name by which clients verify a server of this host: an address, or a DNS name. A node may be named by its address,
  /// too.
  package init(host: String) { self = IPAddress(host).map { .ipAddress($0) } ?? .dnsName(host) }
}

extension DistinguishedName {
  /// What the user name of every kubelet begins with, <https://kubernetes.io/docs/reference/access-authn-authz/node/>.
  fileprivate static let nodePrefix = "system:node:"

  /// The name of the node whose kubelet has this subject; `nil` for any other subject.
  package var nodeName: String? {
    commonName.flatMap { $0.hasPrefix(Self.nodePrefix) ? String($0.dropFirst(Self.nodePrefix.count)) : nil }
  }
}

extension CatalogEntry {
  /// The SANs of the certificate in this cluster: host names sorted, then addresses in the order of the rules, none twice.
  package func sans(in cluster: ClusterConfiguration) -> [GeneralName] {
    let all = SubjectAlternativeName(sans.flatMap { $0.names(in: cluster) })
    var seen: Set<IPAddress> = []
    return Set(all.dnsNames).sorted().map { .dnsName($0) }
      + all.ipAddresses.filter { seen.insert($0).inserted }.map { .ipAddress($0) }
  }

  /// The SANs without which the certificate is of no use in this cluster, in the order of the rules, none twice.
  package func neededSANs(in cluster: ClusterConfiguration) -> [GeneralName] {
    // A member of etcd that has an address of its own is not reached by the API server's.
    let hasOwnAddress = ca == .etcdCA && cluster.hasEtcdAddress
    return sans.filter { !hasOwnAddress || $0 != .advertiseAddress }.flatMap { $0.neededNames(in: cluster) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// What has to be known of the cluster to make the certificate and its kubeconfig.
  package var facts: Set<ClusterConfiguration.Fact> {
    let own = sans.reduce(into: commonName.facts) { $0.formUnion($1.facts) }
    guard let kubeconfig else { return own }
    return own.union([kubeconfig.server == .local ? .advertiseAddress : .controlPlane])
  }
}

extension CatalogEntry.KubeconfigNames {
  /// The URL that the kubeconfig points to in this cluster, where what it needs is known.
  package func serverURL(in cluster: ClusterConfiguration) -> String? {
    switch server {
    case .local: cluster.localURL
    case .nearest: cluster.localURL ?? cluster.controlPlaneURL
    case .controlPlane: cluster.controlPlaneURL
    }
  }
}

extension CatalogEntry {
  /// Whether the field can change nothing but some certificates, of which this is one.
  package func isSubject(to field: ClusterField) -> Bool {
    switch field {
    case .certificateValidity: !isCA
    case .caCertificateValidity: isCA
    default: sans.contains { if case .extra = $0 { $0.field == field } else { false } }
    }
  }
}

extension ClusterField {
  /// The fields that can change nothing but some certificates: lifetimes and extra SANs.
  package static let ofCertificates: [ClusterField] = [
    .apiServerSANs, .etcdServerSANs, .etcdPeerSANs, .kubeletServerSANs, .certificateValidity,
    .caCertificateValidity,
  ]
}

extension Selection {
  /// What has to be known of the cluster to make all of it.
  package func facts(in catalog: Catalog) -> Set<ClusterConfiguration.Fact> {
    entries(of: catalog).reduce(into: []) { $0.formUnion($1.facts) }
  }
}
