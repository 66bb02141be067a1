import GoRules
import OddCertificates
import OpenSSLX509
import Testing

/// Certificates with one oddity each, as Go parses them.
struct ParseTests {
  static let keys = Result {
    (leaf: try PrivateKey.generate(.ecdsaP256), ca: try PrivateKey.generate(.ecdsaP256))
  }

  @Test(arguments: Oddity.all)
  func `each oddity meets its rule`(oddity: Oddity) throws {
    let keys = try Self.keys.get()
    var odd = OddCertificate(publicKey: keys.leaf.publicKey, signer: keys.ca)
    oddity.change(&odd)
    // What OpenSSL refuses does not reach the rules.
    guard let certificate = try? Certificate(der: odd.signed()) else {
      #expect(oddity.rule != nil || oddity.isRefusedByOpenSSL, "OpenSSL refuses it, and Go does not")
      return
    }
    do throws(Problem) {
      _ = try ParsedCertificate(certificate)
      #expect(oddity.rule == nil)
    } catch {
      #expect(error.rule.rawValue == oddity.rule, "\(error)")
      #expect(error.side == .parse && error.description.hasPrefix("i"))
    }
  }
}
