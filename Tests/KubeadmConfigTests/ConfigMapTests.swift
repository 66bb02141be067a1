@testable import KubeadmConfig
import KubernetesPKI
import OpenSSLX509
import Testing

/// What kubeadm keeps in a cluster, and configurations of older clusters.
struct ConfigMapTests {
  private static let yaml = """
    apiVersion: v1
    data:
      ClusterConfiguration: |
        apiServer:
          certSANs:
          - api.example.com
        apiVersion: kubeadm.k8s.io/v1beta4
        clusterName: prod
        etcd:
          external: {endpoints: ["https://10.0.0.5:2379"], caFile: /e/ca.crt}
        kind: ClusterConfiguration
        kubernetesVersion: v1.32.0
        networking: {serviceSubnet: 10.97.0.0/16}
    kind: ConfigMap
    metadata: {name: kubeadm-config, namespace: kube-system}
    """

  private func read(_ text: String) throws -> KubeadmConfiguration {
    try KubeadmConfiguration(SecretBytes(text.utf8), path: "c.yaml")
  }

  @Test func `the ConfigMap of a cluster says what the file did`() throws {
    let file = try read(Self.yaml)
    #expect(file.warnings.isEmpty)
    let cluster = try file.settings.configuration()
    #expect(cluster.clusterName == "prod" && cluster.externalEtcd?.caFile == "/e/ca.crt")
    #expect(cluster.extraNames[.apiServer] == [.dnsName("api.example.com")])
    #expect(cluster.serviceSubnets.map(\.description) == ["10.97.0.0/16"])
  }

  @Test func `the ConfigMap may be JSON`() throws {
    let text = """
      {"apiVersion": "v1", "kind": "ConfigMap", "data": {"ClusterConfiguration":
        "apiVersion: kubeadm.k8s.io/v1beta3\\nkind: ClusterConfiguration\\nclusterName: prod\\n"}}
      """
    #expect(try read(text).settings[.clusterName]?.text == "prod")
  }

  @Test func `errors name the line of the ConfigMap and the one in its text`() throws {
    let file = try read(Self.yaml.replacing("10.97.0.0/16", with: "[]"))
    let errors = #expect(throws: PKIErrors.self) { try file.settings.configuration() }
    #expect(
      errors?.description
        == "c.yaml:3: data.ClusterConfiguration:10: networking.serviceSubnet is a list, not a string")
  }

  @Test(arguments: [
    ("5", "c.yaml:3: data.ClusterConfiguration:3: it is a number, not a text"),
    ("\"a: [\"", "c.yaml:3: data.ClusterConfiguration:"),
    ("\"[]\"", "c.yaml:3: data.ClusterConfiguration:1: the document is a list"),
  ])
  func `a ConfigMap with something else is refused`(value: String, expected: String) {
    let errors = #expect(throws: PKIErrors.self) {
      try read("kind: ConfigMap\napiVersion: v1\ndata: {ClusterConfiguration: \(value)}\n").settings
        .configuration()
    }
    #expect(errors?.description.hasPrefix(expected) == true, "\(errors?.description ?? "")")
  }

  @Test(arguments: ["v1beta1", "v1beta2", "v1beta3"])
  func `configurations of older clusters are read, with the fields of their version`(version: String) throws {
    let file = try read(
      """
      apiVersion: kubeadm.k8s.io/\(version)
      kind: ClusterConfiguration
      apiServer: {certSANs: [api.example.com], extraArgs: {v: "4"}}
      controlPlaneEndpoint: api.example.com:6443
      ---
      apiVersion: kubeadm.k8s.io/\(version)
      kind: InitConfiguration
      localAPIEndpoint: {advertiseAddress: 10.0.0.7, bindPort: 6444}
      nodeRegistration: {name: cp1}
      """)
    #expect(file.warnings.isEmpty)
    let cluster = try file.settings.configuration(needing: [.nodeName, .advertiseAddress])
    #expect(cluster.nodeName == "cp1" && cluster.localURL == "https://10.0.0.7:6444")
    #expect(cluster.extraNames[.apiServer] == [.dnsName("api.example.com")])
  }

  @Test func `fields that a version does not have are warned of`() throws {
    func warnings(_ version: String, _ fields: String) throws -> Int {
      try read("apiVersion: kubeadm.k8s.io/\(version)\nkind: ClusterConfiguration\n\(fields)").warnings.count
    }
    #expect(try warnings("v1beta2", "dns: {type: CoreDNS}\nuseHyperKubeImage: false") == 0)
    #expect(try warnings("v1beta3", "dns: {type: CoreDNS}\nuseHyperKubeImage: false") == 2)
    #expect(try warnings("v1beta2", "encryptionAlgorithm: RSA-2048") == 1)
  }

  @Test(arguments: ["v1alpha1", "v1alpha3", "v2"])
  func `other versions are refused, and kubeadm can migrate them`(version: String) {
    let errors = #expect(throws: PKIErrors.self) {
      try read("apiVersion: kubeadm.k8s.io/\(version)\nkind: MasterConfiguration\n").settings.configuration()
    }
    guard case .invalidConfiguration(_, _, _, let hint?) = errors?.errors.first else {
      Issue.record("no hint")
      return
    }
    #expect(hint.contains("kubeadm config migrate"))
  }
}
