internal import OpenSSLX509

/// All that a control plane's PKI consists of, in one naming style: the table that everything reads.
///
/// See <https://kubernetes.io/docs/setup/best-practices/certificates/>.
public struct Catalog: Sendable {
  /// The certificates; each authority comes before what it signs.
  public let certificates: [CertificateProfile]
  /// The kubeconfigs.
  public let kubeconfigs: [KubeconfigProfile]

  /// The name of the pair that service-account tokens are signed with, for commands that name files of the tree.
  public static let serviceAccountKey = "sa"

  /// The profile of a certificate, where this catalog has it.
  public subscript(id: CertificateProfile.ID) -> CertificateProfile? { certificates.first { $0.id == id } }

  /// The profile of a kubeconfig, where this catalog has it.
  public subscript(id: KubeconfigProfile.ID) -> KubeconfigProfile? { kubeconfigs.first { $0.id == id } }

  /// The common names of all authorities.
  public var authorityNames: Set<String> {
    Set(
      certificates.filter { $0.role == .authority }.compactMap {
        if case .fixed(let name) = $0.commonName { name } else { nil }
      })
  }

  /// The catalog of a cluster whose etcd is elsewhere: the API server uses the client certificate that it is given there.
  public var withoutEtcd: Catalog {
    Catalog(
      certificates: certificates.filter { $0.id != .etcdCA && $0.authority != .etcdCA },
      kubeconfigs: kubeconfigs)
  }

  /// Names and identities as the Kubernetes documentation tables them.
  public static let documented = Catalog(
    certificates: [
      CertificateProfile(
        id: .ca, summary: "the cluster's authority", path: "ca", role: .authority,
        commonName: .fixed("kubernetes-ca")),
      CertificateProfile(
        id: .apiserver, summary: "the API server's serving certificate", path: "apiserver",
        role: .leaf(of: .ca), commonName: .fixed("kube-apiserver"), purposes: [.serverAuth],
        names: [
          .nodeName, .kubernetesService, .kubernetesServiceInDomainLabel, .kubernetesServiceInDomain,
          .firstServiceAddresses, .advertiseAddress, .controlPlaneEndpoint, .extra(.apiServer),
        ]),
      CertificateProfile(
        id: .apiserverKubeletClient, summary: "the API server's client certificate for kubelets",
        path: "apiserver-kubelet-client", role: .leaf(of: .ca),
        commonName: .fixed("kube-apiserver-kubelet-client"), organizations: ["system:masters"],
        purposes: [.clientAuth]),
      CertificateProfile(
        id: .frontProxyCA, summary: "the aggregation layer's authority", path: "front-proxy-ca",
        role: .authority, commonName: .fixed("kubernetes-front-proxy-ca")),
      CertificateProfile(
        id: .frontProxyClient, summary: "the API server's client certificate for extensions",
        path: "front-proxy-client", role: .leaf(of: .frontProxyCA), commonName: .fixed("front-proxy-client"),
        purposes: [.clientAuth]),
      CertificateProfile(
        id: .etcdCA, summary: "etcd's authority", path: "etcd/ca", role: .authority,
        commonName: .fixed("etcd-ca")),
      CertificateProfile(
        id: .etcdServer, summary: "etcd's serving certificate", path: "etcd/server",
        role: .leaf(of: .etcdCA), commonName: .fixed("kube-etcd"), purposes: [.serverAuth, .clientAuth],
        names: [.nodeName, .advertiseAddress, .loopback, .extra(.etcdServer)]),
      CertificateProfile(
        id: .etcdPeer, summary: "etcd's certificate among its peers", path: "etcd/peer",
        role: .leaf(of: .etcdCA), commonName: .fixed("kube-etcd-peer"), purposes: [.serverAuth, .clientAuth],
        names: [.nodeName, .advertiseAddress, .loopback, .extra(.etcdPeer)]),
      CertificateProfile(
        id: .etcdHealthcheckClient, summary: "the client certificate of etcd's liveness probe",
        path: "etcd/healthcheck-client", role: .leaf(of: .etcdCA),
        commonName: .fixed("kube-etcd-healthcheck-client"), purposes: [.clientAuth]),
      CertificateProfile(
        id: .apiserverEtcdClient, summary: "the API server's client certificate for etcd",
        path: "apiserver-etcd-client", role: .leaf(of: .etcdCA),
        commonName: .fixed("kube-apiserver-etcd-client"), organizations: ["system:masters"],
        purposes: [.clientAuth]),
      CertificateProfile(
        id: .kubeletServer, summary: "the kubelet's serving certificate; not in all", path: "kubelet-server",
        role: .leaf(of: .ca), commonName: .systemNode, organizations: ["system:nodes"],
        purposes: [.serverAuth], names: [.nodeName, .nodeAddress, .extra(.kubeletServer)], isOptional: true),
    ],
    kubeconfigs: [
      KubeconfigProfile(
        id: .admin, summary: "the administrator's", commonName: .fixed("kubernetes-admin"),
        organizations: ["system:masters"], server: .controlPlane, clusterName: "default-cluster",
        credentialName: "default-admin", contextName: "default-system"),
      KubeconfigProfile(
        id: .kubelet, summary: "the kubelet's on this node", commonName: .systemNode,
        organizations: ["system:nodes"], server: .nearest, clusterName: "default-cluster",
        credentialName: "default-auth", contextName: "default-system"),
      KubeconfigProfile(
        id: .controllerManager, summary: "kube-controller-manager's",
        commonName: .fixed("system:kube-controller-manager"), server: .local, clusterName: "default-cluster",
        credentialName: "default-controller-manager", contextName: "default-system"),
      KubeconfigProfile(
        id: .scheduler, summary: "kube-scheduler's", commonName: .fixed("system:kube-scheduler"),
        server: .local, clusterName: "default-cluster", credentialName: "default-scheduler",
        contextName: "default-system"),
    ])
}
