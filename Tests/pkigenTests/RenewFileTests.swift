import Foundation
import Glibc
import TestSupport
import Testing

/// What the file system says to a renewal, and what a renewal makes of it.
@Suite(.timeLimit(.minutes(20)))
struct RenewFileTests {
  private let tree: ExpiredTree
  private var directory: String { tree.directory.path }

  init() async throws { tree = try await ExpiredTree() }

  private func renewWithoutPrivileges(_ arguments: String...) async throws -> Outcome {
    try await tree.renew(arguments, by: ExpiredTree.withoutPrivileges())
  }

  private func setMode(_ mode: Int, _ name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: tree.path(name))
  }

  @Test(arguments: ["pki", "pki/etcd", "."])
  func `a directory that cannot be written to is an error, and nothing is replaced`(name: String) async throws
  {
    let before = try tree.state.filter { $0.value.count > 10 }
    try setMode(0o555, name)
    let outcome = try await renewWithoutPrivileges("all")
    try setMode(0o755, name)
    #expect(outcome.stdout.isEmpty && outcome.status == 77)
    #expect(outcome.stderr.hasPrefix("error: cannot "))
    #expect(
      outcome.stderr.contains(
        ": Permission denied\nhint: run the command as the owner of the directory, with sudo,"))
    #expect(try tree.state.filter { $0.value.count > 10 } == before)
    #expect(try !tree.state.keys.contains { $0.contains("pkigen") })
    #expect(!FileManager.default.fileExists(atPath: tree.path("pki/.backup")))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files a group of which their owner is no member"))
  func `an owner who is not a member of the files' group renews them`() async throws {
    try setMode(0o640, "pki/etcd/server.key")
    let changed = try await run("chgrp", ["-R", "4343", directory])
    try #require(changed.status == 0)
    let outcome = try await renewWithoutPrivileges("all", "-q")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      outcome.stderr.contains("\(tree.path("pki/etcd/server.key")) (group 4343)")
        && outcome.stderr.contains(": the caller is not a member of the group, so that the new files have"),
      "\(outcome)")
    let group = try await run(
      "stat", ["-c", "%g %a", tree.path("pki/etcd/server.key"), tree.path("pki/apiserver.crt")])
    // The caller's group cannot read a key that another group could.
    #expect(group.stdout == "0 600\n0 644\n")
    #expect(try await !renewWithoutPrivileges("all", "-q").stderr.contains("member of the group"))
  }

  @Test func `a key that cannot be read is no obstacle to a new one, and is not kept`() async throws {
    try setMode(0, "pki/apiserver.key")
    let kept = try await renewWithoutPrivileges("apiserver", "--reuse-key")
    #expect(
      kept.status == 1
        && kept.stderr.hasPrefix("error: cannot renew \(tree.path("pki/apiserver.crt")) with its key"))
    let outcome = try await renewWithoutPrivileges("apiserver")
    // Without a copy in the backup nothing is replaced.
    #expect(outcome.status == 77)
    #expect(
      outcome.stderr.hasPrefix("error: cannot open \(tree.path("pki/apiserver.key")): Permission denied\n"))
    let unsafe = try await renewWithoutPrivileges("apiserver", "--no-backup", "-q")
    #expect(unsafe == Outcome(status: 0))
    #expect(try tree.state["pki/apiserver.key"]?.hasPrefix("0 ") == true)
  }

  @Test func `a tree that another run works on is left alone`() async throws {
    try tree.write("", to: "pki/.pkigen.lock")
    let outcome = try await tree.renew("all", by: ["flock", tree.path("pki/.pkigen.lock")])
    #expect(
      outcome
        == Outcome(
          status: 75,
          stderr: """
            error: \(tree.path("pki")) is in use by another run of pkigen
            hint: wait until that run has ended, then try again

            """))
    #expect(!FileManager.default.fileExists(atPath: tree.path("pki/.backup")))
  }

  @Test func `only the certificates' directory is needed for certificates`() async throws {
    let otherDirectory = tree.path("none")
    let outcome = try await tree.renew("apiserver", "-q", "--kubeconfig-dir", otherDirectory)
    #expect(outcome == Outcome(status: 0) && !FileManager.default.fileExists(atPath: otherDirectory))
  }

  @Test func `two links to one kubeconfig are renewed once, and told`() async throws {
    try tree.remove("scheduler.conf")
    try FileManager.default.createSymbolicLink(
      atPath: tree.path("scheduler.conf"), withDestinationPath: "controller-manager.conf")
    let outcome = try await tree.renew("all")
    #expect(
      outcome.stderr
        == "warning: scheduler.conf is in the same file as controller-manager.conf, and is renewed with it\n")
    #expect(outcome.status == 0)
  }

  @Test func `halves of pairs that lead to one file are refused`() async throws {
    try tree.remove("pki/etcd/peer.crt")
    try FileManager.default.createSymbolicLink(
      atPath: tree.path("pki/etcd/peer.crt"), withDestinationPath: "server.crt")
    let before = try tree.state
    let outcome = try await tree.renew("all")
    #expect(
      outcome.stderr == """
        error: \(tree.path("pki/etcd/server.crt")) and \(tree.path("pki/etcd/peer.crt")) lead to the same file, and \
        would overwrite each other
        hint: leave one of them out; or put a file of its own in the place of the symbolic link

        """)
    #expect(try outcome.status == 65 && tree.state == before)
  }

  @Test func `a kubelet's own file is followed through its link, and the kubelet is to be restarted`()
    async throws
  {
    let pem = tree.path("kubelet/kubelet-client-2027-01-15-08-00-00.pem")
    let data = try tree.text("kubelet.conf").matches(of: /client-(certificate|key)-data: (\S+)/)
      .compactMap { Data(base64Encoded: String($0.2)) }
    try tree.write(
      data.map { String(decoding: $0, as: UTF8.self) }.joined(),
      to: "kubelet/\(URL(filePath: pem).lastPathComponent)")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pem)
    let current = tree.path("kubelet/kubelet-client-current.pem")
    try FileManager.default.createSymbolicLink(atPath: current, withDestinationPath: pem)
    let conf = try tree.text("kubelet.conf")
      .replacing(/client-(certificate|key)-data: \S+/) { "client-\($0.1): \(current)" }
    try tree.write(conf, to: "kubelet.conf")
    let outcome = try await tree.renew("kubelet")
    #expect(
      outcome.stdout == """
        replace  \(current)  O = system:nodes, CN = system:node:cp1, until 2029-01-15 (was 2028-01-15)
        keep     \(directory)/kubelet.conf

        Files: 1 replaced, 1 kept.
        A backup of the replaced files is in \(directory)/pki/.backup/20280116T080000Z
        next: restart the kubelet: systemctl restart kubelet
        next: every other control-plane node has certificates of its own: renew them there too

        """)
    #expect(outcome.stderr.isEmpty && outcome.status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: current) == pem)
    #expect(try tree.state["kubelet/\(URL(filePath: pem).lastPathComponent)"]?.hasPrefix("384 ") == true)
    #expect(try tree.text("kubelet.conf") == conf)
    #expect(
      try await tree.openssl("kubelet/kubelet-client-current.pem", "-enddate")
        == "notAfter=Jan 15 08:00:00 2029 GMT\n")
    let backup = tree.path("pki/.backup/20280116T080000Z")
    let restored = try await tree.renew("--restore", backup)
    #expect(restored.status == 0 && restored.stdout.contains("next: restart the kubelet"))
    #expect(
      try await tree.openssl("kubelet/kubelet-client-current.pem", "-enddate")
        == "notAfter=Jan 15 08:00:00 2028 GMT\n")
  }
}
