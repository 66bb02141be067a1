import FoundationEssentials
import TestSupport
import Testing

@testable import KubernetesPKI

struct NewFilesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: directory.path(name))[.posixPermissions] as? Int
  }

  @Test func `files are made with their modes, and nothing is left beside them`() throws {
    try NewFiles.write([
      PKIFile(.privateKey, at: directory.path("a-key.pem"), text: "k"),
      PKIFile(.certificateRequest, at: directory.path("a.csr"), text: "r"),
      PKIFile(.token, at: directory.path("sub/dir/t"), text: "t"),
    ])
    #expect(try names() == ["a-key.pem", "a.csr", "sub"])
    #expect(try [mode("a-key.pem"), mode("a.csr"), mode("sub/dir/t")] == [0o600, 0o644, 0o600])
    #expect(try String(contentsOfFile: directory.path("a.csr"), encoding: .utf8) == "r")
  }

  @Test(arguments: ["a", "b"])
  func `when one is there, none is made`(existing: String) throws {
    try "old".write(toFile: directory.path(existing), atomically: true, encoding: .utf8)
    let error = #expect(throws: PKIError.self) {
      try NewFiles.write(["a", "b"].map { PKIFile(.object, at: directory.path($0), text: "new") })
    }
    #expect(error == .exists(directory.path(existing)))
    #expect(try names() == [existing])
    #expect(try String(contentsOfFile: directory.path(existing), encoding: .utf8) == "old")
  }

  @Test func `a link to nothing is something`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("a"), withDestinationPath: directory.path("elsewhere"))
    #expect(throws: PKIError.exists(directory.path("a"))) {
      try NewFiles.write([PKIFile(.token, at: directory.path("a"), text: "t")])
    }
    #expect(try names() == ["a"])
  }

  @Test func `what a run that died has left is no obstacle`() throws {
    try "half".write(toFile: directory.path(".a.pkigen-new"), atomically: true, encoding: .utf8)
    try NewFiles.write([PKIFile(.token, at: directory.path("a"), text: "t")])
    #expect(try names() == ["a"])
  }

  @Test func `two runs do not write into one directory at once`() throws {
    let lock = try DirectoryLock(directory.path)
    let error = #expect(throws: PKIError.self) {
      try NewFiles.write([PKIFile(.token, at: directory.path("a"), text: "t")])
    }
    guard case .locked = error else { throw error ?? PKIError.exists("") }
    withExtendedLifetime(lock) {}
  }
}
