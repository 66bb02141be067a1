internal import COpenSSL

/// Whether the subject is a CA, RFC 5280 section 4.2.1.9.
public enum BasicConstraints: Hashable, Sendable, CertificateExtensionValue {
  /// The subject may sign certificates, with at most so many CAs below it where a length is given.
  case ca(pathLength: Int?)
  /// The subject is an end entity.
  case isEndEntity

  /// `id-ce-basicConstraints`.
  public static let identifier = ObjectIdentifier("2.5.29.19")

  /// Whether the subject is a CA.
  public var isCA: Bool {
    if case .ca = self { true } else { false }
  }

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let constraints = try decodeDER(
      "read the basic constraints", value, free: { BASIC_CONSTRAINTS_free($0) },
      { d2i_BASIC_CONSTRAINTS(nil, $0, $1) })
    defer { BASIC_CONSTRAINTS_free(constraints) }
    guard constraints.pointee.ca != 0 else {
      self = .isEndEntity
      return
    }
    let length = constraints.pointee.pathlen.map { ASN1_INTEGER_get($0) }
    self = .ca(pathLength: length)
  }

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension {
    let constraints = try owned("allocate memory") { BASIC_CONSTRAINTS_new() }
    defer { BASIC_CONSTRAINTS_free(constraints) }
    if case .ca(let pathLength) = self {
      constraints.pointee.ca = 0xff
      if let pathLength {
        let integer = try owned("allocate memory") { ASN1_INTEGER_new() }
        constraints.pointee.pathlen = integer
        try checked("encode the path length") { ASN1_INTEGER_set(integer, pathLength) }
      }
    }
    return try CertificateExtension(nid: NID_basic_constraints, isCritical: isCritical, encoding: constraints)
  }
}
