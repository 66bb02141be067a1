internal import COpenSSL

/// A distinguished name, RFC 5280 section 4.1.2.4, kept in the bytes that it was read or built in.
///
/// Names are compared by these bytes, as Go compares an issuer with a subject.
public struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
  /// One attribute: its type and its value.
  public struct Attribute: Hashable, Sendable {
    /// The type: `2.5.4.3` for a common name.
    public let type: ObjectIdentifier
    /// The value: a text, or `#` and its DER in hexadecimal, RFC 4514 section 2.4.
    public let value: String
    /// Whether the value is a text. To Go, and so to Kubernetes, a common name or an organization that is none does not
    /// exist.
    public let isText: Bool
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
    attributes = indices(X509_NAME_entry_count(name)).compactMap { index -> Attribute? in
      guard let entry = X509_NAME_get_entry(name, index),
        let type = X509_NAME_ENTRY_get_object(entry), let value = X509_NAME_ENTRY_get_data(entry)
      else { return nil }
      let text = Self.text(of: value)
      return Attribute(
        type: ObjectIdentifier(type), value: text ?? "#" + Self.der(of: value).hexadecimal,
        isText: text != nil)
    }
  }

  /// The first common name.
  public var commonName: String? { values(of: "2.5.4.3").first }

  /// All organizations: to Kubernetes, the groups of the user.
  public var organizations: [String] { values(of: "2.5.4.10") }

  /// The values of one type of attribute, without those that are no text.
  public func values(of type: String) -> [String] {
    attributes.filter { $0.type.dotted == type && $0.isText }.map(\.value)
  }

  /// The name as `O = system:masters, CN = kubernetes-admin`; no value can look like another attribute.
  public var description: String { attributes.map(\.description).joined(separator: ", ") }

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

  /// The text; `nil` for a value of a type that is none.
  private static func text(of value: UnsafePointer<ASN1_STRING>) -> String? {
    var utf8: UnsafeMutablePointer<UInt8>?
    let length = ASN1_STRING_to_UTF8(&utf8, value)
    guard length >= 0, let utf8 else {
      ERR_clear_error()
      return nil
    }
    defer { shim_OPENSSL_free(utf8) }
    return String(decoding: UnsafeBufferPointer(start: utf8, count: Int(length)), as: UTF8.self)
  }

  /// The value in DER; nothing where memory runs out.
  private static func der(of value: UnsafePointer<ASN1_STRING>) -> [UInt8] {
    guard let any = ASN1_TYPE_new() else { return [] }
    defer { ASN1_TYPE_free(any) }
    // OpenSSL keeps the whole DER of a value whose type it does not know.
    let type = ASN1_STRING_type(value)
    if type == V_ASN1_OTHER || type == V_ASN1_SEQUENCE || type == V_ASN1_SET { return bytes(of: value) }
    guard ASN1_TYPE_set1(any, type, value) == 1 else { return [] }
    return (try? encodeDER("encode a value") { i2d_ASN1_TYPE(any, $0) }) ?? []
  }
}

extension DistinguishedName.Attribute: CustomStringConvertible {
  /// `CN = x`, or `CN = "jane, O = system:masters"`: quoted where RFC 4514 section 2.4 escapes, as OpenSSL prints it.
  public var description: String { "\(type) = \(isText ? Self.quoted(value) : value)" }

  private static func quoted(_ value: String) -> String {
    let isPlain =
      !value.isEmpty && !value.hasPrefix("#") && !value.hasPrefix(" ") && !value.hasSuffix(" ")
      && value.unicodeScalars.allSatisfy { !isSpecial($0) && isShown($0) }
    return isPlain ? value : "\"\(value.unicodeScalars.map(escaped).joined())\""
  }

  /// The characters that separate attributes or escape others.
  private static func isSpecial(_ character: Unicode.Scalar) -> Bool {
    [",", "+", "\"", "\\", "<", ">", ";"].contains(character)
  }

  /// Whether a reader sees the character as what it is: no control character, none that turns the order of the text, and
  /// no blank but the space.
  private static func isShown(_ character: Unicode.Scalar) -> Bool {
    switch character.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
    case .spaceSeparator: character == " "
    default: true
    }
  }

  private static func escaped(_ character: Unicode.Scalar) -> String {
    if character == "\"" || character == "\\" { return "\\\(character)" }
    if isShown(character) { return String(character) }
    return String(character).utf8.map { "\\" + [$0].hexadecimal.uppercased() }.joined()
  }
}
