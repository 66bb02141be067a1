internal import OpenSSLX509

extension Catalog {
  /// What differs between kubeadm's versions.
  private struct Differences {
    var adminGroups = ["system:masters"]
    var apiserverKubeletClientGroups = ["system:masters"]
    var etcdClientGroups = ["system:masters"]
    var hasSuperAdmin = false
    var controllersServer = KubeconfigProfile.Server.controlPlane
    var kubeletServer = KubeconfigProfile.Server.controlPlane

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
  public static func kubeadm(_ version: KubernetesVersion) -> Catalog {
    let differences = Differences(version)
    return Catalog(certificates: certificates(differences), kubeconfigs: kubeconfigs(differences))
  }

  private static func certificates(_ differences: Differences) -> [CertificateProfile] {
    documented.certificates.map { row in
      switch row.id {
      case .ca: row.with(commonName: .fixed("kubernetes"))
      case .frontProxyCA: row.with(commonName: .fixed("front-proxy-ca"))
      case .apiserver: row.with(names: row.names.filter { $0 != .kubernetesServiceInDomainLabel })
      case .etcdServer, .etcdPeer: row.with(commonName: .nodeName)
      case .apiserverKubeletClient: row.with(organizations: differences.apiserverKubeletClientGroups)
      case .apiserverEtcdClient, .etcdHealthcheckClient: row.with(organizations: differences.etcdClientGroups)
      case .frontProxyClient, .etcdCA, .kubeletServer: row
      }
    }
  }

  private static func kubeconfigs(_ differences: Differences) -> [KubeconfigProfile] {
    func profile(
      _ id: KubeconfigProfile.ID, _ summary: String, _ commonName: CertificateProfile.CommonName,
      _ organizations: [String], _ server: KubeconfigProfile.Server
    ) -> KubeconfigProfile {
      KubeconfigProfile(
        id: id, summary: summary, commonName: commonName, organizations: organizations, server: server,
        clusterName: "kubernetes", credentialName: nil, contextName: nil)
    }
    return [
      profile(
        .admin, "the administrator's", .fixed("kubernetes-admin"), differences.adminGroups, .controlPlane),
      profile(
        .superAdmin, "the one that bypasses RBAC", .fixed("kubernetes-super-admin"),
        ["system:masters"], .controlPlane),
      profile(
        .kubelet, "the kubelet's on this node", .systemNode, ["system:nodes"], differences.kubeletServer),
      profile(
        .controllerManager, "kube-controller-manager's", .fixed("system:kube-controller-manager"), [],
        differences.controllersServer),
      profile(
        .scheduler, "kube-scheduler's", .fixed("system:kube-scheduler"), [], differences.controllersServer),
    ].filter { $0.id != .superAdmin || differences.hasSuperAdmin }
  }
}

extension CertificateProfile {
  /// The row with some of its columns changed.
  fileprivate func with(
    commonName: CommonName? = nil, organizations: [String]? = nil, names: [NameRule]? = nil
  ) -> CertificateProfile {
    CertificateProfile(
      id: id, summary: summary, path: path, role: role, commonName: commonName ?? self.commonName,
      organizations: organizations ?? self.organizations, purposes: purposes, names: names ?? self.names)
  }
}
