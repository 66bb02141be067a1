public import OpenSSLX509

/// What pkigen has to know of a cluster and of one of its nodes: checked, so that no bad value exists in it.
///
/// It is made by ``ClusterSettings/configuration(needing:refusing:)``.
public struct ClusterConfiguration: Hashable, Sendable {
  /// The name under which the node's kubelet registers.
  public package(set) var nodeName: String?
  /// The address on which the node's API server is reached; unknown where nobody needs it.
  public package(set) var advertiseAddress: IPAddress?
  /// The API server's port on the node.
  public package(set) var bindPort = 6443
  /// The load balancer before the API servers, where there is one.
  public package(set) var controlPlaneEndpoint: Endpoint?
  /// The networks of service addresses: one, or one of each family; none where they are not known.
  public package(set) var serviceSubnets: [ServiceSubnet] = []
  /// The domain below which services have their names, where it is known.
  public package(set) var dnsDomain: String?
  /// Further names, by the certificate that gets them.
  public package(set) var extraNames: [ExtraNames: [GeneralName]] = [:]
  /// The name of the cluster in kubeconfigs; `nil` for the one of the catalog.
  public package(set) var clusterName: String?
  /// The etcd, where it is not part of the tree.
  public package(set) var externalEtcd: ExternalEtcd?
  /// What kind of key is made.
  public package(set) var keyAlgorithm = KeyAlgorithm.rsa2048
  /// How long a leaf certificate is in force.
  public package(set) var certificateValidity = Lifetime.days(365)
  /// How long an authority's certificate is in force.
  public package(set) var caCertificateValidity = Lifetime.days(3650)

  /// A cluster of which nothing is known.
  package init() {}

  /// A certificate whose SANs the user can add to.
  public typealias ExtraNames = CatalogEntry.ExtraSANs

  /// A part of the configuration without which some file cannot be made.
  public enum Fact: Hashable, Sendable {
    /// ``ClusterConfiguration/nodeName``.
    case nodeName
    /// ``ClusterConfiguration/advertiseAddress``.
    case advertiseAddress
    /// ``ClusterConfiguration/controlPlaneURL``: the load balancer, or the advertise address.
    case controlPlane
  }

  /// The URL of the API server on this node, where its address is known.
  public var localURL: String? {
    advertiseAddress.map { Endpoint(host: .ipAddress($0), port: nil).url(defaultPort: bindPort) }
  }

  /// The URL of the control plane: the load balancer's, or else that of the API server on this node.
  public var controlPlaneURL: String? {
    controlPlaneEndpoint?.url(defaultPort: bindPort) ?? localURL
  }
}
