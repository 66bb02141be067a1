internal import OpenSSLX509

/// Everything that a control plane's PKI consists of, in one naming style: the table that everything reads.
///
/// See <https://kubernetes.io/docs/setup/best-practices/certificates/>.
package struct Catalog: Sendable {
  /// A thing that has files in a tree.
  package enum Item: Sendable {
    /// A certificate.
    case entry(CatalogEntry)
    /// The key pair of service-account tokens.
    case serviceAccountKey
  }

  /// The certificates; each CA comes before what it signs.
  package let entries: [CatalogEntry]
  /// The style.
  package let style: NamingStyle
  /// The version of Kubernetes whose identities it has; `nil` where they do not depend on it.
  package let version: KubernetesVersion?

  /// A table of these rows.
  package init(_ entries: [CatalogEntry], style: NamingStyle, version: KubernetesVersion? = nil) {
    self.entries = entries
    self.style = style
    self.version = version
  }

  /// What names the key pair of service-account tokens among the entries.
  package static let serviceAccountKey = "sa"

  /// A table without rows.
  package static let empty = Catalog([], style: .documented)

  /// The entry of this name, where this catalog has it.
  package subscript(id: CatalogEntry.ID) -> CatalogEntry? { entries.first { $0.id == id } }

  /// The CAs.
  package var cas: [CatalogEntry] { entries.filter(\.isCA) }

  /// Everything that has files, in the order in which they are made.
  package var items: [Item] {
    let firstKubeconfig = entries.firstIndex(where: \.isKubeconfig) ?? entries.endIndex
    return entries[..<firstKubeconfig].map { .entry($0) } + [.serviceAccountKey]
      + entries[firstKubeconfig...].map { .entry($0) }
  }

  /// The common names of all CAs.
  package var caNames: Set<String> {
    Set(
      cas.compactMap {
        if case .fixed(let name) = $0.commonName { name } else { nil }
      })
  }

  /// The catalog with those of its entries for which `isIncluded` holds.
  package func filter(_ isIncluded: (CatalogEntry) -> Bool) -> Catalog {
    Catalog(entries.filter(isIncluded), style: style, version: version)
  }

  /// The catalog of a cluster with an external etcd: the API server uses the client certificate that its etcd gives it.
  package var withoutEtcd: Catalog { filter { $0.id != .etcdCA && $0.ca != .etcdCA } }

  /// The catalog without the entries that are kept in kubeconfigs.
  package var withoutKubeconfigs: Catalog { filter { !$0.isKubeconfig } }

  /// The catalog with the kubeconfigs that only other styles have, too.
  package var withEveryKubeconfig: Catalog {
    let others = Catalog.allFiles.entries.filter { $0.isKubeconfig && self[$0.id] == nil }
    return Catalog(entries + others, style: style, version: version)
  }

  /// Everything that any known style has a file for.
  package static let allFiles = Catalog.kubeadm(.newestKnown)

  /// Names and identities as the Kubernetes documentation tables them.
  package static let documented = Catalog(
    cluster + frontProxy + etcd + optional + kubeconfigs, style: .documented)
}

extension Catalog {
  private static let cluster = [
    CatalogEntry(
      id: .ca, summary: "the cluster's CA", signer: .itself, commonName: .fixed("kubernetes-ca"),
      // kube-controller-manager watches its signing pair, but publishes to pods what it read at its start.
      readings: [.atOnce(.kubeAPIServer), .restart(.kubeControllerManager), .atOnce(.kubelet)]
    ).on([.controlPlane, .worker], orAlso: [.etcd]),
    CatalogEntry(
      id: .apiserver, summary: "the API server's serving certificate", signer: .ca(.ca),
      commonName: .fixed("kube-apiserver"), purposes: [.serverAuth],
      sans: [
        .nodeName, .kubernetesService, .kubernetesServiceInDomainLabel, .kubernetesServiceInDomain,
        .firstServiceAddresses, .advertiseAddress, .controlPlaneEndpoint, .extra(.apiServer),
      ], readings: [.atOnce(.kubeAPIServer)]),
    CatalogEntry(
      id: .apiserverKubeletClient, summary: "the API server's client certificate for kubelets",
      signer: .ca(.ca), commonName: .fixed("kube-apiserver-kubelet-client"),
      organizations: ["system:masters"], purposes: [.clientAuth],
      readings: [.nextConnection(.kubeAPIServer)]),
  ]

  private static let frontProxy = [
    CatalogEntry(
      id: .frontProxyCA, summary: "the aggregation layer's CA", signer: .itself,
      commonName: .fixed("kubernetes-front-proxy-ca"), readings: [.atOnce(.kubeAPIServer)]),
    CatalogEntry(
      id: .frontProxyClient, summary: "the API server's client certificate for extensions",
      signer: .ca(.frontProxyCA), commonName: .fixed("front-proxy-client"), purposes: [.clientAuth],
      readings: [.atOnce(.kubeAPIServer)]),
  ]

