import OpenSSLX509
import TestSupport
import Testing

/// Public keys: written as SubjectPublicKeyInfo, read in that form and in PKCS#1.
struct PublicKeyTests {
  @Test(arguments: [KeyAlgorithm.rsa2048, .ecdsaP256, .ecdsaP384])
  func `the public half is what openssl derives`(algorithm: KeyAlgorithm) async throws {
    let key = try PrivateKey.generate(algorithm)
    let pem = try key.publicKey.pem()
    #expect(try await openssl("pkey", "-pubout", input: key.pem()) == pem.text)
    #expect(try PublicKey.all(pem: pem) == [key.publicKey])
  }

  @Test func `keys are read in order and in both forms`() async throws {
    let (one, other) = (try PrivateKey.generate(.rsa2048), try PrivateKey.generate(.ecdsaP256))
    let pkcs1 = try await openssl("rsa", "-RSAPublicKey_out", input: one.pem())
    #expect(pkcs1.hasPrefix("-----BEGIN RSA PUBLIC KEY-----"))
    let pem = try SecretBytes(text: pkcs1 + other.publicKey.pem().text)
    #expect(try PublicKey.all(pem: pem) == [one.publicKey, other.publicKey])
  }

  @Test func `what is no public key is refused`() throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    for pem in [SecretBytes([]), try key.pem()] {
      let error = try #require(throws: OpenSSLError.self) { try PublicKey.all(pem: pem) }
      #expect(error.description == "cannot read the public key: there is no PUBLIC KEY block in it")
    }
    #expect(throws: OpenSSLError.self) { try PublicKey.all(pem: pem("PUBLIC KEY", [0x30, 0])) }
    #expect(throws: OpenSSLError.self) { try PublicKey.all(pem: pem("PUBLIC KEY", key.publicKey.der + [0])) }
    #expect(throws: OpenSSLError.self) { try PublicKey(der: []) }
  }

  /// RFC 7093 section 2, method 1, computed by others.
  @Test func `the identifier is the start of the SHA-256 of the bit string`() async throws {
    let key = try PrivateKey.generate(.ecdsaP256).publicKey
    // The uncompressed point is the end of the DER.
    let script =
      "\(try Judges.openssl) pkey -pubin -outform DER | tail -c 65 | \(try Judges.openssl) dgst -r -sha256"
    let outcome = try await run("sh", ["-c", script], input: key.pem().text)
    #expect(try outcome.status == 0 && outcome.stdout.prefix(40) == key.identifier().hexadecimal)
  }
}
