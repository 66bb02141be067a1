import FileStore
import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Files that a run removes.
struct TreeWriterRemovalTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  private func removal(_ name: String) -> PKIFile { PKIFile(removing: .privateKey, at: tree.path(name)) }

  @Test func `a file that goes away is in the backup, and comes back with it`() throws {
    let before = try tree.text("pki/front-proxy-ca.key")
    let files = [removal("pki/front-proxy-ca.key")]
    let (notes, backup) = try TreeWriter(tree.location).write(files, backingUp: files, at: MadeTree.instant)
    #expect(notes.isEmpty)
    #expect(try FileSystem.status(tree.path("pki/front-proxy-ca.key")) == nil)
    #expect(try !tree.names.contains { $0.contains("pkigen-new") || $0.contains("journal") })
    let plan = try RestorePlan(restoring: try #require(backup), to: tree.location)
    _ = try TreeWriter(tree.location).write(plan.files)
    #expect(try tree.text("pki/front-proxy-ca.key") == before)
  }

  @Test func `what is going to go is read as gone, and the next run removes it`() throws {
    let path = tree.path("pki/front-proxy-ca.key")
    let journal = Journal(entries: [Journal.Entry(path, key: nil, .remove, in: tree.location.roots)])
    #expect(Journal(journal.encoded()) == journal)
    _ = try FileSystem.create(tree.path("pki/.pkigen.journal"), journal.encoded(), mode: 0o600)
    let contents = TreeContents(reading: tree.location, catalog: tree.catalog)
    #expect(contents[.frontProxyCA].key.isAbsent && contents.hasUnfinishedRun)
    let plain = TreeContents(reading: tree.location, catalog: tree.catalog, isPlain: true)
    #expect(plain.unfinishedRun?.paths == [path] && !plain[.frontProxyCA].key.isAbsent)
    _ = try TreeWriter(tree.location)
    #expect(try FileSystem.status(path) == nil && !tree.names.contains { $0.contains("pkigen.journal") })
    // A run that died after the removal is finished as well.
    _ = try FileSystem.create(tree.path("pki/.pkigen.journal"), journal.encoded(), mode: 0o600)
    _ = try TreeWriter(tree.location)
    #expect(try !tree.names.contains { $0.contains("pkigen.journal") })
  }

  @Test func `a run that fails before its journal removes nothing`() throws {
    let writer = try TreeWriter(tree.location)
    try FileManager.default.createDirectory(
      atPath: tree.path("pki/.apiserver.key.pkigen-new"), withIntermediateDirectories: false)
    let key = PKIFile(
      .privateKey, at: tree.path("pki/apiserver.key"), SecretBytes(Array("new".utf8)), replaces: true)
    #expect(throws: PKIError.self) { try writer.write([removal("pki/front-proxy-ca.key"), key]) }
    #expect(try FileSystem.status(tree.path("pki/front-proxy-ca.key")) != nil)
  }
}
