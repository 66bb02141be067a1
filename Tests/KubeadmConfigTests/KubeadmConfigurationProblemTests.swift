import KubeadmConfig
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What is odd or wrong about kubeadm's configuration files, and is said.
extension KubeadmConfigurationTests {
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
    let configuration = try file.settings.configuration()
    #expect(configuration.dnsDomain == "cluster.local" && configuration.controlPlaneEndpoint == nil)
  }

  @Test(arguments: ["clusterName", "\"clusterName\"", "'clusterName'"])
  func `of a field that stands twice, the last one counts`(name: String) throws {
    let file = try read(cluster("\(name): one\nnetworking: {}\n\(name): two\n\(name): three"))
    #expect(file.settings[.clusterName]?.text == "three")
    #expect(
      file.warnings
        == [3, 5].map { "k.yaml:\($0): clusterName stands again further down; only the last one counts" })
  }

  @Test func `a field may stand twice on one line, deep in an object`() throws {
    let file = try read(cluster("networking: {dnsDomain: a, podSubnet: 10.1.0.0/16, dnsDomain: b}"))
    #expect(file.settings[.dnsDomain]?.text == "b")
    #expect(
      file.warnings == ["k.yaml:3: networking.dnsDomain stands again further down; only the last one counts"])
  }

  @Test func `merged objects are part of the object`() throws {
    let file = try read(
      cluster(
        "x: &base {dnsDomain: a.example, podSubnet: 10.1.0.0/16}\nnetworking:\n  <<: *base\n  podSubnet: 10.2.0.0/16"
      ))
    #expect(file.settings[.dnsDomain]?.text == "a.example")
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

  @Test func `all that is wrong is reported at once`() {
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
    #expect(file.settings[list: .etcdServerSANs].map(\.text) == ["a.example.com"])
  }
}
