import FileStore
import Foundation
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Reading while others write.
struct TreeChangeTests {
  private let tree: MadeTree
  private var reader: TreeReader

  init() throws {
    tree = try MadeTree()
    reader = TreeReader(tree.location)
  }

  private var key: String { tree.path("pki/apiserver.key") }

  /// Replaces a file as a run does: by another file with its name.
  private func replace(_ path: String) throws {
    _ = try FileSystem.create(Journal.stagedPath(path), try FileSystem.read(path), mode: 0o600)
    try FileSystem.move(Journal.stagedPath(path), to: path)
  }

  @Test mutating func `what stands still is current`() throws {
    #expect(reader.readKey(key).value != nil && reader.isCurrent)
    #expect(reader.readKey(tree.path("pki/none.key")).isAbsent && reader.isCurrent)
  }

  @Test mutating func `a file that is replaced after it was read is noticed, although it says the same`()
    throws
  {
    _ = reader.readKey(key)
    try replace(key)
    #expect(!reader.isCurrent)
  }

  @Test mutating func `a file that is replaced and was not read does not matter`() throws {
    try replace(key)
    _ = reader.readKey(key)
    try replace(tree.path("pki/apiserver.crt"))
    #expect(reader.isCurrent)
  }

  @Test mutating func `a file that appears after it was missed is noticed`() throws {
    _ = reader.readKey(tree.path("pki/new.key"))
    try tree.write(tree.key("apiserver").pem(), to: "pki/new.key")
    #expect(!reader.isCurrent)
  }

  @Test mutating func `a journal that is made, or kept, after it was looked for is noticed`() throws {
    let entry = Journal.Entry(key, key: nil, .replace, in: tree.location.roots)
    try FileManager.default.copyItem(atPath: key, toPath: Journal.stagedPath(key))
    try tree.write(Journal(entries: [entry]).encoded(), to: "pki/\(Journal.fileName)")
    #expect(!reader.isCurrent)
    reader = TreeReader(tree.location)
    #expect(reader.readKey(key).value != nil && reader.isCurrent)
    try FileSystem.move(Journal.stagedPath(key), to: key)
    #expect(!reader.isCurrent)
    try FileSystem.remove(tree.path("pki/\(Journal.fileName)"))
    #expect(!reader.isCurrent)
  }

  @Test func `a tree is as it is now, whenever it was read`() throws {
    let contents = TreeContents(reading: tree.location, catalog: tree.catalog)
    #expect(
      contents.current()[.apiserver].key.value?.publicKey == contents[.apiserver].key.value?.publicKey)
    let other = try PrivateKey.generate(.ecdsaP256)
    try FileSystem.remove(key)
    #expect(contents.current()[.apiserver].key.isAbsent)
    try tree.write(other.pem(), to: "pki/apiserver.key")
    #expect(contents.current()[.apiserver].key.value?.publicKey == other.publicKey)
  }

  @Test func `a run that has died is seen by its lock, a run that lives is not taken for one`() throws {
    func contents() -> TreeContents { TreeContents(reading: tree.location, catalog: tree.catalog) }
    #expect(!contents().hasUnfinishedRun)
    let lock = try DirectoryLock(tree.location.certificateDirectory)
    #expect(!contents().hasUnfinishedRun)
    withExtendedLifetime(lock) {}
    // No system has a process of this number.
    try tree.write("pkigen, process 2147483647\n", to: DirectoryLock.fileName)
    #expect(contents().hasUnfinishedRun && !contents().hasCommittedFiles)
  }
}
