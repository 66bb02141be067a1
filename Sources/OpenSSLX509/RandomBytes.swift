internal import COpenSSL

/// OpenSSL's generator of random bytes for values that stay private.
package enum RandomBytes {
  /// So many new random bytes.
  ///
  /// - Throws: ``OpenSSLError`` when the generator gives nothing.
  package static func generate(_ count: Int) throws(OpenSSLError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try checked("get random bytes") { RAND_priv_bytes(&bytes, Int32(clamping: count)) }
    return bytes
  }
}
