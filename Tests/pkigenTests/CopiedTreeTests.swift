import Foundation
import TestSupport
import Testing

/// Copies of a machine's tree whose symbolic links still lead to the machine's own files.
struct CopiedTreeTests {
  /// Has the files of the machine, and the copy.
  private let directory: TemporaryDirectory
  private let machine: String
  private let copy: String

  init() async throws {
    directory = try TemporaryDirectory()
    let tree = try TemporaryDirectory()
    try await tree.copyTree()
    (machine, copy) = (directory.path("machine"), directory.path("copy"))
    for path in [machine, copy] { try FileManager.default.copyItem(atPath: tree.path, toPath: path) }
  }

  /// Puts a link to the machine's file or directory into the copy.
  private func link(_ name: String) throws {
    try? FileManager.default.removeItem(atPath: "\(copy)/\(name)")
    try FileManager.default.createSymbolicLink(
      atPath: "\(copy)/\(name)", withDestinationPath: "\(machine)/\(name)")
  }

  /// All files of the machine, with their contents.
  private var state: [String: Data] {
    get throws {
      try FileManager.default.subpathsOfDirectory(atPath: machine).reduce(into: [:]) {
        $0[$1] = FileManager.default.contents(atPath: "\(machine)/\($1)") ?? Data()
      }
    }
  }

  private func pkigen(_ arguments: String..., directory other: String? = nil) async throws -> Outcome {
    try await Pkigen.run(arguments + ["-d", other ?? copy])
  }

