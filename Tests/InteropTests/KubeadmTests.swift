import FoundationEssentials
import TestSupport
import Testing

/// Where kubeadm is, if the environment says so.
private let program = ProcessInfo.processInfo.environment["KUBEADM"]

/// kubeadm and pkigen over each other's trees, where the variable KUBEADM names the program.
@Suite(.enabled(if: program != nil, "skipped: set KUBEADM"), .timeLimit(.minutes(20)))
struct KubeadmTests {
  private let directory: TemporaryDirectory
  private let version: String

  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await run(program ?? "kubeadm", ["version", "-o", "short"])
    version = String(outcome.stdout.prefix { $0 != "\n" })
    let configuration = """
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: InitConfiguration
      localAPIEndpoint: {advertiseAddress: 10.0.0.10}
      nodeRegistration: {name: cp1}
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      kubernetesVersion: \(version)
      certificatesDir: \(directory.path("pki"))
      controlPlaneEndpoint: k8s.example.com:6443
      encryptionAlgorithm: ECDSA-P256

      """
    try Data(configuration.utf8).write(to: URL(filePath: directory.path("kubeadm.yaml")))
  }

  @discardableResult
  private func kubeadm(_ arguments: String...) async throws -> String {
    let outcome = try await run(
      program ?? "kubeadm", arguments + ["--config", directory.path("kubeadm.yaml")])
    try #require(outcome.status == 0, "kubeadm \(arguments): \(outcome.stderr)")
    return outcome.stdout
  }

  @discardableResult
  private func pkigen(_ arguments: String...) async throws -> String {
    let style = ["--config", directory.path("kubeadm.yaml"), "--style", "kubeadm", "-d", directory.path]
    let outcome = try await Pkigen.run(arguments + style)
    try #require(outcome.status == 0, "pkigen \(arguments): \(outcome.stdout)\(outcome.stderr)")
    return outcome.stdout
  }

  private func makeByKubeadm() async throws {
    try await kubeadm("init", "phase", "certs", "all")
    try await kubeadm("init", "phase", "kubeconfig", "all", "--kubeconfig-dir", directory.path)
  }

  /// Every file and its bytes.
  private var state: [String: String] {
    get throws {
      var state: [String: String] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path) {
        if let text = try? text(of: directory.path(name)) { state[name] = text }
      }
      return state
    }
  }

  @Test func `kubeadm takes a tree of pkigen's as its own`() async throws {
    try await pkigen("init")
    let before = try state
    let certificates = try await kubeadm("init", "phase", "certs", "all")
    let kubeconfigs = try await kubeadm(
      "init", "phase", "kubeconfig", "all", "--kubeconfig-dir", directory.path)
    for line in (certificates + kubeconfigs).split(separator: "\n") {
      #expect(
        line.contains("xisting") || line.contains("Using certificateDir") || line.contains("folder"),
        "\(line)")
    }
    #expect(try state == before)
    let table = try await kubeadm("certs", "check-expiration")
    // It looks for kubeconfigs in /etc/kubernetes only.
    for line in table.split(separator: "\n") where line.contains("MISSING") {
      #expect(line.contains(".conf"), "\(line)")
    }
    try await kubeadm("certs", "renew", "all")
    try await pkigen("verify")
  }

  @Test func `pkigen takes a tree of kubeadm's as its own`() async throws {
    try await makeByKubeadm()
    let before = try state
    #expect(try await !pkigen("init").contains("created"))
    #expect(try state == before)
    try await pkigen("verify")
    let outcome = try await Pkigen.run("check-expiration", "-d", directory.path)
    #expect(outcome.status == 0, "\(outcome.stdout)")
    try await pkigen("renew", "all")
    try await pkigen("verify")
  }

  @Test func `requests of kubeadm's are signed and put in place`() async throws {
    try await makeByKubeadm()
    let vault = try TemporaryDirectory()
    let outcome = try await run(
      program ?? "kubeadm",
      [
        "certs", "generate-csr", "--config", directory.path("kubeadm.yaml"), "--cert-dir", vault.path("pki"),
        "--kubeconfig-dir", vault.path,
      ])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    for (authority, names) in [
      ("ca", ["pki/apiserver", "pki/apiserver-kubelet-client", "admin.conf", "kubelet.conf"]),
      ("front-proxy-ca", ["pki/front-proxy-client"]),
      ("etcd/ca", ["pki/etcd/peer", "pki/apiserver-etcd-client"]),
    ] {
      let certificate = vault.path("pki/\(authority).crt")
      try FileManager.default.copyItem(atPath: directory.path("pki/\(authority).crt"), toPath: certificate)
      let signed = try await Pkigen.run(
        ["csr", "sign"] + names.map { vault.path("\($0).csr") }
          + [
            "--ca-cert", certificate, "--ca-key", directory.path("pki/\(authority).key"), "--out",
            vault.path("signed"),
          ])
      try #require(signed.status == 0, "\(signed.stderr)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: vault.path("signed"))
    let installed = try await Pkigen.run(
      ["csr", "install", "-d", vault.path] + files.map { vault.path("signed/\($0)") })
    #expect(installed.status == 0, "\(installed.stderr)")
  }
}
