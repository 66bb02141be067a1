@testable import KubeadmConfig
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What is read from kubeadm's configuration files.
struct KubeadmConfigurationTests {
  func read(_ text: String) throws -> KubeadmConfiguration {
    try KubeadmConfiguration(SecretBytes(text.utf8), path: "k.yaml")
  }

  func cluster(_ fields: String, version: String = "v1beta4") -> String {
    "apiVersion: kubeadm.k8s.io/\(version)\nkind: ClusterConfiguration\n\(fields)\n"
  }

  func initial(_ fields: String, version: String = "v1beta4") -> String {
    "apiVersion: kubeadm.k8s.io/\(version)\nkind: InitConfiguration\n\(fields)\n"
  }

  /// What is wrong with a file, one sentence each.
  func problems(_ text: String) -> [String] {
    do throws(PKIErrors) {
      let file = try KubeadmConfiguration(SecretBytes(text.utf8), path: "k.yaml")
      _ = try file.settings.configuration()
      return []
    } catch {
      return error.errors.map(\.description)
    }
  }

  @Test(arguments: ["v1beta3", "v1beta4"])
  func `every field that a PKI depends on has its effect`(version: String) throws {
    let file = try read(
      initial(
        """
        localAPIEndpoint: {advertiseAddress: 10.0.0.10, bindPort: 6444}
        nodeRegistration: {name: CP1}
        """, version: version) + "---\n"
        + cluster(
          """
          certificatesDir: /srv/pki
          clusterName: prod
          controlPlaneEndpoint: api.example.com:8443
          kubernetesVersion: 1.35.1
          networking: {serviceSubnet: "10.97.0.0/16,fd00:97::/112", dnsDomain: example.org}
          apiServer: {certSANs: [API2.example.com, "*.apps.example.com", 192.0.2.1]}
          etcd: {local: {serverCertSANs: [e1.example.com], peerCertSANs: [e2.example.com]}}
          """, version: version))
    let configuration = try file.settings.configuration(needing: [.nodeName, .advertiseAddress])
    #expect(file.warnings.isEmpty)
    #expect(configuration.nodeName == "cp1")
    #expect(configuration.localURL == "https://10.0.0.10:6444")
    #expect(configuration.controlPlaneURL == "https://api.example.com:8443")
    #expect(configuration.serviceSubnets.map { "\($0.firstAddress)" } == ["10.97.0.1", "fd00:97::1"])
    #expect(configuration.dnsDomain == "example.org")
    #expect(
      configuration.extraNames[.apiServer]?.map(\.description) == [
        "DNS:api2.example.com", "DNS:*.apps.example.com", "IP:192.0.2.1",
      ])
    #expect(configuration.extraNames[.etcdServer] == [.dnsName("e1.example.com")])
    #expect(configuration.extraNames[.etcdPeer] == [.dnsName("e2.example.com")])
    #expect(configuration.clusterName == "prod")
    #expect(configuration.externalEtcd == nil)
    #expect(file.certificatesDirectory?.text == "/srv/pki")
    #expect(file.settings[.kubernetesVersion]?.text == "1.35.1")
  }

  @Test func `v1beta4 has algorithm and lifetimes`() throws {
    let fields =
      "encryptionAlgorithm: ECDSA-P384\ncertificateValidityPeriod: 2160h\ncaCertificateValidityPeriod: 43800h"
    let configuration = try read(cluster(fields)).settings.configuration()
    #expect(configuration.keyAlgorithm == .ecdsaP384)
    #expect(configuration.certificateValidity == .days(90))
    #expect(configuration.caCertificateValidity == .days(1825))
  }

  @Test func `v1beta3 has neither, says so, and keeps the defaults`() throws {
    let file = try read(
      cluster("encryptionAlgorithm: ECDSA-P384\ncertificateValidityPeriod: 2160h", version: "v1beta3"))
    #expect(
      file.warnings == [
        "k.yaml:3: encryptionAlgorithm is not a field of ClusterConfiguration (kubeadm.k8s.io/v1beta3), and is ignored",
        "k.yaml:4: certificateValidityPeriod is not a field of ClusterConfiguration (kubeadm.k8s.io/v1beta3),"
          + " and is ignored",
      ])
    let configuration = try file.settings.configuration()
    #expect(configuration.keyAlgorithm == .rsa2048 && configuration.certificateValidity == .days(365))
  }

  @Test func `what is empty, null or zero is what is not there`() throws {
    let fields = """
      controlPlaneEndpoint: ""
      networking: {serviceSubnet: "", dnsDomain: null}
      encryptionAlgorithm: ""
      certificatesDir:
      etcd: {external: null}
      apiServer:
      """
    let file = try read(
      cluster(fields) + "---\n" + initial("localAPIEndpoint: {bindPort: 0}\nnodeRegistration: {name: \"\"}"))
    let configuration = try file.settings.configuration()
    #expect(configuration.controlPlaneEndpoint == nil && configuration.bindPort == 6443)
    #expect(configuration.dnsDomain == "cluster.local" && configuration.nodeName == nil)
    #expect(file.certificatesDirectory == nil && configuration.externalEtcd == nil && file.warnings.isEmpty)
  }

  @Test(arguments: ["stable-1", "stable", "latest-1.36", "ci/latest"])
  func `a label cannot be looked up, and is warned of`(label: String) throws {
    let file = try read(cluster("kubernetesVersion: \(label)"))
    #expect(file.settings[.kubernetesVersion] == nil)
    #expect(
      file.warnings.count == 1
        && file.warnings[0].hasPrefix("k.yaml:3: kubernetesVersion: \"\(label)\" cannot"))
  }

  @Test func `an external etcd brings its files`() throws {
    let file = try read(
      cluster(
        """
        etcd:
          external:
            endpoints: ["https://10.0.0.5:2379"]
            httpEndpoints: ["http://10.0.0.5:2381"]
            caFile: /e/ca.crt
            certFile: /e/client.crt
            keyFile: /e/client.key
        """))
    let etcd = try #require(file.settings.configuration().externalEtcd)
    #expect([etcd.caFile, etcd.certFile, etcd.keyFile] == ["/e/ca.crt", "/e/client.crt", "/e/client.key"])
    #expect(file.warnings.isEmpty && file.settings.catalog[.etcdCA] == nil)
    #expect(file.settings.catalog[.apiserverEtcdClient] == nil)
  }

  // MARK: documents

  @Test(arguments: [
    "# only a comment\n---\n%\n---\n", "---\n---\n%---\n# nothing\n---\n", "--- # first\n%...\n", "\u{feff}%",
  ])
  func `comments and empty documents are nothing`(frame: String) throws {
    let text = frame.replacing("%", with: initial("nodeRegistration: {name: cp1}"))
    let file = try read(text)
    #expect(file.settings[.nodeName]?.text == "cp1" && file.warnings.isEmpty)
  }

  @Test func `carriage returns do no harm, and do not count as lines of their own`() throws {
    let text = initial("nodeRegistration:\n  name: cp1\n  Name: cp2").replacing("\n", with: "\r\n")
    let file = try read(text)
    #expect(file.settings[.nodeName]?.text == "cp1")
    #expect(file.warnings.first?.hasPrefix("k.yaml:5: nodeRegistration.Name is not a field") == true)
  }

  @Test func `the documents' order and versions are free`() throws {
    let file = try read(
      cluster("clusterName: prod", version: "v1beta3") + "---\n" + initial("nodeRegistration: {name: cp1}"))
    #expect(file.settings[.nodeName]?.text == "cp1" && file.settings[.clusterName]?.text == "prod")
    #expect(
      file.settings[.nodeName]?.origin == .file(path: "k.yaml", line: 7, field: "nodeRegistration.name"))
  }

  @Test func `JSON is YAML too`() throws {
    let file = try read(
      """
      {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration",
      \t"nodeRegistration": {"name": "cp1"},
        "localAPIEndpoint": {"advertiseAddress": "10.0.0.10", "bindPort": 6444}}
      """)
    let configuration = try file.settings.configuration(needing: [.nodeName, .advertiseAddress])
    #expect(configuration.nodeName == "cp1" && configuration.bindPort == 6444)
  }

  @Test func `objects of others are ignored, with a word where kubeadm would not know them`() throws {
    let file = try read(
      initial("") + "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nx: [1]\n"
        + "---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
        + "---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\n"
        + "---\napiVersion: v1\nkind: ConfigMap\n")
    #expect(
      file.warnings == ["k.yaml:15: ConfigMap (v1) is no part of kubeadm's configuration, and is ignored"])
  }

  @Test func `a joining control-plane node has its name and endpoint`() throws {
    let join = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n"
    let node = """
      nodeRegistration: {name: cp2}
      controlPlane: {localAPIEndpoint: {advertiseAddress: 10.0.0.11, bindPort: 6444}}
      discovery: {bootstrapToken: {token: abcdef.0123456789abcdef, apiServerEndpoint: a:6443}}

      """
    let configuration = try read(join + node).settings.configuration(needing: [.nodeName, .advertiseAddress])
    #expect(configuration.nodeName == "cp2" && configuration.localURL == "https://10.0.0.11:6444")

    let worker = try read(cluster("") + "---\n" + join + "nodeRegistration: {name: w1}\n")
    #expect(worker.settings[.nodeName] == nil)
    #expect(
      worker.warnings == ["k.yaml:5: JoinConfiguration is ignored: without controlPlane it is a worker's"])

    let both = try read(initial("nodeRegistration: {name: cp1}") + "---\n" + join + node)
    #expect(both.settings[.nodeName]?.text == "cp1")
    #expect(both.warnings == ["k.yaml:5: JoinConfiguration is ignored beside InitConfiguration"])
  }

  @Test(arguments: [
    ("", "k.yaml:1: it contains none of ClusterConfiguration, InitConfiguration, JoinConfiguration"),
    (
      "# nothing\n",
      "k.yaml:1: it contains none of ClusterConfiguration, InitConfiguration, JoinConfiguration"
    ),
    (
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
      "k.yaml:1: it contains none of ClusterConfiguration, InitConfiguration, JoinConfiguration"
    ),
    ("kind: InitConfiguration\n", "k.yaml:1: the document has no apiVersion and kind"),
    ("\n- a\n", "k.yaml:2: the document is a list, not an object with apiVersion and kind"),
    (
      "apiVersion: kubeadm.k8s.io/v1alpha2\nkind: MasterConfiguration\n",
      "k.yaml:1: \"kubeadm.k8s.io/v1alpha2\" is not a version that pkigen reads: v1beta1, v1beta2, v1beta3, v1beta4"
    ),
    (
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n---\n"
        + "apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\n",
      "k.yaml:4: a second InitConfiguration in the file"
    ),
    ("a: [1\nb: 2\n", "k.yaml:2: it is not YAML: did not find expected ',' or ']'"),
    ("a: \u{1}", "k.yaml:1: it is not YAML: control characters are not allowed"),
    ("a: *b", "k.yaml:1: it is not YAML: found undefined alias"),
    ("? [a]\n: b", "k.yaml:1: a field's name is no text"),
  ])
  func `a file that is no configuration is refused, with a line`(text: String, expected: String) {
    #expect(problems(text).first == expected)
  }

  @Test func `text that is not UTF-8 is refused`() {
    #expect(throws: PKIErrors.self) { try KubeadmConfiguration(SecretBytes([0x61, 0xff]), path: "k.yaml") }
  }
}
