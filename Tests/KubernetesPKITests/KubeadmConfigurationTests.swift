import OpenSSLX509
import Testing

@testable import KubernetesPKI

/// What is read from kubeadm's configuration files.
struct KubeadmConfigurationTests {
  private func read(_ text: String) throws -> KubeadmConfiguration {
    try KubeadmConfiguration(SecretBytes(text.utf8), path: "k.yaml")
  }

  private func cluster(_ fields: String, version: String = "v1beta4") -> String {
    "apiVersion: kubeadm.k8s.io/\(version)\nkind: ClusterConfiguration\n\(fields)\n"
  }

  private func initial(_ fields: String, version: String = "v1beta4") -> String {
    "apiVersion: kubeadm.k8s.io/\(version)\nkind: InitConfiguration\n\(fields)\n"
  }

  /// What is wrong with a file, one sentence each.
  private func problems(_ text: String) -> [String] {
    do throws(PKIErrors) {
      let file = try KubeadmConfiguration(SecretBytes(text.utf8), path: "k.yaml")
      _ = try file.request.configuration(needing: [])
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
    let configuration = try file.request.configuration(needing: [.nodeName, .advertiseAddress])
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
    #expect(file.request.kubernetesVersion?.text == "1.35.1")
  }

  @Test func `v1beta4 has algorithm and lifetimes`() throws {
    let fields =
      "encryptionAlgorithm: ECDSA-P384\ncertificateValidityPeriod: 2160h\ncaCertificateValidityPeriod: 43800h"
    let configuration = try read(cluster(fields)).request.configuration(needing: [])
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
    let configuration = try file.request.configuration(needing: [])
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
    let configuration = try file.request.configuration(needing: [])
    #expect(configuration.controlPlaneEndpoint == nil && configuration.bindPort == 6443)
    #expect(configuration.dnsDomain == "cluster.local" && configuration.nodeName == nil)
    #expect(file.certificatesDirectory == nil && configuration.externalEtcd == nil && file.warnings.isEmpty)
  }

  @Test(arguments: ["stable-1", "stable", "latest-1.36", "ci/latest"])
  func `a label cannot be looked up, and is warned of`(label: String) throws {
    let file = try read(cluster("kubernetesVersion: \(label)"))
    #expect(file.request.kubernetesVersion == nil)
    #expect(
      file.warnings.count == 1
        && file.warnings[0].hasPrefix("k.yaml:3: kubernetesVersion: \"\(label)\" cannot"))
  }

  @Test func `an etcd elsewhere brings its files`() throws {
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
    let etcd = try #require(file.request.configuration(needing: []).externalEtcd)
    #expect([etcd.caFile, etcd.certFile, etcd.keyFile] == ["/e/ca.crt", "/e/client.crt", "/e/client.key"])
    #expect(file.warnings.isEmpty && file.request.catalog[.etcdCA] == nil)
    #expect(file.request.catalog[.apiserverEtcdClient] == nil)
  }

  // MARK: documents

  @Test(arguments: [
    "# only a comment\n---\n%\n---\n", "---\n---\n%---\n# nothing\n---\n", "--- # first\n%...\n", "\u{feff}%",
  ])
  func `comments and empty documents are nothing`(frame: String) throws {
    let text = frame.replacing("%", with: initial("nodeRegistration: {name: cp1}"))
    let file = try read(text)
    #expect(file.request.nodeName?.text == "cp1" && file.warnings.isEmpty)
  }

  @Test func `carriage returns do no harm, and do not count as lines of their own`() throws {
    let text = initial("nodeRegistration:\n  name: cp1\n  Name: cp2").replacing("\n", with: "\r\n")
    let file = try read(text)
    #expect(file.request.nodeName?.text == "cp1")
    #expect(file.warnings.first?.hasPrefix("k.yaml:5: nodeRegistration.Name is not a field") == true)
  }

  @Test func `the documents' order and versions are free`() throws {
    let file = try read(
      cluster("clusterName: prod", version: "v1beta3") + "---\n" + initial("nodeRegistration: {name: cp1}"))
    #expect(file.request.nodeName?.text == "cp1" && file.request.clusterName?.text == "prod")
    #expect(file.request.nodeName?.origin == .file(path: "k.yaml", line: 7, field: "nodeRegistration.name"))
  }

