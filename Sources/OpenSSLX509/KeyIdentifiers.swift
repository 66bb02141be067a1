internal import COpenSSL

/// The identifier of the certificate's own key, RFC 5280 section 4.2.1.2.
public struct SubjectKeyIdentifier: Hashable, Sendable, CertificateExtensionValue {
  /// The identifier: bytes that readers compare and never compute.
  public let keyIdentifier: [UInt8]

  /// An extension with this identifier.
  public init(_ keyIdentifier: [UInt8]) { self.keyIdentifier = keyIdentifier }

  /// `id-ce-subjectKeyIdentifier`.
  public static let identifier = ObjectIdentifier("2.5.29.14")

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let octets = try decodeDER(
      "read the subject key identifier", value, free: { ASN1_OCTET_STRING_free($0) },
      { d2i_ASN1_OCTET_STRING(nil, $0, $1) })
    defer { ASN1_OCTET_STRING_free(octets) }
    keyIdentifier = bytes(of: octets)
  }

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension {
    let octets = try owned("allocate memory") { ASN1_OCTET_STRING_new() }
    defer { ASN1_OCTET_STRING_free(octets) }
    try checked("encode the subject key identifier") {
      ASN1_OCTET_STRING_set(octets, keyIdentifier, Int32(clamping: keyIdentifier.count))
    }
    return try CertificateExtension(
      nid: NID_subject_key_identifier, isCritical: isCritical, encoding: octets)
  }
}

/// The identifier of the issuer's key, RFC 5280 section 4.2.1.1.
public struct AuthorityKeyIdentifier: Hashable, Sendable, CertificateExtensionValue {
  /// The issuer's subject key identifier; `nil` where the extension names the issuer in another way.
  public let keyIdentifier: [UInt8]?
  /// Whether it has the serial number of the issuer's certificate: no other certificate of the issuer fits then.
  public let hasSerialNumber: Bool

  /// An extension with this identifier.
  public init(_ keyIdentifier: [UInt8]) {
    self.keyIdentifier = keyIdentifier
    hasSerialNumber = false
  }

  /// `id-ce-authorityKeyIdentifier`.
  public static let identifier = ObjectIdentifier("2.5.29.35")

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let authority = try decodeDER(
      "read the authority key identifier", value, free: { AUTHORITY_KEYID_free($0) },
      { d2i_AUTHORITY_KEYID(nil, $0, $1) })
    defer { AUTHORITY_KEYID_free(authority) }
    keyIdentifier = authority.pointee.keyid.map { bytes(of: $0) }
    hasSerialNumber = authority.pointee.serial != nil
  }

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension {
    let authority = try owned("allocate memory") { AUTHORITY_KEYID_new() }
    defer { AUTHORITY_KEYID_free(authority) }
    if let keyIdentifier {
      let octets = try owned("allocate memory") { ASN1_OCTET_STRING_new() }
      authority.pointee.keyid = octets
      try checked("encode the authority key identifier") {
        ASN1_OCTET_STRING_set(octets, keyIdentifier, Int32(clamping: keyIdentifier.count))
      }
    }
    return try CertificateExtension(
      nid: NID_authority_key_identifier, isCritical: isCritical, encoding: authority)
  }
}
