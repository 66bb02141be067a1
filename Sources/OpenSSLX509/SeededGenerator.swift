internal import COpenSSL

/// Keys, serial numbers and signatures that anyone who knows a seed can compute: for tests, and for nothing else.
///
/// What an item gets depends on the seed and on its own name: not on other items, on their order or on threads. The
/// same OpenSSL makes the same bytes of it everywhere; another version may look for primes in another order.
package struct SeededGenerator: Sendable {
  private let seed: [UInt8]

  /// The generator of a seed: any text. The seed is no secret, and neither are the keys.
  package init(seed: String) { self.seed = Array(seed.utf8) }

  /// How many random bytes an item can take: the search for the primes of RSA-4096 needs some hundred thousand.
  private static let streamLength = 1 << 16
  private static let streamLengthOfRSA = 1 << 22

  /// The key of an item.
  ///
  /// - Throws: ``OpenSSLError`` when OpenSSL's test generator is not to be had.
  package func key(_ algorithm: KeyAlgorithm, for item: String) throws(OpenSSLError) -> PrivateKey {
    let library = try library(
      for: item, "key", length: algorithm.isRSA ? Self.streamLengthOfRSA : Self.streamLength)
    return try PrivateKey.generate(algorithm, in: library).moved(to: nil)
  }

  /// The RSA key of an item, of any size.
  ///
  /// - Throws: ``OpenSSLError`` when OpenSSL makes none of this size.
  package func rsaKey(bits: Int, for item: String) throws(OpenSSLError) -> PrivateKey {
    let library = try library(for: item, "key", length: Self.streamLengthOfRSA)
    return try RSAKeyGeneration.generate(bits: bits, in: library)
  }

  /// The serial number of an item.
  ///
  /// - Throws: ``OpenSSLError`` when the stream cannot be had.
  package func serialNumber(for item: String) throws(OpenSSLError) -> SerialNumber {
    SerialNumber(random: try stream(for: item, "serial number", length: 16))
  }

  /// The same key, for the one signature on the item; it has to be made on the thread that asks for the key.
  ///
  /// - Throws: ``OpenSSLError`` when OpenSSL's test generator is not to be had.
  package func signingKey(_ key: PrivateKey, for item: String) throws(OpenSSLError) -> PrivateKey {
    try key.moved(to: library(for: item, "signature", length: Self.streamLength))
  }

  private func library(
    for item: String, _ purpose: String, length: Int
  ) throws(OpenSSLError) -> SeededLibrary {
    try SeededLibrary(
      privateBytes: stream(for: item, "private \(purpose)", length: length),
      publicBytes: stream(for: item, "public \(purpose)", length: length))
  }

  /// The first bytes of an item's stream: a key by HKDF, RFC 5869, and that key's stream of AES-256 in counter mode.
  private func stream(for item: String, _ purpose: String, length: Int) throws(OpenSSLError) -> [UInt8] {
    // Names have no line feed in them, so that no two pairs give the same text.
    let key = try derive("pkigen fixtures\n\(item)\n\(purpose)")
    let operation = "expand the seed"
    let context = try owned("allocate memory") { EVP_CIPHER_CTX_new() }
    defer { EVP_CIPHER_CTX_free(context) }
    let counter = [UInt8](repeating: 0, count: 16)
    try checked(operation) { EVP_EncryptInit_ex2(context, EVP_aes_256_ctr(), key, counter, nil) }
    let zeros = [UInt8](repeating: 0, count: length)
    var stream = zeros
    var written: Int32 = 0
    try checked(operation) { EVP_EncryptUpdate(context, &stream, &written, zeros, Int32(length)) }
    return stream
  }

  private func derive(_ info: String) throws(OpenSSLError) -> [UInt8] {
    let operation = "derive from the seed"
    let context = try owned("allocate memory") { EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) }
    defer { EVP_PKEY_CTX_free(context) }
    let info = Array(info.utf8)
    var key = [UInt8](repeating: 0, count: 32)
    var length = key.count
    try checked(operation) { EVP_PKEY_derive_init(context) }
    try checked(operation) { EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) }
    try checked(operation) { EVP_PKEY_CTX_set1_hkdf_key(context, seed, Int32(clamping: seed.count)) }
    try checked(operation) { EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(clamping: info.count)) }
    try checked(operation) { EVP_PKEY_derive(context, &key, &length) }
    return key
  }
}

extension PrivateKey {
  /// The same key in another library, or in OpenSSL's own.
  fileprivate func moved(to library: SeededLibrary?) throws(OpenSSLError) -> PrivateKey {
    let der = try encodeDER("encode the private key") { i2d_PrivateKey(pointer, $0) }
    let copy = try decodeDER("read the private key", der, free: { EVP_PKEY_free($0) }) {
      d2i_AutoPrivateKey_ex(nil, $0, $1, library?.pointer, nil)
    }
    return try PrivateKey(owning: copy, in: library)
  }
}
