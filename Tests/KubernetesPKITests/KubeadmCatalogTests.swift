@testable import KubernetesPKI
import PKITestSupport
import Testing

/// kubeadm's identities, version by version. The table here is written from kubeadm's release notes.
struct KubeadmCatalogTests {
  struct Expectation: Sendable, CustomTestStringConvertible {
    let version: KubernetesVersion
    let admin: [String]
    let kubeletClient: [String]
    let etcdClients: [String]
    let hasSuperAdmin: Bool
    let bindings: [String]

    init(
      _ minor: Int, _ patch: Int, admin: String, kubeletClient: String?, etcdClients: String? = nil,
      superAdmin: Bool = true, bindings: [String]
    ) {
      version = KubernetesVersion(1, minor, patch)
      self.admin = [admin]
      self.kubeletClient = kubeletClient.map { [$0] } ?? []
      self.etcdClients = etcdClients.map { [$0] } ?? []
      hasSuperAdmin = superAdmin
      self.bindings = bindings
    }

    var testDescription: String { version.description }
  }

  private static let masters = "system:masters"
  private static let admins = "kubeadm:cluster-admins"
  private static let kubeletClient = "kubeadm:apiserver-kubelet-client"

  static let old = [(18, 0), (28, 0), (28, 15)].map { minor, patch in
    Expectation(
      minor, patch, admin: masters, kubeletClient: masters, etcdClients: masters, superAdmin: false,
      bindings: [])
  }
  static let grouped = [(29, 0), (30, 4), (33, 11), (34, 7), (35, 4), (36, 0)].map { minor, patch in
    Expectation(minor, patch, admin: admins, kubeletClient: admins, bindings: [admins])
  }
  static let bound = [(33, 12), (34, 8), (35, 5), (36, 1), (36, 2), (37, 0)].map { minor, patch in
    Expectation(minor, patch, admin: admins, kubeletClient: nil, bindings: [admins, kubeletClient])
  }

  @Test(arguments: old + grouped + bound)
  func `the groups of clients are those of the version`(expected: Expectation) throws {
    let catalog = Catalog.kubeadm(expected.version)
    #expect(catalog[.admin]?.organizations == expected.admin)
    #expect(catalog[.apiserverKubeletClient]?.organizations == expected.kubeletClient)
    #expect(catalog[.apiserverEtcdClient]?.organizations == expected.etcdClients)
    #expect(catalog[.etcdHealthcheckClient]?.organizations == expected.etcdClients)
    #expect(catalog[.superAdmin]?.organizations == (expected.hasSuperAdmin ? [Self.masters] : nil))
    #expect(catalog[.frontProxyClient]?.organizations == [])
    #expect(catalog[.kubelet]?.organizations == ["system:nodes"])
    #expect(catalog.roleBindings().map(\.name) == expected.bindings)
  }

  @Test(arguments: [
    (
      KubernetesVersion(1, 18, 9), CatalogEntry.KubeconfigNames.Server.controlPlane,
      CatalogEntry.KubeconfigNames.Server.controlPlane
    ),
    (KubernetesVersion(1, 19, 1), .controlPlane, .local),
    (KubernetesVersion(1, 32, 9), .controlPlane, .local),
    (KubernetesVersion(1, 33, 0), .nearest, .local), (.newestKnown, .nearest, .local),
  ])
  func `kubeconfigs point where the version has them point`(
    version: KubernetesVersion, kubelet: CatalogEntry.KubeconfigNames.Server,
    controllers: CatalogEntry.KubeconfigNames.Server
  ) {
    let catalog = Catalog.kubeadm(version)
    #expect(catalog[.kubelet]?.kubeconfig?.server == kubelet)
    #expect(catalog[.controllerManager]?.kubeconfig?.server == controllers)
    #expect(catalog[.scheduler]?.kubeconfig?.server == controllers)
    #expect(catalog[.admin]?.kubeconfig?.server == .controlPlane)
  }

  @Test func `rows stand in the order in which kubeadm makes them`() {
    let catalog = Catalog.kubeadm(.newestKnown)
    #expect(
      catalog.certificates.map(\.id.rawValue) == [
        "ca", "apiserver", "apiserver-kubelet-client", "front-proxy-ca", "front-proxy-client", "etcd-ca",
        "etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client",
        "kubelet-server",
      ])
    #expect(
      catalog.kubeconfigs.map(\.name) == [
        "admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf",
      ])
  }

  @Test func `common names are kubeadm's`() {
    let catalog = Catalog.kubeadm(.newestKnown)
    #expect(catalog.caNames == ["kubernetes", "front-proxy-ca", "etcd-ca"])
    #expect(catalog[.etcdServer]?.commonName == .nodeName)
    #expect(catalog[.etcdPeer]?.commonName == .nodeName)
    #expect(
      catalog.kubeconfigs.allSatisfy {
        $0.kubeconfig?.cluster == "kubernetes" && $0.kubeconfig?.context == nil
      })
  }

  @Test(arguments: ["v1.36.2", "1.36.2", "v1.36.2-rc.1", "v1.36.2+k3s1"])
  func `a version may have a v, and what follows its numbers does not count`(text: String) {
    #expect(KubernetesVersion(text) == KubernetesVersion(1, 36, 2))
  }

  @Test(arguments: ["", "v", "1.36", "v1.36.x", "vv1.36.2", "stable-1", "1.36.2.3", "-1.2.3", "1.-2.3"])
  func `what is no version is refused`(text: String) {
    var request = ClusterSettings()
    request[.kubernetesVersion] = Setting(text, from: .option("--kubernetes-version"))
    #expect(throws: PKIErrors.self) { try request.configuration() }
  }

  @Test func `the documented identities need no binding`() {
    #expect(Catalog.documented.roleBindings().isEmpty)
  }
}
