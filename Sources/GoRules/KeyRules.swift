internal import OpenSSLX509

/// A public key as Go reads it.
///
/// Follows parsePublicKey in src/crypto/x509/parser.go, Go 1.27.
enum KeyRules {
  /// What a key is to Go, with what its verification asks of it.
  enum Kind: Hashable, Sendable {
    case rsa(bits: Int, exponent: Int, isOddModulus: Bool)
    case ecdsa(curve: ObjectIdentifier)
    case ed25519
    case mldsa(ObjectIdentifier)
    case x25519
    case dsa
    /// A kind that Go parses and cannot use.
    case unknown(ObjectIdentifier)
  }

  static let rsa = ObjectIdentifier("1.2.840.113549.1.1.1")
  static let ecdsa = ObjectIdentifier("1.2.840.10045.2.1")
  static let ed25519 = ObjectIdentifier("1.3.101.112")
  static let x25519 = ObjectIdentifier("1.3.101.110")
  static let dsa = ObjectIdentifier("1.2.840.10040.4.1")
  static let p224 = ObjectIdentifier("1.3.132.0.33")

  /// The octets of a point in uncompressed form, by curve: P-224, P-256, P-384, P-521.
  static let pointLengths: [ObjectIdentifier: Int] = [
    p224: 57, ObjectIdentifier("1.2.840.10045.3.1.7"): 65, ObjectIdentifier("1.3.132.0.34"): 97,
    ObjectIdentifier("1.3.132.0.35"): 133,
  ]

  /// The octets of a key of ML-DSA-44, -65 and -87, FIPS 204.
  static let mldsaLengths: [ObjectIdentifier: Int] = [
    ObjectIdentifier("2.16.840.1.101.3.4.3.17"): 1312, ObjectIdentifier("2.16.840.1.101.3.4.3.18"): 1952,
    ObjectIdentifier("2.16.840.1.101.3.4.3.19"): 2592,
  ]

  /// The kind of the SubjectPublicKeyInfo that comes next.
  static func kind(_ reader: inout DERReader) throws(Problem) -> Kind {
    guard var info = reader.read(Tag.sequence), var algorithm = info.read(Tag.sequence),
      let identifier = algorithm.objectIdentifier()
    else { throw Problem(.malformedPublicKey, "its public key is malformed") }
    // Go reads one value as parameters, and looks at nothing after it.
    var parameters = DERReader([])
    if !algorithm.isEmpty {
      guard let (_, _, whole) = algorithm.next() else {
        throw Problem(.malformedPublicKey, "its public key has malformed parameters")
      }
      parameters = DERReader(whole)
    }
    guard let (key, unused) = info.bitString() else {
      throw Problem(.malformedPublicKey, "its public key is no BIT STRING")
    }
    guard unused == 0 else { return .unknown(identifier) }
    switch identifier {
    case rsa: return try rsaKind(key, parameters)
    case ecdsa: return try ecdsaKind(key, &parameters)
    case ed25519: return try fixed(key, 32, parameters, "an Ed25519 key", .ed25519)
    case x25519: return try fixed(key, 32, parameters, "an X25519 key", .x25519)
    case dsa: return try dsaKind(key, &parameters)
    default:
      guard let length = mldsaLengths[identifier] else { return .unknown(identifier) }
      return try fixed(key, length, parameters, "an ML-DSA key", .mldsa(identifier))
    }
  }

  private static func rsaKind(_ key: ArraySlice<UInt8>, _ parameters: DERReader) throws(Problem) -> Kind {
    guard parameters.rest.elementsEqual([Tag.null, 0]) else {
      throw Problem(.malformedPublicKey, "its RSA key lacks the NULL parameters of RFC 3279 section 2.3.1")
    }
    var reader = DERReader(key)
    guard var numbers = reader.read(Tag.sequence), let modulus = numbers.integer() else {
      throw Problem(.malformedPublicKey, "its RSA key is malformed")
    }
    guard let exponent = numbers.smallInteger() else {
      throw Problem(.malformedPublicKey, "its RSA key has an exponent of more than 63 bits")
    }
    let magnitude = modulus.drop { $0 == 0 }
    guard modulus.first.map({ $0 & 0x80 == 0 }) == true, let first = magnitude.first, exponent > 0 else {
      throw Problem(.malformedPublicKey, "its RSA key has numbers that are not positive")
    }
    return .rsa(
      bits: magnitude.count * 8 - first.leadingZeroBitCount, exponent: exponent,
      isOddModulus: magnitude.last.map { $0 & 1 == 1 } ?? false)
  }

