@testable import FileStore
import Foundation
import OpenSSLX509
import TestSupport
import Testing

/// Files of no tree: all or none, and none that others made.
struct NewFilesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var files: [FileChange] {
    [
      change("jane-key.pem", "key\n", mode: 0o600),
      change("jane.csr", "request\n", mode: 0o644),
    ]
  }

  private func change(_ name: String, _ text: String, mode: UInt32) -> FileChange {
    FileChange(path: directory.path(name), label: "file", content: SecretBytes(text.utf8), mode: mode)
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: directory.path(name)))
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  private var names: [String] {
    get throws { try FileSystem.names(in: directory.path) }
  }

  private func staged(_ file: FileChange) -> String { Journal.stagedPath(file.path) }

  /// Leaves what a run leaves that dies after it has placed so many files.
  private func die(after count: Int) throws {
    for file in files {
      _ = try FileSystem.create(staged(file), SecretBytes("dead\n".utf8), mode: 0o600)
    }
    for file in files.prefix(count) { _ = try FileSystem.link(staged(file), as: file.path) }
  }

  @Test func `all files are made, with their modes and nothing beside them`() throws {
    try NewFiles.write(files)
    #expect(try names == ["jane-key.pem", "jane.csr"])
    let modes = try files.map { try FileSystem.status($0.path)?.permissions }
    #expect(modes == [0o600, 0o644])
    #expect(try text("jane-key.pem") == "key\n" && text("jane.csr") == "request\n")
  }

  @Test(arguments: ["jane-key.pem", "jane.csr"])
  func `a file that is there is not touched, and the other is not made`(name: String) throws {
    try write("mine\n", to: name)
    #expect(throws: FileError.exists(directory.path(name))) { try NewFiles.write(files) }
    #expect(try names == [name] && text(name) == "mine\n")
  }

  @Test(arguments: [0, 1])
  func `what a run had made that died in between is made again`(placed: Int) throws {
    try die(after: placed)
    try NewFiles.write(files)
    #expect(try names == ["jane-key.pem", "jane.csr"] && text("jane-key.pem") == "key\n")
  }

  @Test func `what a run had made that died when all was made stays`() throws {
    try die(after: 2)
    #expect(throws: FileError.exists(directory.path("jane-key.pem"))) {
      try NewFiles.write(files)
    }
    #expect(try names == ["jane-key.pem", "jane.csr"] && text("jane-key.pem") == "dead\n")
  }

  @Test func `another file beside an interrupted run's is not taken for the run's`() throws {
    try die(after: 0)
    try write("mine\n", to: "jane-key.pem")
    #expect(throws: FileError.exists(directory.path("jane-key.pem"))) {
      try NewFiles.write(files)
    }
    #expect(try names == ["jane-key.pem"] && text("jane-key.pem") == "mine\n")
  }

  @Test func `a directory in which another run is at work is refused`() throws {
    let lock = try DirectoryLock(directory.path)
    #expect(throws: FileError.self) { try NewFiles.write(files) }
    withExtendedLifetime(lock) {}
    #expect(try names == [DirectoryLock.fileName])
  }

  @Test func `a directory that is not there is made`() throws {
    let token = change("sub/dir/token", "t\n", mode: 0o600)
    try NewFiles.write([token])
    #expect(try text("sub/dir/token") == "t\n")
    #expect(try FileSystem.status(token.path)?.permissions == 0o600)
  }

  @Test func `a link to nothing is something`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("jane.csr"), withDestinationPath: directory.path("elsewhere"))
    #expect(throws: FileError.exists(directory.path("jane.csr"))) { try NewFiles.write(files) }
    #expect(try names == ["jane.csr"])
  }
}
