import FoundationEssentials
import TestSupport
import Testing

/// `--style` and `--kubernetes-version`.
struct StyleTests {
  @Test func `init in kubeadm's style says which bindings are needed, and how to get them`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await directory.makeTree("--style", "kubeadm", "--kubernetes-version", "v1.36.2")
    let step = try #require(outcome.stdout.split(separator: "\n").first { $0.contains("rbac") })
    #expect(step.contains("kubeadm:cluster-admins and kubeadm:apiserver-kubelet-client"))
    #expect(step.contains("pkigen rbac --style kubeadm -d \(directory.path) |"))
    #expect(step.contains("\(directory.path)/super-admin.conf apply -f -"))
  }

  @Test func `identities that need no binding are not spoken of`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await directory.makeTree("--style", "kubeadm", "--kubernetes-version", "v1.28.0")
    #expect(!outcome.stdout.contains("rbac"))
    #expect(!outcome.stdout.contains("super-admin.conf"))
  }

  @Test func `super-admin is a name of phase kubeconfig in kubeadm's style only`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    let options = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "-d", directory.path]
    let refused = try await Pkigen.run(["phase", "kubeconfig", "super-admin"] + options)
    #expect(
      refused.status == 64
        && refused.stderr.contains("\"super-admin\" is not one of all, admin.conf, kubelet"))
    let made = try await Pkigen.run(
      ["phase", "kubeconfig", "super-admin.conf", "--style", "kubeadm"] + options)
    #expect(made.status == 0 && made.stdout.contains("O = system:masters, CN = kubernetes-super-admin"))
  }

  @Test func `a second run for another version keeps the identities that are there`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    let outcome = try await Pkigen.run(
      "init", "--style", "kubeadm", "--kubernetes-version", "v1.36.2", "--node-name", "cp1", "--advertise-ip",
      "10.0.0.10", "-d", directory.path)
    #expect(outcome.status == 0 && !outcome.stdout.contains("replace"), "\(outcome)")
  }

  @Test func `identities follow the version of kubeadm, and not the kubernetesVersion of its configuration`()
    async throws
  {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--style", "kubeadm", "--kubernetes-version", "v1.36.2")
    for version in ["v1.36.0", "v1.35.4", "v1.28.0"] {
      try """
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: InitConfiguration
      localAPIEndpoint: {advertiseAddress: 10.0.0.10}
      nodeRegistration: {name: cp1}
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      kubernetesVersion: \(version)
      """.write(toFile: directory.path("kubeadm.yaml"), atomically: true, encoding: .utf8)
      let options = [
        "-d", directory.path, "--style", "kubeadm", "--config", directory.path("kubeadm.yaml"), "-q",
      ]
      for command in ["verify", "init"] {
        let outcome = try await Pkigen.run([command] + options)
        #expect(outcome.status == 0, "\(command) \(version): \(outcome)")
      }
      let exact = try await Pkigen.run(["verify", "--kubernetes-version", version] + options)
      #expect(exact == Outcome(status: 0))
    }
  }

  @Test func `a style that is none is refused`() async throws {
    let outcome = try await Pkigen.run("init", "--style", "cfssl", "--advertise-ip", "10.0.0.10")
    #expect(outcome.status == 64 && outcome.stderr.contains("--style: \"cfssl\" is not a style"))
  }

  @Test(arguments: [
    ["init", "--kubernetes-version", "v1.30.0"], ["rbac", "--kubernetes-version", "v1.30.0"],
    ["verify", "--style", "documented", "--kubernetes-version", "v1.30.0"],
  ])
  func `a version without kubeadm's style is refused`(arguments: [String]) async throws {
    let outcome = try await Pkigen.run(arguments)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: --kubernetes-version has no effect without --style kubeadm.\n"))
  }
}