  private static func ecdsaKind(
    _ key: ArraySlice<UInt8>, _ parameters: inout DERReader
  ) throws(Problem) -> Kind {
    guard let curve = parameters.objectIdentifier() else {
      throw Problem(.malformedPublicKey, "its ECDSA key does not name its curve")
    }
    guard let length = pointLengths[curve] else {
      throw Problem(.malformedPublicKey, "its ECDSA key is on the curve \(curve), which Go does not have")
    }
    guard key.first == 4, key.count == length else {
      throw Problem(
        .malformedPublicKey,
        key.first == 2 || key.first == 3
          ? "its ECDSA key has a compressed point, which Go does not read"
          : "its ECDSA key has a malformed point")
    }
    return .ecdsa(curve: curve)
  }

  private static func dsaKind(
    _ key: ArraySlice<UInt8>, _ parameters: inout DERReader
  ) throws(Problem) -> Kind {
    var reader = DERReader(key)
    guard let y = reader.integer(), var group = parameters.read(Tag.sequence), let p = group.integer(),
      let q = group.integer(), let g = group.integer(),
      [y, p, q, g].allSatisfy({ $0.first.map { $0 & 0x80 == 0 } == true && $0.contains { $0 != 0 } })
    else { throw Problem(.malformedPublicKey, "its DSA key is malformed") }
    return .dsa
  }

  /// A key of so many octets and without parameters.
  private static func fixed(
    _ key: ArraySlice<UInt8>, _ length: Int, _ parameters: DERReader, _ name: String, _ kind: Kind
  ) throws(Problem) -> Kind {
    guard parameters.isEmpty, key.count == length else {
      throw Problem(.malformedPublicKey, "its public key is \(name) with parameters or of a wrong length")
    }
    return kind
  }

  /// Why Go cannot verify anything with a key that it has parsed, if so.
  ///
  /// Follows checkPublicKey in src/crypto/internal/fips140/rsa/rsa.go and checkKeySize in src/crypto/rsa/rsa.go, Go 1.27.
  static func verifyProblem(_ kind: Kind) -> Problem? {
    switch kind {
    case .rsa(let bits, _, _) where bits < 1024:
      Problem(.unsupportedKey, "its RSA key has \(bits) bits, and Go refuses RSA keys under 1024")
    case .rsa(_, let exponent, _) where exponent > Int32.max:
      Problem(
        .unsupportedKey, "its RSA key has the exponent \(exponent), and Go refuses those of more than 31 bits"
      )
    case .rsa(_, let exponent, let isOdd) where exponent < 2 || exponent % 2 == 0 || !isOdd:
      Problem(.unsupportedKey, "its RSA key has an even number where none may be")
    case .dsa: Problem(.unsupportedKey, "its key is a DSA key, which Go no longer uses")
    case .x25519: Problem(.unsupportedKey, "its key is an X25519 key, which signs nothing")
    case .unknown(let identifier):
      Problem(.unsupportedKey, "its key is of the kind \(identifier), which Go does not have")
    case .rsa, .ecdsa, .ed25519, .mldsa: nil
    }
  }

  /// Why a TLS server or client of Go cannot prove that it holds the key, if so.
  ///
  /// Follows signatureSchemesForPublicKey and parsePrivateKey in src/crypto/tls, Go 1.27: there is no signature scheme for
  /// P-224, and none for a kind of key that is not RSA, ECDSA, Ed25519 or ML-DSA.
  static func tlsProblem(_ kind: Kind) -> Problem? {
    if case .ecdsa(p224) = kind {
      return Problem(.unsupportedKey, "its ECDSA key is on the curve P-224, which Go's TLS does not have")
    }
    return verifyProblem(kind)
  }
}
