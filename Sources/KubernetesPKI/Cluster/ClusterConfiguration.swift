public import OpenSSLX509

/// A cluster and one of its nodes, as far as their PKI depends on them.
///
/// A new one has Kubernetes' defaults; a program sets what is different. Each plan checks the values that it uses, and throws
/// ``PKIErrors`` for those that are missing or wrong; ``check(needing:)`` does so at any time.
public struct ClusterConfiguration: Hashable, Sendable {
  /// The name under which the node's kubelet registers.
  public var nodeName: String?
  /// The IP address of the API server on the node.
  public var advertiseAddress: IPAddress?
  /// The port of the API server on the node.
  public var bindPort = 6443
  /// The load balancer in front of the API servers, where there is one.
  public var controlPlaneEndpoint: Endpoint?
  /// Whether there is no load balancer where none is named.
  package private(set) var isEndpointKnown = true
  /// The ranges of service IP addresses: one, or one of each family; none where they are not known.
  public var serviceSubnets = [ServiceSubnet("10.96.0.0/12")].compactMap(\.self)
  /// The DNS domain of services, where it is known.
  public var dnsDomain: String? = "cluster.local"
  /// Extra SANs, by the certificate that gets them.
  public var extraNames: [ExtraNames: [GeneralName]] = [:]
  /// The name of the cluster in kubeconfigs; `nil` for the one of the catalog.
  public var clusterName: String?
  /// The etcd, where it is not part of the tree.
  public var externalEtcd: ExternalEtcd?
  /// The algorithm of new keys.
  public var keyAlgorithm = KeyAlgorithm.rsa2048
  /// The lifetime of certificates that a CA signs.
  public var certificateValidity = Lifetime.days(365)
  /// The lifetime of CA certificates.
  public var caCertificateValidity = Lifetime.days(3650)
  /// Whose names and identities the certificates carry.
  public var style = NamingStyle.documented
  /// The version of kubeadm whose identities ``NamingStyle/kubeadm`` means.
  public var kubernetesVersion = KubernetesVersion.newestKnown

  /// A cluster with Kubernetes' defaults, and a node of which nothing is known.
  public init() {}

  /// A cluster of which nothing is known.
  package static var unknown: ClusterConfiguration {
    var cluster = ClusterConfiguration()
    cluster.serviceSubnets = []
    cluster.dnsDomain = nil
    cluster.isEndpointKnown = false
    return cluster
  }

  /// A certificate whose SANs the user can add to.
  public typealias ExtraNames = CatalogEntry.ExtraSANs

  /// A part of the configuration without which some file cannot be made.
  package enum Fact: Hashable, Sendable {
    /// ``ClusterConfiguration/nodeName``.
    case nodeName
    /// ``ClusterConfiguration/advertiseAddress``.
    case advertiseAddress
    /// ``ClusterConfiguration/controlPlaneURL``: the load balancer, or the advertise address.
    case controlPlane
  }

  /// The URL of the API server on this node, where its address is known.
  package var localURL: String? {
    advertiseAddress.map { Endpoint(host: .ipAddress($0), port: nil).url(defaultPort: bindPort) }
  }

  /// The URL of the control plane: the load balancer's, or else that of the API server on this node.
  package var controlPlaneURL: String? {
    controlPlaneEndpoint?.url(defaultPort: bindPort) ?? localURL
  }
}

extension ClusterConfiguration {
  /// The table of what the tree of such a cluster consists of.
  package var catalog: Catalog {
    let catalog: Catalog =
      switch style {
      case .documented: .documented
      case .kubeadm: .kubeadm(kubernetesVersion)
      }
    return externalEtcd == nil ? catalog : catalog.withoutEtcd
  }

  /// Checks all values, and that these facts are known.
  ///
  /// - Throws: ``PKIErrors`` with every value that cannot be used (``PKIError/invalidSetting(_:value:problem:hint:)``) and
  ///   every fact that is missing (``PKIError/missingSetting(_:)``).
  package func check(needing facts: Set<Fact> = []) throws(PKIErrors) {
    var errors = ClusterField.all.flatMap { $0.errors(in: self) }
    if let nodeName, let problem = nodeNameProblem {
      errors.append(
        .invalidSetting(
          .value(ClusterField.nodeName.name), value: nodeName, problem: problem, hint: nil))
    }
    errors += missing(facts).map { .missingSetting($0.name) }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }

  /// The fields without which these facts are not known.
  func missing(_ facts: Set<Fact>) -> [ClusterField] {
    let isEndpointMissing = facts.contains(.controlPlane) && controlPlaneEndpoint == nil
    let needsAddress = facts.contains(.advertiseAddress) || isEndpointMissing
    return (facts.contains(.nodeName) && nodeName == nil ? [.nodeName] : [])
      + (needsAddress && advertiseAddress == nil ? [.advertiseAddress] : [])
  }

  /// Why the node cannot have its name, as what follows "is": a certificate whose subject is that of its issuer looks
  /// self-signed to OpenSSL, and is refused.
  var nodeNameProblem: String? {
    nodeName.flatMap { catalog.caNames.contains($0) ? "the name of a CA of the tree" : nil }
  }
}

// What the table of fields goes by.
extension ClusterConfiguration {
  /// The extra SANs of one certificate.
  subscript(extra list: ExtraNames) -> [GeneralName] {
    get { extraNames[list] ?? [] }
    set { extraNames[list] = newValue }
  }

  /// Whether an address is known by which the node's member of etcd is reached.
  var hasEtcdAddress: Bool {
    [ExtraNames.etcdServer, .etcdPeer].flatMap { self[extra: $0] }.contains { name in
      if case .ipAddress(let address) = name { !address.isLoopback } else { false }
    }
  }

  /// Whether etcd is not part of the tree; `nil` where it is.
  var isEtcdExternal: Bool? {
    get { externalEtcd == nil ? nil : true }
    set { externalEtcd = newValue == true ? externalEtcd ?? ExternalEtcd() : nil }
  }

  /// The CA bundle of the external etcd.
  var etcdCAFile: String? {
    get { externalEtcd?.caFile }
    set { externalEtcd?.caFile = newValue }
  }

  /// The client certificate for the external etcd.
  var etcdCertFile: String? {
    get { externalEtcd?.certFile }
    set { externalEtcd?.certFile = newValue }
  }

  /// The key for the external etcd.
  var etcdKeyFile: String? {
    get { externalEtcd?.keyFile }
    set { externalEtcd?.keyFile = newValue }
  }
}
