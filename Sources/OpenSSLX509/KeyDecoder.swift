internal import COpenSSL

/// Decodes keys: private ones in PKCS#1, RFC 8017 A.1.2, SEC1, RFC 5915, or PKCS#8, RFC 5208, whichever of these one is; public
/// ones in SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7.
///
/// `d2i_AutoPrivateKey` and `d2i_X509` make a decoder for each key, which takes OpenSSL 3.0 ten times as long as decoding. Here a
/// run makes one of each form.
final class KeyDecoder: @unchecked Sendable {
  // Sendable: a context decodes one key at a time, which `lock` sees to.
  private let lock: UnsafeMutableRawPointer
  private let context: OpaquePointer
  /// Where the context puts the key that it decodes.
  private let result: UnsafeMutablePointer<OpaquePointer?>

  private static let traditional = Result { () throws(OpenSSLError) in
    try KeyDecoder(of: "type-specific", holding: shim_EVP_PKEY_KEYPAIR)
  }
  private static let information = Result { () throws(OpenSSLError) in
    try KeyDecoder(of: "PrivateKeyInfo", holding: shim_EVP_PKEY_KEYPAIR)
  }
  private static let publicInformation = Result { () throws(OpenSSLError) in
    try KeyDecoder(of: "SubjectPublicKeyInfo", holding: shim_EVP_PKEY_PUBLIC_KEY)
  }

  private init(of form: StaticString, holding selection: some BinaryInteger) throws(OpenSSLError) {
    // The context keeps the pointers that it is given, and these stay where they are.
    let encoding: StaticString = "DER"
    func characters(_ text: StaticString) -> UnsafePointer<CChar> {
      UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    lock = try owned("allocate memory") { CRYPTO_THREAD_lock_new() }
    let result = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)
    result.initialize(to: nil)
    self.result = result
    context = try owned("make a decoder of keys") {
      OSSL_DECODER_CTX_new_for_pkey(
        result, characters(encoding), characters(form), nil, Int32(selection), nil, nil)
    }
  }

  deinit {
    OSSL_DECODER_CTX_free(context)
    CRYPTO_THREAD_lock_free(lock)
    result.deallocate()
  }

  /// Decodes the public key in `der`.
  ///
  /// - Returns: a key that the caller owns.
  /// - Throws: ``OpenSSLError`` when there is none, or one of a kind that OpenSSL does not know.
  static func decodePublic(_ operation: String, _ der: [UInt8]) throws(OpenSSLError) -> OpaquePointer {
    let decoder = try publicInformation.get()
    return try der.withUnsafeBufferPointer { (bytes) throws(OpenSSLError) in
      try decoder.decode(operation, UnsafeRawBufferPointer(bytes))
    }
  }

  /// Decodes the private key in `der`. Bytes that follow it are skipped, as OpenSSL skips them, but after PKCS#1, which Go refuses then:
  /// ParsePKCS1PrivateKey, ParsePKCS8PrivateKey and parseECPrivateKey in src/crypto/x509, Go 1.27.
  ///
  /// - Returns: a key that the caller owns.
  /// - Throws: ``OpenSSLError`` when there is none, or something follows a key in PKCS#1.
  static func decode(
    _ operation: String, _ der: UnsafeRawBufferPointer
  ) throws(OpenSSLError) -> OpaquePointer {
    let key = UnsafeRawBufferPointer(rebasing: der.prefix(der.firstDERValueCount))
    let pointer = try decodeWhole(operation, key)
    guard key.count < der.count, EVP_PKEY_is_a(pointer, "RSA") == 1, !key.isPrivateKeyInfo else {
      return pointer
    }
    EVP_PKEY_free(pointer)
    throw OpenSSLError(operation: operation, reasons: ["there are bytes after its end"])
  }

  private static func decodeWhole(
    _ operation: String, _ der: UnsafeRawBufferPointer
  ) throws(OpenSSLError) -> OpaquePointer {
    let errors: [OpenSSLError]
    do throws(OpenSSLError) {
      return try traditional.get().decode(operation, der)
    } catch let error {
      do throws(OpenSSLError) {
        return try information.get().decode(operation, der)
      } catch let other {
        errors = [error, other]
      }
    }
    // OpenSSL's word for bytes that are not of the form at all.
    throw errors.first { $0.reasons != ["unsupported"] }
      ?? OpenSSLError(operation: operation, reasons: ["it is damaged, or no private key"])
  }

  private func decode(
    _ operation: String, _ der: UnsafeRawBufferPointer
  ) throws(OpenSSLError) -> OpaquePointer {
    try decodeDER(operation, in: der, free: { EVP_PKEY_free($0) }) { next, length in
      guard CRYPTO_THREAD_write_lock(lock) == 1 else { return nil }
      defer { CRYPTO_THREAD_unlock(lock) }
      var rest = length
      result.pointee = nil
      _ = OSSL_DECODER_from_data(context, next, &rest)
      return result.pointee
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether a key's second value, after the version, is a sequence: the algorithm of PKCS#8 (RFC 5958), where PKCS#1 has the
  /// modulus.
  fileprivate var isPrivateKeyInfo: Bool {
    guard count > 2 else { return false }
    let lengthCount = self[1] < 0x80 ? 0 : Int(self[1] & 0x7f)
    let (sequence, version) = (UInt8(0x30), 3)
    let algorithm = 2 + lengthCount + version
    return algorithm < count && self[algorithm] == sequence
  }
}
