import FoundationEssentials
import GoRules
import OddCertificates
import OpenSSLX509
import TestSupport
import Testing

/// What is asked of Go's library, and what it answers: `Tests/judges/goread`.
struct GoQuestion: Encodable {
  var pem: [UInt8]?
  var certificate: [UInt8]?
  var others: [[UInt8]] = []
  var anchors: [[UInt8]]?
  var usage = "server"
  var name = ""
  var time = "2026-06-01T00:00:00Z"

  private enum Key: String, CodingKey { case pem, certificate, others, anchors, usage, name, time }

  /// Go has bytes in base64.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(pem.map { Data($0) }, forKey: .pem)
    try container.encode(certificate.map { Data($0) }, forKey: .certificate)
    try container.encode(others.map { Data($0) }, forKey: .others)
    try container.encode(anchors?.map { Data($0) }, forKey: .anchors)
    try container.encode(usage, forKey: .usage)
    try container.encode(name, forKey: .name)
    try container.encode(time, forKey: .time)
  }
}

/// What Go says.
struct GoAnswer: Decodable {
  struct Block: Decodable, Equatable {
    let type: String
    let headers: Int
    let bytes: Data?
  }

  let blocks: [Block]
  let parse: String
  let verify: String
}

/// Asks Go all questions, so many at once as a pipe holds.
func askGo(_ questions: [GoQuestion]) async throws -> [GoAnswer] {
  var answers: [GoAnswer] = []
  for start in stride(from: 0, to: questions.count, by: 100) {
    let some = Array(questions[start..<min(start + 100, questions.count)])
    let input = String(decoding: try JSONEncoder().encode(some), as: UTF8.self)
    let outcome = try await run(Judges.goRead, [], input: input)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    answers += try JSONDecoder().decode([GoAnswer].self, from: Data(outcome.stdout.utf8))
  }
  return answers
}

/// The rules of Go, held against Go.
struct GoReadTests {
  static let leafKey = Result { try PrivateKey.generate(.ecdsaP256) }
  static let caKey = Result { try PrivateKey.generate(.ecdsaP256) }

  static func leaf() throws -> OddCertificate {
    OddCertificate(publicKey: try leafKey.get().publicKey, signer: try caKey.get())
  }

  /// What we say of a certificate: nothing, a problem, or that OpenSSL cannot read it.
  static func problem(_ der: [UInt8]) -> String {
    guard let certificate = try? Certificate(der: der) else { return "OpenSSL" }
    do throws(Problem) {
      _ = try ParsedCertificate(certificate)
      return ""
    } catch {
      return error.rule.rawValue
    }
  }

  @Test func `Go parses what we say that it parses`() async throws {
    let certificates = try Oddity.all.map { oddity in
      var odd = try Self.leaf()
      oddity.change(&odd)
      return try odd.signed()
    }
    let answers = try await askGo(certificates.map { GoQuestion(certificate: $0) })
    for (oddity, (der, answer)) in zip(Oddity.all, zip(certificates, answers))
    where !oddity.isRefusedByOpenSSL {
      #expect(
        Self.problem(der).isEmpty == answer.parse.isEmpty, "\(oddity): \(answer.parse), \(Self.problem(der))")
    }
  }

  /// One to three octets of the signed part are changed, and it is signed again.
  @Test func `Go parses what we say that it parses, of 1500 damaged certificates`() async throws {
    var random = Seeded(20_261_128)
    let certificates = try (0..<1500).map { index in
      var odd = try Self.leaf()
      Oddity.all[index % Oddity.all.count].change(&odd)
      var body = odd.body
      // The lengths of the outermost sequence stay.
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        body[Int.random(in: 4..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      return try odd.signed(body: body)
    }
    let answers = try await askGo(certificates.map { GoQuestion(certificate: $0) })
    var strict = 0
    for (der, answer) in zip(certificates, answers) {
      let ours = Self.problem(der)
      if ours == "OpenSSL", answer.parse.isEmpty {
        strict += 1
        continue
      }
      #expect(
        ours.isEmpty == answer.parse.isEmpty, "\(answer.parse), \(ours): \(Data(der).base64EncodedString())")
    }
    // OpenSSL refuses times and names that Go reads, and the other way round.
    #expect(strict < 50, "OpenSSL refuses \(strict) that Go parses")
  }
}

extension GoReadTests {
  /// PEM texts of pieces that people and programs leave behind.
  static func texts() throws -> [[UInt8]] {
    var random = Seeded(14)
    let good = Array("-----BEGIN X-----\nAAECAwQFBgc=\n-----END X-----\n".utf8)
    let pieces = [
      "-----BEGIN X-----\n", "-----END X-----\n", "-----BEGIN X-----", "-----END X-----",
      "-----BEGIN Y-----\r\n",
      "-----END Y-----\r\n", "AAECAwQF\n", "AAEC\r\n", "A A\tEC\n", "AAECAw==\n", "AAECAwQ=\n", "AAE\n",
      "=\n", "\n", "\r\n",
      "\r", " ", "\t", "key: value\n", "Proc-Type: 4,ENCRYPTED\n", ":\n", "-\n", "\u{feff}", "text\n",
      "-----", "\0",
      "-----BEGIN ", "-----END ", "\n-----END X-----", "-----BEGIN -----\n", "-----END -----\n", "A\n",
    ].map { Array($0.utf8) }
    return (0..<2000).map { _ in
      var text: [UInt8] = []
      for _ in 0..<Int.random(in: 1...9, using: &random) {
        text += Int.random(in: 0...3, using: &random) == 0 ? good : pieces.randomElement(using: &random) ?? []
      }
      return text
    }
  }

  @Test func `2000 odd texts in PEM are read as Go reads them`() async throws {
    let texts = try Self.texts()
    let answers = try await askGo(texts.map { GoQuestion(pem: $0) })
    #expect(answers.contains { $0.blocks.count > 1 } && answers.contains { $0.blocks.isEmpty })
    for (text, answer) in zip(texts, answers) {
      let blocks = PEMBlock.read(SecretBytes(text)).blocks
      let ours = blocks.map { "\($0.label) \($0.hasHeaders) \($0.der.copy)" }
      let gos = answer.blocks.map { "\($0.type) \($0.headers > 0) \(Array($0.bytes ?? Data()))" }
      #expect(ours == gos, "\(String(decoding: text, as: UTF8.self).debugDescription)")
    }
  }
}
