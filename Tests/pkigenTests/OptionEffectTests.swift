import FoundationEssentials
import TestSupport
import Testing

/// Options that can have no effect are refused, before anything is written.
struct OptionEffectTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let node = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10"]

  @Test(arguments: [
    ["verify", "--validity", "5d"], ["verify", "--key-algorithm", "rsa-4096"],
    ["csr", "create", "all", "--validity", "5d"],
    ["phase", "kubeconfig", "admin", "--apiserver-san", "x"],
    ["phase", "kubeconfig", "admin", "--ca-validity", "5y"],
    ["kubeconfig", "user", "--client-name", "j", "--etcd-peer-san", "x"],
    ["kubeconfig", "user", "--client-name", "j", "--kubernetes-version", "v1.30.0"],
    ["bootstrap", "kubeconfig", "--token-file", "t", "--validity", "5d"],
    ["check-expiration", "--node-name", "cp1"], ["rbac", "--node-name", "cp1"],
  ])
  func `an option that the command does not use is unknown to it, and the hint names commands that do`(
    arguments: [String]
  ) async throws {
    let outcome = try await Pkigen.run(arguments, directory: directory.path)
    let option = arguments[arguments.count - 2]
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: Unknown option '\(option)'"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("\(option) is an option of pkigen "), "\(outcome.stderr)")
  }

  @Test(arguments: [
    (
      ["phase", "cert", "ca", "--apiserver-san", "x"], "--apiserver-san: \"x\"",
      "--apiserver-san is for apiserver"
    ),
    (
      ["renew", "all", "--ca-validity", "5y"], "--ca-validity: \"5y\"",
      "--ca-validity is for ca, front-proxy-ca, etcd-ca"
    ),
    (["phase", "cert", "ca", "--validity", "5d"], "--validity: \"5d\"", "--validity is for apiserver, "),
    (
      ["phase", "cert", "apiserver", "--ca-validity", "5y"], "--ca-validity: \"5y\"",
      "--ca-validity is for ca, front-proxy-ca, etcd-ca"
    ),
    (
      ["init", "--kubelet-server-san", "x"], "--kubelet-server-san: \"x\"",
      "--kubelet-server-san is for kubelet-server"
    ),
    (
      ["init", "--external-etcd", "--etcd-peer-san", "x"], "--etcd-peer-san: \"x\"",
      "--etcd-peer-san is for etcd-peer"
    ),
  ])
  func `an option for certificates that are not made is refused`(
    arguments: [String], error: String, hint: String
  ) async throws {
    let outcome = try await Pkigen.run(arguments + Self.node + ["-d", "out"], directory: directory.path)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr.hasPrefix("error: \(error) is without effect here\nhint: \(hint)"), "\(outcome.stderr)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("out")))
  }

  @Test(arguments: [
    ["--control-plane-endpoint", "a"], ["--advertise-ip", "10.0.0.1"], ["--bind-port", "1"],
  ])
  func `a server that is named needs no address`(options: [String]) async throws {
    let outcome = try await Pkigen.run(
      ["kubeconfig", "user", "--client-name", "j", "--server", "https://a"] + options)
    #expect(outcome.status == 64)
    #expect(outcome.stderr.hasPrefix("error: \(options[0]) has no effect with --server.\n"))
  }

  @Test(arguments: ["init", "phase cert", "renew", "csr create"])
  func `a node named as a CA is refused`(command: String) async throws {
    let made = try await Pkigen.run(
      ["init", "-d", "tree", "--key-algorithm", "ecdsa-p256", "-q"] + Self.node, directory: directory.path)
    try #require(made.status == 0)
    let names =
      switch command {
      case "phase cert": ["apiserver"]
      case "renew", "csr create": ["all"]
      default: [String]()
      }
    if command == "csr create" {
      try FileManager.default.removeItem(atPath: directory.path("tree/pki/ca.key"))
    }
    let outcome = try await Pkigen.run(
      command.split(separator: " ").map(String.init) + names
        + ["-d", "tree", "--node-name", "ETCD-CA", "--advertise-ip", "10.0.0.10"], directory: directory.path)
    #expect(outcome.status == 64, "\(outcome)")
    #expect(outcome.stderr.hasPrefix("error: --node-name: \"ETCD-CA\" is the name of a CA of the tree\n"))
  }

  @Test func `so is one that verify is given, that a configuration names, and that fixtures have`()
    async throws
  {
    let verified = try await Pkigen.run("verify", "-d", "/nowhere", "--node-name", "kubernetes-ca")
    #expect(verified.status == 64 && verified.stderr.contains("is the name of a CA of the tree"))
    let config = """
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: InitConfiguration
      nodeRegistration: {name: etcd-ca}
      localAPIEndpoint: {advertiseAddress: 10.0.0.10}
      """
    let read = try await Pkigen.run("init", "--config", "-", "-d", directory.path("x"), input: config)
    #expect(
      read.status == 78 && read.stderr.contains("standard input:3: nodeRegistration.name: \"etcd-ca\" is"))
    let specification = "clusters: {a: {node-name: etcd-ca, advertise-ip: 10.0.0.10}}\n"
    try specification.write(toFile: directory.path("spec.yaml"), atomically: false, encoding: .utf8)
    let fixtures = try await Pkigen.run(
      "fixtures", "--spec", directory.path("spec.yaml"), "--out", directory.path("f"))
    #expect(
      fixtures.status == 78
        && fixtures.stderr.contains("clusters.a.node-name: \"etcd-ca\" is the name of a CA"))
  }
}
