public import OpenSSLX509

/// One certificate of a Kubernetes PKI: a row of the catalog.
public struct CertificateProfile: Sendable, Identifiable {
  /// kubeadm's name for a certificate.
  public enum ID: String, CaseIterable, Sendable {
    /// The authority of the cluster.
    case ca
    /// The API server's serving certificate.
    case apiserver
    /// The API server's client certificate for kubelets.
    case apiserverKubeletClient = "apiserver-kubelet-client"
    /// The authority of the aggregation layer.
    case frontProxyCA = "front-proxy-ca"
    /// The API server's client certificate for extension API servers.
    case frontProxyClient = "front-proxy-client"
    /// The authority of etcd.
    case etcdCA = "etcd-ca"
    /// etcd's serving certificate.
    case etcdServer = "etcd-server"
    /// etcd's certificate among its peers.
    case etcdPeer = "etcd-peer"
    /// The client certificate of etcd's liveness probe.
    case etcdHealthcheckClient = "etcd-healthcheck-client"
    /// The API server's client certificate for etcd.
    case apiserverEtcdClient = "apiserver-etcd-client"
    /// The kubelet's serving certificate, which kubeadm does not know: by itself, a kubelet signs its own.
    case kubeletServer = "kubelet-server"
  }

  /// What signs a certificate.
  public enum Role: Hashable, Sendable {
    /// The certificate is an authority's.
    case authority
    /// The certificate is signed by this authority.
    case leaf(of: ID)
  }

  /// How a certificate comes by its common name.
  public enum CommonName: Hashable, Sendable {
    /// Always this.
    case fixed(String)
    /// The node's name.
    case nodeName
    /// `system:node:` and the node's name, <https://kubernetes.io/docs/reference/access-authn-authz/node/>.
    case systemNode
  }

  /// A rule that yields names for a server.
  public enum NameRule: Hashable, Sendable {
    /// The node's name.
    case nodeName
    /// The API server's address on the node.
    case advertiseAddress
    /// The node's address, where it is known.
    case nodeAddress
    /// `kubernetes`, `kubernetes.default` and `kubernetes.default.svc`.
    case kubernetesService
    /// `kubernetes.default.svc` in the first label of the cluster's domain.
    case kubernetesServiceInDomainLabel
    /// `kubernetes.default.svc` in the cluster's domain.
    case kubernetesServiceInDomain
    /// The first address of each service network.
    case firstServiceAddresses
    /// The host of the load balancer.
    case controlPlaneEndpoint
    /// `localhost` and the loopback addresses.
    case loopback
    /// What the user adds.
    case extra(ClusterConfiguration.ExtraNames)
  }

  /// kubeadm's name.
  public let id: ID
  /// What it is for, in a line of help.
  public let summary: String
  /// The path below the certificate directory, without `.crt` or `.key`.
  public let path: String
  /// What signs it.
  public let role: Role
  /// Its common name.
  public let commonName: CommonName
  /// Its organizations: the groups of a client.
  public var organizations: [String] = []
  /// The purposes that it is certified for.
  public var purposes: [ExtendedKeyUsage.Purpose] = []
  /// The names that it carries, in the order in which addresses appear.
  public var names: [NameRule] = []
  /// Whether it is made only where its name is said: a tree is whole without it.
  public var isOptional = false

  /// The authority that signs it; `nil` for an authority.
  public var authority: ID? {
    if case .leaf(let authority) = role { authority } else { nil }
  }
}

/// One kubeconfig of a control-plane node: a row of the catalog.
public struct KubeconfigProfile: Sendable, Identifiable {
  /// kubeadm's name for a kubeconfig.
  public enum ID: String, CaseIterable, Sendable {
    /// The administrator's.
    case admin
    /// The administrator's that no authorization rule stops.
    case superAdmin = "super-admin"
    /// The kubelet's of this node.
    case kubelet
    /// kube-controller-manager's.
    case controllerManager = "controller-manager"
    /// kube-scheduler's.
    case scheduler
  }

  /// Which API server a kubeconfig points to.
  public enum Server: Hashable, Sendable {
    /// The load balancer, where there is one.
    case controlPlane
    /// The API server on the node.
    case local
    /// The API server on the node, or the control plane's where the node has none.
    case nearest
  }

  /// kubeadm's name.
  public let id: ID
  /// What it is for, in a line of help.
  public let summary: String
  /// The user's common name.
  public let commonName: CertificateProfile.CommonName
  /// The user's groups.
  public var organizations: [String] = []
  /// Where it points.
  public let server: Server
  /// The name of its cluster entry.
  public let clusterName: String
  /// The name of its user entry; `nil` for the user's common name.
  public let credentialName: String?
  /// The name of its context; `nil` for `USER@CLUSTER`.
  public let contextName: String?

  /// The file's name in the directory of kubeconfigs.
  public var fileName: String { "\(id.rawValue).conf" }

  /// The authority that signs the client certificate.
  public var authority: CertificateProfile.ID { .ca }
}
