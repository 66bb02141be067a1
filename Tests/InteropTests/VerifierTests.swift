import TestSupport
import Testing

/// The verdict of the two verifiers that are not OpenSSL's: Go's, which all of Kubernetes uses, and the one of Python's
/// cryptography.
@Suite(.timeLimit(.minutes(20)))
struct VerifierTests {
  @Test(arguments: Algorithm.quick)
  func `Go's crypto/x509 accepts each leaf for what it is, and for nothing else`(
    algorithm: Algorithm
  ) async throws {
    try await Question.ask(
      questions(about: algorithm), of: Judges.goVerify, phrases: Question.goPhrases)
  }

  @Test(arguments: Algorithm.quick)
  func `Python's cryptography accepts each leaf for what it is, and for nothing else`(
    algorithm: Algorithm
  ) async throws {
    try await Question.ask(
      questions(about: algorithm), of: Judges.python, [Judges.pythonVerify], phrases: Question.pythonPhrases)
  }

  private func questions(about algorithm: Algorithm) async throws -> [Question] {
    let tree = try await Trees.made(with: algorithm)
    return Leaf.all.flatMap {
      Question.rightful(about: $0, of: tree) + Question.wrongful(about: $0, of: tree)
    }
  }
}
