internal import COpenSSL

/// An OpenSSL of its own, without any algorithm, in which certificates are read.
///
/// `d2i_X509` decodes the public key as well. OpenSSL 3.0 makes a decoder for that, which takes it twenty times as long as the
/// rest of the certificate. Where there are no decoders it leaves the key as it is, and ``KeyDecoder`` decodes it.
final class CertificateLibrary: @unchecked Sendable {
  // Sendable: the pointer is set once, and OpenSSL guards what it leads to.
  let pointer: OpaquePointer

  /// The one of this run.
  static let shared = Result { () throws(OpenSSLError) in try CertificateLibrary() }

  private init() throws(OpenSSLError) {
    let operation = "read certificates"
    pointer = try owned(operation) { OSSL_LIB_CTX_new() }
    // From here on `deinit` frees it. With this provider OpenSSL loads no other.
    _ = try owned(operation) { OSSL_PROVIDER_load(pointer, "null") }
  }

  deinit { OSSL_LIB_CTX_free(pointer) }
}
