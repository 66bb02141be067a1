internal import COpenSSL

/// The purposes that the key is certified for, RFC 5280 section 4.2.1.12, in order.
public struct ExtendedKeyUsage: Hashable, Sendable, CertificateExtensionValue {
  /// One purpose.
  public struct Purpose: Hashable, Sendable, CustomStringConvertible {
    /// Its object identifier.
    public let identifier: ObjectIdentifier

    /// A purpose by its identifier.
    public init(_ identifier: ObjectIdentifier) { self.identifier = identifier }

    /// TLS server authentication.
    public static let serverAuth = Purpose(ObjectIdentifier("1.3.6.1.5.5.7.3.1"))
    /// TLS client authentication.
    public static let clientAuth = Purpose(ObjectIdentifier("1.3.6.1.5.5.7.3.2"))
    /// Any purpose at all.
    public static let any = Purpose(ObjectIdentifier("2.5.29.37.0"))

    /// OpenSSL's and RFC 5280's short name: `serverAuth`, `clientAuth`.
    public var description: String { identifier.description }
  }

  /// The purposes.
  public let purposes: [Purpose]

  /// An extension of these purposes.
  public init(_ purposes: [Purpose]) { self.purposes = purposes }

  /// `id-ce-extKeyUsage`.
  public static let identifier = ObjectIdentifier("2.5.29.37")

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let objects = try decodeDER(
      "read the extended key usage", value, free: { EXTENDED_KEY_USAGE_free($0) },
      { d2i_EXTENDED_KEY_USAGE(nil, $0, $1) })
    defer { EXTENDED_KEY_USAGE_free(objects) }
    purposes = indices(shim_sk_ASN1_OBJECT_num(objects)).compactMap {
      shim_sk_ASN1_OBJECT_value(objects, $0).map { Purpose(ObjectIdentifier($0)) }
    }
  }

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when an identifier is none.
  public func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension {
    let objects = try owned("allocate memory") { EXTENDED_KEY_USAGE_new() }
    defer { EXTENDED_KEY_USAGE_free(objects) }
    for purpose in purposes {
      let dotted = purpose.identifier.dotted
      let object = try owned("use the object identifier \(dotted)") { OBJ_txt2obj(dotted, 1) }
      guard shim_sk_ASN1_OBJECT_push(objects, object) > 0 else {
        ASN1_OBJECT_free(object)
        throw .drainingQueue("encode the extended key usage")
      }
    }
    return try CertificateExtension(
      nid: NID_ext_key_usage, isCritical: isCritical, encoding: UnsafeMutableRawPointer(objects))
  }
}
