import Foundation
import TestSupport
import Testing

/// `pkigen renew ca --reuse-key`, from outside.
@Suite(.timeLimit(.minutes(20)))
struct RenewCATests {
  /// When the CAs of the tree have expired, too.
  private static let now = "2037-06-01 08:00:00"
  private static let cas = ["ca", "etcd-ca", "front-proxy-ca"]

  private let tree: ExpiredTree

  init() async throws { tree = try await ExpiredTree("kubeadm") }

  private func pkigen(_ arguments: String..., at time: String = now) async throws -> Outcome {
    let command = try ExpiredTree.at(time) + [Pkigen.path] + arguments + ["-d", tree.directory.path]
    return try await run("env", command, environment: ["HOME": tree.home, "SUDO_USER": ""])
  }

  @Test func `what verify prints for an expired tree, run as printed, leaves nothing to find`() async throws {
    let before = try await pkigen("verify")
    #expect(before.status == 1)
    let fixes = before.stdout.split(separator: "\n").filter { $0.hasPrefix("  fix: ") }
    let commands = fixes.flatMap { $0.matches(of: #/pkigen renew [^:,;]*/#).map { String($0.output) } }
    #expect(commands.count == 6, "\(fixes)")
    let pkigen = try Pkigen.path
    for command in commands {
      let script = "shopt -s expand_aliases; alias pkigen=\(pkigen)\n\(command) -q"
      let outcome = try await run(
        "env", ExpiredTree.at(Self.now) + ["bash", "-c", script], environment: ["HOME": tree.home])
      #expect(outcome == Outcome(status: 0), "\(command)")
    }
    let after = try await self.pkigen("verify")
    #expect(after.status == 0 && after.stdout.contains("0 errors, 0 warnings"), "\(after)")
  }

  @Test func `renew all leads to the CAs that have expired`() async throws {
    let outcome = try await pkigen("renew", "all", "-q")
    #expect(outcome.status == 1)
    for name in Self.cas {
      #expect(outcome.stderr.contains("good: pkigen renew \(name) --reuse-key -d "), "\(outcome.stderr)")
    }
  }

  @Test func `without --reuse-key, a CA is refused, and the hint names both ways`() async throws {
    let outcome = try await pkigen("renew", "etcd-ca")
    #expect(outcome.status == 64)
    #expect(
      outcome.stderr
        == """
        error: NAME: "etcd-ca" is a CA: nothing in the cluster trusts a CA with a new key
        hint: pkigen renew etcd-ca --reuse-key gives it new dates; pkigen rotate prepare etcd-ca starts to replace it

        """)
  }

  @Test func `the output lists what holds the old certificate, and until when that is accepted`() async throws
  {
    try tree.write(tree.text("admin.conf"), to: "home/.kube/config")
    let outcome = try await pkigen("renew", "ca", "--reuse-key", at: "2027-06-01 08:00:00")
    let steps = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("next: ca: ") }
    #expect(outcome.status == 0 && steps.count == 5, "\(outcome)")
    #expect(
      steps.first
        == "next: ca: the old certificate is accepted too, until it expires at 2037-01-12T08:00:00Z: what has a copy of it needs the new one before"
    )
    #expect(steps.last == "next: ca: \(tree.home)/.kube/config still holds the old certificate")
    #expect(!outcome.stdout.contains("give the new "))
    let again = try await pkigen("renew", "ca", "--reuse-key")
    #expect(
      again.stdout.contains(
        "\nnext: ca: the old certificate expired at 2037-05-29T"))
    #expect(
      again.stdout.contains("\nnext: ca: renew what ends with the old certificate: pkigen renew apiserver "))
    let etcd = try await pkigen("renew", "etcd-ca", "front-proxy-ca", "--reuse-key")
    #expect(etcd.stdout.contains("\nnext: etcd-ca: the old certificate expired at 2037-01-12T08:00:00Z: "))
    #expect(etcd.stdout.contains("\nnext: front-proxy-ca: copy front-proxy-ca.crt to "))
  }

  @Test func `a dry run writes nothing, the document says what a run does, and a restore takes it back`()
    async throws
  {
    struct Document: Decodable {
      struct File: Decodable {
        let action, path: String
        let previousNotAfter: String?
      }
      let dryRun: Bool
      let files: [File]
      let backup: String?
    }
    let before = try tree.state
    let planned = try await pkigen("renew", "ca", "--reuse-key", "--dry-run", "-o", "json")
      .document(Document.self)
    #expect(planned.dryRun && planned.backup == nil)
    #expect(try tree.state == before)
    let made = try await pkigen("renew", "ca", "--reuse-key", "-o", "json").document(Document.self)
    #expect(made.files.map(\.path) == planned.files.map(\.path))
    #expect(made.files.map(\.action) == ["replace", "keep"] + Array(repeating: "replace", count: 5))
    #expect(made.files[0].previousNotAfter == "2037-01-12T08:00:00Z")
    let state = try tree.state
    #expect(state.filter { before[$0.key] != $0.value }.count == 6)
    let restored = try await pkigen("renew", "--restore", try #require(made.backup), "-q")
    #expect(restored.status == 0, "\(restored)")
    #expect(try tree.state == before)
  }

  @Test func `--ca-validity is for CAs, and --config says it too`() async throws {
    let chosen = try await pkigen("renew", "ca", "--reuse-key", "--ca-validity", "20y", "-q")
    #expect(chosen == Outcome(status: 0))
    #expect(try await tree.openssl("pki/ca.crt", "-enddate").contains("May 27 08:00:00 2057"))
    let useless = try await pkigen("renew", "apiserver", "--ca-validity", "20y")
    #expect(useless.status == 64 && useless.stderr.contains("without effect here"), "\(useless)")
    try tree.write(
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncaCertificateValidityPeriod: 48h\n",
      to: "kubeadm.yaml")
    let configured = try await pkigen(
      "renew", "ca", "--reuse-key", "-q", "--config", tree.path("kubeadm.yaml"))
    #expect(configured.status == 0 && configured.stderr.contains("is valid until 2037-06-03T08:00:00Z, "))
  }
}
