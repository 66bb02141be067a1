import Foundation
import TestSupport
import Testing

/// `--cert-dir` alone: certificates of another place, and no kubeconfigs.
struct CertificateDirectoryTests {
  private let directory: TemporaryDirectory

  /// A live tree in the machine's place, and the tree of another cluster beside it.
  init() async throws {
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path("root/etc"), withIntermediateDirectories: true)
    for place in ["root/etc/kubernetes", "other"] {
      let tree = try TemporaryDirectory()
      try await tree.makeTree()
      try FileManager.default.copyItem(atPath: tree.path, toPath: directory.path(place))
    }
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(
      arguments + ["--rootfs", directory.path("root"), "--cert-dir", directory.path("other/pki")])
  }

  /// The files of the live tree.
  private var live: [String: Data] {
    get throws {
      let root = directory.path("root")
      let names = try FileManager.default.subpathsOfDirectory(atPath: root)
      return names.reduce(into: [:]) { $0[$1] = FileManager.default.contents(atPath: "\(root)/\($1)") }
    }
  }

  private static let note =
    "note: only the directory of the certificates was named: kubeconfigs are left alone; add --kubeconfig-dir, or -d, to"
    + " include them\n"

  @Test func `renew all renews the certificates, and no kubeconfig`() async throws {
    let before = try live
    let outcome = try await pkigen("renew", "all")
    #expect(outcome.status == 0 && outcome.stdout.contains("Files: 14 replaced, 0 kept.\n"))
    #expect(outcome.stdout.contains(Self.note) && !outcome.stdout.contains(".conf "))
    #expect(try live == before)
  }

  @Test(arguments: [
    ["init", "--node-name", "cp1", "--advertise-ip", "10.0.0.10"], ["verify"], ["check-expiration"],
    ["phase", "cert", "all", "--node-name", "cp1", "--advertise-ip", "10.0.0.10"],
  ])
  func `nothing of the live kubeconfigs is read or written`(command: [String]) async throws {
    let before = try live
    let outcome = try await Pkigen.run(
      command + ["--rootfs", directory.path("root"), "--cert-dir", directory.path("other/pki")])
    #expect(outcome.status == 0, "\(outcome)")
    #expect((outcome.stdout + outcome.stderr).contains("kubeconfigs are left alone"))
    #expect(!outcome.stdout.contains(".conf"), "\(outcome.stdout)")
    #expect(try live == before)
  }

  @Test func `csr create all asks for certificates alone`() async throws {
    try FileManager.default.removeItem(atPath: directory.path("other/pki/ca.key"))
    let before = try live
    let outcome = try await pkigen(
      "csr", "create", "all", "--node-name", "cp1", "--advertise-ip", "10.0.0.10")
    #expect(outcome.status == 0 && outcome.stdout.contains("pki/apiserver.csr"), "\(outcome)")
    #expect(!outcome.stdout.contains(".conf"))
    #expect(try live == before)
  }

  @Test func `no directory of kubeconfigs is made`() async throws {
    let outcome = try await Pkigen.run(
      "init", "--cert-dir", "new/pki", "--rootfs", "none", "--node-name", "cp1", "--advertise-ip",
      "10.0.0.10", "--key-algorithm", "ecdsa-p256", directory: directory.path)
    #expect(outcome.status == 0 && outcome.stdout.contains("Files: 22 created"), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("none")))
  }

  @Test func `a backup's kubeconfigs stay in it`() async throws {
    let all = try await Pkigen.run("renew", "all", "-q", "-d", directory.path("other"))
    #expect(all.status == 0)
    let backups = directory.path("other/pki/.backup")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: backups).first)
    let before = try live
    let conf = try Data(contentsOf: URL(filePath: directory.path("other/admin.conf")))
    let outcome = try await pkigen("renew", "--restore", "\(backups)/\(name)")
    #expect(outcome.status == 0 && outcome.stdout.contains("Files: 14 replaced"), "\(outcome)")
    #expect(outcome.stdout.contains("not put back; add --kubeconfig-dir"))
    #expect(try live == before)
    #expect(try Data(contentsOf: URL(filePath: directory.path("other/admin.conf"))) == conf)
  }

  @Test(arguments: [["renew", "admin.conf"], ["csr", "create", "admin"]])
  func `a kubeconfig that is named is an error, with what to add`(command: [String]) async throws {
    let outcome = try await Pkigen.run(command + ["--cert-dir", directory.path("other/pki")])
    #expect(outcome.status == 64)
    #expect(outcome.stderr.contains("is a kubeconfig, and the directory of kubeconfigs is not named"))
    #expect(outcome.stderr.contains("hint: add --kubeconfig-dir, or -d\n"))
  }

  @Test func `phase kubeconfig needs the directory of the kubeconfigs`() async throws {
    let outcome = try await pkigen("phase", "kubeconfig", "admin", "--advertise-ip", "10.0.0.10")
    #expect(outcome.status == 64 && outcome.stderr.contains("give --kubeconfig-dir too"))
  }

  @Test func `with the directory of the kubeconfigs, they are renewed`() async throws {
    let outcome = try await pkigen("renew", "admin.conf", "--kubeconfig-dir", directory.path("other"))
    #expect(outcome.status == 0 && outcome.stdout.contains("Files: 1 replaced"), "\(outcome)")
  }
}
