internal import COpenSSL

/// What a public key is, as far as anyone needs to tell.
public enum KeyType: Hashable, Sendable, CustomStringConvertible {
  /// RSA, with the size of its modulus in bits.
  case rsa(bits: Int)
  /// An elliptic curve by OpenSSL's name: `prime256v1`, `secp384r1`.
  case ec(curve: String)
  /// Anything else by OpenSSL's name: `ED25519`.
  case other(String)

  /// The algorithm of this type, where pkigen makes such keys.
  public var algorithm: KeyAlgorithm? {
    switch self {
    case .rsa(bits: 2048): .rsa2048
    case .rsa(bits: 3072): .rsa3072
    case .rsa(bits: 4096): .rsa4096
    case .ec(curve: "prime256v1"): .ecdsaP256
    case .ec(curve: "secp384r1"): .ecdsaP384
    default: nil
    }
  }

  /// Whether the key is an RSA key, the one kind whose certificates carry keyEncipherment.
  public var isRSA: Bool {
    if case .rsa = self { true } else { false }
  }

  /// The name of the algorithm where pkigen has one, else OpenSSL's.
  public var description: String {
    if let algorithm { return algorithm.rawValue }
    return switch self {
    case .rsa(let bits): "rsa-\(bits)"
    case .ec(let curve): "ecdsa-\(curve)"
    case .other(let name): name.lowercased()
    }
  }

  init(of key: OpaquePointer) {
    if EVP_PKEY_is_a(key, "RSA") == 1 {
      self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
    } else if EVP_PKEY_is_a(key, "EC") == 1 {
      var name = [CChar](repeating: 0, count: 80)
      // A curve that is written out is no named one, even where OpenSSL recognises its numbers: RFC 5480 section 2.1.1.
      var isExplicit: Int32 = 0
      EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &isExplicit)
      let found = isExplicit == 0 && EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1
      let curve = name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
      self = .ec(curve: found ? curve : "explicit parameters")
    } else {
      self = .other(EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown")
    }
  }
}

/// A public key, immutable.
public final class PublicKey: @unchecked Sendable, Hashable {
  // Sendable: nothing changes the EVP_PKEY after init, and OpenSSL's reading functions lock what they cache.
  let pointer: OpaquePointer

  /// What kind of key it is.
  public let type: KeyType

  /// The SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7, in DER.
  public let der: [UInt8]

  /// Takes over `pointer`, with the reference that the caller owns.
  init(owning pointer: OpaquePointer) throws(OpenSSLError) {
    self.pointer = pointer
    type = KeyType(of: pointer)
    do throws(OpenSSLError) {
      der = try encodeDER("encode the public key") { i2d_PUBKEY(pointer, $0) }
    } catch {
      // The members that `deinit` needs are not all set, so it does not run.
      EVP_PKEY_free(pointer)
      throw error
    }
  }

  deinit { EVP_PKEY_free(pointer) }

  /// Reads a SubjectPublicKeyInfo.
  ///
  /// - Throws: ``OpenSSLError`` when `der` holds none.
  public convenience init(der: some Collection<UInt8>) throws(OpenSSLError) {
    try self.init(
      owning: decodeDER("read the public key", der, free: { EVP_PKEY_free($0) }) { d2i_PUBKEY(nil, $0, $1) })
  }

  /// Reads all public keys of a PEM text, labels `PUBLIC KEY` and `RSA PUBLIC KEY`, in order.
  ///
  /// - Throws: ``OpenSSLError`` when there is none, or one that cannot be read.
  public static func all(pem: SecretBytes) throws(OpenSSLError) -> [PublicKey] {
    var keys: [PublicKey] = []
    for block in try PEMBlock.blocks(in: pem) {
      switch block.label {
      case "PUBLIC KEY": keys.append(try PublicKey(der: block.der.copy))
      case "RSA PUBLIC KEY":
        keys.append(
          try PublicKey(
            owning: decodeDER("read the public key", block.der.copy, free: { EVP_PKEY_free($0) }) {
              d2i_PublicKey(EVP_PKEY_RSA, nil, $0, $1)
            }))
      default: break
      }
    }
    guard !keys.isEmpty else {
      throw OpenSSLError(operation: "read the public key", reasons: ["there is no PUBLIC KEY block in it"])
    }
    return keys
  }

  /// The key in PEM, label `PUBLIC KEY`.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock.encode("write the public key") { PEM_write_bio_PUBKEY($0, pointer) }
  }

  /// Whether the numbers of the key are such that it can have a private half that only its owner knows: a modulus that is
  /// no prime and has no small factor, an odd exponent above one, a point of the curve; NIST SP 800-56A and B.
  ///
  /// It costs a test for primes, so the size of the key has to be judged before.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func isSound() throws(OpenSSLError) -> Bool {
    let context = try owned("allocate memory") { EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) }
    defer {
      EVP_PKEY_CTX_free(context)
      ERR_clear_error()
    }
    return EVP_PKEY_public_check(context) == 1
  }

  /// The key identifier of RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the BIT STRING.
  ///
  /// - Throws: ``OpenSSLError`` when the hash cannot be had.
  public func identifier() throws(OpenSSLError) -> [UInt8] {
    let info = try decodeDER("read the public key", der, free: { X509_PUBKEY_free($0) }) {
      d2i_X509_PUBKEY(nil, $0, $1)
    }
    defer { X509_PUBKEY_free(info) }
    var bits: UnsafePointer<UInt8>?
    var length: Int32 = 0
    try checked("read the public key") { X509_PUBKEY_get0_param(nil, &bits, &length, nil, info) }
    return Array(try Digest.sha256(UnsafeRawBufferPointer(start: bits, count: Int(length))).prefix(20))
  }

  /// Whether both are the same key.
  public static func == (one: PublicKey, other: PublicKey) -> Bool { one.der == other.der }

  /// Hashes the encoded key.
  public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}
