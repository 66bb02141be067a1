internal import COpenSSL

/// OpenSSL as a whole.
package enum OpenSSLLibrary {
  /// Has OpenSSL not free its tables when the process ends, so that another thread may be using them then: the kernel takes
  /// them back. It has to be the first use of OpenSSL in the process; see OPENSSL_init_crypto(3).
  package static func leaveAtExit() {
    // It fails where memory runs out, and then everything does.
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
  }

  /// Has OpenSSL read its configuration, load its algorithms and seed its generators, which takes several milliseconds.
  ///
  /// Every use of OpenSSL does this first, and waits while another thread does it: OpenSSL 3.0's decoders and its loading
  /// of algorithms race, and a key that is read meanwhile is refused now and then ("decode error").
  package static func start() { _ = isStarted }

  /// Whether a key can be made. Swift computes a static value once, and has every other thread wait for it.
  private static let isStarted: Bool = {
    // Nothing here may go through `owned` or `checked`, which wait for this value.
    let key = shim_EVP_PKEY_Q_keygen_EC(nil, "P-256")
    defer { EVP_PKEY_free(key) }
    // What fails here fails again where it is used, and is reported there.
    ERR_clear_error()
    return key != nil
  }()
}

/// The numbers below a count that OpenSSL gives, which is -1 for what is absent.
func indices(_ count: Int32) -> Range<Int32> { 0..<max(0, count) }
