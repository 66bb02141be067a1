import FoundationEssentials
import TestSupport
import Testing

extension TemporaryDirectory {
  /// Puts a tree here that pkigen has made for the node cp1, with small keys: a copy of one that is made once.
  func copyTree() async throws {
    let original = try await Self.original.value
    for name in try FileManager.default.contentsOfDirectory(atPath: original.path) {
      try FileManager.default.copyItem(atPath: original.path(name), toPath: path(name))
    }
  }

  private static let original = Task {
    let directory = try TemporaryDirectory()
    try await directory.makeTree()
    return directory
  }

  /// Has pkigen make a tree here for the node cp1, with small keys, and further options.
  @discardableResult
  func makeTree(_ options: String...) async throws -> Outcome { try await makeTree(options) }

  /// Has pkigen make a tree here for the node cp1, with small keys, and further options.
  @discardableResult
  func makeTree(_ options: [String]) async throws -> Outcome {
    let outcome = try await Pkigen.run(
      [
        "init", "-d", path, "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
        "ecdsa-p256",
      ]
        + options)
    try #require(outcome.status == 0, "pkigen init: \(outcome.stderr)")
    return outcome
  }
}
