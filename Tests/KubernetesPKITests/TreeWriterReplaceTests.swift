import FileStore
import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What becomes of the files that are replaced, and of those beside them.
struct TreeWriterReplaceTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  /// Puts files in place of some that are there; a certificate and its key at once.
  @discardableResult
  private func replace(_ names: String..., in location: TreeLocation? = nil) throws -> [String] {
    let location = location ?? tree.location
    return try TreeWriter(location).write(
      names.map { name in
        let path = Path.join(location.kubeconfigDirectory, name)
        let key = name.hasSuffix(".crt") ? String(path.dropLast(4)) + ".key" : nil
        return PKIFile(
          name.hasSuffix(".key") ? .privateKey : .certificate, at: path,
          SecretBytes(Array("new \(name)".utf8)),
          replaces: true, keyPath: key)
      })
  }

  private func mode(_ name: String) throws -> UInt32? {
    try FileSystem.status(tree.path(name))?.permissions
  }

  private func error(_ body: () throws -> Void) -> PKIError? {
    do { try body() } catch { return error as? PKIError }
    return nil
  }

  @Test func `modes are kept, whatever the umask`() throws {
    let modes: [(String, UInt32)] = [
      ("pki/apiserver.crt", 0o640), ("pki/apiserver.key", 0o400), ("admin.conf", 0o440),
    ]
    for (name, mode) in modes { #expect(chmod(tree.path(name), mode) == 0) }
    try replace("pki/apiserver.key", "pki/apiserver.crt", "admin.conf")
    for (name, mode) in modes {
      #expect(try self.mode(name) == mode && tree.text(name) == "new \(name)", "\(name)")
    }
  }

  @Test func `a symbolic link stays, and what it leads to is replaced`() throws {
    try FileManager.default.createDirectory(
      atPath: tree.path("real/keys"), withIntermediateDirectories: true)
    for (name, target) in [("crt", "real/x.crt"), ("key", "real/keys/x.key")] {
      try FileManager.default.moveItem(atPath: tree.path("pki/apiserver.\(name)"), toPath: tree.path(target))
      #expect(symlink("../\(target)", tree.path("pki/apiserver.\(name)")) == 0)
    }
    try replace("pki/apiserver.key", "pki/apiserver.crt")
    #expect(try tree.text("real/x.crt") == "new pki/apiserver.crt")
    #expect(try tree.text("real/keys/x.key") == "new pki/apiserver.key")
    #expect(try FileSystem.status(tree.path("pki/apiserver.crt"))?.isSymbolicLink == true)
    #expect(try !tree.names.contains { $0.contains("pkigen") })
  }

  @Test func `a link to nothing gives way to a file`() throws {
    try tree.remove("pki/apiserver.key")
    #expect(symlink("nowhere", tree.path("pki/apiserver.key")) == 0)
    try replace("pki/apiserver.key", "pki/apiserver.crt")
    #expect(try FileSystem.status(tree.path("pki/apiserver.key"))?.isRegular == true)
    #expect(try mode("pki/apiserver.key") == 0o600)
    #expect(try tree.text("pki/apiserver.key") == "new pki/apiserver.key")
  }

  @Test func `a hard link elsewhere goes on with what it had`() throws {
    let before = try tree.text("pki/apiserver.key")
    #expect(link(tree.path("pki/apiserver.key"), tree.path("copy.key")) == 0)
    let notes = try replace("pki/apiserver.key", "pki/apiserver.crt")
    #expect(try tree.text("copy.key") == before && tree.text("pki/apiserver.key") == "new pki/apiserver.key")
    #expect(
      notes.count == 1 && notes[0].hasPrefix("\(tree.path("pki/apiserver.key")) had a second name"),
      "\(notes)")
  }

  @Test func `two paths to one file are refused, and nothing is written`() throws {
    try tree.remove("super-admin.conf")
    #expect(symlink(tree.path("admin.conf"), tree.path("super-admin.conf")) == 0)
    let before = try files
    #expect(
      error { try replace("admin.conf", "super-admin.conf") }
        == .files(.sameFile(tree.path("admin.conf"), tree.path("super-admin.conf"))))
    #expect(try files == before)
  }

  @Test func `a relative path to the tree is as good as a whole one`() throws {
    let directory = try FileSystem.resolved(".")
    let up = directory.split(separator: "/").map { _ in ".." }.joined(separator: "/")
    let relative = up + (try FileSystem.resolved(tree.directory.path))
    let location = TreeLocation(certificateDirectory: "\(relative)/pki", kubeconfigDirectory: relative)
    try replace("pki/apiserver.key", "pki/apiserver.crt", "admin.conf", in: location)
    #expect(try tree.text("admin.conf") == "new admin.conf")
  }

  @Test func `a failure while staging leaves nothing`() throws {
    let writer = try TreeWriter(tree.location)
    let before = try files
    // What is in the way of the last file that has to be staged.
    try FileManager.default.createDirectory(
      atPath: tree.path("pki/.apiserver.crt.twin.pkigen-new"), withIntermediateDirectories: false)
    let key = tree.path("pki/apiserver.key")
    let new = SecretBytes(Array("new".utf8))
    let error = error {
      _ = try writer.write([
        PKIFile(.privateKey, at: key, new, replaces: true),
        PKIFile(
          .certificate, at: tree.path("pki/apiserver.crt"), new, replaces: true, keyPath: key,
          replacement: .exchange),
      ])
    }
    #expect(
      error?.description == "cannot create \(tree.path("pki/.apiserver.crt.twin.pkigen-new")): File exists")
    #expect(try files == before)
  }

  /// The files of the tree as they are, without what a lock is made of.
  private var files: [String: String] {
    get throws {
      try tree.state.filter { $0.key.contains(".") && $0.key.split(separator: "/").last != ".pkigen.lock" }
    }
  }
}

