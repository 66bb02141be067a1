import Foundation
import TestSupport
import Testing

/// What `pkigen renew` says must be done now.
@Suite(.timeLimit(.minutes(20)))
struct RenewStepsTests {
  private let tree: ExpiredTree

  init() async throws { tree = try await ExpiredTree() }

  @Test(arguments: [
    ("controller-manager", "restart kube-controller-manager: "), ("scheduler", "restart kube-scheduler: "),
    ("kubelet", "restart the kubelet: "), ("admin", "give the new "),
  ])
  func `a component that reads a file at its start only is restarted`(name: String, step: String) async throws
  {
    let outcome = try await tree.renew(name)
    let steps = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("next: ") }
    #expect(steps[0].hasPrefix("next: " + step) && outcome.status == 0)
    #expect(steps.count == 2, "\(steps)")
  }

  @Test(arguments: [
    "apiserver", "apiserver-kubelet-client", "front-proxy-client", "apiserver-etcd-client", "etcd-server",
    "etcd-peer", "etcd-healthcheck-client",
  ])
  func `a component that follows its files is not restarted`(name: String) async throws {
    let outcome = try await tree.renew(name)
    let steps = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("next: ") }
    #expect(steps.count == 1 && outcome.status == 0, "\(steps)")
    #expect(steps[0].hasPrefix("next: every other control-plane node has "))
  }

  @Test func `paths of next steps are quoted for the shell`() async throws {
    let parent = try TemporaryDirectory()
    let copy = parent.path("my tree")
    try FileManager.default.copyItem(atPath: tree.directory.path, toPath: copy)
    let command = try ExpiredTree.at(ExpiredTree.now) + [Pkigen.path, "renew", "scheduler", "-d", copy]
    let outcome = try await run("env", command)
    #expect(outcome.stdout.contains(" move its file out of '\(copy)/manifests', "), "\(outcome)")
  }

  @Test func `the kubelet follows its serving certificate`() async throws {
    let command = try ExpiredTree.at(ExpiredTree.now) + [Pkigen.path, "phase", "cert", "kubelet-server"]
    let made = try await run(
      "env", command + ["-q", "-d", tree.directory.path, "--node-name", "cp1", "--advertise-ip", "10.0.0.10"])
    try #require(made == Outcome(status: 0))
    let outcome = try await tree.renew("kubelet-server")
    #expect(outcome.status == 0 && !outcome.stdout.contains("restart"), "\(outcome)")
  }
}
