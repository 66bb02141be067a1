internal import COpenSSL

/// The DER encoding that one of OpenSSL's `i2d` functions gives.
///
/// - Parameter encode: calls the function with the output pointer that it is handed; `nil` asks for the length only.
func encodeDER(
  _ operation: @autoclosure () -> String,
  _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(OpenSSLError) -> [UInt8] {
  let length = Int(try checked(operation()) { encode(nil) })
  var written: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
    var next = buffer.baseAddress
    written = encode(&next)
    count = max(0, min(Int(written), length))
  }
  guard written == length else { throw .drainingQueue(operation()) }
  return bytes
}

/// Decodes `der` with one of OpenSSL's `d2i` functions, and refuses bytes that follow the value.
func decodeDER<Object>(
  _ operation: @autoclosure () -> String, _ der: some Collection<UInt8>,
  free: (Object) -> Void,
  _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> Object?
) throws(OpenSSLError) -> Object {
  try ContiguousArray(der).withUnsafeBufferPointer { (bytes) throws(OpenSSLError) in
    try decodeDER(operation(), in: UnsafeRawBufferPointer(bytes), free: free, decode)
  }
}

/// The same for bytes that are not to be copied.
func decodeDER<Object>(
  _ operation: @autoclosure () -> String, in bytes: UnsafeRawBufferPointer,
  free: (Object) -> Void,
  _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> Object?
) throws(OpenSSLError) -> Object {
  let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  var next = start
  let object = try owned(operation()) { decode(&next, bytes.count) }
  guard let start, let next, next - start == bytes.count else {
    free(object)
    throw OpenSSLError(operation: operation(), reasons: ["there are bytes after its end"])
  }
  return object
}

extension [UInt8] {
  /// The first value in DER, without the bytes that follow it; all bytes where there is none.
  var firstDERValue: [UInt8] { withUnsafeBytes { Array($0.prefix($0.firstDERValueCount)) } }
}

extension UnsafeRawBufferPointer {
  /// How many bytes the first value in DER has; all of them where there is none.
  var firstDERValueCount: Int {
    let start = baseAddress?.assumingMemoryBound(to: UInt8.self)
    var (next, length, tag, kind) = (start, 0, Int32(0), Int32(0))
    let flags = ASN1_get_object(&next, &length, &tag, &kind, count)
    ERR_clear_error()
    // A length that is not written, in BER, is left to who decodes the value.
    guard flags == 0 || flags == V_ASN1_CONSTRUCTED, let start, let next else { return count }
    return next - start + length
  }
}
