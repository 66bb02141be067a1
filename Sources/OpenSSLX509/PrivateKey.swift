internal import COpenSSL

/// A private key, immutable.
public final class PrivateKey: @unchecked Sendable {
  // Sendable: nothing changes the EVP_PKEY after init, and OpenSSL's signing functions work on contexts of their own.
  let pointer: OpaquePointer

  /// The public half.
  public let publicKey: PublicKey

  /// Takes over `pointer`, with the reference that the caller owns.
  init(owning pointer: OpaquePointer) throws(OpenSSLError) {
    self.pointer = pointer
    do throws(OpenSSLError) {
      publicKey = try PublicKey(
        der: encodeDER("encode the public key") { i2d_PUBKEY(pointer, $0) })
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
    switch algorithm {
    case .rsa2048: try RSAKeyGeneration.generate(bits: 2048)
    case .rsa3072: try RSAKeyGeneration.generate(bits: 3072)
    case .rsa4096: try RSAKeyGeneration.generate(bits: 4096)
    case .ecdsaP256: try PrivateKey(owning: owned("make an ECDSA key") { shim_EVP_EC_gen("P-256") })
    case .ecdsaP384: try PrivateKey(owning: owned("make an ECDSA key") { shim_EVP_EC_gen("P-384") })
    }
  }

  /// Reads the first private key of a PEM text: PKCS#1, SEC1 or unencrypted PKCS#8, of RSA or ECDSA.
  ///
  /// - Throws: ``OpenSSLError`` that says which of these it is not.
  public convenience init(pem: SecretBytes) throws(OpenSSLError) {
    guard let block = try PEMBlock.blocks(in: pem).first(where: \.isPrivateKey) else {
      throw OpenSSLError(
        operation: "read the private key", reasons: ["there is no PRIVATE KEY block in it"])
    }
    try self.init(block)
  }

  /// Reads the private key of a block, likewise.
  ///
  /// - Throws: ``OpenSSLError`` that says which of these it is not.
  public convenience init(_ block: PEMBlock) throws(OpenSSLError) {
    let operation = "read the private key"
    guard !block.isEncrypted else {
      throw OpenSSLError(
        operation: operation, reasons: ["it is encrypted, and Kubernetes reads unencrypted keys only"])
    }
    try self.init(
      owning: block.der.withUnsafeBytes { (der) throws(OpenSSLError) in
        try decodeDER(operation, in: der, free: { EVP_PKEY_free($0) }) { d2i_AutoPrivateKey(nil, $0, $1) }
      })
    guard type.isKnownToKubernetes else {
      throw OpenSSLError(
        operation: operation,
        reasons: ["it is a key of \(type); Kubernetes reads RSA keys, and ECDSA keys on NIST's curves"])
    }
  }

  /// What kind of key it is.
  public var type: KeyType { publicKey.type }

  /// The key in PEM as kubeadm writes it: PKCS#1 for RSA, RFC 8017 A.1.2, SEC1 for ECDSA, RFC 5915.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock.encode("write the private key") {
      PEM_write_bio_PrivateKey_traditional($0, pointer, nil, nil, 0, nil, nil)
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
    guard let signature = try? signature(of: message) else { return false }
    let context = try owned("allocate memory") { EVP_MD_CTX_new() }
    defer { EVP_MD_CTX_free(context) }
    try checked("verify a signature") {
      EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, publicKey.pointer)
    }
    defer { ERR_clear_error() }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  private func signature(of message: [UInt8]) throws(OpenSSLError) -> [UInt8] {
    let context = try owned("allocate memory") { EVP_MD_CTX_new() }
    defer { EVP_MD_CTX_free(context) }
    try checked("sign") { EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pointer) }
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
    default: EVP_sha256()
    }
  }
}
