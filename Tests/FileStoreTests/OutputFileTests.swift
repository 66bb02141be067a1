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

  @Test func `a device, a directory and a directory that is not there are refused`() throws {
    // Through a link: should it not be refused, the link would be replaced, and not the device.
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("null"), withDestinationPath: "/dev/null")
    #expect(throws: FileError.self) { try file("null").replace(with: "x") }
    #expect(throws: FileError.self) { try file("").replace(with: "x") }
    #expect { try file("nowhere/x.prom").replace(with: "x") } throws: { error in
      "\(error)" == "cannot write \(directory.path("nowhere/x.prom")): No such file or directory"
    }
    #expect(try names == ["null"])
  }
}
