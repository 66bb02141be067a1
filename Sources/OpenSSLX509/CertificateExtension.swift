internal import COpenSSL

/// An extension of a certificate or a request, RFC 5280 section 4.2, in encoded form.
public struct CertificateExtension: Hashable, Sendable {
  /// Which extension it is.
  public let identifier: ObjectIdentifier

  /// Whether a reader that does not know it must refuse the certificate.
  public let isCritical: Bool

  /// The DER encoding of its value, without the OCTET STRING around it.
  public let value: [UInt8]

  /// An extension from its parts; nothing is checked.
  public init(identifier: ObjectIdentifier, isCritical: Bool, value: [UInt8]) {
    self.identifier = identifier
    self.isCritical = isCritical
    self.value = value
  }

  init(_ pointer: OpaquePointer) {
    identifier = X509_EXTENSION_get_object(pointer).map { ObjectIdentifier($0) } ?? ObjectIdentifier("0.0")
    isCritical = X509_EXTENSION_get_critical(pointer) == 1
    value = bytes(of: X509_EXTENSION_get_data(pointer))
  }

  /// The extension whose value OpenSSL encodes from `structure`, of the C type that belongs to `nid`.
  init(nid: Int32, isCritical: Bool, encoding structure: UnsafeMutableRawPointer) throws(OpenSSLError) {
    let pointer = try owned("encode the extension \(ObjectIdentifier(nid: nid).longName)") {
      X509V3_EXT_i2d(nid, isCritical ? 1 : 0, structure)
    }
    defer { X509_EXTENSION_free(pointer) }
    self.init(pointer)
  }

  /// Lends OpenSSL's form of the extension to `body`.
  func withPointer<Result>(
    _ body: (OpaquePointer) throws(OpenSSLError) -> Result
  ) throws(OpenSSLError) -> Result {
    let octets = try owned("allocate memory") { ASN1_OCTET_STRING_new() }
    defer { ASN1_OCTET_STRING_free(octets) }
    try checked("encode the extension \(identifier)") {
      ASN1_OCTET_STRING_set(octets, value, Int32(clamping: value.count))
    }
    return try identifier.withObject { (object) throws(OpenSSLError) in
      let pointer = try owned("encode the extension \(identifier)") {
        X509_EXTENSION_create_by_OBJ(nil, object, isCritical ? 1 : 0, octets)
      }
      defer { X509_EXTENSION_free(pointer) }
      return try body(pointer)
    }
  }

  /// All extensions of a stack, in order.
  static func all(of stack: OpaquePointer?) -> [CertificateExtension] {
    guard let stack else { return [] }
    return indices(shim_sk_X509_EXTENSION_num(stack)).compactMap {
      shim_sk_X509_EXTENSION_value(stack, $0).map { CertificateExtension($0) }
    }
  }
}

/// The content of an ASN.1 string.
func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
  guard let string, let data = ASN1_STRING_get0_data(string) else { return [] }
  return Array(UnsafeBufferPointer(start: data, count: max(0, Int(ASN1_STRING_length(string)))))
}

/// An extension that this library understands.
public protocol CertificateExtensionValue: Sendable {
  /// Which extension it is.
  static var identifier: ObjectIdentifier { get }

  /// Reads the value of the extension.
  ///
  /// - Throws: ``OpenSSLError`` when `value` is not its DER.
  init(der value: [UInt8]) throws(OpenSSLError)

  /// The extension with this value.
  ///
  /// - Throws: ``OpenSSLError`` when it cannot be encoded.
  func encoded(isCritical: Bool) throws(OpenSSLError) -> CertificateExtension
}

extension Sequence where Element == CertificateExtension {
  /// The first extension of this type, decoded, or `nil` where there is none. What follows the value in its OCTET STRING is
  /// skipped, as Go and OpenSSL skip it.
  ///
  /// - Throws: ``OpenSSLError`` when it is there and cannot be read.
  package func first<Value: CertificateExtensionValue>(_: Value.Type) throws(OpenSSLError) -> Value? {
    guard let found = first(where: { $0.identifier == Value.identifier }) else { return nil }
    return try Value(der: found.value.firstDERValue)
  }
}
