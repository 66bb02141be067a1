internal import COpenSSL

/// An OpenSSL of its own, whose generators of random numbers give out bytes that were put in before: for
/// ``SeededGenerator``, and nothing else.
///
/// Its generators belong to the thread that made it; on another thread there are no bytes to give out, and OpenSSL
/// fails rather than take others.
final class SeededLibrary: @unchecked Sendable {
  // Sendable: the pointer is set once, and OpenSSL guards what it leads to.
  let pointer: OpaquePointer

  /// A library whose generators give out these bytes, each once.
  ///
  /// - Throws: ``OpenSSLError`` when OpenSSL's test generator is not to be had.
  init(privateBytes: [UInt8], publicBytes: [UInt8]) throws(OpenSSLError) {
    pointer = try owned("make a library context") { OSSL_LIB_CTX_new() }
    // From here on `deinit` frees it, whatever is thrown.
    try checked("use the test generator") { RAND_set_DRBG_type(pointer, "TEST-RAND", nil, nil, nil) }
    try Self.fill(owned("make a generator") { RAND_get0_private(pointer) }, privateBytes)
    try Self.fill(owned("make a generator") { RAND_get0_public(pointer) }, publicBytes)
  }

  deinit { OSSL_LIB_CTX_free(pointer) }

  private static func fill(_ generator: OpaquePointer, _ bytes: [UInt8]) throws(OpenSSLError) {
    let operation = "seed the test generator"
    var bytes = bytes
    var strength: UInt32 = 256
    try checked(operation) { EVP_RAND_uninstantiate(generator) }
    try checked(operation) {
      OSSL_RAND_PARAM_TEST_ENTROPY.withCString { entropyName in
        OSSL_RAND_PARAM_STRENGTH.withCString { strengthName in
          bytes.withUnsafeMutableBytes { buffer in
            withUnsafeMutablePointer(to: &strength) { strength in
              let parameters = [
                OSSL_PARAM_construct_octet_string(entropyName, buffer.baseAddress, buffer.count),
                OSSL_PARAM_construct_uint32(strengthName, strength),
                OSSL_PARAM_construct_end(),
              ]
              return EVP_RAND_CTX_set_params(generator, parameters)
            }
          }
        }
      }
    }
    try checked(operation) { EVP_RAND_instantiate(generator, strength, 0, nil, 0, nil) }
  }
}