  @Test func `JSON is YAML too`() throws {
    let file = try read(
      """
      {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration",
      \t"nodeRegistration": {"name": "cp1"},
        "localAPIEndpoint": {"advertiseAddress": "10.0.0.10", "bindPort": 6444}}
      """)
    let configuration = try file.request.configuration(needing: [.nodeName, .advertiseAddress])
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
    let configuration = try read(join + node).request.configuration(needing: [.nodeName, .advertiseAddress])
    #expect(configuration.nodeName == "cp2" && configuration.localURL == "https://10.0.0.11:6444")

    let worker = try read(cluster("") + "---\n" + join + "nodeRegistration: {name: w1}\n")
    #expect(worker.request.nodeName == nil)
    #expect(
      worker.warnings == ["k.yaml:5: JoinConfiguration is ignored: without controlPlane it is a worker's"])

    let both = try read(initial("nodeRegistration: {name: cp1}") + "---\n" + join + node)
    #expect(both.request.nodeName?.text == "cp1")
    #expect(both.warnings == ["k.yaml:5: JoinConfiguration is ignored beside InitConfiguration"])
  }

  @Test(arguments: [
    ("", "k.yaml:1: there is none of ClusterConfiguration, InitConfiguration, JoinConfiguration in it"),
    (
      "# nothing\n",
      "k.yaml:1: there is none of ClusterConfiguration, InitConfiguration, JoinConfiguration in it"
    ),
    (
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
      "k.yaml:1: there is none of ClusterConfiguration, InitConfiguration, JoinConfiguration in it"
    ),
    ("kind: InitConfiguration\n", "k.yaml:1: the document has no apiVersion and kind"),
    ("\n- a\n", "k.yaml:2: the document is a list, not an object with apiVersion and kind"),
    (
      "apiVersion: kubeadm.k8s.io/v1beta2\nkind: InitConfiguration\n",
      "k.yaml:1: \"kubeadm.k8s.io/v1beta2\" is not a version that pkigen reads: v1beta3 or v1beta4"
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

  // MARK: odd fields

  @Test func `unknown and wrongly cased fields are warned of and ignored`() throws {
    let file = try read(cluster("networking:\n  dnsdomain: x\n  colour: red\ncontrolplaneEndpoint: y"))
    #expect(
      file.warnings == [
        "k.yaml:4: networking.dnsdomain is not a field of ClusterConfiguration (kubeadm.k8s.io/v1beta4), and is ignored;"
          + " did you mean dnsDomain?",
        "k.yaml:5: networking.colour is not a field of ClusterConfiguration (kubeadm.k8s.io/v1beta4), and is ignored",
        "k.yaml:6: controlplaneEndpoint is not a field of ClusterConfiguration (kubeadm.k8s.io/v1beta4), and is ignored;"
          + " did you mean controlPlaneEndpoint?",
      ])
    let configuration = try file.request.configuration(needing: [])
    #expect(configuration.dnsDomain == "cluster.local" && configuration.controlPlaneEndpoint == nil)
  }

  @Test(arguments: ["clusterName", "\"clusterName\"", "'clusterName'"])
  func `of a field that stands twice, the last one counts`(name: String) throws {
    let file = try read(cluster("\(name): one\nnetworking: {}\n\(name): two\n\(name): three"))
    #expect(file.request.clusterName?.text == "three")
    #expect(
      file.warnings
        == [3, 5].map { "k.yaml:\($0): clusterName stands again further down; only the last one counts" })
  }

  @Test func `a field may stand twice on one line, deep in an object`() throws {
    let file = try read(cluster("networking: {dnsDomain: a, podSubnet: 10.1.0.0/16, dnsDomain: b}"))
    #expect(file.request.dnsDomain?.text == "b")
    #expect(
      file.warnings == ["k.yaml:3: networking.dnsDomain stands again further down; only the last one counts"])
  }

  @Test func `merged objects are part of the object`() throws {
    let file = try read(
      cluster(
        "x: &base {dnsDomain: a.example, podSubnet: 10.1.0.0/16}\nnetworking:\n  <<: *base\n  podSubnet: 10.2.0.0/16"
      ))
    #expect(file.request.dnsDomain?.text == "a.example")
    #expect(file.warnings.count == 1)
  }

  // MARK: wrong types and values

  @Test(arguments: [
    ("networking: [a]", "k.yaml:3: networking is a list, not an object"),
    ("networking: text", "k.yaml:3: networking is a string, not an object"),
    ("networking:\n  dnsDomain: 5", "k.yaml:4: networking.dnsDomain is a number, not a string"),
    ("clusterName: yes", "k.yaml:3: clusterName is a boolean, not a string"),
    ("controlPlaneEndpoint:\n  host: a", "k.yaml:3: controlPlaneEndpoint is an object, not a string"),
    ("apiServer: {certSANs: a.example.com}", "k.yaml:3: apiServer.certSANs is a string, not a list"),
    ("apiServer:\n  certSANs:\n  - a\n  - 1.5", "k.yaml:6: apiServer.certSANs[1] is a number, not a string"),
    ("apiServer: {extraArgs: {v: \"4\"}}", "k.yaml:3: apiServer.extraArgs is an object, not a list"),
    ("featureGates: {A: 1}", "k.yaml:3: featureGates.A is a number, not a boolean"),
    ("dns: {disabled: \"true\"}", "k.yaml:3: dns.disabled is a string, not a boolean"),
    ("certificateValidityPeriod: 8760", "k.yaml:3: certificateValidityPeriod is a number, not a string"),
    ("etcd: {external: []}", "k.yaml:3: etcd.external is a list, not an object"),
  ])
  func `a value of a wrong type is an error, with line and field`(field: String, expected: String) {
    #expect(problems(cluster(field)) == [expected])
  }

  @Test(arguments: [
    (
      "localAPIEndpoint: {bindPort: \"6443\"}",
      "k.yaml:3: localAPIEndpoint.bindPort is a string, not a number"
    ),
    ("nodeRegistration:\n  name: 12", "k.yaml:4: nodeRegistration.name is a number, not a string"),
    (
      "nodeRegistration: {kubeletExtraArgs: {v: \"4\"}}",
      "k.yaml:3: nodeRegistration.kubeletExtraArgs is an object, not a list"
    ),
    ("bootstrapTokens: [{ttl: 24}]", "k.yaml:3: bootstrapTokens[0].ttl is a number, not a string"),
    (
      "localAPIEndpoint:\n  advertiseAddress: 10.0.0.300",
      "k.yaml:4: localAPIEndpoint.advertiseAddress: \"10.0.0.300\" is not an IP address"
    ),
    (
      "localAPIEndpoint: {bindPort: 70000}",
      "k.yaml:3: localAPIEndpoint.bindPort: \"70000\" is not a port: a number from 1 to 65535"
    ),
    (
      "nodeRegistration: {name: bad_name}",
      "k.yaml:3: nodeRegistration.name: \"bad_name\" is not a host name: only the letters a-z, digits, '-' and '.' may"
        + " be in it"
    ),
    ("certificateKey: 00ff", "k.yaml:3: certificateKey is not 64 hexadecimal digits, an AES key of 32 bytes"),
  ])
  func `so it is with what describes the node`(field: String, expected: String) {
    #expect(problems(initial(field)) == [expected])
  }

  @Test(arguments: [
    ("certificatesDir: pki", "certificatesDir: \"pki\" is not an absolute path"),
    ("kubernetesVersion: v1.36", "kubernetesVersion: \"v1.36\" is not a version of Kubernetes"),
    (
      "encryptionAlgorithm: rsa-2048", "encryptionAlgorithm: \"rsa-2048\" is not a key algorithm of kubeadm's"
    ),
    ("encryptionAlgorithm: Ed25519", "encryptionAlgorithm: \"Ed25519\" is not a key algorithm of kubeadm's"),
    (
      "certificateValidityPeriod: 365d",
      "certificateValidityPeriod: \"365d\" is not a length of time that kubeadm reads"
    ),
    ("certificateValidityPeriod: 0s", "certificateValidityPeriod: \"0s\" is less than one second"),
    ("caCertificateValidityPeriod: -1h", "caCertificateValidityPeriod: \"-1h\" is negative"),
    ("controlPlaneEndpoint: https://a", "controlPlaneEndpoint: \"https://a\" is not HOST:PORT"),
    ("controlPlaneEndpoint: \"a:0\"", "controlPlaneEndpoint: \"a:0\" is not HOST:PORT"),
    ("networking: {serviceSubnet: 10.0.0.0/29}", "networking.serviceSubnet: \"10.0.0.0/29\" is too small"),
    (
      "networking: {serviceSubnet: \"10.0.0.0/16,10.1.0.0/16\"}",
      "networking.serviceSubnet: \"10.0.0.0/16,10.1.0.0/16\" is not one network"
    ),
    (
      "networking: {serviceSubnet: \"10.0.0.0/16, fd00::/112\"}",
      "networking.serviceSubnet: \"10.0.0.0/16, fd00::/112\" is not a network"
    ),
    ("networking: {podSubnet: 10.0.0.0}", "networking.podSubnet: \"10.0.0.0\" is not a network"),
    ("networking: {podSubnet: 10.0.0.0/29}", "networking.podSubnet: \"10.0.0.0/29\" is too small"),
    ("networking: {dnsDomain: a..b}", "networking.dnsDomain: \"a..b\" is not a host name"),
    ("apiServer: {certSANs: [\"*.*.a\"]}", "apiServer.certSANs[0]: \"*.*.a\" is not a host name"),
    (
      "apiServer: {certSANs: [a, ]}\netcd: {local: {serverCertSANs: [~]}}",
      "etcd.local.serverCertSANs[0]: \"\" is empty"
    ),
    ("etcd: {local: {peerCertSANs: [a b]}}", "etcd.local.peerCertSANs[0]: \"a b\" is not a host name"),
    ("etcd: {external: {}}", "etcd.external.endpoints is missing"),
    (
      "etcd: {external: {endpoints: [a]}}", "etcd.external.endpoints[0]: \"a\" is not a URL of an etcd member"
    ),
    (
      "etcd: {external: {endpoints: [\"http://a\"], caFile: /a}}",
      "etcd.external.endpoints[0]: \"http://a\" is not a URL that starts with https://"
    ),
    (
      "etcd: {external: {endpoints: [\"https://a\"], caFile: a}}",
      "etcd.external.caFile: \"a\" is not an absolute path"
    ),
    (
      "etcd: {external: {endpoints: [\"https://a\"], caFile: /a, keyFile: /b}}",
      "etcd.external.certFile and etcd.external.keyFile need each other"
    ),
    (
      "etcd: {external: {endpoints: [\"https://a\"], certFile: /a, keyFile: /b}}",
      "etcd.external.certFile and etcd.external.keyFile need etcd.external.caFile"
    ),
    (
      "etcd: {local: {dataDir: /d}, external: {endpoints: [\"https://a\"]}}",
      "etcd.local and etcd.external exclude each other"
    ),
  ])
  func `a wrong value is an error, with line and field`(field: String, expected: String) {
    let found = problems(cluster(field))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("k.yaml:\(field.contains("\n") ? 4 : 3): \(expected)") == true, "\(found)")
  }

  @Test func `all that is wrong is told at once`() {
    let text =
      cluster("networking: [a]\nencryptionAlgorithm: x\nkubernetesVersion: y") + "---\n"
      + initial("localAPIEndpoint: {advertiseAddress: z, bindPort: {}}")
    #expect(problems(text).count == 5)
  }

  // MARK: limits

  @Test func `aliases of aliases are refused before they grow`() {
    let lines = (1...9).map { level in
      "a\(level): &a\(level) [\((1...9).map { _ in level == 1 ? "x" : "*a\(level - 1)" }.joined(separator: ", "))]"
    }
    #expect(problems(cluster(lines.joined(separator: "\n"))).first?.contains("aliases") == true)
  }

  @Test(arguments: [40, 5_000])
  func `nesting without end is refused`(depth: Int) {
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(problems(cluster("networking: \(text)")).first?.hasPrefix("k.yaml:3: it") == true)
  }

  @Test func `a few aliases are fine`() throws {
    let file = try read(
      cluster("apiServer: {certSANs: [&n a.example.com]}\netcd: {local: {serverCertSANs: [*n]}}"))
    #expect(file.request.extraNames[.etcdServer]?.map(\.text) == ["a.example.com"])
  }
}
