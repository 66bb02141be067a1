import Foundation
import TestSupport
import Testing

/// Names that would move the cursor, or look like a line of pkigen's own, are printed as escapes.
@Suite(.timeLimit(.minutes(20)))
struct HostileNamesTests {
  private static let name = "x\nerror: all is lost\u{1b}[2J\u{202e}"
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var tree: String { directory.path(Self.name) }

  private func expectHarmless(_ outcome: Outcome, status: Int32, _ arguments: [String]) {
    #expect(outcome.status == status, "\(arguments): \(outcome)")
    let text = outcome.stdout + outcome.stderr
    #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"), "\(arguments): \(text.debugDescription)")
    #expect(!text.contains("\nerror: all is lost"), "\(arguments): \(text.debugDescription)")
  }

  private func pkigen(_ arguments: String..., status: Int32 = 0) async throws {
    expectHarmless(try await Pkigen.run(arguments), status: status, arguments)
  }

  private var cluster: [String] {
    ["-d", tree, "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
  }

  @Test func `in a tree's path`() async throws {
    let made = try await Pkigen.run(["init"] + cluster)
    expectHarmless(made, status: 0, ["init"])
    #expect(made.stdout.contains(#"x\nerror: all is lost\u{1B}[2J\u{202E}/pki/ca.crt"#))
    try await pkigen("renew", "apiserver", "-d", tree)
    try "no key".write(toFile: "\(tree)/pki/ca.key", atomically: false, encoding: .utf8)
    try FileManager.default.removeItem(atPath: "\(tree)/pki/apiserver.crt")
    expectHarmless(try await Pkigen.run(["init"] + cluster), status: 65, ["init"])
    try await pkigen("verify", "-d", tree, status: 1)
    try await pkigen("check-expiration", "-d", tree, status: 1)
    try await pkigen("inspect", "\(tree)/pki/ca.key", status: 65)
  }

  @Test func `in other files' paths and in values`() async throws {
    try await pkigen("csr", "create", "--common-name", "jane", "--out", tree)
    try await pkigen("csr", "create", "--common-name", "jane", "--out", tree, status: 73)
    try await pkigen("init", "--advertise-ip", Self.name, "-d", tree, status: 64)
    try await pkigen("init", "--config", tree, status: 74)
    try await pkigen("renew", Self.name, "-d", tree, status: 64)
  }

  @Test func `in what the parser of options refuses`() async throws {
    try await pkigen(Self.name, status: 64)
    try await pkigen("init", "--\(Self.name)", status: 64)
    try await pkigen("init", "-o", Self.name, status: 64)
  }
}
