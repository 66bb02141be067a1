internal import COpenSSL

/// A distinguished name, RFC 5280 section 4.1.2.4, kept in the bytes that it was read or built in.
///
/// Names are compared by these bytes, as Go compares an issuer with a subject.
public struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
  /// One attribute: its type and its value as text.
  public struct Attribute: Hashable, Sendable {
    /// The type: `2.5.4.3` for a common name.
    public let type: ObjectIdentifier
    /// The value.
    public let value: String
  }

  /// The name in DER.
  public let der: [UInt8]

  /// All attributes, in their order in the name.
  public let attributes: [Attribute]

  /// A name of organizations and a common name, the identity of a Kubernetes client, in this order.
  ///
  /// Several organizations share one RelativeDistinguishedName, as Go writes them, so that DER sorts them.
  ///
  /// - Throws: ``OpenSSLError`` when a value cannot be encoded.
  public init(organizations: [String] = [], commonName: String?) throws(OpenSSLError) {
    let name = try owned("allocate memory") { X509_NAME_new() }
    defer { X509_NAME_free(name) }
    for (index, organization) in organizations.enumerated() {
      try Self.add(organization, NID_organizationName, to: name, set: index == 0 ? 0 : -1)
    }
    if let commonName { try Self.add(commonName, NID_commonName, to: name, set: 0) }
    // Read back from its bytes: encoding is what sorts the organizations.
    try self.init(der: encodeDER("encode the name") { i2d_X509_NAME(name, $0) })
  }

  /// Reads a name.
  ///
  /// - Throws: ``OpenSSLError`` when `der` holds none.
  public init(der: some Collection<UInt8>) throws(OpenSSLError) {
    let name = try decodeDER("read the name", der, free: { X509_NAME_free($0) }) {
      d2i_X509_NAME(nil, $0, $1)
    }
    defer { X509_NAME_free(name) }
    try self.init(name)
  }

  init(_ name: OpaquePointer) throws(OpenSSLError) {
    der = try encodeDER("encode the name") { i2d_X509_NAME(name, $0) }
    attributes = (0..<X509_NAME_entry_count(name)).compactMap { index -> Attribute? in
      guard let entry = X509_NAME_get_entry(name, index),
        let type = X509_NAME_ENTRY_get_object(entry), let value = X509_NAME_ENTRY_get_data(entry)
      else { return nil }
      return Attribute(type: ObjectIdentifier(type), value: Self.text(of: value))
    }
  }

  /// The first common name.
  public var commonName: String? { values(of: "2.5.4.3").first }

  /// All organizations: to Kubernetes, the groups of the user.
  public var organizations: [String] { values(of: "2.5.4.10") }

  /// The values of one type of attribute.
  public func values(of type: String) -> [String] {
    attributes.filter { $0.type.dotted == type }.map(\.value)
  }

  /// The name as `O = system:masters, CN = kubernetes-admin`.
  public var description: String {
    attributes.map { "\($0.type) = \($0.value)" }.joined(separator: ", ")
  }

  /// Lends OpenSSL's form of the name to `body`.
  func withPointer<Result>(
    _ body: (OpaquePointer) throws(OpenSSLError) -> Result
  ) throws(OpenSSLError) -> Result {
    let name = try decodeDER("read the name", der, free: { X509_NAME_free($0) }) {
      d2i_X509_NAME(nil, $0, $1)
    }
    defer { X509_NAME_free(name) }
    return try body(name)
  }

  /// OpenSSL refuses common names of more than 64 characters when it chooses the string type itself; node names may have
  /// 253. So the type is chosen here, as RFC 5280 section 4.1.2.4 has it.
  private static func add(
    _ value: String, _ type: Int32, to name: OpaquePointer, set: Int32
  ) throws(OpenSSLError) {
    let stringType = value.utf8.allSatisfy(isPrintable) ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING
    let bytes = Array(value.utf8)
    try checked("put \(value.debugDescription) into a name") {
      X509_NAME_add_entry_by_NID(name, type, stringType, bytes, Int32(clamping: bytes.count), -1, set)
    }
  }

  /// Whether PrintableString, X.680 section 41.4, has the character.
  private static func isPrintable(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: " '()+,-./:=?".utf8.contains(byte)
    }
  }

  private static func text(of value: UnsafePointer<ASN1_STRING>) -> String {
    var utf8: UnsafeMutablePointer<UInt8>?
    let length = ASN1_STRING_to_UTF8(&utf8, value)
    guard length >= 0, let utf8 else {
      ERR_clear_error()
      return ""
    }
    defer { shim_OPENSSL_free(utf8) }
    return String(decoding: UnsafeBufferPointer(start: utf8, count: Int(length)), as: UTF8.self)
  }
}
