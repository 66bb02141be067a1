import FoundationEssentials
import Testing

@testable import OpenSSLX509

/// Keys and signatures of a seed.
struct SeededGeneratorTests {
  private let generator = SeededGenerator(seed: "a seed")

  @Test(arguments: KeyAlgorithm.allCases)
  func `a seed and a name give one key, and other names and seeds others`(
    algorithm: KeyAlgorithm
  ) throws {
    let key = try generator.key(algorithm, for: "ca")
    #expect(try generator.key(algorithm, for: "ca").pem().copy == key.pem().copy)
    #expect(key.type.algorithm == algorithm)
    #expect(key.library == nil)
    #expect(try generator.key(algorithm, for: "cb").publicKey != key.publicKey)
    #expect(try SeededGenerator(seed: "b seed").key(algorithm, for: "ca").publicKey != key.publicKey)
  }

  @Test func `keys are the same on every thread, whatever else is made`() async throws {
    let expected = try (0..<8).map { try generator.key(.ecdsaP256, for: "\($0)").publicKey.der }
    let keys = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for index in (0..<8).reversed() {
        group.addTask { [generator] in
          (index, try generator.key(.ecdsaP256, for: "\(index)").publicKey.der)
        }
      }
      return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
    }
    #expect((0..<8).map { keys[$0] } == expected)
  }

  @Test func `serial numbers are of 16 octets, positive, and the name's own`() throws {
    let serial = try generator.serialNumber(for: "ca")
    #expect(try generator.serialNumber(for: "ca") == serial)
    #expect(try generator.serialNumber(for: "cb") != serial)
    #expect(serial.magnitude.count == 16 && serial.magnitude[0] & 0xc0 == 0x40 && !serial.isNegative)
  }

  @Test(arguments: [KeyAlgorithm.rsa2048, .ecdsaP256, .ecdsaP384])
  func `certificates and requests are the same to the byte, and verify`(algorithm: KeyAlgorithm) throws {
    let key = try generator.key(algorithm, for: "ca")
    func certificate(_ item: String) throws -> Certificate {
      let name = try DistinguishedName(commonName: "ca")
      let validity = Validity(
        notBefore: Date(timeIntervalSince1970: 0), notAfter: Date(timeIntervalSince1970: 1e9))
      let template = CertificateTemplate(
        serialNumber: try generator.serialNumber(for: "ca"), subject: name, validity: validity,
        publicKey: key.publicKey, extensions: [])
      return try template.selfSigned(by: generator.signingKey(key, for: item))
    }
    func request() throws -> CertificateRequest {
      try CertificateRequest(
        subject: DistinguishedName(commonName: "ca"), extensions: [],
        signedBy: generator.signingKey(key, for: "request"))
    }
    #expect(try certificate("ca") == certificate("ca"))
    #expect(try certificate("ca").isSelfSigned)
    // The nonce of ECDSA is the item's; RSA's signatures have no chance in them.
    #expect(try (certificate("ca") == certificate("cb")) == algorithm.isRSA)
    #expect(try request().der == request().der)
    #expect(try request().isSignedByItsKey)
  }

  @Test func `a key of the default library never signs with a seed`() throws {
    #expect(try PrivateKey.generate(.ecdsaP256).library == nil)
    #expect(try generator.signingKey(generator.key(.ecdsaP256, for: "ca"), for: "ca").library != nil)
  }

  @Test func `short RSA keys can be had`() throws {
    #expect(try generator.rsaKey(bits: 1024, for: "weak").type == .rsa(bits: 1024))
    #expect(try PrivateKey.generateRSA(bits: 1024).type == .rsa(bits: 1024))
  }
}
