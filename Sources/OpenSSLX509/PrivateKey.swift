internal import COpenSSL

/// A private key, immutable.
public final class PrivateKey: @unchecked Sendable {
  // Sendable: nothing changes the EVP_PKEY after init, and OpenSSL's signing functions work on contexts of their own.
  let pointer: OpaquePointer

  /// The public half.
  public let publicKey: PublicKey

  /// The library that the key lives in and signs with; `nil` for OpenSSL's own, as of every key but those of tests.
  let library: SeededLibrary?

  /// Takes over `pointer`, with the reference that the caller owns.
  init(owning pointer: OpaquePointer, in library: SeededLibrary? = nil) throws(OpenSSLError) {
    self.pointer = pointer
    self.library = library
    do throws(OpenSSLError) {
      if library == nil {
        // The same object serves for both halves: what verifies with it has no use for the private one.
        try checked("use the key") { EVP_PKEY_up_ref(pointer) }
        publicKey = try PublicKey(owning: pointer)
      } else {
        // The public half may outlive the library that the private one needs.
        publicKey = try PublicKey(der: encodeDER("encode the public key") { i2d_PUBKEY(pointer, $0) })
      }
    } catch {
      EVP_PKEY_free(pointer)
      throw error
    }
  }

  deinit { EVP_PKEY_free(pointer) }

  /// Makes a new key from OpenSSL's generator for private values.
  ///
  /// - Throws: ``OpenSSLError`` when the generator or the algorithm is not to be had.
  public static func generate(_ algorithm: KeyAlgorithm) throws(OpenSSLError) -> PrivateKey {
    try generate(algorithm, in: nil)
  }

  /// The same, with the randomness of a library for tests.
  static func generate(
    _ algorithm: KeyAlgorithm, in library: SeededLibrary?
  ) throws(OpenSSLError) -> PrivateKey {
    switch algorithm {
    case .rsa2048: try RSAKeyGeneration.generate(bits: 2048, in: library)
    case .rsa3072: try RSAKeyGeneration.generate(bits: 3072, in: library)
    case .rsa4096: try RSAKeyGeneration.generate(bits: 4096, in: library)
    case .ecdsaP256: try generate(curve: "P-256", in: library)
    case .ecdsaP384: try generate(curve: "P-384", in: library)
    }
  }

  /// Makes a new RSA key of any size, for tests of what refuses it.
  ///
  /// - Throws: ``OpenSSLError`` when OpenSSL makes none of this size.
  package static func generateRSA(bits: Int) throws(OpenSSLError) -> PrivateKey {
    try RSAKeyGeneration.generate(bits: bits, in: nil)
  }

  private static func generate(
    curve: String, in library: SeededLibrary?
  ) throws(OpenSSLError) -> PrivateKey {
    let pointer = try owned("make an ECDSA key") { shim_EVP_PKEY_Q_keygen_EC(library?.pointer, curve) }
    return try PrivateKey(owning: pointer, in: library)
  }

  /// Reads the first private key of a PEM text: PKCS#1, SEC1 or unencrypted PKCS#8, of RSA, ECDSA or Ed25519.
  ///
  /// - Throws: ``OpenSSLError`` that says which of these it is not.
  public convenience init(pem: SecretBytes) throws(OpenSSLError) {
    let (blocks, problems) = PEMBlock.read(pem)
    guard let block = blocks.first(where: \.isPrivateKey) else {
      throw OpenSSLError(
        operation: "read the private key",
        reasons: problems.isEmpty ? ["there is no PRIVATE KEY block in it"] : problems.map(\.description))
    }
    try self.init(block)
  }

