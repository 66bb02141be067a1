@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// The catalog as a table, in every style and version.
struct CatalogTests {
  /// Documented, and kubeadm's of each version whose identities differ from those of the one before.
  static let catalogs: [Style] =
    [Style("documented", .documented)]
    + versions.map { Style("kubeadm v\($0)", .kubeadm(KubernetesVersion(1, $0.0, $0.1))) }

  static let versions = [
    (27, 0), (28, 15), (29, 0), (32, 9), (33, 11), (33, 12), (34, 7), (34, 8), (35, 4), (35, 5), (36, 0),
    (36, 1),
    (36, 2),
  ]

  /// A catalog and what it is called.
  struct Style: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let catalog: Catalog

    init(_ name: String, _ catalog: Catalog) { (testDescription, self.catalog) = (name, catalog) }
  }

  @Test(arguments: catalogs)
  func `every identity occurs once, and so does every path`(style: Style) {
    let catalog = style.catalog
    #expect(
      Set(catalog.certificates.map(\.id)).union(Catalog.allFiles.kubeconfigs.map(\.id))
        == Set(CatalogEntry.ID.allCases))
    #expect(catalog.certificates.count == 11)
    let location = TreeLocation(certificateDirectory: "/d/pki", kubeconfigDirectory: "/d")
    let paths =
      catalog.certificates.flatMap { [location.path(of: $0), location.path(of: $0, .key)] }
      + [location.serviceAccountKey, location.serviceAccountPublicKey]
      + catalog.kubeconfigs.map { location.path(of: $0) }
    #expect(paths.count == 24 + catalog.kubeconfigs.count && Set(paths).count == paths.count)
    #expect(Set(catalog.kubeconfigs.map(\.id)).count == catalog.kubeconfigs.count)
  }

  @Test(arguments: catalogs)
  func `all is what kubeadm makes, and the kubelet's serving certificate only by name`(style: Style) throws {
    let all = Selection.everything(in: style.catalog).entries
    #expect(Set(style.catalog.entries.map(\.id)).subtracting(all) == [.kubeletServer])
    #expect(
      try Selection.test(["kubelet-server"], .pairs, in: style.catalog).entries == [.kubeletServer])
  }

  @Test(arguments: catalogs)
  func `CAs come before what they sign, and only CAs sign`(style: Style) throws {
    var seen: Set<CatalogEntry.ID> = []
    for profile in style.catalog.certificates {
      if let authority = profile.ca {
        #expect(seen.contains(authority), "\(profile.id)")
        #expect(style.catalog[authority]?.isCA == true, "\(profile.id)")
      }
      seen.insert(profile.id)
    }
    for profile in style.catalog.kubeconfigs {
      #expect(profile.ca.flatMap { style.catalog[$0] }?.isCA == true)
    }
  }

  @Test(arguments: catalogs)
  func `CAs have neither groups nor names nor purposes, and leaves have purposes`(style: Style) {
    for profile in style.catalog.certificates {
      if profile.isCA {
        #expect(profile.organizations.isEmpty && profile.sans.isEmpty && profile.purposes.isEmpty)
      } else {
        #expect(!profile.purposes.isEmpty, "\(profile.id)")
        #expect(
          profile.sans.isEmpty == !profile.purposes.contains(.serverAuth),
          "servers have names, clients do not")
      }
    }
  }

  @Test(arguments: catalogs)
  func `every common name is one's own, and CAs' are fixed`(style: Style) throws {
    let certificates = style.catalog.certificates
    #expect(style.catalog.caNames.count == certificates.count { $0.isCA })
    let fixed = certificates.compactMap { if case .fixed(let name) = $0.commonName { name } else { nil } }
    #expect(Set(fixed).count == fixed.count)
  }

  @Test(arguments: catalogs)
  func `every rule has a meaning in a cluster of which everything is known`(style: Style) throws {
    let cluster = try configuration(
      nodeName: "cp1", advertiseAddress: "10.0.0.10", endpoint: "api.example.com",
      extra: [.apiServer: ["a"], .etcdServer: ["b"], .etcdPeer: ["c"], .kubeletServer: ["d"]])
    for profile in style.catalog.certificates {
      #expect(profile.commonName.resolved(in: cluster)?.isEmpty == false)
      for rule in profile.sans { #expect(!rule.names(in: cluster).isEmpty, "\(profile.id): \(rule)") }
      #expect(!profile.summary.isEmpty)
    }
    for profile in style.catalog.kubeconfigs {
      #expect(profile.commonName.resolved(in: cluster)?.isEmpty == false)
      #expect(profile.kubeconfig?.serverURL(in: cluster)?.hasPrefix("https://") == true)
      #expect(!profile.summary.isEmpty)
    }
  }

  /// What a profile says that it needs to know is all that it needs to know.
  @Test(arguments: catalogs)
  func `facts are what the rules need`(style: Style) throws {
    for facts in [
      [], [.nodeName], [.advertiseAddress], [.nodeName, .advertiseAddress], [.nodeName, .controlPlane],
    ] as [Set<ClusterConfiguration.Fact>] {
      let cluster = try configuration(
        nodeName: facts.contains(.nodeName) ? "cp1" : nil,
        advertiseAddress: facts.contains(.advertiseAddress) ? "10.0.0.10" : nil,
        endpoint: facts.contains(.controlPlane) ? "api.example.com" : nil)
      for profile in style.catalog.certificates where profile.facts.isSubset(of: facts) {
        #expect(profile.commonName.resolved(in: cluster) != nil)
        for rule in profile.sans where ![.controlPlaneEndpoint, .nodeAddress].contains(rule) {
          if case .extra = rule { continue }
          #expect(!rule.names(in: cluster).isEmpty, "\(profile.id): \(rule)")
        }
      }
      for profile in style.catalog.kubeconfigs where profile.facts.isSubset(of: facts) {
        #expect(
          profile.commonName.resolved(in: cluster) != nil && profile.kubeconfig?.serverURL(in: cluster) != nil
        )
      }
    }
  }

  /// `documented-pki.md`'s tables, written a second time: read off pkigen's own, a mistake would agree with itself.
  @Test func `the documented identities are those of the documentation`() {
    #expect(
      identities(.documented) == [
        "ca: kubernetes-ca", "apiserver: kube-apiserver",
        "apiserver-kubelet-client: kube-apiserver-kubelet-client, system:masters",
        "front-proxy-ca: kubernetes-front-proxy-ca", "front-proxy-client: front-proxy-client",
        "etcd/ca: etcd-ca",
        "etcd/server: kube-etcd", "etcd/peer: kube-etcd-peer",
        "etcd/healthcheck-client: kube-etcd-healthcheck-client",
        "apiserver-etcd-client: kube-apiserver-etcd-client, system:masters",
        "kubelet-server: system:node:cp1, system:nodes",
        "admin.conf: kubernetes-admin, system:masters",
        "kubelet.conf: system:node:cp1, system:nodes",
        "controller-manager.conf: system:kube-controller-manager",
        "scheduler.conf: system:kube-scheduler",
      ])
  }

  @Test(arguments: [
    ("1.27.16", "system:masters", "system:masters", "system:masters", false),
    ("1.28.15", "system:masters", "system:masters", "system:masters", false),
    ("1.29.0", "kubeadm:cluster-admins", "kubeadm:cluster-admins", "", true),
    ("1.33.11", "kubeadm:cluster-admins", "kubeadm:cluster-admins", "", true),
    ("1.33.12", "kubeadm:cluster-admins", "", "", true),
    ("1.34.7", "kubeadm:cluster-admins", "kubeadm:cluster-admins", "", true),
    ("1.34.8", "kubeadm:cluster-admins", "", "", true),
    ("1.35.4", "kubeadm:cluster-admins", "kubeadm:cluster-admins", "", true),
    ("1.35.5", "kubeadm:cluster-admins", "", "", true),
    ("1.36.0", "kubeadm:cluster-admins", "kubeadm:cluster-admins", "", true),
    ("1.36.1", "kubeadm:cluster-admins", "", "", true), ("1.36.2", "kubeadm:cluster-admins", "", "", true),
    ("1.37.0", "kubeadm:cluster-admins", "", "", true),
  ])
  func `kubeadm's groups depend on the version`(
    version: String, admin: String, kubeletClient: String, etcdClients: String, hasSuperAdmin: Bool
  ) throws {
    func row(_ name: String, _ group: String) -> String { group.isEmpty ? name : "\(name), \(group)" }
    let superAdmin = hasSuperAdmin ? ["super-admin.conf: kubernetes-super-admin, system:masters"] : []
    #expect(
      identities(.kubeadm(try #require(KubernetesVersion(version)))) == [
        "ca: kubernetes", "apiserver: kube-apiserver",
        row("apiserver-kubelet-client: kube-apiserver-kubelet-client", kubeletClient),
        "front-proxy-ca: front-proxy-ca", "front-proxy-client: front-proxy-client", "etcd/ca: etcd-ca",
        "etcd/server: cp1", "etcd/peer: cp1",
        row("etcd/healthcheck-client: kube-etcd-healthcheck-client", etcdClients),
        row("apiserver-etcd-client: kube-apiserver-etcd-client", etcdClients),
        "kubelet-server: system:node:cp1, system:nodes",
        row("admin.conf: kubernetes-admin", admin),
      ] + superAdmin + [
        "kubelet.conf: system:node:cp1, system:nodes",
        "controller-manager.conf: system:kube-controller-manager",
        "scheduler.conf: system:kube-scheduler",
      ])
  }

  /// File, common name and groups of each row, for the node cp1.
  private func identities(_ catalog: Catalog) -> [String] {
    let cluster = try? configuration(nodeName: "cp1", advertiseAddress: "10.0.0.10")
    func row(_ file: String, _ name: CatalogEntry.CommonName, _ groups: [String]) -> String {
      "\(file): " + ([cluster.flatMap { name.resolved(in: $0) } ?? "?"] + groups).joined(separator: ", ")
    }
    return catalog.certificates.map {
      row(
        TreeLocation(certificateDirectory: "", kubeconfigDirectory: "").layout.place(of: $0, .certificate)
          .path.replacing(".crt", with: ""), $0.commonName, $0.organizations)
    }
      + catalog.kubeconfigs.map { row($0.name, $0.commonName, $0.organizations) }
  }
}