  private static let etcd = [
    CatalogEntry(
      id: .etcdCA, summary: "etcd's CA", signer: .itself, commonName: .fixed("etcd-ca"),
      readings: [.restart(.etcd), .restart(.kubeAPIServer)]
    ).on([.controlPlane, .etcd]),
    CatalogEntry(
      id: .etcdServer, summary: "etcd's serving certificate", signer: .ca(.etcdCA),
      commonName: .fixed("kube-etcd"), purposes: [.serverAuth, .clientAuth],
      sans: [.nodeName, .advertiseAddress, .loopback, .extra(.etcdServer)],
      readings: [.nextConnection(.etcd)]
    ).on([.controlPlane, .etcd]),
    CatalogEntry(
      id: .etcdPeer, summary: "etcd's certificate for its peers", signer: .ca(.etcdCA),
      commonName: .fixed("kube-etcd-peer"), purposes: [.serverAuth, .clientAuth],
      sans: [.nodeName, .advertiseAddress, .loopback, .extra(.etcdPeer)],
      readings: [.nextConnection(.etcd)]
    ).on([.controlPlane, .etcd]),
    CatalogEntry(
      id: .etcdHealthcheckClient, summary: "the client certificate of etcd's liveness probe",
      signer: .ca(.etcdCA), commonName: .fixed("kube-etcd-healthcheck-client"), purposes: [.clientAuth]
    ).on([.controlPlane], orAlso: [.etcd]),
    CatalogEntry(
      id: .apiserverEtcdClient, summary: "the API server's client certificate for etcd", signer: .ca(.etcdCA),
      commonName: .fixed("kube-apiserver-etcd-client"), organizations: ["system:masters"],
      purposes: [.clientAuth], readings: [.nextConnection(.kubeAPIServer)]
    ).on([.controlPlane], orAlso: [.etcd]),
  ]

  private static let optional = [
    CatalogEntry(
      id: .kubeletServer, summary: "the kubelet's serving certificate; not part of all", signer: .ca(.ca),
      commonName: .systemNode, organizations: ["system:nodes"], purposes: [.serverAuth],
      sans: [.nodeName, .nodeAddress, .extra(.kubeletServer)], isOptional: true, readings: [.atOnce(.kubelet)]
    ).on([.controlPlane, .worker], orAlso: [.etcd])
  ]

  private static let kubeconfigs = [
    kubeconfig(
      .admin, "the administrator's kubeconfig", .fixed("kubernetes-admin"), ["system:masters"], .controlPlane,
      user: "default-admin"),
    kubeconfig(
      .kubelet, "the kubelet's kubeconfig on this node", .systemNode, ["system:nodes"], .nearest,
      user: "default-auth"
    ).read(atStartOf: .kubelet).on([.controlPlane, .worker], orAlso: [.etcd]),
    kubeconfig(
      .controllerManager, "kube-controller-manager's kubeconfig", .fixed("system:kube-controller-manager"),
      [], .local, user: "default-controller-manager"
    ).read(atStartOf: .kubeControllerManager),
    kubeconfig(
      .scheduler, "kube-scheduler's kubeconfig", .fixed("system:kube-scheduler"), [], .local,
      user: "default-scheduler"
    ).read(atStartOf: .kubeScheduler),
  ]

  private static func kubeconfig(
    _ id: CatalogEntry.ID, _ summary: String, _ commonName: CatalogEntry.CommonName, _ groups: [String],
    _ server: CatalogEntry.KubeconfigNames.Server, user: String
  ) -> CatalogEntry {
    .kubeconfig(
      id, summary, commonName, groups,
      .init(server: server, cluster: "default-cluster", user: user, context: "default-system"))
  }
}

extension CatalogEntry {
  /// A row for a client of the API server whose certificate is in a kubeconfig.
  static func kubeconfig(
    _ id: ID, _ summary: String, _ commonName: CommonName, _ groups: [String], _ names: KubeconfigNames
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, summary: summary, signer: .ca(.ca), commonName: commonName, organizations: groups,
      purposes: [.clientAuth], placement: .kubeconfig(names))
  }

  /// The row with the component that reads the file at its start.
  func read(atStartOf component: ComponentReading.Component) -> CatalogEntry {
    var row = self
    row.readings = [.restart(component)]
    return row
  }

  /// The row with the roles of the machines that need it, and of those that may have it besides.
  func on(_ roles: Set<NodeRole>, orAlso others: Set<NodeRole> = []) -> CatalogEntry {
    var row = self
    (row.roles, row.otherRoles) = (roles, others)
    return row
  }
}
