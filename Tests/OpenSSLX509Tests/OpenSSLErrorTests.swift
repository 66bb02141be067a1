import OpenSSLX509
import Testing

/// What is said when OpenSSL refuses.
struct OpenSSLErrorTests {
  @Test func `an error is one sentence`() {
    #expect(OpenSSLError(operation: "sign", reasons: []).description == "cannot sign")
    #expect(OpenSSLError(operation: "sign", reasons: ["a", "b"]).description == "cannot sign: a; b")
  }

  @Test(arguments: [
    ("CERTIFICATE", "cannot read the certificate: "), ("PUBLIC KEY", "cannot read the public key: "),
    ("EC PRIVATE KEY", "cannot read the private key: "),
  ])
  func `it names what was read, and OpenSSL's reasons, in one line`(label: String, start: String) throws {
    let error = try #require(throws: OpenSSLError.self) {
      switch label {
      case "CERTIFICATE": _ = try Certificate.all(pem: pem(label, [0x30, 0x03, 1, 2]))
      case "PUBLIC KEY": _ = try PublicKey.all(pem: pem(label, [0x30, 0x03, 1, 2]))
      default: _ = try PrivateKey(pem: pem(label, [0x30, 0x03, 1, 2]))
      }
    }
    #expect(!error.reasons.isEmpty && error.description.hasPrefix(start))
    #expect(!error.description.contains { $0.isNewline })
  }

  @Test func `the reasons of one failure do not turn up in the next`() throws {
    let first = try #require(throws: OpenSSLError.self) { try Certificate(der: [0x30, 0x03, 1, 2]) }
    #expect(!first.reasons.isEmpty)
    let second = try #require(throws: OpenSSLError.self) { try Certificate(der: [0x30, 0x03, 1, 2]) }
    #expect(second == first)
    #expect(try PrivateKey.generate(.ecdsaP256).type == .ec(curve: "prime256v1"))
  }
}
