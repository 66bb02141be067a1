@testable import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import TestSupport
import Testing

struct BootstrapTokenTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func token(_ text: String) throws -> BootstrapToken {
    let path = directory.path("token")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try BootstrapToken(reading: Setting(path, from: .option("--token-file")))
  }

  @Test func `bytes make characters, each as many, and those that would favour some make none`() throws {
    var counts: [Character: Int] = [:]
    for byte in UInt8(0)..<252 {
      let token = try BootstrapToken.generate { (count) throws(OpenSSLError) in
        // What is left over makes none.
        Array(repeating: byte, count: count - 1) + [255]
      }
      let characters = Set(token.text).subtracting(["."])
      #expect(characters.count == 1 && token.text.count == 23)
      for character in characters { counts[character, default: 0] += 1 }
    }
    #expect(counts.count == 36 && counts.values.allSatisfy { $0 == 7 })
  }

  @Test func `a source of nothing but favourites is asked again`() throws {
    nonisolated(unsafe) var calls = 0
    let token = try BootstrapToken.generate { (count) throws(OpenSSLError) in
      calls += 1
      return [UInt8](repeating: calls < 4 ? 255 : 35, count: count)
    }
    #expect(token.text == "999999.9999999999999999" && calls == 4)
  }

  /// Chi-square of 36 characters over 44,000 draws: 35 degrees of freedom, so about 35; above 130 it is once in 10^12.
  @Test func `all characters are as likely at all places`() throws {
    var counts: [Character: Int] = [:]
    var places = [Set<Character>](repeating: [], count: 22)
    for _ in 0..<2000 {
      let text = try BootstrapToken.generate().text
      #expect(text.count == 23 && text.dropFirst(6).first == ".")
      for (place, character) in text.filter({ $0 != "." }).enumerated() {
        counts[character, default: 0] += 1
        places[place].insert(character)
      }
    }
    let expected = 44_000.0 / 36
    let chiSquare = counts.values.reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    #expect(counts.count == 36 && chiSquare < 130, "\(chiSquare)")
    // That one of 36 is missing at one of 22 places in 2000 draws is once in 10^21.
    #expect(places.allSatisfy { $0.count == 36 })
  }

  @Test func `a static token has 128 bits`() throws {
    let tokens = try (0..<100).map { _ in try BootstrapToken.generateStatic() }
    #expect(Set(tokens.map(\.text)).count == 100)
    #expect(
      tokens.allSatisfy { $0.text.count == 32 && $0.text.allSatisfy(\.isHexDigit) && $0.canHave128Bits })
  }

  @Test func `a token is not shown by accident`() throws {
    let token = try BootstrapToken.generate()
    #expect(!"\(token)".contains(token.text.suffix(16)))
  }

  @Test(
    arguments: [
      ("abcdef.0123456789abcdef", "abcdef"), ("abcdef.0123456789abcdef\n", "abcdef"),
      ("\r\n  abcdef.0123456789abcdef  \r\n", "abcdef"), ("02b50b05283e98dd0fd71db496ef01e8", nil),
      ("02b50b05283e98dd0fd71db496ef01e8,kubelet-bootstrap,10001,\"system:a,b\"\n", nil),
      ("Abcdef.0123456789abcdef", nil), ("abcdef.0123456789abcdeF", nil), ("abcde.f0123456789abcdef", nil),
      ("abcdef.0123456789abcdef.", nil), ("a-cdef.0123456789abcdef", nil),
    ] as [(String, String?)])
  func `a file holds one token`(text: String, id: String?) throws {
    let token = try token(text)
    #expect(token.id == id)
    #expect(text.contains(token.text) && !token.text.contains(","))
  }

  @Test(arguments: [
    "", "\n", "short", "abcdef.0123456789abcdef\nabcdef.0123456789abcdef", "abcdef 0123456789 \u{e9}abcdef",
    "-----BEGIN PRIVATE KEY-----\nabc\n", "<html>abcdefghijklmnop</html>",
  ])
  func `what is no token is refused, and not shown`(text: String) throws {
    let error = try #require(throws: PKIError.self) { try token(text) }
    guard case .unsound(let finding) = error else { throw error }
    #expect(finding.code == .malformedFile)
    #expect(text.count < 10 || !finding.message.contains(text.prefix(10)))
  }

  @Test(arguments: [
    ("abcdef.0123456789abcdef", false), ("02b50b05283e98dd0fd71db496ef01e8", true),
    ("02b50b05283e98dd0fd71db496ef01e", false), ("11111111111111111111111111111111", false),
    ("abcdefghijklmnopqrstuvwxy", false), ("abcdefghijklmnopqrstuvwxyzabc", true),
    ("AbCdEfGhIjKlMnOpQrStUv0=", true),
  ])
  func `a static token needs room for 128 bits`(text: String, isEnough: Bool) throws {
    let token = try token(text)
    #expect(token.canHave128Bits == isEnough)
    if isEnough {
      #expect(try TokenTerms().line(token).hasPrefix("\(text),kubelet-bootstrap,10001,"))
    } else {
      #expect(throws: PKIErrors.self) { try TokenTerms().line(token) }
    }
  }
}
