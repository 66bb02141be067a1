internal import COpenSSL

/// A BIO, OpenSSL's byte stream, over memory: the only file that knows of BIOs.
struct MemoryBIO: ~Copyable {
  private let bio: OpaquePointer

  /// An empty BIO to write to; its memory is cleansed when it is freed.
  init() throws(OpenSSLError) {
    bio = try owned("allocate memory") { BIO_new(BIO_s_secmem()) }
  }

  deinit { BIO_free(bio) }

  /// Lends the BIO to an OpenSSL function.
  func withPointer<Result, Failure: Error>(
    _ body: (OpaquePointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(bio)
  }

  /// What was written so far.
  func contents() -> SecretBytes {
    var start: UnsafeMutablePointer<CChar>?
    let count = max(0, shim_BIO_get_mem_data(bio, &start))
    return SecretBytes(UnsafeRawBufferPointer(start: start, count: count))
  }
}
