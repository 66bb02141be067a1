@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Settings, good and bad: what becomes of them, and what is said about them.
struct ClusterSettingsTests {
  @Test(
    arguments: [
      ([.advertiseAddress], nil, ["advertise-ip"]), ([.controlPlane], nil, ["advertise-ip"]),
      ([.advertiseAddress, .controlPlane], nil, ["advertise-ip"]),
      ([.advertiseAddress], "api.example.com", ["advertise-ip"]), ([.controlPlane], "api.example.com", []),
    ] as [(Set<ClusterConfiguration.Fact>, String?, [String])])
  func `a load balancer stands for an API server's address, but not on the node that runs it`(
    facts: Set<ClusterConfiguration.Fact>, endpoint: String?, missing: [String]
  ) {
    var request = ClusterSettings()
    request[.controlPlaneEndpoint] = endpoint.map { Setting($0, from: .option("--control-plane-endpoint")) }
    var errors: [PKIError] = []
    do throws(PKIErrors) {
      _ = try request.configuration(needing: facts)
    } catch {
      errors = error.errors
    }
    #expect(errors == missing.map { .missingSetting($0) })
  }

  @Test func `without a word, a cluster is as Kubernetes has it`() throws {
    let cluster = try ClusterSettings().configuration()
    #expect(cluster.nodeName == nil && cluster.advertiseAddress == nil && cluster.controlPlaneEndpoint == nil)
    #expect(cluster.bindPort == 6443 && cluster.dnsDomain == "cluster.local")
    #expect(cluster.serviceSubnets.map(\.description) == ["10.96.0.0/12"])
    #expect(cluster.keyAlgorithm == .rsa2048)
    #expect(cluster.certificateValidity == .days(365) && cluster.caCertificateValidity == .days(3650))
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func `an algorithm is named as pkigen does or as kubeadm does`(algorithm: KeyAlgorithm) throws {
    for name in [algorithm.rawValue, algorithm.kubeadmName] {
      var request = ClusterSettings()
      request[.keyAlgorithm] = Setting(name, from: .option("--key-algorithm"))
      #expect(try request.configuration().keyAlgorithm == algorithm)
    }
  }

  @Test(arguments: ["", "rsa", "rsa-1024", "RSA2048", "Rsa-2048", "ecdsa-p521", "ed25519", "rsa-2048 "])
  func `other algorithms are refused`(name: String) throws {
    let known = "rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384"
    try expectProblem("not a key algorithm; use one of \(known)", of: name) { $0[.keyAlgorithm] = $1 }
  }

  @Test func `lifetimes are checked`() throws {
    try expectProblem("negative; it must be more than zero", of: "-1h") { $0[.certificateValidity] = $1 }
    try expectProblem("longer than 8000 years", of: "9000y") { $0[.caCertificateValidity] = $1 }
  }

  @Test func `all that is wrong is said at once, in the order of the options`() throws {
    var request = ClusterSettings()
    func setting(_ name: String) -> Setting { Setting("*", from: .option(name)) }
    request[.nodeName] = setting("--node-name")
    request[.advertiseAddress] = setting("--advertise-ip")
    request[.bindPort] = setting("--bind-port")
    request[.controlPlaneEndpoint] = setting("--control-plane-endpoint")
    request[.serviceSubnets] = setting("--service-cidr")
    request[.dnsDomain] = setting("--service-dns-domain")
    request[.etcdPeerSANs] = setting("--etcd-peer-san")
    request[.apiServerSANs] = setting("--apiserver-san")
    request[.etcdServerSANs] = setting("--etcd-server-san")
    request[.style] = setting("--style")
    request[.kubernetesVersion] = setting("--kubernetes-version")
    request[.keyAlgorithm] = setting("--key-algorithm")
    request[.certificateValidity] = setting("--validity")
    request[.caCertificateValidity] = setting("--ca-validity")
    let errors = try #require(throws: PKIErrors.self) { try request.configuration() }
    #expect(
      errors.errors.map { $0.description.prefix { $0 != ":" } } == [
        "--node-name", "--advertise-ip", "--bind-port", "--control-plane-endpoint", "--service-cidr",
        "--service-dns-domain", "--apiserver-san", "--etcd-server-san", "--etcd-peer-san",
        "--key-algorithm", "--validity", "--ca-validity", "--style", "--kubernetes-version",
      ])
    #expect(errors.errors.allSatisfy { $0.description.contains(": \"*\" is ") })
  }

