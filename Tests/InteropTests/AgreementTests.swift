import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20)))
struct AgreementTests {
  /// In a form that takes seconds; `make agreement` asks of thousands.
  @Test func `openssl, Go, GnuTLS and Python say what verify says of odd trees, or the reason is known`()
    async throws
  {
    let outcome = try await run(
      Judges.python,
      [
        "-B", "\(Judges.repository)/Tests/agreement/agreement.py", Pkigen.path, "--relations", "40",
        "--oddities", "100", "--seed", "1",
      ])
    #expect(outcome.status == 0, "\(outcome.stdout)\(outcome.stderr)")
  }
}
