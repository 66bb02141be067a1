internal import COpenSSL

/// A name of any kind, RFC 5280 section 4.2.1.6.
public enum GeneralName: Hashable, Sendable, CustomStringConvertible {
  /// A host name, possibly with a leading `*.`.
  case dnsName(String)
  /// An IP address.
  case ipAddress(IPAddress)
  /// A mail address.
  case rfc822Name(String)
  /// A URI.
  case uniformResourceIdentifier(String)
  /// Any other kind, in DER.
  case other([UInt8])

  /// The name as OpenSSL prints it: `DNS:cp1`, `IP:10.0.0.10`.
  public var description: String {
    switch self {
    case .dnsName(let name): "DNS:\(name)"
    case .ipAddress(let address): "IP:\(address)"
    case .rfc822Name(let name): "email:\(name)"
    case .uniformResourceIdentifier(let name): "URI:\(name)"
    case .other(let der): "other:\(der.hexadecimal)"
    }
  }
}

/// The names of the subject beside its distinguished name, RFC 5280 section 4.2.1.6.
public struct SubjectAlternativeName: Hashable, Sendable, CertificateExtensionValue {
  /// The names, in the order of the extension.
  public let names: [GeneralName]

  /// An extension with these names.
  public init(_ names: [GeneralName]) { self.names = names }

  /// `id-ce-subjectAltName`.
  public static let identifier = ObjectIdentifier("2.5.29.17")

  /// The host names.
  public var dnsNames: [String] {
    names.compactMap { if case .dnsName(let name) = $0 { name } else { nil } }
  }

  /// The IP addresses.
  public var ipAddresses: [IPAddress] {
    names.compactMap { if case .ipAddress(let address) = $0 { address } else { nil } }
  }

  /// Whether a client of Go that connects to this name takes the certificate for the server's: host names in any case, a
  /// wildcard for the whole first label, addresses as addresses only.
  ///
  /// Follows VerifyHostname in src/crypto/x509/verify.go, Go 1.27: wildcards and the dot at the end of an absolute name
  /// count where both sides are host names; other names have to be the same.
  public func covers(_ name: GeneralName) -> Bool {
    guard case .dnsName(let host) = name else { return names.contains(name) }
    return dnsNames.contains { HostMatch.matches(pattern: $0, host: host) }
  }

  /// Reads the extension's value.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  public init(der value: [UInt8]) throws(OpenSSLError) {
    let stack = try decodeDER(
      "read the subject alternative name", value, free: { GENERAL_NAMES_free($0) },
      { d2i_GENERAL_NAMES(nil, $0, $1) })
    defer { GENERAL_NAMES_free(stack) }
    var names: [GeneralName] = []
    for index in indices(shim_sk_GENERAL_NAME_num(stack)) {
      guard let name = shim_sk_GENERAL_NAME_value(stack, index) else { continue }
      names.append(try GeneralName(name))
    }
    self.names = names
  }

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension {
    let stack = try owned("allocate memory") { shim_GENERAL_NAMES_new() }
    defer { GENERAL_NAMES_free(stack) }
    for name in names {
      let pointer = try name.makePointer()
      guard shim_sk_GENERAL_NAME_push(stack, pointer) > 0 else {
        GENERAL_NAME_free(pointer)
        throw .drainingQueue("encode the subject alternative name")
      }
    }
    return try CertificateExtension(
      nid: NID_subject_alt_name, isCritical: isCritical, encoding: UnsafeMutableRawPointer(stack))
  }
}

extension GeneralName {
  fileprivate init(_ name: UnsafeMutablePointer<GENERAL_NAME>) throws(OpenSSLError) {
    // The union is read only after its tag: every arm is a pointer, to a structure of another type.
    switch name.pointee.type {
    case GEN_DNS: self = .dnsName(String(decoding: bytes(of: name.pointee.d.dNSName), as: UTF8.self))
    case GEN_EMAIL: self = .rfc822Name(String(decoding: bytes(of: name.pointee.d.rfc822Name), as: UTF8.self))
    case GEN_URI:
      self = .uniformResourceIdentifier(
        String(decoding: bytes(of: name.pointee.d.uniformResourceIdentifier), as: UTF8.self))
    case GEN_IPADD:
      let content = bytes(of: name.pointee.d.iPAddress)
      if let address = IPAddress(bytes: content), address.bytes == content {
        self = .ipAddress(address)
      } else {
        fallthrough
      }
    default: self = .other(try encodeDER("read a general name") { i2d_GENERAL_NAME(name, $0) })
    }
  }

  /// OpenSSL's form of the name, which the caller owns.
  fileprivate func makePointer() throws(OpenSSLError) -> UnsafeMutablePointer<GENERAL_NAME> {
    switch self {
    case .dnsName(let name): return try Self.make(GEN_DNS, V_ASN1_IA5STRING, Array(name.utf8))
    case .rfc822Name(let name): return try Self.make(GEN_EMAIL, V_ASN1_IA5STRING, Array(name.utf8))
    case .uniformResourceIdentifier(let name):
      return try Self.make(GEN_URI, V_ASN1_IA5STRING, Array(name.utf8))
    case .ipAddress(let address): return try Self.make(GEN_IPADD, V_ASN1_OCTET_STRING, address.bytes)
    case .other(let der):
      return try decodeDER("encode a general name", der, free: { GENERAL_NAME_free($0) }) {
        d2i_GENERAL_NAME(nil, $0, $1)
      }
    }
  }

  private static func make(
    _ kind: Int32, _ stringType: Int32, _ content: [UInt8]
  ) throws(OpenSSLError) -> UnsafeMutablePointer<GENERAL_NAME> {
    let name = try owned("allocate memory") { GENERAL_NAME_new() }
    do throws(OpenSSLError) {
      let string = try owned("allocate memory") { ASN1_STRING_type_new(stringType) }
      GENERAL_NAME_set0_value(name, kind, string)
      try checked("encode a general name") {
        ASN1_STRING_set(string, content, Int32(clamping: content.count))
      }
      return name
    } catch {
      GENERAL_NAME_free(name)
      throw error
    }
  }
}
