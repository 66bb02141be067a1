import FileStore
import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Files on the disk: whole or not at all, and never over others.
struct TreeWriterTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(empty: .documented) }

  private func file(_ name: String, _ text: String = "new", _ kind: PKIFile.Kind = .privateKey) -> PKIFile {
    PKIFile(kind, at: tree.path(name), SecretBytes(Array(text.utf8)))
  }

  private func mode(_ name: String) throws -> mode_t {
    var info = stat()
    try #require(lstat(tree.path(name), &info) == 0)
    return info.st_mode & 0o7777
  }

  @Test func `files get their modes, and directories theirs`() throws {
    _ = try TreeWriter(tree.location).write([
      file("pki/a.key"), file("pki/a.crt", "c", .certificate), file("pki/sa.pub", "p", .publicKey),
      file("pki/etcd/b.key"), file("admin.conf", "k", .kubeconfig),
    ])
    #expect(try ["pki", "pki/etcd"].map(mode) == [0o755, 0o755])
    #expect(try ["pki/a.key", "pki/etcd/b.key", "admin.conf"].map(mode) == [0o600, 0o600, 0o600])
    #expect(try ["pki/a.crt", "pki/sa.pub"].map(mode) == [0o644, 0o644])
    #expect(try tree.text("pki/etcd/b.key") == "new")
    #expect(
      try tree.names == [
        "admin.conf", "pki", "pki/a.crt", "pki/a.key", "pki/etcd", "pki/etcd/b.key", "pki/sa.pub",
      ])
  }

  @Test func `a second run changes nothing`() throws {
    try tree.complete()
    let state = try tree.state
    try tree.complete()
    _ = try TreeWriter(tree.location)
    #expect(try tree.state == state)
  }

  @Test func `a file that is there is not overwritten, and then nothing is written`() throws {
    try FileManager.default.createDirectory(atPath: tree.path("pki"), withIntermediateDirectories: false)
    try tree.write("old", to: "pki/b.key")
    let state = try tree.state
    for present in ["pki/b.key", "pki/link"] {
      if present == "pki/link" {
        try FileManager.default.createSymbolicLink(atPath: tree.path(present), withDestinationPath: "nothing")
      }
      let error = try #require(throws: PKIError.self) {
        try TreeWriter(tree.location).write([file("pki/a.key"), file(present)])
      }
      #expect(error == .files(.wouldOverwrite(tree.path(present))))
    }
    try tree.remove("pki/link")
    #expect(try tree.state == state)
  }

  /// A name that is legal itself and too long with what staging adds to it.
  @Test func `a failure half-way leaves what was there and nothing else`() throws {
    try tree.complete()
    let state = try tree.state
    let long = "pki/" + String(repeating: "x", count: 250)
    let error = try #require(throws: PKIError.self) {
      try TreeWriter(tree.location).write([file("pki/new.key"), file("pki/etcd/new.key"), file(long)])
    }
    #expect(error.description.hasSuffix(": File name too long"))
    #expect(try tree.state == state)
  }

  // MARK: Runs that died

  /// Leaves the files as a run does that dies after it has staged them, and committed them if so.
  private func die(staging names: [String], committing committed: [String]? = nil) throws {
    for name in ["pki", "pki/etcd"] {
      try FileSystem.makeDirectory(tree.path(name))
    }
    for name in names {
      _ = try FileSystem.create(
        Journal.stagedPath(tree.path(name)), SecretBytes(Array("new".utf8)), mode: 0o600)
    }
    guard let committed else { return }
    let entries = committed.map {
      Journal.Entry(tree.path($0), key: nil, .create, in: tree.location.roots)
    }
    let path = Path.join(tree.location.certificateDirectory, Journal.fileName)
    _ = try FileSystem.create(path, Journal(entries: entries).encoded(), mode: 0o600)
  }

  @Test func `what an interrupted run has committed is done`() throws {
    let names = ["pki/a.key", "pki/etcd/b.key", "admin.conf"]
    try die(staging: names, committing: names)
    _ = try TreeWriter(tree.location)
    #expect(try tree.names == ["admin.conf", "pki", "pki/a.key", "pki/etcd", "pki/etcd/b.key"])
    #expect(try names.map(tree.text) == ["new", "new", "new"])
  }

  @Test func `what an interrupted run had moved already stays`() throws {
    try die(staging: ["pki/b.key"], committing: ["pki/a.key", "pki/b.key"])
    try tree.write("moved", to: "pki/a.key")
    _ = try TreeWriter(tree.location)
    #expect(try tree.names == ["pki", "pki/a.key", "pki/b.key", "pki/etcd"])
    #expect(try tree.text("pki/a.key") == "moved" && tree.text("pki/b.key") == "new")
  }

  @Test func `what an interrupted run had not committed is removed`() throws {
    try die(staging: ["pki/a.key", "pki/etcd/b.key", "admin.conf"])
    _ = try TreeWriter(tree.location)
    #expect(try tree.names == ["pki", "pki/etcd"])
  }

  @Test func `a journal that is torn is none`() throws {
    try die(staging: ["pki/a.key"])
    try tree.write(#"{"entries":[{"#, to: "pki/" + Journal.fileName)
    let contents = TreeContents(reading: tree.location, catalog: .documented)
    #expect(!contents.hasCommittedFiles && contents.hasUnfinishedRun)
    _ = try TreeWriter(tree.location)
    #expect(try tree.names == ["pki", "pki/etcd"])
  }

  @Test func `committed files are read as if they were in place`() throws {
    try tree.complete()
    for name in ["pki/ca.crt", "pki/ca.key", "admin.conf"] {
      try FileManager.default.moveItem(atPath: tree.path(name), toPath: Journal.stagedPath(tree.path(name)))
    }
    #expect(throws: PKIErrors.self) { try tree.plan() }
    try die(staging: [], committing: ["pki/ca.crt", "pki/ca.key", "admin.conf"])
    let plan = try tree.plan()
    #expect(!plan.changesSomething && plan.tree.hasUnfinishedRun)
    _ = try TreeWriter(tree.location)
    #expect(try !tree.plan().tree.hasUnfinishedRun && tree.names.allSatisfy { !$0.contains("/.") })
  }

  @Test
  func `what has appeared in a committed place is not overwritten, and the run goes on once it is away`()
    throws
  {
    try die(staging: ["pki/a.key", "pki/b.key"], committing: ["pki/a.key", "pki/b.key"])
    try tree.write("foreign", to: "pki/b.key")
    for _ in 1...2 {
      let error = try #require(throws: PKIError.self) { try TreeWriter(tree.location) }
      #expect(error == .files(.wouldOverwrite(tree.path("pki/b.key"))))
    }
    #expect(try tree.text("pki/b.key") == "foreign")
    try tree.remove("pki/b.key")
    _ = try TreeWriter(tree.location)
    #expect(try tree.names == ["pki", "pki/a.key", "pki/b.key", "pki/etcd"])
  }

  @Test func `what is committed for another directory is not forgotten`() throws {
    try FileSystem.makeDirectory(tree.path("other"))
    let names = ["pki/a.key", "admin.conf"]
    try die(staging: names, committing: names)
    let otherDirectory = TreeLocation(
      certificateDirectory: tree.path("pki"), kubeconfigDirectory: tree.path("other"))
    for changesKubeconfigs in [true, false] {
      let error = try #require(throws: PKIError.self) {
        try TreeWriter(otherDirectory, changingKubeconfigs: changesKubeconfigs)
      }
      #expect(
        error.description
          == "a run that died was to put \(tree.path("other/admin.conf")) in place, and what it had made for it is not there"
      )
    }
    _ = try TreeWriter(tree.location, changingKubeconfigs: false)
    #expect(try tree.names == ["admin.conf", "other", "pki", "pki/a.key", "pki/etcd"])
  }

  /// Where names cannot be given without replacing, files get a second name before they lose the first.
  @Test func `a file that has both its names is in place`() throws {
    try die(staging: ["pki/a.key"], committing: ["pki/a.key"])
    try FileManager.default.linkItem(
      atPath: Journal.stagedPath(tree.path("pki/a.key")), toPath: tree.path("pki/a.key"))
    _ = try TreeWriter(tree.location)
    #expect(try tree.names == ["pki", "pki/a.key", "pki/etcd"])
  }

  @Test func `files of others are left alone`() throws {
    try FileSystem.makeDirectory(tree.path("pki/private"))
    let names = [
      "pki/.hidden", "pki/a.key.pkigen-new", "pki/private/.a.key.pkigen-new", "notes", "pki/.backup",
    ]
    for name in names { try tree.write("theirs", to: name) }
    try tree.complete()
    for name in names { #expect(try tree.text(name) == "theirs", "\(name)") }
  }

  // MARK: Directories

  @Test func `certificates alone need no directory for kubeconfigs`() throws {
    let location = TreeLocation(
      certificateDirectory: tree.path("pki"), kubeconfigDirectory: tree.path("conf"))
    let selection = try Selection.test(["ca", "sa"], .pairs, in: .documented)
    let plan = try Plan(
      completing: selection, of: .documented, in: TreeContents(reading: location, catalog: .documented),
      for: MadeTree.cluster(), at: MadeTree.instant)
    _ = try TreeWriter(location, changingKubeconfigs: false).write(Issuer(jobs: 1).issue(plan))
    #expect(try tree.names == ["pki", "pki/ca.crt", "pki/ca.key", "pki/sa.key", "pki/sa.pub"])
  }

  @Test(arguments: [
    ("pki", "pki"), ("a", "a/b"), ("a/b", "a"), ("a/pki/", "a//"), ("a b'\n\u{1b}[31m", "ü"), (".", "."),
  ])
  func `the two directories may lie anywhere to each other`(certificates: String, kubeconfigs: String) throws
  {
    let location = TreeLocation(
      certificateDirectory: tree.path(certificates), kubeconfigDirectory: tree.path(kubeconfigs))
    for isFirst in [true, false] {
      let plan = try Plan(
        completing: .everything(in: .documented), of: .documented,
        in: TreeContents(reading: location, catalog: .documented), for: MadeTree.cluster(),
        at: MadeTree.instant)
      #expect(plan.changesSomething == isFirst)
      _ = try TreeWriter(location).write(Issuer(jobs: 1).issue(plan))
    }
    #expect(
      try tree.names.count { $0.hasSuffix(".key") } == 11 && tree.names.count { $0.hasSuffix(".conf") } == 4)
    #expect(try tree.names.allSatisfy { !$0.contains("pkigen") })
  }
}
