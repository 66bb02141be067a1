internal import COpenSSL

/// A certification request, PKCS#10, RFC 2986.
public final class CertificateRequest: @unchecked Sendable {
  // Sendable: the X509_REQ is not changed after init.
  private let pointer: OpaquePointer

  /// The whole request in DER.
  public let der: [UInt8]
  /// The subject that asks.
  public let subject: DistinguishedName
  /// The key that is to be certified.
  public let publicKey: PublicKey
  /// The extensions that are asked for, RFC 2985 section 5.4.2.
  public let extensions: [CertificateExtension]
  /// The types of the attributes, one for each value, RFC 2986 section 4.1; the extensions are the value of one.
  package let attributes: [ObjectIdentifier]
  /// The version by its usual name; there is no other than 1.
  package let version: Int
  /// The algorithm of the request's own signature.
  package let signatureAlgorithm: ObjectIdentifier

  init(owning pointer: OpaquePointer) throws(OpenSSLError) {
    self.pointer = pointer
    do throws(OpenSSLError) {
      der = try encodeDER("encode the request") { i2d_X509_REQ(pointer, $0) }
      subject = try DistinguishedName(owned("read the subject") { X509_REQ_get_subject_name(pointer) })
      publicKey = try PublicKey(owned("read the public key") { X509_REQ_get_X509_PUBKEY(pointer) })
      attributes = Self.attributes(of: pointer)
      version = usualVersion(X509_REQ_get_version(pointer))
      extensions = try Self.extensions(of: pointer, attributes)
      signatureAlgorithm = ObjectIdentifier(nid: X509_REQ_get_signature_nid(pointer))
    } catch {
      X509_REQ_free(pointer)
      throw error
    }
  }

  deinit { X509_REQ_free(pointer) }

  /// The labels of a request in PEM: the usual one, RFC 7468 section 7, and an old one.
  package static let pemLabels = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"]

  /// PKCS#9's extensionRequest, RFC 2985 section 5.4.2.
  package static let extensionRequest = ObjectIdentifier("1.2.840.113549.1.9.14")

  private static func attributes(of request: OpaquePointer) -> [ObjectIdentifier] {
    indices(X509_REQ_get_attr_count(request)).flatMap { index -> [ObjectIdentifier] in
      guard let attribute = X509_REQ_get_attr(request, index) else { return [] }
      let type = X509_ATTRIBUTE_get0_object(attribute).map { ObjectIdentifier($0) } ?? ObjectIdentifier("0.0")
      return Array(repeating: type, count: indices(X509_ATTRIBUTE_count(attribute)).count)
    }
  }

  /// OpenSSL returns nothing both for a request without extensions and for one whose extensions cannot be read.
  private static func extensions(
    of request: OpaquePointer, _ attributes: [ObjectIdentifier]
  ) throws(OpenSSLError) -> [CertificateExtension] {
    guard attributes.contains(extensionRequest) else { return [] }
    let stack = try owned("read the extensions of the request") { X509_REQ_get_extensions(request) }
    defer { shim_sk_X509_EXTENSION_pop_free(stack) }
    return CertificateExtension.all(of: stack)
  }

  /// Reads a request in DER.
  ///
  /// - Throws: ``OpenSSLError`` when `der` is not one request and nothing else.
  public convenience init(der: some Collection<UInt8>) throws(OpenSSLError) {
    try self.init(
      owning: decodeDER("read the request", der, free: { X509_REQ_free($0) }) { d2i_X509_REQ(nil, $0, $1) })
  }

  /// Reads the first request of a PEM text.
  ///
  /// - Throws: ``OpenSSLError`` when there is none, or one that cannot be read.
  public convenience init(pem: SecretBytes) throws(OpenSSLError) {
    let blocks = try PEMBlock.blocks(in: pem)
    guard let block = blocks.first(where: { Self.pemLabels.contains($0.label) }) else {
      throw OpenSSLError(
        operation: "read the request", reasons: ["there is no CERTIFICATE REQUEST block in it"])
    }
    try self.init(der: block.der.copy)
  }

  /// A request of `key` for a certificate with this subject and these extensions.
  ///
  /// - Throws: ``OpenSSLError`` when it cannot be encoded.
  public convenience init(
    subject: DistinguishedName, extensions: [CertificateExtension], signedBy key: PrivateKey
  ) throws(OpenSSLError) {
    let request = try owned("allocate memory") { X509_REQ_new_ex(key.library?.pointer, nil) }
    defer { X509_REQ_free(request) }
    try subject.withPointer { (name) throws(OpenSSLError) in
      _ = try checked("set the subject") { X509_REQ_set_subject_name(request, name) }
    }
    try checked("set the public key") { X509_REQ_set_pubkey(request, key.pointer) }
    let stack = try owned("allocate memory") { shim_sk_X509_EXTENSION_new() }
    defer { shim_sk_X509_EXTENSION_pop_free(stack) }
    for item in extensions {
      try item.withPointer { (pointer) throws(OpenSSLError) in
        let copy = try owned("allocate memory") { X509_EXTENSION_dup(pointer) }
        _ = try checked("allocate memory") { shim_sk_X509_EXTENSION_push(stack, copy) }
      }
    }
    if !extensions.isEmpty { try checked("add the extensions") { X509_REQ_add_extensions(request, stack) } }
    try checked("sign the request of \(subject)") { X509_REQ_sign(request, key.pointer, key.digest) }
    try self.init(der: encodeDER("encode the request") { i2d_X509_REQ(request, $0) })
  }

  /// Whether the request's signature is of the key that it names: the subject holds the private half.
  public var isSignedByItsKey: Bool {
    ERR_clear_error()
    defer { ERR_clear_error() }
    return publicKey.pointer.map { X509_REQ_verify(pointer, $0) == 1 } ?? false
  }

  /// The request in PEM, label `CERTIFICATE REQUEST`.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try PEMBlock.encode("write the request") { PEM_write_bio_X509_REQ($0, pointer) }
  }
}
