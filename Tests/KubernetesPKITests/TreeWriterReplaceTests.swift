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

  @Test func `a key that every user could read is for its owner alone, unless modes are kept`() throws {
    let new = SecretBytes(Array("new".utf8))
    let files = [
      PKIFile(.privateKey, at: tree.path("pki/apiserver.key"), new, replaces: true),
      PKIFile(.certificate, at: tree.path("pki/apiserver.crt"), new, replaces: true),
      PKIFile(.kubeconfig, at: tree.path("admin.conf"), new, replaces: true),
    ]
    for (isKept, mode) in [(true, 0o644), (false, 0o600)] as [(Bool, UInt32)] {
      for file in files { #expect(chmod(file.path, 0o644) == 0) }
      let notes = try TreeWriter(tree.location).write(
        files, backingUp: [], at: MadeTree.instant, keepsModes: isKept
      ).notes
      #expect(try self.mode("pki/apiserver.key") == mode && self.mode("admin.conf") == mode)
      #expect(try self.mode("pki/apiserver.crt") == 0o644)
      #expect(notes.count == (isKept ? 0 : 2), "\(notes)")
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

  @Test func `a hard link in another place keeps what it had`() throws {
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
