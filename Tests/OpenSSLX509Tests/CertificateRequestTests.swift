import OpenSSLX509
import TestSupport
import Testing

/// Requests as other programs make them, and as none should.
struct CertificateRequestTests {
  /// ecdsa-with-SHA256, RFC 5758 section 3.2.
  static let algorithm = der(0x30, bytes("06082a8648ce3d040302"))

  /// A request that `key` signs, with this version and these attributes.
  static func request(_ key: PrivateKey, version: [UInt8] = [0], attributes: [UInt8]) throws -> [UInt8] {
    let name = try DistinguishedName(commonName: "x").der
    let body = der(0x30, der(2, version), name, key.publicKey.der, attributes)
    let signature = try key.signature(of: body, hash: .sha256)
    return der(0x30, body, algorithm, der(3, [0], signature))
  }

  /// RFC 2986 section 4.1 has the field always; some programs leave it out, and OpenSSL counts -1 attributes then.
  @Test func `a request without the attributes field is read`() async throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let request = try CertificateRequest(der: Self.request(key, attributes: []))
    #expect(request.attributes.isEmpty && request.extensions.isEmpty)
    #expect(request.subject.description == "CN = x" && request.isSignedByItsKey && request.version == 1)
    let text = try await openssl("req", "-noout", "-subject", "-verify", input: request.pem())
    #expect(text.contains("CN = x"))
  }

  @Test func `a request with an empty attributes field is read`() throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let request = try CertificateRequest(der: Self.request(key, attributes: [0xa0, 0]))
    #expect(request.attributes.isEmpty && request.isSignedByItsKey)
  }

  @Test func `an attribute without a value counts for none`() throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let attribute = der(0x30, bytes("06092a864886f70d01090e"), der(0x31))
    let request = try CertificateRequest(der: Self.request(key, attributes: der(0xa0, attribute)))
    #expect(request.attributes.isEmpty && request.extensions.isEmpty)
  }

  @Test(arguments: ["7fffffffffffffff", "ff", "ff0000000000000000"])
  func `any number is read as a version`(version: String) throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let request = try CertificateRequest(
      der: Self.request(key, version: bytes(version), attributes: [0xa0, 0]))
    #expect(request.version != 1)
  }
}
