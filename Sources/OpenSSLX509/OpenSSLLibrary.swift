internal import COpenSSL

/// OpenSSL as a whole.
public enum OpenSSLLibrary {
  /// Has OpenSSL not free its tables when the process ends, so that another thread may be using them then: the kernel takes
  /// them back. It has to be the first use of OpenSSL in the process; see OPENSSL_init_crypto(3).
  public static func leaveAtExit() {
    // It fails where memory runs out, and then everything does.
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
  }
}
