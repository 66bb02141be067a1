import Foundation
import TestSupport
import Testing

/// `phase` in a tree that has got the CA of another cluster.
struct NewCATests {
  private let tree: TemporaryDirectory

  /// The CA is another cluster's; what it is going to sign is missing.
  init() async throws {
    tree = try TemporaryDirectory()
    try await tree.copyTree()
    let other = try TemporaryDirectory()
    try await other.makeTree()
    for name in ["pki/ca.crt", "pki/ca.key"] {
      try FileManager.default.removeItem(atPath: tree.path(name))
      try FileManager.default.copyItem(atPath: other.path(name), toPath: tree.path(name))
    }
    for name in ["pki/apiserver.crt", "pki/apiserver.key", "scheduler.conf"] {
      try FileManager.default.removeItem(atPath: tree.path(name))
    }
  }

  static let commands = [["phase", "cert", "apiserver"], ["phase", "kubeconfig", "scheduler.conf"]]

  private func pkigen(_ command: [String], _ options: String...) async throws -> Outcome {
    try await Pkigen.run(
      command + ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "-q", "-d", tree.path] + options)
  }

  @Test(arguments: commands)
  func `a CA that signed none of the certificates that are there signs no other`(command: [String])
    async throws
  {
    let before = try FileManager.default.subpathsOfDirectory(atPath: tree.path)
    let outcome = try await pkigen(command)
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr.hasPrefix("error: \(tree.path("pki/ca.crt")), ")
        && outcome.stderr.contains(" did not sign ")
        && outcome.stderr.contains("run the command again with --allow-new-ca"), "\(outcome)")
    #expect(try FileManager.default.subpathsOfDirectory(atPath: tree.path) == before)
    let allowed = try await pkigen(command, "--allow-new-ca")
    #expect(allowed == Outcome(status: 0))
  }

  @Test func `other CAs of the tree sign, and so does this one where a certificate of it is there`()
    async throws
  {
    for name in ["pki/front-proxy-client.crt", "pki/front-proxy-client.key"] {
      try FileManager.default.removeItem(atPath: tree.path(name))
    }
    #expect(try await pkigen(["phase", "cert", "front-proxy-client"]) == Outcome(status: 0))
    #expect(try await pkigen(Self.commands[0], "--allow-new-ca") == Outcome(status: 0))
    #expect(try await pkigen(Self.commands[1]) == Outcome(status: 0))
  }
}
