@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Settings, good and bad: what becomes of them, and what is said about them.
struct ClusterSettingsTests {
  @Test(
    arguments: [
      ([.advertiseAddress], nil, ["--advertise-ip"]), ([.controlPlane], nil, ["--advertise-ip"]),
      ([.advertiseAddress, .controlPlane], nil, ["--advertise-ip"]),
      ([.advertiseAddress], "api.example.com", ["--advertise-ip"]), ([.controlPlane], "api.example.com", []),
    ] as [(Set<ClusterConfiguration.Fact>, String?, [String])])
  func `a load balancer stands for an API server's address, but not on the node that runs it`(
    facts: Set<ClusterConfiguration.Fact>, endpoint: String?, missing: [String]
  ) {
    var request = ClusterSettings()
    request.controlPlaneEndpoint = endpoint.map { Setting($0, from: .option("--control-plane-endpoint")) }
    var errors: [PKIError] = []
    do throws(PKIErrors) {
      _ = try request.configuration(needing: facts)
    } catch {
      errors = error.errors
    }
    #expect(errors == missing.map { .missingSetting($0) })
  }

  @Test func `without a word, a cluster is as Kubernetes has it`() throws {
    let cluster = try ClusterSettings().configuration(needing: [])
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
      request.keyAlgorithm = Setting(name, from: .option("--key-algorithm"))
      #expect(try request.configuration(needing: []).keyAlgorithm == algorithm)
    }
  }

  @Test(arguments: ["", "rsa", "rsa-1024", "RSA2048", "Rsa-2048", "ecdsa-p521", "ed25519", "rsa-2048 "])
  func `other algorithms are refused`(name: String) throws {
    let known = "rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384"
    try expectProblem("not a key algorithm; use one of \(known)", of: name) { $0.keyAlgorithm = $1 }
  }

  @Test func `lifetimes are checked`() throws {
    try expectProblem("negative; it must be more than zero", of: "-1h") { $0.certificateValidity = $1 }
    try expectProblem("longer than 8000 years", of: "9000y") { $0.caCertificateValidity = $1 }
  }

  @Test func `all that is wrong is said at once, in the order of the options`() throws {
    var request = ClusterSettings()
    func setting(_ name: String) -> Setting { Setting("*", from: .option(name)) }
    request.nodeName = setting("--node-name")
    request.advertiseAddress = setting("--advertise-ip")
    request.bindPort = setting("--bind-port")
    request.controlPlaneEndpoint = setting("--control-plane-endpoint")
    request.serviceSubnet = setting("--service-cidr")
    request.dnsDomain = setting("--service-dns-domain")
    request.extraNames = [
      .etcdPeer: [setting("--etcd-peer-san")],
      .apiServer: [setting("--apiserver-san")],
      .etcdServer: [setting("--etcd-server-san")],
    ]
    request.keyAlgorithm = setting("--key-algorithm")
    request.certificateValidity = setting("--validity")
    request.caCertificateValidity = setting("--ca-validity")
    let errors = try #require(throws: PKIErrors.self) { try request.configuration(needing: []) }
    #expect(
      errors.errors.map { $0.description.prefix { $0 != ":" } } == [
        "--node-name", "--advertise-ip", "--bind-port", "--control-plane-endpoint", "--service-cidr",
        "--service-dns-domain", "--apiserver-san", "--etcd-server-san", "--etcd-peer-san",
        "--key-algorithm", "--validity", "--ca-validity",
      ])
    #expect(errors.errors.allSatisfy { $0.description.contains(": \"*\" is ") })
  }

  @Test func `what is needed and not said is asked for`() throws {
    let errors = try #require(throws: PKIErrors.self) {
      try ClusterSettings().configuration(needing: [.nodeName, .advertiseAddress])
    }
    #expect(errors.errors == [.missingSetting("--node-name"), .missingSetting("--advertise-ip")])
  }

  /// This host may be called what no node can be called.
  @Test func `what pkigen looked up itself is judged only when it is needed`() throws {
    var request = ClusterSettings()
    request.nodeName = Setting("My_Host", from: .environment("this host's name"))
    #expect(try request.configuration(needing: []).nodeName == nil)
    let errors = try #require(throws: PKIErrors.self) { try request.configuration(needing: [.nodeName]) }
    #expect(errors.description == "this host's name: \"My_Host\" is \(HostNameTests.letters)")
    request.nodeName = Setting("My_Host", from: .option("--node-name"))
    #expect(throws: PKIErrors.self) { try request.configuration(needing: []) }
  }

  @Test(arguments: [
    ("a\nb", #""a\nb""#), ("a\u{1b}[31m", #""a\u{1B}[31m""#), ("a\"b", #""a\"b""#),
    (String(repeating: "x", count: 10_000), "\"" + String(repeating: "x", count: 80) + "…\""),
  ])
  func `a value is quoted so that it breaks no terminal`(value: String, quoted: String) throws {
    var request = ClusterSettings()
    request.dnsDomain = Setting(value, from: .file(path: "a.yaml", line: 3, field: "networking.dnsDomain"))
    let errors = try #require(throws: PKIErrors.self) { try request.configuration(needing: []) }
    #expect(errors.description.hasPrefix("a.yaml:3: networking.dnsDomain: \(quoted) is "))
  }

}