  @Test func `what is needed and not said is asked for`() throws {
    let errors = try #require(throws: PKIErrors.self) {
      try ClusterSettings().configuration(needing: [.nodeName, .advertiseAddress])
    }
    #expect(errors.errors == [.missingSetting("node-name"), .missingSetting("advertise-ip")])
  }

  @Test(arguments: [
    ("a\nb", #""a\nb""#), ("a\u{1b}[31m", #""a\u{1B}[31m""#), ("a\"b", #""a\"b""#),
    (String(repeating: "x", count: 10_000), "\"" + String(repeating: "x", count: 80) + "…\""),
  ])
  func `a value is quoted so that it breaks no terminal`(value: String, quoted: String) throws {
    var request = ClusterSettings()
    request[.dnsDomain] = Setting(value, from: .file(path: "a.yaml", line: 3, field: "networking.dnsDomain"))
    let errors = try #require(throws: PKIErrors.self) { try request.configuration() }
    #expect(errors.description.hasPrefix("a.yaml:3: networking.dnsDomain: \(quoted) is "))
  }

  // MARK: the table of fields

  @Test func `every field has a name of its own and a sentence, and is in the table once`() {
    #expect(Set(ClusterField.all.map(\.name)).count == ClusterField.all.count)
    for field in ClusterField.all {
      #expect(field.summary.hasSuffix(".") && !field.name.hasPrefix("-"), "\(field.name)")
    }
  }

  @Test func `defaults are those of a new configuration`() {
    let defaults = ClusterField.all.compactMap { field in field.defaultText.map { "\(field.name)=\($0)" } }
    #expect(
      defaults == [
        "bind-port=6443", "service-cidr=10.96.0.0/12", "service-dns-domain=cluster.local",
        "key-algorithm=rsa-2048", "validity=365d", "ca-validity=3650d", "style=documented",
        "kubernetes-version=\(KubernetesVersion.newestKnown)",
      ])
  }

  @Test func `every default and every choice can be read`() {
    var cluster = ClusterConfiguration()
    for field in ClusterField.all {
      for text in field.choices + [field.defaultText].compactMap(\.self) {
        #expect(field.take(text, into: &cluster) == nil, "\(field.name): \(text)")
      }
    }
  }

  @Test func `settings are joined: of single values the later one counts, lists grow`() throws {
    let origin = Setting.Origin.option("--x")
    let settings = ClusterSettings(joining: [
      ClusterSettings(.nodeName, "a", from: origin), nil, ClusterSettings(.nodeName, "b", from: origin),
      ClusterSettings(.apiServerSANs, "x,y", from: origin),
      ClusterSettings(.apiServerSANs, "z", from: origin),
    ])
    let cluster = try settings.configuration()
    #expect(cluster.nodeName == "b" && settings.fields == [.nodeName, .apiServerSANs])
    #expect(cluster.extraNames[.apiServer] == [.dnsName("x"), .dnsName("y"), .dnsName("z")])
  }

  // MARK: configurations without texts

  @Test func `a program makes a configuration from values`() throws {
    var cluster = ClusterConfiguration()
    cluster.nodeName = "cp1"
    cluster.advertiseAddress = IPAddress("10.0.0.10")
    #expect(throws: Never.self) { try cluster.check(needing: [.nodeName, .advertiseAddress, .controlPlane]) }
  }

  @Test func `a fact that is missing is an error that names its field`() {
    let errors = #expect(throws: PKIErrors.self) {
      try ClusterConfiguration().check(needing: [.nodeName, .controlPlane])
    }
    #expect(errors?.errors == [.missingSetting("node-name"), .missingSetting("advertise-ip")])
  }

  @Test func `values that no certificate can have are refused, all at once`() {
    var cluster = ClusterConfiguration()
    cluster.nodeName = "a b"
    cluster.advertiseAddress = IPAddress("0.0.0.0")
    cluster.bindPort = 0
    cluster.controlPlaneEndpoint = Endpoint(host: .dnsName("*.a"), port: nil)
    cluster.serviceSubnets += cluster.serviceSubnets
    cluster.dnsDomain = "a..b"
    cluster.extraNames[.etcdPeer] = [.rfc822Name("a@b")]
    cluster.certificateValidity = Lifetime(seconds: 0)
    cluster.caCertificateValidity = .days(3_000_000)
    let errors = #expect(throws: PKIErrors.self) { try cluster.check() }
    #expect(
      errors?.description == """
        node-name: "a b" is \(HostNameTests.letters)
        advertise-ip: "0.0.0.0" is the unspecified address, which no client can connect to
        bind-port: "0" is not a port: a number from 1 to 65535
        control-plane-endpoint: "*.a" is not a host name: no wildcard can stand here
        service-cidr: "10.96.0.0/12,10.96.0.0/12" is not one network, or one of IPv4 and one of IPv6
        service-dns-domain: "a..b" is \(HostNameTests.dots)
        etcd-peer-san: "a@b" is neither an IP address nor a host name
        validity: "0d" is less than one second; it must be more than zero
        ca-validity: "3000000d" is longer than 8000 years
        """)
  }

  @Test func `a node of a configuration must not be named as a CA`() {
    var cluster = ClusterConfiguration()
    cluster.nodeName = "etcd-ca"
    #expect(throws: PKIErrors.self) { try cluster.check() }
    cluster.externalEtcd = ExternalEtcd()
    #expect(throws: Never.self) { try cluster.check() }
  }
}