  /// Reads the private key of a block, in the same forms. The numbers of an RSA key are checked against each other, as Go
  /// checks them.
  ///
  /// - Throws: ``OpenSSLError`` that says which of these it is not.
  package convenience init(_ block: PEMBlock) throws(OpenSSLError) {
    let operation = "read the private key"
    guard !block.isEncrypted else {
      throw OpenSSLError(
        operation: operation, reasons: ["it is encrypted, and Kubernetes reads unencrypted keys only"])
    }
    try self.init(
      owning: block.der.withUnsafeBytes { (der) throws(OpenSSLError) in
        try KeyDecoder.decode(operation, der)
      })
    guard block.hasKnownVersion else {
      throw OpenSSLError(
        operation: operation, reasons: ["it is of another version than 1, the only one of RFC 5915"])
    }
    guard type.isKnownToKubernetes else {
      throw OpenSSLError(
        operation: operation,
        reasons: [
          "it is a key of \(type); Kubernetes reads RSA and Ed25519 keys, and ECDSA keys on NIST's curves"
        ])
    }
    if type.isRSA, try !RSAKeyCheck.isConsistent(pointer) {
      throw OpenSSLError(
        operation: operation, reasons: ["it is damaged: the numbers of this RSA key do not belong together"])
    }
  }

  /// What kind of key it is.
  public var type: KeyType { publicKey.type }

  /// The key in PEM as kubeadm writes it: PKCS#1 for RSA, RFC 8017 A.1.2, SEC1 for ECDSA, RFC 5915; PKCS#8 for Ed25519,
  /// RFC 8410, which has no other form.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock.encode("write the private key") { bio in
      type == .ed25519
        ? PEM_write_bio_PKCS8PrivateKey(bio, pointer, nil, nil, 0, nil, nil)
        : PEM_write_bio_PrivateKey_traditional(bio, pointer, nil, nil, 0, nil, nil)
    }
  }

  /// Whether the key makes signatures that `publicKey` accepts.
  ///
  /// Comparing the public halves is not enough for a key from a damaged file, whose public half may be whole.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func isPair(of publicKey: PublicKey) throws(OpenSSLError) -> Bool {
    guard self.publicKey == publicKey else { return false }
    let message: [UInt8] = Array("pkigen".utf8)
    guard let signature = try? signature(of: message, hash: .sha256) else { return false }
    let context = try owned("allocate memory") { EVP_MD_CTX_new() }
    defer { EVP_MD_CTX_free(context) }
    try checked("verify a signature") {
      EVP_DigestVerifyInit(context, nil, type == .ed25519 ? nil : EVP_sha256(), nil, publicKey.pointer)
    }
    defer { ERR_clear_error() }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  /// A hash that is signed.
  package enum Hash: String, Sendable {
    /// The hashes of today.
    case sha256 = "SHA256"
    case sha384 = "SHA384"
    /// Hashes that can be forged, for tests of what refuses them.
    case sha1 = "SHA1"
    case md5 = "MD5"
  }

  /// The signature of `message`: PKCS#1 version 1.5 for RSA, RFC 8017 section 8.2, ECDSA-Sig-Value, RFC 3279, or Ed25519's,
  /// RFC 8032, whatever the hash.
  ///
  /// - Throws: ``OpenSSLError`` when the key is damaged or the hash cannot be had.
  package func signature(of message: [UInt8], hash: Hash) throws(OpenSSLError) -> [UInt8] {
    let context = try owned("allocate memory") { EVP_MD_CTX_new() }
    defer { EVP_MD_CTX_free(context) }
    // Ed25519 hashes by itself, RFC 8032.
    let name = type == .ed25519 ? nil : hash.rawValue
    try checked("sign") { EVP_DigestSignInit_ex(context, nil, name, library?.pointer, nil, pointer, nil) }
    var length = 0
    try checked("sign") { EVP_DigestSign(context, nil, &length, message, message.count) }
    var signature = [UInt8](repeating: 0, count: length)
    try checked("sign") { EVP_DigestSign(context, &signature, &length, message, message.count) }
    return Array(signature.prefix(length))
  }

  /// The hash that goes with this key when it signs: SHA-384 and SHA-512 with P-384 and P-521, else SHA-256.
  var digest: OpaquePointer? {
    switch type {
    case .ec(curve: "secp384r1"): EVP_sha384()
    case .ec(curve: "secp521r1"): EVP_sha512()
    case .ed25519: nil
    default: EVP_sha256()
    }
  }
}
