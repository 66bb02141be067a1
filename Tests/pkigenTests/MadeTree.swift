import TestSupport
import Testing

extension TemporaryDirectory {
  /// Has pkigen make a tree here for the node cp1, with small keys, and further options.
  @discardableResult
  func makeTree(_ options: String...) async throws -> Outcome {
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
