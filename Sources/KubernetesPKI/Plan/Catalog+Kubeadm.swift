internal import OpenSSLX509

extension Catalog {
  /// What differs between kubeadm's versions: the groups of the clients.
  private struct Groups {
    var admin = ["kubeadm:cluster-admins"]
    var apiserverKubeletClient = ["kubeadm:cluster-admins"]
    var etcdClients: [String] = []
    var hasSuperAdmin = true

    /// The table: version 1.29 divided the administrators, and patch releases of May 2026 took the API server's kubelet
    /// client out of them, <https://github.com/kubernetes/kubernetes/pull/138957>.
    init(_ version: KubernetesVersion) {
      if version < KubernetesVersion(1, 29, 0) {
        admin = ["system:masters"]
        apiserverKubeletClient = ["system:masters"]
        etcdClients = ["system:masters"]
        hasSuperAdmin = false
      } else if Self.kubeletClientWithoutGroup(version) {
        apiserverKubeletClient = []
      }
    }

    private static func kubeletClientWithoutGroup(_ version: KubernetesVersion) -> Bool {
      let firstPatch = [33: 12, 34: 8, 35: 5, 36: 1]
      guard let patch = firstPatch[version.minor] else { return version.minor > 36 }
      return version.patch >= patch
    }
  }

  /// Names and identities as kubeadm of this version writes them.
  public static func kubeadm(_ version: KubernetesVersion) -> Catalog {
    let groups = Groups(version)
    return Catalog(certificates: certificates(groups), kubeconfigs: kubeconfigs(groups))
  }

  private static func certificates(_ groups: Groups) -> [CertificateProfile] {
    documented.certificates.map { row in
      switch row.id {
      case .ca: row.with(commonName: .fixed("kubernetes"))
      case .frontProxyCA: row.with(commonName: .fixed("front-proxy-ca"))
      case .apiserver: row.with(names: row.names.filter { $0 != .kubernetesServiceInDomainLabel })
      case .etcdServer, .etcdPeer: row.with(commonName: .nodeName)
      case .apiserverKubeletClient: row.with(organizations: groups.apiserverKubeletClient)
      case .apiserverEtcdClient, .etcdHealthcheckClient: row.with(organizations: groups.etcdClients)
      case .frontProxyClient, .etcdCA: row
      }
    }
  }

  private static func kubeconfigs(_ groups: Groups) -> [KubeconfigProfile] {
    func profile(
      _ id: KubeconfigProfile.ID, _ summary: String, _ commonName: CertificateProfile.CommonName,
      _ organizations: [String], _ server: KubeconfigProfile.Server
    ) -> KubeconfigProfile {
      KubeconfigProfile(
        id: id, summary: summary, commonName: commonName, organizations: organizations, server: server,
        clusterName: "kubernetes", credentialName: nil, contextName: nil)
    }
    return [
      profile(.admin, "the administrator's", .fixed("kubernetes-admin"), groups.admin, .controlPlane),
      profile(
        .superAdmin, "the administrator's that no authorization rule stops", .fixed("kubernetes-super-admin"),
        ["system:masters"], .controlPlane),
      profile(.kubelet, "the kubelet's on this node", .systemNode, ["system:nodes"], .local),
      profile(
        .controllerManager, "kube-controller-manager's", .fixed("system:kube-controller-manager"), [], .local),
      profile(.scheduler, "kube-scheduler's", .fixed("system:kube-scheduler"), [], .local),
    ].filter { $0.id != .superAdmin || groups.hasSuperAdmin }
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
