@testable import FileStore
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// One run at a time.
struct DirectoryLockTests {
  private let directory: TemporaryDirectory
  private var file: String { directory.path(DirectoryLock.fileName) }

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a lock keeps others out, names its owner, and leaves nothing behind`() throws {
    var lock: DirectoryLock? = try DirectoryLock(directory.path)
    let error = try #require(throws: FileError.self) { try DirectoryLock(directory.path) }
    #expect(error == .locked(directory: directory.path, owner: "pkigen, process \(getpid())"))
    #expect(error.description == "\(directory.path) is in use by pkigen, process \(getpid())")
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(!FileManager.default.fileExists(atPath: file))
    _ = try DirectoryLock(directory.path)
  }

  @Test(arguments: ["", "pkigen, process 1\n", "\u{1b}[31m\n", String(repeating: "x", count: 1000)])
  func `a file that an interrupted run has left blocks no other run`(content: String) throws {
    try Data(content.utf8).write(to: URL(filePath: file))
    let lock = try DirectoryLock(directory.path)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "pkigen, process \(getpid())\n")
    withExtendedLifetime(lock) {}
  }

  @Test(arguments: [
    ("", "another run of pkigen"), ("pkigen, process 7\nmore", "pkigen, process 7"), ("a\u{1b}[31m", "a"),
    ("\u{1b}[31m", "another run of pkigen"),
    (String(repeating: "x", count: 1000), String(repeating: "x", count: 80)),
  ])
  func `an owner's name is one line of plain text`(content: String, owner: String) throws {
    try Data(content.utf8).write(to: URL(filePath: file))
    let descriptor = open(file, O_RDWR)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let error = try #require(throws: FileError.self) { try DirectoryLock(directory.path) }
    #expect(error == .locked(directory: directory.path, owner: owner))
  }

  @Test func `many at once are one after the other`() async throws {
    let path = directory.path
    let counter = directory.path("counter")
    try Data("0".utf8).write(to: URL(filePath: counter))
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<50 {
            while true {
              guard let lock = try? DirectoryLock(path) else { continue }
              let count =
                (try? String(contentsOfFile: counter, encoding: .utf8)).flatMap { Int($0) } ?? -1_000_000
              try? Data("\(count + 1)".utf8).write(to: URL(filePath: counter))
              withExtendedLifetime(lock) {}
              break
            }
          }
        }
      }
    }
    #expect(try String(contentsOfFile: counter, encoding: .utf8) == "400")
  }

  @Test func `a link in place of the file is not followed`() throws {
    try Data("theirs".utf8).write(to: URL(filePath: directory.path("theirs")))
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "theirs")
    let error = try #require(throws: FileError.self) { try DirectoryLock(directory.path) }
    #expect(error.description == "cannot lock \(file): Too many levels of symbolic links")
    #expect(try String(contentsOfFile: directory.path("theirs"), encoding: .utf8) == "theirs")
  }
}
