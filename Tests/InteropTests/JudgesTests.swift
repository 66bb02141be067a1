import TestSupport
import Testing

/// What the tests rely on in the programs that they use as verifiers.
@Suite(.timeLimit(.minutes(20)))
struct JudgesTests {
  @Test(arguments: ["date -u +%F,%T", "python3 -c 'import datetime; print(datetime.datetime.utcnow())'"])
  func `at another time, no second passes`(command: String) async throws {
    let outcome = try await run(Judges.clock, ["2027-01-15 08:00:00", "sh", "-c", command])
    #expect(["2027-01-15,08:00:00\n", "2027-01-15 08:00:00\n"].contains(outcome.stdout), "\(outcome)")
  }

  @Test func `a time that cannot be read is none`() async throws {
    let outcome = try await run(Judges.clock, ["once upon a time", "date"])
    #expect(outcome.status != 0 && outcome.stdout.isEmpty)
  }
}
