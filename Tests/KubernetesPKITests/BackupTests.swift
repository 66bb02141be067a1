import FileStore
import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What is copied before it is replaced, and what can be put back.
struct BackupTests {
  private let tree: MadeTree
  private let otherDirectory: TemporaryDirectory

  init() throws {
    tree = try MadeTree()
    otherDirectory = try TemporaryDirectory()
  }

  private func file(_ kind: PKIFile.Kind, _ path: String, key: String? = nil, replaces: Bool = true)
    -> PKIFile
  {
    PKIFile(kind, at: path, SecretBytes(Array("new".utf8)), replaces: replaces, keyPath: key)
  }

  private var pair: [PKIFile] {
    [
      file(.privateKey, tree.path("pki/etcd/server.key")),
      file(.certificate, tree.path("pki/etcd/server.crt"), key: tree.path("pki/etcd/server.key")),
    ]
  }

  private func back(up files: [PKIFile]) throws -> String {
    let roots = tree.location.roots
    let name = try Backup.freeName(in: roots, at: MadeTree.instant)
    return try #require(try Backup.make(of: request(files), in: roots, named: name))
  }

  private func request(_ files: [PKIFile]) -> Backup.Request {
    Backup.Request(files.map(\.change), at: MadeTree.instant)
  }

  private func errors(_ directory: String) -> [PKIError] {
    do throws(PKIErrors) {
      _ = try RestorePlan(restoring: directory, to: tree.location)
      return []
    } catch {
      return error.errors
    }
  }