  @Test(arguments: ["pki/apiserver.key", "pki/apiserver.crt", "pki/etcd", "scheduler.conf"])
  func `a link out of a copy is a fact, and what it leads to stays as it is`(name: String) async throws {
    try link(name)
    let before = try state
    let sentence = "\(copy)/\(name) is a symbolic link that leads out of the tree"
    let renewed = try await pkigen("renew", "all")
    let isCA = name == "pki/etcd"
    // Nobody can sign what the CA there has signed.
    #expect(renewed.status == (isCA ? 1 : 0) && renewed.stdout.contains("note: \(sentence)"), "\(renewed)")
    #expect(renewed.stdout.contains("replace  \(copy)/admin.conf"))
    let verified = try await pkigen("verify")
    #expect(
      verified.status == 0 && verified.stdout.contains("info  outside-tree  \(copy)/\(name)"), "\(verified)")
    #expect(verified.stdout.contains("0 errors, 0 warnings"))
    let listed = try await pkigen("check-expiration")
    #expect(listed.status == 0 && listed.stderr.contains(sentence), "\(listed)")
    let entry = ["pki/etcd": "etcd-server", "scheduler.conf": "scheduler.conf"][name] ?? "apiserver"
    let refused = try await pkigen("renew", entry)
    #expect(refused.status == 1 && refused.stderr.contains("error: \(sentence)"), "\(refused)")
    #expect(try state == before)
  }

  @Test func `with / as the root directory of the machine, links are followed`() async throws {
    try link("pki/apiserver.key")
    let before = try state
    #expect(try await pkigen("renew", "apiserver", "-q", "--rootfs", "/").status == 0)
    #expect(try state["pki/apiserver.key"] != before["pki/apiserver.key"])
    #expect(try await pkigen("verify", "-q", "--rootfs", "/").status == 0)
  }

  @Test(arguments: [["renew", "all"], ["init", "--node-name", "cp1", "--advertise-ip", "10.0.0.10"]])
  func `a copy whose pki is a link out of it is not written, and there is one error`(command: [String])
    async throws
  {
    try link("pki")
    let before = try state
    let outcome = try await Pkigen.run(command + ["-d", copy])
    #expect(outcome.status != 0 && outcome.stderr.contains("\(copy)/pki is a symbolic link that leads out"))
    let verified = try await pkigen("verify", "-q")
    #expect(verified.status == 1 && verified.stdout.contains("error  unreadable-file  \(copy)/pki\n"))
    #expect(try state == before)
    // Who names the directory itself means it.
    let named = try await Pkigen.run(
      "verify", "-q", "--cert-dir", "\(machine)/pki", "--kubeconfig-dir", copy)
    #expect(named.status == 0, "\(named)")
  }

  @Test func `a CA behind a link out of a copy signs nothing there`() async throws {
    try link("pki/ca.key")
    for name in ["pki/apiserver.crt", "pki/apiserver.key"] {
      try FileManager.default.removeItem(atPath: "\(copy)/\(name)")
    }
    let made = try await pkigen(
      "phase", "cert", "apiserver", "--node-name", "cp1", "--advertise-ip", "10.0.0.10")
    #expect(made.status == 65 && made.stderr.contains("\(copy)/pki/ca.key is a symbolic link"), "\(made)")
    let renewed = try await pkigen("renew", "admin.conf")
    #expect(renewed.status == 1 && renewed.stderr.contains("\(copy)/pki/ca.key is a symbolic link"))
    let user = try await pkigen(
      "kubeconfig", "user", "--client-name", "jane", "--advertise-ip", "10.0.0.10", "--out", "-")
    #expect(user.status == 65 && user.stderr.contains("\(copy)/pki/ca.key is a symbolic link"), "\(user)")
  }

  @Test func `backups go to no directory outside of a copy, and none is removed there`() async throws {
    for _ in 1...2 { #expect(try await pkigen("renew", "admin.conf", "-q", directory: machine).status == 0) }
    try link("pki/.backup")
    let before = try state
    let outcome = try await pkigen("renew", "admin.conf", "--keep-backups", "1")
    #expect(outcome.status == 65 && outcome.stderr.contains("\(copy)/pki/.backup is outside of the tree"))
    #expect(try await pkigen("verify", "-q").status == 0)
    #expect(try state == before)
  }

  @Test func `below a root directory, absolute links of the tree's own files lead to files below it`()
    async throws
  {
    let root = directory.path("root")
    for name in ["etc", "data"] {
      try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
    }
    try FileManager.default.moveItem(atPath: copy, toPath: "\(root)/data/kubernetes")
    try FileManager.default.moveItem(
      atPath: "\(root)/data/kubernetes/pki/apiserver.key", toPath: "\(root)/data/server.key")
    try FileManager.default.moveItem(atPath: "\(root)/data/kubernetes/pki/etcd", toPath: "\(root)/data/etcd")
    for (link, target) in [
      ("etc/kubernetes", "/data/kubernetes"), ("data/kubernetes/pki/apiserver.key", "/data/server.key"),
      ("data/kubernetes/pki/etcd", "/data/etcd"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(root)/\(link)", withDestinationPath: target)
    }
    let keys = ["\(root)/data/server.key", "\(root)/data/etcd/server.key"]
    let before = try keys.map { try String(contentsOfFile: $0, encoding: .utf8) }
    let outcome = try await Pkigen.run("renew", "all", "--rootfs", root)
    #expect(outcome.status == 0 && !outcome.stdout.contains("note:"), "\(outcome)")
    let after = try keys.map { try String(contentsOfFile: $0, encoding: .utf8) }
    #expect(zip(before, after).allSatisfy { $0 != $1 })
    let verified = try await Pkigen.run("verify", "-q", "--rootfs", root)
    // On the machine itself, static pods do not mount what is outside of the two directories.
    #expect(verified.status == 0 && verified.stdout.hasPrefix("warning  link-out-of-tree  "), "\(verified)")
    let backup = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(root)/data/kubernetes/pki/.backup").first)
    let restored = try await Pkigen.run(
      "renew", "--restore", "\(root)/data/kubernetes/pki/.backup/\(backup)", "-q", "--rootfs", root)
    #expect(restored == Outcome(status: 0), "\(restored)")
    #expect(try keys.map { try String(contentsOfFile: $0, encoding: .utf8) } == before)
  }
}

/// Backups that say themselves where their files belong.
struct CraftedBackupTests {
  private let tree: TemporaryDirectory
  private let backup: String

  init() async throws {
    tree = try TemporaryDirectory()
    try await tree.copyTree()
    let outcome = try await Pkigen.run("renew", "apiserver", "scheduler.conf", "-q", "-d", tree.path)
    try #require(outcome.status == 0)
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: tree.path("pki/.backup")).first)
    backup = tree.path("pki/.backup/\(name)")
  }

  /// Says of the backup's kubeconfig that it belongs to another place.
  private func craft(_ name: String) throws {
    let index = backup + "/backup.json"
    let text = try String(contentsOfFile: index, encoding: .utf8)
    let crafted = text.replacing("\"kubeconfigs/scheduler.conf\"", with: "\"\(name)\"")
    try #require(crafted != text)
    try Data(crafted.utf8).write(to: URL(filePath: index))
    let place = URL(filePath: "\(backup)/\(name)")
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: "\(backup)/kubeconfigs/scheduler.conf", toPath: place.path)
  }

  @Test func `on the machine itself it writes no file that no kubeconfig names`() async throws {
    let other = try TemporaryDirectory()
    try craft("elsewhere\(other.path("x"))")
    let outcome = try await Pkigen.run("renew", "--restore", backup, "-d", tree.path, "--rootfs", "/")
    #expect(outcome.status == 1)
    #expect(
      outcome.stderr.contains("error: the backup has \(other.path("x")), which is no file of a PKI"),
      "\(outcome)")
    #expect(outcome.stdout.contains("replace  \(tree.path("pki/apiserver.crt"))"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).isEmpty)
  }

  @Test(arguments: ["kubeconfigs/manifests/x.yaml", "pki/.pkigen.journal", "pki/x.crt", "kubeconfigs/x.conf"])
  func `in the tree it writes no file that is not of a PKI`(name: String) async throws {
    try craft(name)
    let before = Set(try FileManager.default.subpathsOfDirectory(atPath: tree.path))
    let outcome = try await Pkigen.run("renew", "--restore", backup, "--no-backup", "-d", tree.path)
    #expect(outcome.status == 1 && outcome.stderr.contains("which is no file of a PKI"), "\(outcome)")
    #expect(Set(try FileManager.default.subpathsOfDirectory(atPath: tree.path)) == before)
  }
}
