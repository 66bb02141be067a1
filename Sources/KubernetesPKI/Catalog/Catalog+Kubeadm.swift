internal import OpenSSLX509

extension Catalog {
  /// What differs between kubeadm's versions.
  private struct Differences {
    var adminGroups = ["system:masters"]
    var apiserverKubeletClientGroups = ["system:masters"]
    var etcdClientGroups = ["system:masters"]
    var hasSuperAdmin = false
    var controllersServer = CatalogEntry.KubeconfigNames.Server.controlPlane
    var kubeletServer = CatalogEntry.KubeconfigNames.Server.controlPlane

    /// The table, oldest change first; each holds from its version on.
    init(_ version: KubernetesVersion) {
      // The controllers talk to the API server beside them, <https://github.com/kubernetes/kubernetes/pull/94398>.
      if version >= KubernetesVersion(1, 19, 1) { controllersServer = .local }
      // The administrators are a group of their own, <https://github.com/kubernetes/kubernetes/pull/121305> and 121837;
      // etcd knows no groups, <https://github.com/kubernetes/kubernetes/pull/119859> and 120521.
      if version >= KubernetesVersion(1, 29, 0) {
        adminGroups = ["kubeadm:cluster-admins"]
        apiserverKubeletClientGroups = ["kubeadm:cluster-admins"]
        etcdClientGroups = []
        hasSuperAdmin = true
      }
      // So does the kubelet, <https://github.com/kubernetes/kubernetes/pull/129956>.
      if version >= KubernetesVersion(1, 33, 0) { kubeletServer = .nearest }
      // A binding stands for the group, <https://github.com/kubernetes/kubernetes/pull/138957>.
      if Self.bindsKubeletClientByName(version) { apiserverKubeletClientGroups = [] }
    }

    /// Patch releases of May 2026 brought it to the minor versions that were kept up then.
    private static func bindsKubeletClientByName(_ version: KubernetesVersion) -> Bool {
      switch version.minor {
      case 33: version.patch >= 12
      case 34: version.patch >= 8
      case 35: version.patch >= 5
      case 36: version.patch >= 1
      default: version >= KubernetesVersion(1, 37, 0)
      }
    }
  }

  /// Names and identities as kubeadm of this version writes them.
  package static func kubeadm(_ version: KubernetesVersion) -> Catalog {
    let differences = Differences(version)
    let pairs = documented.entries.filter { !$0.isKubeconfig }.map { pair($0, differences) }
    return Catalog(pairs + kubeconfigs(differences), style: .kubeadm, version: version)
  }

  private static func pair(_ row: CatalogEntry, _ differences: Differences) -> CatalogEntry {
    switch row.id {
    case .ca: row.with(commonName: .fixed("kubernetes"))
    case .frontProxyCA: row.with(commonName: .fixed("front-proxy-ca"))
    case .apiserver: row.with(sans: row.sans.filter { $0 != .kubernetesServiceInDomainLabel })
    case .etcdServer, .etcdPeer: row.with(commonName: .nodeName)
    case .apiserverKubeletClient: row.with(organizations: differences.apiserverKubeletClientGroups)
    case .apiserverEtcdClient, .etcdHealthcheckClient: row.with(organizations: differences.etcdClientGroups)
    // All others are those of the documentation.
    default: row
    }
  }

  private static func kubeconfigs(_ differences: Differences) -> [CatalogEntry] {
    func row(
      _ id: CatalogEntry.ID, _ summary: String, _ commonName: String?, _ groups: [String],
      _ server: CatalogEntry.KubeconfigNames.Server
    ) -> CatalogEntry {
      .kubeconfig(
        id, summary, commonName.map { .fixed($0) } ?? .systemNode, groups,
        .init(server: server, cluster: "kubernetes", user: nil, context: nil))
    }
    return [
      row(
        .admin, "the administrator's kubeconfig", "kubernetes-admin", differences.adminGroups, .controlPlane),
      row(
        .superAdmin, "the kubeconfig that bypasses RBAC", "kubernetes-super-admin", ["system:masters"],
        .controlPlane),
      row(
        .kubelet, "the kubelet's kubeconfig on this node", nil, ["system:nodes"], differences.kubeletServer
      ).read(atStartOf: .kubelet).on([.controlPlane, .worker], orAlso: [.etcd]),
      row(
        .controllerManager, "kube-controller-manager's kubeconfig", "system:kube-controller-manager", [],
        differences.controllersServer
      ).read(atStartOf: .kubeControllerManager),
      row(
        .scheduler, "kube-scheduler's kubeconfig", "system:kube-scheduler", [], differences.controllersServer
      ).read(atStartOf: .kubeScheduler),
    ].filter { $0.id != .superAdmin || differences.hasSuperAdmin }
  }
}

extension CatalogEntry {
  /// The row with some of its columns changed.
  fileprivate func with(
    commonName: CommonName? = nil, organizations: [String]? = nil, sans: [SANRule]? = nil
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, summary: summary, signer: signer, commonName: commonName ?? self.commonName,
      organizations: organizations ?? self.organizations, purposes: purposes, sans: sans ?? self.sans,
      placement: placement, isOptional: isOptional, readings: readings, roles: roles, otherRoles: otherRoles)
  }
}
