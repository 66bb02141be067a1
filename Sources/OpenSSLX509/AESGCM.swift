internal import COpenSSL

/// AES-256 in Galois/Counter Mode, NIST SP 800-38D, without additional data.
package enum AESGCM {
  /// The number of bytes of a key.
  package static let keySize = 32
  private static let nonceSize = 12
  private static let tagSize = 16

  /// The nonce, which is new and random, the encrypted bytes and the tag, one after the other.
  ///
  /// - Throws: ``OpenSSLError`` when the key has not ``keySize`` bytes, or OpenSSL refuses.
  package static func seal(_ plaintext: SecretBytes, with key: SecretBytes) throws(OpenSSLError) -> [UInt8] {
    let operation = "encrypt with AES-256-GCM"
    guard key.count == keySize else {
      throw OpenSSLError(operation: operation, reasons: ["the key has \(key.count) bytes, not \(keySize)"])
    }
    let nonce = try RandomBytes.generate(nonceSize)
    let context = try owned(operation) { EVP_CIPHER_CTX_new() }
    defer { EVP_CIPHER_CTX_free(context) }
    try key.withUnsafeBytes { (key) throws(OpenSSLError) in
      let start = key.baseAddress?.assumingMemoryBound(to: UInt8.self)
      _ = try checked(operation) { EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, start, nonce) }
    }
    var encrypted = [UInt8](repeating: 0, count: plaintext.count)
    var written: Int32 = 0
    try plaintext.withUnsafeBytes { (bytes) throws(OpenSSLError) in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      _ = try checked(operation) {
        EVP_EncryptUpdate(context, &encrypted, &written, start, Int32(clamping: bytes.count))
      }
    }
    var tag = [UInt8](repeating: 0, count: tagSize)
    // A stream cipher has nothing left to write at the end.
    try checked(operation) { EVP_EncryptFinal_ex(context, &tag, &written) }
    try checked(operation) {
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag)
    }
    return nonce + encrypted + tag
  }
}
