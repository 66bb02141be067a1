internal import COpenSSL

/// A certificate's serial number, RFC 5280 section 4.1.2.2.
public struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
  /// The magnitude, big-endian, without leading zeros.
  public let magnitude: [UInt8]

  /// Whether the number is below zero, which RFC 5280 forbids and readers meet all the same.
  public let isNegative: Bool

  /// A number from its magnitude.
  public init(magnitude: some Collection<UInt8>, isNegative: Bool = false) {
    self.magnitude = Array(magnitude.drop { $0 == 0 })
    self.isNegative = isNegative
  }

  /// A new random number of 127 bits in 16 octets: always positive, and as many octets every time.
  ///
  /// - Throws: ``OpenSSLError`` when the random generator gives nothing.
  public static func random() throws(OpenSSLError) -> SerialNumber {
    var bytes = [UInt8](repeating: 0, count: 16)
    try checked("get random bytes") { RAND_bytes(&bytes, Int32(bytes.count)) }
    return SerialNumber(random: bytes)
  }

  /// The number that ``random()`` makes of 16 random bytes.
  init(random bytes: [UInt8]) {
    var bytes = bytes
    // The highest bit is the sign of an INTEGER; the next one set keeps the length the same, and leaves 126 random bits.
    bytes[0] = bytes[0] & 0x3f | 0x40
    self.init(magnitude: bytes)
  }

  init(_ integer: UnsafePointer<ASN1_INTEGER>) {
    self.init(
      magnitude: bytes(of: integer),
      isNegative: ASN1_STRING_type(integer) & V_ASN1_NEG != 0)
  }

  /// Lends OpenSSL's form of the number to `body`.
  func withPointer<Result>(
    _ body: (UnsafeMutablePointer<ASN1_INTEGER>) throws(OpenSSLError) -> Result
  ) throws(OpenSSLError) -> Result {
    let number = try owned("allocate memory") {
      BN_bin2bn(magnitude, Int32(magnitude.count), nil)
    }
    defer { BN_free(number) }
    if isNegative { BN_set_negative(number, 1) }
    let integer = try owned("encode the serial number") { BN_to_ASN1_INTEGER(number, nil) }
    defer { ASN1_INTEGER_free(integer) }
    return try body(integer)
  }

  /// The number in hexadecimal, as OpenSSL prints it.
  public var description: String {
    (isNegative ? "-" : "") + (magnitude.isEmpty ? "00" : magnitude.hexadecimal)
  }

  /// The number in decimal, as Prometheus exporters and Go print it.
  public var decimal: String {
    var digits: [UInt8] = [0]
    for byte in magnitude {
      var carry = Int(byte)
      for index in digits.indices {
        carry += Int(digits[index]) << 8
        digits[index] = UInt8(carry % 10)
        carry /= 10
      }
      while carry > 0 {
        digits.append(UInt8(carry % 10))
        carry /= 10
      }
    }
    return (isNegative ? "-" : "") + digits.reversed().map(String.init).joined()
  }
}
