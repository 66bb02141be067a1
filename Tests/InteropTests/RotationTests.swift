import FoundationEssentials
import TestSupport
import Testing

/// Who accepts what at each stage of a rotation: OpenSSL, GnuTLS, Go and Python's cryptography.
@Suite(.timeLimit(.minutes(20)))
struct RotationTests {
  /// The CAs that a client may trust: the old one, the new one, both.
  private enum Trust: String, CaseIterable {
    case old, new, both
  }

  @Test(arguments: Algorithm.quick)
  func `whoever trusts the old CA, the new one or both accepts what each stage says`(algorithm: Algorithm)
    async throws
  {
    let tree = try await Tree(algorithm)
    try await rotate("prepare", tree, "--controller-manager-ready")
    try writeTrust(of: tree)
    try await expect(tree, [.old, .both])
    try await rotate("switch", tree)
    try await expect(tree, [.old, .new, .both])
    try await rotate("back", tree)
    try await expect(tree, [.old, .both])
    try await rotate("switch", tree)
    try await rotate("retire", tree)
    try await expect(tree, [.new, .both])
  }

  private func rotate(_ verb: String, _ tree: Tree, _ options: String...) async throws {
    let outcome = try await Pkigen.run(["rotate", verb, "ca", "-q", "-d", tree.directory.path] + options)
    try #require(outcome == Outcome(status: 0))
  }

  /// Writes what clients trust from a ca.crt that holds both.
  private func writeTrust(of tree: Tree) throws {
    let both = try text(of: tree.certificate("ca"))
    let certificates = both.components(separatedBy: "-----BEGIN").dropFirst().map { "-----BEGIN" + $0 }
    try #require(certificates.count == 2)
    for (trust, text) in [(Trust.old, certificates[0]), (.new, certificates[1]), (.both, both)] {
      try text.write(toFile: path(trust, tree), atomically: true, encoding: .utf8)
    }
  }

  private func path(_ trust: Trust, _ tree: Tree) -> String { tree.directory.path("\(trust).pem") }

  private func expect(_ tree: Tree, _ accepting: Set<Trust>) async throws {
    let leaf = tree.certificate("apiserver")
    var questions: [Question] = []
    for trust in Trust.allCases {
      let isAccepted = accepting.contains(trust)
      let openssl = try await run(
        Judges.openssl,
        [
          "verify", "-x509_strict", "-CAfile", path(trust, tree), "-untrusted", leaf, "-purpose", "sslserver",
          leaf,
        ])
      #expect((openssl.status == 0) == isAccepted, "OpenSSL, \(trust): \(openssl)")
      let gnutls = try await run(
        Judges.certtool,
        [
          "--verify", "--load-ca-certificate", path(trust, tree), "--infile", leaf, "--verify-profile",
          "medium",
        ])
      #expect((gnutls.status == 0) == isAccepted, "GnuTLS, \(trust): \(gnutls)")
      questions.append(
        Question(
          leaf: leaf, key: tree.key("apiserver"), root: path(trust, tree), name: "kubernetes.default",
          usage: .server, time: Date(), flaw: isAccepted ? nil : .authority))
    }
    try await Question.ask(questions, of: Judges.goVerify, phrases: Question.goPhrases)
    try await Question.ask(
      questions, of: Judges.python, [Judges.pythonVerify], phrases: Question.pythonPhrases)
  }
}
