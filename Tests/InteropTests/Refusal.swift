import TestSupport
import Testing

/// Expects that a server turns a client away, and that its log gives the reason once more than before.
func expectRefusal(
  loggedIn log: String, because reason: String, sourceLocation: SourceLocation = #_sourceLocation,
  of attempt: () async throws -> Outcome
) async throws {
  let before = try text(of: log).ranges(of: reason).count
  let outcome = try await attempt()
  #expect(outcome.status == 1, "\(outcome)", sourceLocation: sourceLocation)
  // The client may be gone before the server has written its line.
  for _ in 1...200 {
    if try text(of: log).ranges(of: reason).count > before { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("the server does not say \(reason): \(outcome)", sourceLocation: sourceLocation)
}
