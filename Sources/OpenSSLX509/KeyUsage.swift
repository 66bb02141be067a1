internal import COpenSSL

/// What the key may be used for, RFC 5280 section 4.2.1.3.
public struct KeyUsage: OptionSet, Hashable, Sendable, CertificateExtensionValue, CustomStringConvertible {
  /// One bit a usage; bit n is the extension's bit n.
  public let rawValue: Int

  /// The usages of these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Signatures other than on certificates and CRLs.
  public static let digitalSignature = KeyUsage(rawValue: 1 << 0)
  /// Also called nonRepudiation.
  public static let contentCommitment = KeyUsage(rawValue: 1 << 1)
  /// Transport of keys, as in TLS with RSA key exchange.
  public static let keyEncipherment = KeyUsage(rawValue: 1 << 2)
  /// Direct encryption of data.
  public static let dataEncipherment = KeyUsage(rawValue: 1 << 3)
  /// Agreement on keys.
  public static let keyAgreement = KeyUsage(rawValue: 1 << 4)
  /// Signatures on certificates.
  public static let keyCertSign = KeyUsage(rawValue: 1 << 5)
  /// Signatures on revocation lists.
  public static let cRLSign = KeyUsage(rawValue: 1 << 6)
  /// With keyAgreement: only to encipher.
  public static let encipherOnly = KeyUsage(rawValue: 1 << 7)
  /// With keyAgreement: only to decipher.
  public static let decipherOnly = KeyUsage(rawValue: 1 << 8)

  /// `id-ce-keyUsage`.
  public static let identifier = ObjectIdentifier("2.5.29.15")

  /// The names of RFC 5280, in the order of its bits.
  static let names = [
    "digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
  ]

  /// The names of the usages that are set, RFC 5280's.
  public var names: [String] {
    Self.names.enumerated().filter { rawValue & (1 << $0.offset) != 0 }.map(\.element)
  }

  /// The names, separated by commas.
  public var description: String { names.joined(separator: ", ") }

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let bits = try decodeDER(
      "read the key usage", value, free: { ASN1_BIT_STRING_free($0) }, { d2i_ASN1_BIT_STRING(nil, $0, $1) })
    defer { ASN1_BIT_STRING_free(bits) }
    self.init(
      rawValue: Self.names.indices.reduce(0) {
        $0 | (ASN1_BIT_STRING_get_bit(bits, Int32($1)) == 1 ? 1 << $1 : 0)
      })
  }

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension {
    let bits = try owned("allocate memory") { ASN1_BIT_STRING_new() }
    defer { ASN1_BIT_STRING_free(bits) }
    for index in Self.names.indices where rawValue & (1 << index) != 0 {
      try checked("encode the key usage") { ASN1_BIT_STRING_set_bit(bits, Int32(index), 1) }
    }
    return try CertificateExtension(nid: NID_key_usage, isCritical: isCritical, encoding: bits)
  }
}
