@testable import FileStore
import Foundation
import TestSupport
import Testing

struct OutputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func file(_ name: String) -> OutputFile {
    OutputFile(directory.path(name))
  }

  private func mode(_ name: String) throws -> UInt32? {
    try FileSystem.status(directory.path(name))?.permissions
  }

  private var names: [String] {
    get throws { try FileSystem.names(in: directory.path) }
  }

  @Test func `the file is made, then replaced, readable by all and without leftovers`() throws {
    try file("x.prom").replace(with: "one\n")
    try file("x.prom").replace(with: "two\n")
    #expect(try String(contentsOfFile: directory.path("x.prom"), encoding: .utf8) == "two\n")
    #expect(try mode("x.prom") == 0o644 && names == ["x.prom"])
  }

  @Test func `who has the old file open goes on reading it, whole`() throws {
    try file("x.prom").replace(with: "one\n")
    let reader = try FileHandle(forReadingFrom: URL(filePath: directory.path("x.prom")))
    try file("x.prom").replace(with: "two\n")
    #expect(try reader.readToEnd() == Data("one\n".utf8))
  }

  @Test func `a file that a dead process left behind is no obstacle`() throws {
    let leftover = Journal.stagedPath(
      "\(directory.path("x.prom")).\(ProcessInfo.processInfo.processIdentifier)")
    try Data("half".utf8).write(to: URL(filePath: leftover))
    try file("x.prom").replace(with: "whole\n")
    #expect(try names == ["x.prom"])
  }

  @Test func `what dead processes left beside the file goes, what living ones write stays`() throws {
    // No system has a process of the first number, every one has one of the second.
    let others = ["x.prom.2147483647", "x.prom.1", "x.prom.old", "y.prom.2147483647"]
    for name in others {
      try Data("half".utf8).write(to: URL(filePath: Journal.stagedPath(directory.path(name))))
    }
    try file("x.prom").replace(with: "whole\n")
    #expect(
      try names == [
        ".x.prom.1.pkigen-new", ".x.prom.old.pkigen-new", ".y.prom.2147483647.pkigen-new", "x.prom",
      ])
  }

  @Test func `a link stays, and what it leads to is made and replaced`() throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("real"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("x.prom"), withDestinationPath: "real/y.prom")
    for text in ["one\n", "two\n"] {
      try file("x.prom").replace(with: text)
      #expect(try String(contentsOfFile: directory.path("real/y.prom"), encoding: .utf8) == text)
    }
    #expect(try FileSystem.status(directory.path("x.prom"))?.isSymbolicLink == true)
    #expect(try names == ["real", "x.prom"] && FileSystem.names(in: directory.path("real")) == ["y.prom"])
  }

  @Test func `what is no regular file is written to and stays`() throws {
    // Through a link: should the device be replaced, it is the link that goes.
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("null"), withDestinationPath: "/dev/null")
    try file("null").replace(with: "x")
    #expect(try FileSystem.status(directory.path("null"))?.isSymbolicLink == true)
    #expect(mkfifo(directory.path("fifo"), 0o600) == 0)
    // Open at both ends, or writing would wait for a reader.
    let end = open(directory.path("fifo"), O_RDWR)
    defer { close(end) }
    try file("fifo").replace(with: "text\n")
    var buffer = [UInt8](repeating: 0, count: 9)
    #expect(read(end, &buffer, buffer.count) == 5 && buffer.starts(with: Array("text\n".utf8)))
    #expect(try names == ["fifo", "null"])
  }

  @Test func `a directory and a directory that is not there are refused`() throws {
    #expect(throws: FileError.self) { try file("").replace(with: "x") }
    #expect { try file("nowhere/x.prom").replace(with: "x") } throws: { error in
      "\(error)" == "cannot write \(directory.path("nowhere/x.prom")): No such file or directory"
    }
    #expect(try names == [])
  }
}
