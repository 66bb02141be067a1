internal import COpenSSL

/// What a certificate may be used for by Netscape's old extension, which OpenSSL still looks at and Go does not.
public struct NetscapeCertificateType: OptionSet, Hashable, Sendable {
  /// One bit a use; bit n is the extension's bit n.
  public let rawValue: Int

  /// The uses of these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// TLS clients.
  public static let client = NetscapeCertificateType(rawValue: 1 << 0)
  /// TLS servers.
  public static let server = NetscapeCertificateType(rawValue: 1 << 1)

  /// `nsCertType`.
  public static let identifier = ObjectIdentifier("2.16.840.1.113730.1.1")

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let bits = try decodeDER(
      "read the Netscape certificate type", value, free: { ASN1_BIT_STRING_free($0) },
      { d2i_ASN1_BIT_STRING(nil, $0, $1) })
    defer { ASN1_BIT_STRING_free(bits) }
    self.init(
      rawValue: (0..<8).reduce(0) { $0 | (ASN1_BIT_STRING_get_bit(bits, Int32($1)) == 1 ? 1 << $1 : 0) })
  }
}
