@testable import FileStore
import Foundation
import OpenSSLX509
import TestSupport
import Testing

/// Waiting for the disk. That it happens at all, and when, is seen in the calls of whole runs.
struct UnflushedTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func file(_ name: String) throws -> Unflushed {
    try FileSystem.create(directory.path(name), SecretBytes("text\n".utf8), mode: 0o600)
  }

  @Test(arguments: [1, 4])
  func `files and their directories are flushed, however many`(jobs: Int) throws {
    let files = try (0..<100).map { try file("\($0)") }
    try FileSystem.flush(files + FileSystem.directories(of: [directory.path("0")]), jobs: jobs)
    try FileSystem.flush([], jobs: jobs)
  }

  @Test(arguments: [1, 4], [0, 1, 2])
  func `one that the disk refuses is an error, wherever it stands`(jobs: Int, index: Int) throws {
    var files = [try file("a"), try file("b")]
    // No device of this kind can be flushed.
    files.insert(Unflushed("/dev/null"), at: index)
    let error = try #require(throws: FileError.self) { try FileSystem.flush(files, jobs: jobs) }
    #expect(error.path == "/dev/null" && error.systemError == SystemError(EINVAL))
    #expect(error.description.hasPrefix("cannot flush /dev/null: "))
  }
}
