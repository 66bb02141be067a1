import FoundationEssentials
import GoRules
import OddCertificates
import OpenSSLX509
import TestSupport
import Testing

/// The chain builder, held against Go's.
struct GoChainTests {
  /// Why we refuse a chain, or nothing.
  private func problem(_ chain: OddChain) throws -> String {
    func parsed(_ der: [UInt8]) throws -> ParsedCertificate { try ParsedCertificate(Certificate(der: der)) }
    let purposes: [String: ChainBuilder.Purpose] = ["server": .server, "client": .client]
    let builder = ChainBuilder(
      anchors: try chain.anchors.map(parsed), intermediates: try chain.others.map(parsed),
      purpose: purposes[chain.usage] ?? .any, at: try Date("2026-06-01T00:00:00Z", strategy: .iso8601))
    let leaf = try parsed(chain.leaf)
    do throws(Problem) {
      return try builder.chains(of: leaf).isEmpty ? "no chain" : ""
    } catch {
      return "\(error.rule.rawValue): \(error)"
    }
  }

  @Test func `Go verifies what we say that it verifies, of 1000 chains`() async throws {
    var random = Seeded(1_128)
    let chains = try (0..<1000).map { _ in try OddChain(&random) }
    let answers = try await askGo(
      chains.map {
        GoQuestion(certificate: $0.leaf, others: $0.others, anchors: $0.anchors, usage: $0.usage)
      })
    var accepted = 0
    for (chain, answer) in zip(chains, answers) {
      try #require(answer.parse.isEmpty, "\(answer.parse)")
      let ours = try problem(chain)
      accepted += answer.verify.isEmpty ? 1 : 0
      #expect(ours.isEmpty == answer.verify.isEmpty, "Go: \(answer.verify), we: \(ours)")
    }
    #expect((100...900).contains(accepted), "\(accepted) chains are good")
  }

  @Test func `host names match as in Go`() async throws {
    let patterns = [
      "cp1", "CP1.lan", "*.lan", "*", "*.", "*.a.lan", "a*.lan", "a.*", "cp1.lan.", ".", "_x.lan", "-x.lan",
      "x y.lan",
      "x..lan", "*x.lan", "1.lan", "10.0.0.1", "*.*.lan", ".lan",
    ]
    let hosts = [
      "cp1", "cp1.lan", "CP1.LAN", "cp1.lan.", "a.lan", "b.a.lan", "lan", "*.lan", "_x.lan", "-x.lan",
      "x y.lan", "1.lan",
      ".lan", "x..lan", "a.b", "*", "*.a.lan",
    ]
    let ca = try OddCertificate.authority("odd-ca", key: GoReadTests.caKey.get()).signed()
    var (questions, expected): ([GoQuestion], [(String, String, Bool)]) = ([], [])
    for pattern in patterns {
      var leaf = try GoReadTests.leaf()
      leaf.set("2.5.29.17", der(0x30, text(0x82, pattern)))
      let encoding = try leaf.signed()
      let names = try Certificate(der: encoding).subjectAlternativeName()
      for host in hosts {
        questions.append(GoQuestion(certificate: encoding, anchors: [ca], name: host))
        expected.append((pattern, host, names.covers(.dnsName(host))))
      }
    }
    for ((pattern, host, covers), answer) in zip(expected, try await askGo(questions)) {
      #expect(covers == answer.verify.isEmpty, "\(pattern), \(host): \(answer.verify)")
    }
  }
}
