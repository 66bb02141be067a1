public import OpenSSLX509

extension CertificateProfile.CommonName {
  /// The common name in this cluster; `nil` where it depends on a node's name that is not known.
  public func resolved(in cluster: ClusterConfiguration) -> String? {
    switch self {
    case .fixed(let name): name
    case .nodeName: cluster.nodeName
    case .systemNode: cluster.nodeName.map { "system:node:\($0)" }
    }
  }

  /// What has to be known of the cluster.
  var facts: Set<ClusterConfiguration.Fact> {
    switch self {
    case .fixed: []
    case .nodeName, .systemNode: [.nodeName]
    }
  }
}

extension CertificateProfile.NameRule {
  /// The names that the rule yields in this cluster; none where what it needs is not known.
  public func names(in cluster: ClusterConfiguration) -> [GeneralName] {
    switch self {
    case .nodeName: cluster.nodeName.map { [Self.hostName($0)] } ?? []
    case .advertiseAddress: cluster.advertiseAddress.map { [.ipAddress($0)] } ?? []
    case .kubernetesService:
      ["kubernetes", "kubernetes.default", "kubernetes.default.svc"].map { .dnsName($0) }
    case .kubernetesServiceInDomainLabel:
      [.dnsName("kubernetes.default.svc.\(cluster.dnsDomain.prefix { $0 != "." })")]
    case .kubernetesServiceInDomain: [.dnsName("kubernetes.default.svc.\(cluster.dnsDomain)")]
    case .firstServiceAddresses: cluster.serviceSubnets.map { .ipAddress($0.firstAddress) }
    case .controlPlaneEndpoint: cluster.controlPlaneEndpoint.map { [$0.host] } ?? []
    case .loopback:
      [.dnsName("localhost")] + ["127.0.0.1", "::1"].compactMap { IPAddress($0).map { .ipAddress($0) } }
    case .extra(let list): cluster.extraNames[list] ?? []
    }
  }

  /// What has to be known of the cluster.
  var facts: Set<ClusterConfiguration.Fact> {
    switch self {
    case .nodeName: [.nodeName]
    case .advertiseAddress: [.advertiseAddress]
    case .kubernetesService, .kubernetesServiceInDomainLabel, .kubernetesServiceInDomain,
      .firstServiceAddresses, .controlPlaneEndpoint, .loopback, .extra:
      []
    }
  }

  /// A node may be named by its address.
  private static func hostName(_ name: String) -> GeneralName {
    IPAddress(name).map { .ipAddress($0) } ?? .dnsName(name)
  }
}

extension CertificateProfile {
  /// The names of the certificate in this cluster: host names sorted, then addresses in the order of the rules, none
  /// twice.
  public func names(in cluster: ClusterConfiguration) -> [GeneralName] {
    let all = SubjectAlternativeName(names.flatMap { $0.names(in: cluster) })
    var seen: Set<IPAddress> = []
    return Set(all.dnsNames).sorted().map { .dnsName($0) }
      + all.ipAddresses.filter { seen.insert($0).inserted }.map { .ipAddress($0) }
  }

  /// What has to be known of the cluster to make the certificate.
  public var facts: Set<ClusterConfiguration.Fact> {
    names.reduce(into: commonName.facts) { $0.formUnion($1.facts) }
  }
}

extension KubeconfigProfile {
  /// What has to be known of the cluster to make the kubeconfig.
  public var facts: Set<ClusterConfiguration.Fact> { commonName.facts.union([.advertiseAddress]) }

  /// The URL that the kubeconfig points to in this cluster, where what it needs is known.
  public func serverURL(in cluster: ClusterConfiguration) -> String? {
    switch server {
    case .local: cluster.localURL
    case .controlPlane: cluster.controlPlaneURL
    }
  }
}
