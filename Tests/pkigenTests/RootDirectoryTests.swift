import Foundation
import TestSupport
import Testing

/// `--rootfs`, and trees that were copied from another machine.
struct RootDirectoryTests {
  private let directory: TemporaryDirectory

  /// A machine's file system in a directory: its kubelet's client certificate is behind a link with an absolute path.
  init() async throws {
    directory = try TemporaryDirectory()
    let tree = try TemporaryDirectory()
    try await tree.makeTree()
    for name in ["root/etc", "root/var/lib/kubelet/pki"] {
      try FileManager.default.createDirectory(
        atPath: directory.path(name), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(atPath: tree.path, toPath: directory.path("root/etc/kubernetes"))
    let conf = try String(contentsOfFile: tree.path("kubelet.conf"), encoding: .utf8)
    let data = conf.matches(of: /client-(certificate|key)-data: (\S+)/)
      .compactMap { Data(base64Encoded: String($0.2)) }
    try data.reduce(Data(), +).write(to: URL(filePath: pem))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pem)
    let current = "/var/lib/kubelet/pki/kubelet-client-current.pem"
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("root" + current), withDestinationPath: "/var/lib/kubelet/pki/dated.pem")
    let changed = conf.replacing(/client-(certificate|key)-data: \S+/) { "client-\($0.1): \(current)" }
    try Data(changed.utf8).write(to: URL(filePath: directory.path("root/etc/kubernetes/kubelet.conf")))
  }

  private var pem: String { directory.path("root/var/lib/kubelet/pki/dated.pem") }
  private var text: String { get throws { try String(contentsOfFile: pem, encoding: .utf8) } }

  private func pkigen(_ arguments: String...) async throws -> Outcome { try await Pkigen.run(arguments) }

  @Test func `without it a copy is renewed, and the file of the machine is named`() async throws {
    let before = try text
    let outcome = try await pkigen("renew", "all", "-d", directory.path("root/etc/kubernetes"))
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    #expect(
      outcome.stdout.contains(
        "note: \(directory.path("root/etc/kubernetes/kubelet.conf")) names /var/lib/kubelet/pki/kubelet-client-current.pem,"
          + " which is outside of the tree: neither read nor written; add --rootfs"))
    #expect(try text == before)
  }

  @Test func `with it the file is found below it, also behind its link, and renewed`() async throws {
    let before = try text
    for options in [["--rootfs", directory.path("root")], ["--rootfs", directory.path("root") + "/"]] {
      let verified = try await Pkigen.run(["verify"] + options)
      #expect(verified.status == 0 && !verified.stdout.contains("outside-tree"), "\(verified)")
    }
    let outcome = try await pkigen(
      "renew", "all", "-d", directory.path("root/etc/kubernetes"), "--rootfs", directory.path("root"))
    #expect(outcome.status == 0 && outcome.stderr.isEmpty && !outcome.stdout.contains("note:"))
    #expect(outcome.stdout.contains("replace  \(pem)"))
    #expect(try text != before)
    let ca = directory.path("root/etc/kubernetes/pki/ca.crt")
    #expect(try await run("openssl", ["verify", "-CAfile", ca, pem]).status == 0)
  }

  @Test func `check-expiration tells of the file where it can be read`() async throws {
    let copy = try await pkigen("check-expiration", "-d", directory.path("root/etc/kubernetes"))
    #expect(copy.status == 0 && !copy.stdout.contains("kubelet.conf"))
    #expect(copy.stderr.hasPrefix("note: ") && copy.stderr.contains("; add --rootfs"))
    let machine = try await pkigen("check-expiration", "--rootfs", directory.path("root"))
    #expect(machine.status == 0 && machine.stdout.contains("kubelet.conf") && machine.stderr.isEmpty)
  }

  @Test func `a backup made below it names files as the machine does`() async throws {
    let before = try text
    #expect(try await pkigen("renew", "kubelet", "-q", "--rootfs", directory.path("root")).status == 0)
    let backups = directory.path("root/etc/kubernetes/pki/.backup")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: backups).first)
    let copy = try await pkigen(
      "renew", "--restore", "\(backups)/\(name)", "-d", directory.path("root/etc/kubernetes"))
    #expect(
      copy.status == 0 && copy.stdout.contains("has /var/lib/kubelet/pki/dated.pem, outside"), "\(copy)")
    #expect(try text != before)
    let machine = try await pkigen(
      "renew", "--restore", "\(backups)/\(name)", "--rootfs", directory.path("root"))
    #expect(machine.status == 0, "\(machine)")
    #expect(try text == before)
  }

  @Test func `an empty root directory is an error`() async throws {
    let outcome = try await pkigen("verify", "--rootfs", "")
    #expect(outcome.status == 64 && outcome.stderr.contains("--rootfs must not be empty"))
  }
}