  @Test func `a backup has all that will be replaced, for its owner alone`() throws {
    #expect(chmod(tree.path("pki/etcd/server.key"), 0o644) == 0)
    let directory = try back(up: pair + [file(.kubeconfig, tree.path("admin.conf"))])
    #expect(directory == tree.path("pki/.backup/20270115T080000Z"))
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    #expect(
      names == [
        "backup.json", "kubeconfigs", "kubeconfigs/admin.conf", "pki", "pki/etcd", "pki/etcd/server.crt",
        "pki/etcd/server.key",
      ])
    for name in names + [""] {
      let status = try #require(try FileSystem.status("\(directory)/\(name)"))
      #expect(status.permissions == (status.isDirectory ? 0o700 : 0o600), "\(name)")
    }
    #expect(try FileSystem.status(tree.path("pki/.backup"))?.permissions == 0o700)
    #expect(try tree.text("pki/.backup/20270115T080000Z/kubeconfigs/admin.conf") == tree.text("admin.conf"))
  }

  @Test func `what is made anew is not in it, and where nothing is replaced there is none`() throws {
    let new = file(.kubeconfig, tree.path("new.conf"), replaces: false)
    let gone = file(.kubeconfig, tree.path("gone.conf"))
    #expect(
      try Backup.make(of: request([new, gone]), in: tree.location.roots, named: "x") == nil)
    #expect(try FileSystem.status(tree.path("pki/.backup")) == nil)
  }

  @Test func `only the newest backups are kept, and nothing else goes`() throws {
    let backups = try (1...11).map { _ in try back(up: pair) }
    try FileManager.default.createDirectory(
      atPath: tree.path("pki/.backup/mine"), withIntermediateDirectories: false)
    #expect(try Backup.all(in: tree.location.roots) == backups)
    try TreeWriter(tree.location).removeBackups(keeping: 2)
    #expect(try Backup.all(in: tree.location.roots) == Array(backups.suffix(2)))
    #expect(try FileSystem.status(tree.path("pki/.backup/mine")) != nil)
  }

  @Test func `two backups of one second are two`() throws {
    let first = try back(up: pair)
    #expect(try back(up: pair) == "\(first)-2" && back(up: pair) == "\(first)-3")
  }

  @Test func `everything comes back, from outside the tree and by winding paths too`() throws {
    for name in ["a.crt", "a.key", "b.pem"] {
      try Data("old \(name)".utf8).write(to: URL(filePath: otherDirectory.path(name)))
    }
    let winding = tree.path("../\(otherDirectory.path.split(separator: "/").last ?? "")/b.pem")
    let directory = try back(
      up: pair + [
        file(.privateKey, otherDirectory.path("a.key")),
        file(.certificate, otherDirectory.path("a.crt"), key: otherDirectory.path("a.key")),
        file(.privateKey, winding), file(.kubeconfig, tree.path("admin.conf")),
      ])
    let backup = try RestorePlan(restoring: directory, to: tree.location)
    #expect(backup.refusals.isEmpty)
    #expect(
      backup.files.map(\.path) == [
        tree.path("pki/etcd/server.key"), tree.path("pki/etcd/server.crt"), otherDirectory.path("a.key"),
        otherDirectory.path("a.crt"), otherDirectory.path("b.pem"), tree.path("admin.conf"),
      ])
    #expect(backup.files.map(\.change.keyPath)[1] == tree.path("pki/etcd/server.key"))
    #expect(backup.files.map(\.change.keyPath)[3] == otherDirectory.path("a.key"))
    #expect(!backup.files.contains { !$0.replaces })
    for file in backup.files {
      #expect(try file.content.hasSameBytes(as: FileSystem.read(file.path)), "\(file.path)")
    }
  }

  @Test func `what has gone in between is made again`() throws {
    let directory = try back(up: pair)
    let before = try (tree.text("pki/etcd/server.crt"), tree.text("pki/etcd/server.key"))
    try tree.remove("pki/etcd/server.crt")
    try tree.write("another", to: "pki/etcd/server.key")
    let backup = try RestorePlan(restoring: directory, to: tree.location)
    #expect(backup.files.map(\.replaces) == [true, false])
    _ = try TreeWriter(tree.location).write(backup.files)
    #expect(try (tree.text("pki/etcd/server.crt"), tree.text("pki/etcd/server.key")) == before)
  }

  @Test func `a pair that was none comes back as it was`() throws {
    try tree.copy("pki/etcd/peer.key", to: "pki/etcd/server.key")
    let backup = try RestorePlan(restoring: back(up: pair), to: tree.location)
    #expect(backup.files.count == 2 && backup.refusals.isEmpty)
  }

  @Test func `a certificate whose key is in place comes back alone`() throws {
    let directory = try back(up: [pair[1]])
    let backup = try RestorePlan(restoring: directory, to: tree.location)
    #expect(backup.files.map(\.path) == [tree.path("pki/etcd/server.crt")] && backup.refusals.isEmpty)
  }

  @Test func `a certificate without its key is left, and the others come back`() throws {
    let directory = try back(up: [pair[1], file(.kubeconfig, tree.path("admin.conf"))])
    try tree.copy("pki/etcd/peer.key", to: "pki/etcd/server.key")
    let backup = try RestorePlan(restoring: directory, to: tree.location)
    #expect(backup.files.map(\.path) == [tree.path("admin.conf")])
    let (path, key) = (tree.path("pki/etcd/server.crt"), tree.path("pki/etcd/server.key"))
    #expect(
      backup.refusals == [
        Finding(
          .keyMissing, [path, key],
          "\(path) is left as it is: the private key of the certificate that it was is neither in the backup nor in"
            + " \(key)", .restoreLaterBackup(key: key))
      ])
  }

  @Test func `damage is reported for every file`() throws {
    let directory = try back(up: pair + [file(.kubeconfig, tree.path("admin.conf"))])
    let name = "pki/.backup/20270115T080000Z"
    try tree.write(String(tree.text("admin.conf").dropLast()), to: "\(name)/kubeconfigs/admin.conf")
    try tree.remove("\(name)/pki/etcd/server.key")
    let (torn, missing) = ("\(directory)/kubeconfigs/admin.conf", "\(directory)/pki/etcd/server.key")
    #expect(errors(directory) == [.files(.missingFromBackup(missing)), .files(.damagedBackup(torn))])
  }

  @Test(arguments: ["nowhere", "pki", "", "empty"])
  func `what is no backup is refused`(name: String) throws {
    try FileManager.default.createDirectory(atPath: tree.path("empty"), withIntermediateDirectories: false)
    let directory = tree.path(name)
    #expect(errors(directory) == [.files(.notABackup(directory, root: tree.path("pki/.backup")))])
  }

  @Test(arguments: [
    #"{"version": 2, "files": []}"#, "{}", "", "[1]",
  ])
  func `an index that cannot be read is none`(text: String) throws {
    let directory = try back(up: pair)
    try tree.write(text, to: "pki/.backup/20270115T080000Z/backup.json")
    #expect(errors(directory).count == 1)
  }

  @Test(arguments: ["../../ca.key", "pki/../../../x", "elsewhere/../x", "x", "/etc/passwd"])
  func `no name in an index leads to where no file came from`(name: String) throws {
    #expect(BackupIndex.target(of: name, in: tree.location.roots) == nil)
  }

  @Test func `a backup that fails leaves nothing`() throws {
    // A directory in the place of a file that is to be copied: it can be looked at, and not be read.
    try tree.remove("admin.conf")
    try FileManager.default.createDirectory(
      atPath: tree.path("admin.conf"), withIntermediateDirectories: false)
    #expect(throws: FileError.self) { try back(up: pair + [file(.kubeconfig, tree.path("admin.conf"))]) }
    #expect(try FileSystem.status(tree.path("pki/.backup")) == nil)
  }
}
