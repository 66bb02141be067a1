package import OpenSSLX509

/// One certificate of a Kubernetes PKI, in a file of its own or embedded in a kubeconfig: a row of the catalog.
///
/// See <https://kubernetes.io/docs/setup/best-practices/certificates/>.
public struct CatalogEntry: Sendable, Identifiable {
  /// kubeadm's name of an entry.
  public enum ID: String, CaseIterable, Sendable {
    /// The CA of the cluster.
    case ca
    /// The API server's serving certificate.
    case apiserver
    /// The API server's client certificate for kubelets.
    case apiserverKubeletClient = "apiserver-kubelet-client"
    /// The CA of the aggregation layer.
    case frontProxyCA = "front-proxy-ca"
    /// The API server's client certificate for extension API servers.
    case frontProxyClient = "front-proxy-client"
    /// The CA of etcd.
    case etcdCA = "etcd-ca"
    /// etcd's serving certificate.
    case etcdServer = "etcd-server"
    /// etcd's certificate for its peers.
    case etcdPeer = "etcd-peer"
    /// The client certificate of etcd's liveness probe.
    case etcdHealthcheckClient = "etcd-healthcheck-client"
    /// The API server's client certificate for etcd.
    case apiserverEtcdClient = "apiserver-etcd-client"
    /// The kubelet's serving certificate. kubeadm does not make one: by default a kubelet signs its own.
    case kubeletServer = "kubelet-server"
    /// The administrator's kubeconfig.
    case admin
    /// The administrator's kubeconfig that bypasses RBAC.
    case superAdmin = "super-admin"
    /// The kubelet's kubeconfig on this node.
    case kubelet
    /// kube-controller-manager's kubeconfig.
    case controllerManager = "controller-manager"
    /// kube-scheduler's kubeconfig.
    case scheduler
  }

  /// Who signs a certificate.
  package enum Signer: Hashable, Sendable {
    /// It is a CA: its own key signs it, or a root CA does.
    case itself
    /// This CA of the tree.
    case ca(ID)
  }

  /// The common name of a certificate.
  package enum CommonName: Hashable, Sendable {
    /// Always this.
    case fixed(String)
    /// The node's name.
    case nodeName
    /// `system:node:` and the node's name, <https://kubernetes.io/docs/reference/access-authn-authz/node/>.
    case systemNode
  }

  /// A rule that yields SANs for a server.
  package enum SANRule: Hashable, Sendable {
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
    /// The host of the control-plane endpoint.
    case controlPlaneEndpoint
    /// `localhost` and the loopback addresses.
    case loopback
    /// What the user adds.
    case extra(ExtraSANs)
  }

  /// A certificate whose SANs the user can add to.
  public enum ExtraSANs: String, CaseIterable, Sendable {
    /// The API server's, kubeadm's `apiServer.certSANs`.
    case apiServer
    /// The etcd server's, kubeadm's `etcd.local.serverCertSANs`.
    case etcdServer
    /// The etcd peer's, kubeadm's `etcd.local.peerCertSANs`.
    case etcdPeer
    /// The kubelet's serving certificate's.
    case kubeletServer
  }

  /// Where a certificate and its key are kept.
  package enum Placement: Hashable, Sendable {
    /// In a file each.
    case pair
    /// Embedded in a kubeconfig.
    case kubeconfig(KubeconfigNames)
  }

  /// What a kubeconfig says beside its certificates.
  package struct KubeconfigNames: Hashable, Sendable {
    /// Which API server a kubeconfig points to.
    package enum Server: Hashable, Sendable {
      /// The control-plane endpoint, or the API server on the node where there is none.
      case controlPlane
      /// The API server on the node.
      case local
      /// The API server on the node, or the control-plane endpoint where the node has none.
      case nearest
    }

    /// Which API server it points to.
    package let server: Server
    /// The name of its cluster entry.
    package let cluster: String
    /// The name of its user entry; `nil` for the user's common name.
    package let user: String?
    /// The name of its context; `nil` for `USER@CLUSTER`.
    package let context: String?
  }

  /// kubeadm's name.
  public let id: ID
  /// What it is for, in a line of help.
  package let summary: String
  /// Who signs it.
  package let signer: Signer
  /// Its common name.
  package let commonName: CommonName
  /// Its organizations: the groups of a client.
  package var organizations: [String] = []
  /// Its extended key usages.
  package var purposes: [ExtendedKeyUsage.Purpose] = []
  /// The rules for its SANs, in the order in which addresses appear.
  package var sans: [SANRule] = []
  /// Where it is kept.
  package var placement = Placement.pair
  /// Whether it is made only where its name is given: a tree is whole without it.
  package var isOptional = false
  /// The components that read its file, or its key's, and when they use a new one; none where only commands read it.
  package var readings: [ComponentReading] = []
  /// The roles of the machines that need it.
  package var roles: Set<NodeRole> = [.controlPlane]
  /// The roles of the machines that may have it besides.
  package var otherRoles: Set<NodeRole> = []

  /// Whether it is a CA's.
  package var isCA: Bool { signer == .itself }

  /// The CA that signs it; `nil` for a CA.
  package var ca: ID? {
    if case .ca(let id) = signer { id } else { nil }
  }

  /// What its kubeconfig says; `nil` for a pair.
  package var kubeconfig: KubeconfigNames? {
    if case .kubeconfig(let names) = placement { names } else { nil }
  }

  /// Whether it is embedded in a kubeconfig.
  package var isKubeconfig: Bool { kubeconfig != nil }

  /// What kubeadm calls it: `apiserver`, `admin.conf`.
  public var name: String { isKubeconfig ? "\(id.rawValue).conf" : id.rawValue }
}
