import FileStore
import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What the next run makes of what an interrupted one has left.
struct TreeWriterRecoveryTests {
  private let tree: MadeTree
  private let otherDirectory: TemporaryDirectory

  init() throws {
    tree = try MadeTree()
    otherDirectory = try TemporaryDirectory()
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
      Journal.Entry(certificate, key: key, .replace, by: .renames, in: tree.location.roots)
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
    Journal.Entry(path, key: key, .replace, in: tree.location.roots)
  }

  private func stage(_ path: String, _ text: String) throws {
    _ = try FileSystem.create(Journal.stagedPath(path), SecretBytes(Array(text.utf8)), mode: 0o600)
  }

  @Test func `rubbish is removed, outside the tree too`() throws {
    let outside = otherDirectory.path("client.pem")
    try stage(outside, "half a ke")
    try stage(tree.path("admin.conf"), "half a kubeconf")
    let journal = Journal(entries: [entry(tree.path("admin.conf")), entry(outside)])
    let list = Journal.stagedPath(tree.path("pki/.pkigen.journal"))
    _ = try FileSystem.create(list, journal.encoded(), mode: 0o600)
    let before = try tree.text("admin.conf")
    _ = try TreeWriter(tree.location)
    #expect(try FileSystem.names(in: otherDirectory.path) == [])
    #expect(try tree.text("admin.conf") == before && !tree.names.contains { $0.contains("pkigen") })
  }

  @Test func `a journal is kept, outside the tree too, and read before it is`() throws {
    let outside = otherDirectory.path("client.pem")
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
    let split = entry(certificate, key: otherDirectory.path("server.key"))
    #expect(
      split.directory == .root && split.path == certificate && split.key == otherDirectory.path("server.key"))
    #expect(split.targets(in: tree.location.roots) == [otherDirectory.path("server.key"), certificate])
  }

  @Test func `what cannot be put in place stays committed, and stops no other`() throws {
    // No file takes the place of a directory.
    try tree.remove("admin.conf")
    try FileManager.default.createDirectory(
      atPath: tree.path("admin.conf/x"), withIntermediateDirectories: true)
    let scheduler = try tree.text("scheduler.conf")
    for name in ["admin.conf", "kubelet.conf"] { try stage(tree.path(name), scheduler) }
    let journal = Journal(entries: ["admin.conf", "kubelet.conf"].map { entry(tree.path($0)) })
    _ = try FileSystem.create(tree.path("pki/.pkigen.journal"), journal.encoded(), mode: 0o600)
    let new = SecretBytes(Array("new".utf8))
    func write(_ name: String) throws -> [String] {
      try TreeWriter(tree.location).write([PKIFile(.kubeconfig, at: tree.path(name), new, replaces: true)])
    }
    let notes = try write("controller-manager.conf")
    #expect(notes.count == 1 && notes[0].contains(tree.path("admin.conf")), "\(notes)")
    #expect(try tree.text("kubelet.conf") == scheduler && tree.text("controller-manager.conf") == "new")
    let left = try #require(Journal(try FileSystem.read(tree.path("pki/.pkigen.journal"))))
    #expect(left.entries == [journal.entries[0]])
    #expect(throws: PKIError.self) { try write("admin.conf") }
    try tree.remove("admin.conf")
    #expect(try write("controller-manager.conf").isEmpty)
    #expect(try tree.text("admin.conf") == scheduler && !tree.names.contains { $0.contains("pkigen") })
  }

  @Test func `a run that failed or died before it committed anything leaves no backup`() throws {
    let key = PKIFile(
      .privateKey, at: tree.path("pki/apiserver.key"), SecretBytes(Array("new".utf8)), replaces: true)
    do {
      let writer = try TreeWriter(tree.location)
      // What is in the way of the file that has to be staged.
      try FileManager.default.createDirectory(
        atPath: tree.path("pki/.apiserver.key.pkigen-new"), withIntermediateDirectories: false)
      #expect(throws: PKIError.self) { try writer.write([key], backingUp: [key], at: MadeTree.instant) }
    }
    #expect(try FileSystem.status(tree.path("pki/.backup")) == nil)
    let written = try TreeWriter(tree.location).write([key], backingUp: [key], at: MadeTree.instant)
    let list = Journal(entries: [], backup: Path.name(of: try #require(written.backup)))
    _ = try FileSystem.create(
      Journal.stagedPath(tree.path("pki/.pkigen.journal")), list.encoded(), mode: 0o600)
    _ = try TreeWriter(tree.location)
    #expect(try FileSystem.status(tree.path("pki/.backup")) == nil)
  }

  @Test func `a directory of kubeconfigs that is missing is made with the first of them`() throws {
    let directory = otherDirectory.path("conf")
    let location = TreeLocation(certificateDirectory: tree.path("pki"), kubeconfigDirectory: directory)
    let writer = try TreeWriter(location, changingKubeconfigs: false)
    #expect(try FileSystem.status(directory) == nil)
    _ = try writer.write([PKIFile(.kubeconfig, at: "\(directory)/admin.conf", SecretBytes(Array("x".utf8)))])
    #expect(try FileSystem.names(in: directory) == ["admin.conf"])
  }
}
