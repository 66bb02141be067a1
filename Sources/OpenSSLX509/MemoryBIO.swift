internal import COpenSSL

/// A BIO, OpenSSL's byte stream, over memory: the only file that knows of BIOs.
struct MemoryBIO: ~Copyable {
  private let bio: OpaquePointer

  /// An empty BIO to write to; its memory is cleansed when it is freed.
  init() throws(OpenSSLError) {
    bio = try owned("allocate memory") { BIO_new(BIO_s_secmem()) }
  }

  /// Reads `bytes` without copying them; they must outlive the BIO.
  init(reading bytes: UnsafeRawBufferPointer) throws(OpenSSLError) {
    guard let count = Int32(exactly: bytes.count) else {
      throw OpenSSLError(operation: "read the input", reasons: ["it is longer than 2 GiB"])
    }
    bio = try owned("allocate memory") { BIO_new_mem_buf(bytes.baseAddress, count) }
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
    let count = shim_BIO_get_mem_data(bio, &start)
    return SecretBytes(UnsafeRawBufferPointer(start: start, count: count))
  }
}