/// What the next run makes of what a dead one has left.
struct TreeWriterRecoveryTests {
  private let tree: MadeTree
  private let elsewhere: TemporaryDirectory

  init() throws {
    tree = try MadeTree()
    elsewhere = try TemporaryDirectory()
  }

  @Test
  func `a run that died between the two renames of a watched pair is finished, and readers see the new pair`()
    throws
  {
    let (certificate, key) = (tree.path("pki/apiserver.crt"), tree.path("pki/apiserver.key"))
    let new = try tree.text("pki/front-proxy-client.crt")
    // The key is in its place already.
    try tree.write(tree.text("pki/front-proxy-client.key"), to: "pki/apiserver.key")
    try stage(certificate, new)
    let journal = Journal(entries: [
      Journal.Entry(certificate, key: key, replaces: true, by: .renames, in: tree.location.roots)
    ])
    _ = try FileSystem.create(tree.path("pki/.pkigen.journal"), journal.encoded(), mode: 0o600)
    let contents = TreeContents(reading: tree.location, catalog: tree.catalog)
    let leaf = try #require(contents[.apiserver].certificate)
    #expect(try contents[.apiserver].key.value?.isPair(of: leaf.publicKey) == true)
    _ = try TreeWriter(tree.location)
    #expect(try tree.text("pki/apiserver.crt") == new && !tree.names.contains { $0.contains("pkigen") })
  }

  @Test func `a journal of an older version means the exchange`() throws {
    let text = #"""
      {"entries":[{"directory":"certificates","key":"apiserver.key","path":"apiserver.crt","replaces":true}],"version":1}
      """#
    let journal = try #require(Journal(SecretBytes(Array(text.utf8))))
    #expect(journal.entries[0].pair(in: tree.location.roots)?.key == tree.path("pki/apiserver.key"))
    let written = Journal(entries: [
      entry(tree.path("pki/apiserver.crt"), key: tree.path("pki/apiserver.key"))
    ])
    #expect(Journal(written.encoded()) == written && written.entries[0].pair(in: tree.location.roots) == nil)
  }

  private func entry(_ path: String, key: String? = nil) -> Journal.Entry {
    Journal.Entry(path, key: key, replaces: true, in: tree.location.roots)
  }

  private func stage(_ path: String, _ text: String) throws {
    _ = try FileSystem.create(Journal.stagedPath(path), SecretBytes(Array(text.utf8)), mode: 0o600)
  }

  @Test func `rubbish is removed, outside the tree too`() throws {
    let outside = elsewhere.path("client.pem")
    try stage(outside, "half a ke")
    try stage(tree.path("admin.conf"), "half a kubeconf")
    let journal = Journal(entries: [entry(tree.path("admin.conf")), entry(outside)])
    let list = Journal.stagedPath(tree.path("pki/.pkigen.journal"))
    _ = try FileSystem.create(list, journal.encoded(), mode: 0o600)
    let before = try tree.text("admin.conf")
    _ = try TreeWriter(tree.location)
    #expect(try FileSystem.names(in: elsewhere.path) == [])
    #expect(try tree.text("admin.conf") == before && !tree.names.contains { $0.contains("pkigen") })
  }

  @Test func `a promise is kept, outside the tree too, and read before it is`() throws {
    let outside = elsewhere.path("client.pem")
    try Data("old".utf8).write(to: URL(filePath: outside))
    try stage(outside, "new")
    let scheduler = try tree.text("scheduler.conf")
    try stage(tree.path("admin.conf"), scheduler)
    let journal = Journal(entries: [entry(tree.path("admin.conf")), entry(outside)])
    _ = try FileSystem.create(tree.path("pki/.pkigen.journal"), journal.encoded(), mode: 0o600)
    let contents = TreeContents(reading: tree.location, catalog: tree.catalog)
    #expect(contents.hasUnfinishedRun)
    #expect(contents[.admin].kubeconfig.value?.userName == "system:kube-scheduler")
    _ = try TreeWriter(tree.location)
    #expect(try String(contentsOfFile: outside, encoding: .utf8) == "new")
    #expect(try tree.text("admin.conf") == scheduler && !tree.names.contains { $0.contains("pkigen") })
  }

  @Test func `a journal counts from the tree, wherever that has been moved to`() throws {
    let certificate = tree.path("pki/etcd/server.crt")
    let inTree = entry(certificate, key: tree.path("pki/etcd/server.key"))
    #expect(
      inTree.directory == .certificates && inTree.path == "etcd/server.crt" && inTree.key == "etcd/server.key"
    )
    #expect(entry(tree.path("admin.conf")).directory == .kubeconfigs)
    // Both halves in one notation.
    let split = entry(certificate, key: elsewhere.path("server.key"))
    #expect(
      split.directory == .root && split.path == certificate && split.key == elsewhere.path("server.key"))
    #expect(split.targets(in: tree.location.roots) == [elsewhere.path("server.key"), certificate])
  }

  @Test func `a directory of kubeconfigs that is missing is made with the first of them`() throws {
    let directory = elsewhere.path("conf")
    let location = TreeLocation(certificateDirectory: tree.path("pki"), kubeconfigDirectory: directory)
    let writer = try TreeWriter(location, changingKubeconfigs: false)
    #expect(try FileSystem.status(directory) == nil)
    _ = try writer.write([PKIFile(.kubeconfig, at: "\(directory)/admin.conf", SecretBytes(Array("x".utf8)))])
    #expect(try FileSystem.names(in: directory) == ["admin.conf"])
  }
}
