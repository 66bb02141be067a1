import TestSupport
import Testing

/// What `pkigen renew` says must be done now.
@Suite(.timeLimit(.minutes(20)))
struct RenewStepsTests {
  private let tree: ExpiredTree

  init() async throws { tree = try await ExpiredTree() }

  @Test(arguments: [
    ("apiserver-kubelet-client", "restart kube-apiserver: "),
    ("front-proxy-client", "restart kube-apiserver: "),
    ("apiserver-etcd-client", "restart kube-apiserver: "), ("etcd-peer", "restart etcd: "),
    ("controller-manager", "restart kube-controller-manager: "), ("scheduler", "restart kube-scheduler: "),
    ("kubelet", "restart the kubelet: "), ("admin", "give the new "),
    ("etcd-healthcheck-client", "every other control-plane node has "),
  ])
  func `each certificate has those restarted that have read it, and nobody else`(name: String, step: String)
    async throws
  {
    let outcome = try await tree.renew(name)
    let steps = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("next: ") }
    #expect(steps[0].hasPrefix("next: " + step) && outcome.status == 0)
    #expect(steps.count == (name == "etcd-healthcheck-client" ? 1 : 2), "\(steps)")
  }

  @Test func `the kubelet reads its serving certificate once too`() async throws {
    let command = try ExpiredTree.at(ExpiredTree.now) + [Pkigen.path, "phase", "cert", "kubelet-server"]
    let made = try await run(
      "env", command + ["-q", "-d", tree.directory.path, "--node-name", "cp1", "--advertise-ip", "10.0.0.10"])
    try #require(made == Outcome(status: 0))
    let outcome = try await tree.renew("kubelet-server")
    #expect(outcome.stdout.contains("\nnext: restart the kubelet: systemctl restart kubelet\n"))
    #expect(outcome.status == 0 && !outcome.stdout.contains("restart kube-"))
  }
}
