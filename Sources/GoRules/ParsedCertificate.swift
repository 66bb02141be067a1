package import OpenSSLX509

/// What Go's `crypto/x509` holds of a certificate that it can parse.
///
/// Follows parseCertificate in src/crypto/x509/parser.go, Go 1.27.
package struct ParsedCertificate: Sendable {
  /// The certificate.
  package let certificate: Certificate

  let signature: SignatureRules.Kind
  let key: KeyRules.Kind
  let version: Int
  /// What its extensions say.
  private(set) var says = ParsedExtensions()

  /// Reads a certificate as Go does.
  ///
  /// - Throws: the first ``Problem`` that Go meets.
  package init(_ certificate: Certificate) throws(Problem) {
    self.certificate = certificate
    var outer = DERReader(certificate.der)
    guard var whole = outer.read(Tag.sequence), var body = whole.read(Tag.sequence) else {
      throw Problem(.malformedCertificate, "it is no certificate in DER")
    }
    version = try Self.version(&body)
    guard let serialNumber = body.integer() else {
      throw Problem(.malformedCertificate, "its serial number is malformed")
    }
    if serialNumber.first.map({ $0 & 0x80 != 0 }) == true {
      throw Problem(.negativeSerialNumber, "its serial number is negative")
    }
    signature = try Self.signature(&body, &whole)
    try Self.checkNamesAndTimes(&body)
    key = try KeyRules.kind(&body)
    guard version == 3 else { return }
    for tag in [Tag.context(1), Tag.context(2)] where body.isNext(tag) {
      guard body.next() != nil else {
        throw Problem(.malformedCertificate, "its unique identifiers are malformed")
      }
    }
    if body.isNext(Tag.constructed(3)) { try readExtensions(body.read(Tag.constructed(3))) }
  }

  private static func version(_ body: inout DERReader) throws(Problem) -> Int {
    guard body.isNext(Tag.constructed(0)) else { return 1 }
    guard var field = body.read(Tag.constructed(0)), let number = field.smallInteger(), field.isEmpty,
      number >= 0
    else { throw Problem(.invalidVersion, "its version is malformed") }
    guard number < 3 else { throw Problem(.invalidVersion, "its version is none of 1, 2 and 3") }
    return number + 1
  }

  /// The algorithm, which stands within the signed part and after it.
  private static func signature(
    _ body: inout DERReader, _ whole: inout DERReader
  ) throws(Problem) -> SignatureRules.Kind {
    guard let inner = body.read(Tag.sequence), let outer = whole.read(Tag.sequence) else {
      throw Problem(.malformedCertificate, "its signature algorithm is malformed")
    }
    guard inner.rest == outer.rest else {
      throw Problem(.signatureAlgorithmMismatch, "it names two signature algorithms, which are not the same")
    }
    guard whole.bitString() != nil else {
      throw Problem(.malformedCertificate, "its signature is no BIT STRING")
    }
    return try SignatureRules.kind(inner)
  }

  private static func checkNamesAndTimes(_ body: inout DERReader) throws(Problem) {
    guard let issuer = body.element(Tag.sequence) else {
      throw Problem(.malformedName, "its issuer is malformed")
    }
    if let problem = NameRules.problem(issuer, "issuer") { throw problem }
    guard var validity = body.read(Tag.sequence) else {
      throw Problem(.malformedTime, "its validity is malformed")
    }
    for _ in 0..<2 {
      if let problem = TimeRules.problem(&validity) { throw problem }
    }
    guard let subject = body.element(Tag.sequence) else {
      throw Problem(.malformedName, "its subject is malformed")
    }
    if let problem = NameRules.problem(subject, "subject") { throw problem }
  }

  /// Why no TLS server or client of Go can use a certificate with this key, if so; of a CA, why its key verifies nothing.
  package var keyProblem: Problem? {
    says.isCA == true ? KeyRules.verifyProblem(key) : KeyRules.tlsProblem(key)
  }

  /// Whether subject and issuer are the same name.
  var isSelfIssued: Bool { certificate.subject == certificate.issuer }
}

extension ParsedCertificate {
  private mutating func readExtensions(_ field: DERReader?) throws(Problem) {
    var field = field
    guard var list = field?.read(Tag.sequence) else {
      throw Problem(.malformedExtension, "its extensions are malformed")
    }
    var found: [CertificateExtension] = []
    while !list.isEmpty { found.append(try Self.nextExtension(&list)) }
    says = try ParsedExtensions(found)
  }

  private static func nextExtension(_ list: inout DERReader) throws(Problem) -> CertificateExtension {
    guard var fields = list.read(Tag.sequence), let identifier = fields.objectIdentifier() else {
      throw Problem(.malformedExtension, "one of its extensions is malformed")
    }
    var isCritical: Bool? = false
    if fields.isNext(Tag.boolean) { isCritical = fields.boolean() }
    guard let isCritical, let value = fields.read(Tag.octetString) else {
      throw Problem(.malformedExtension, "its extension \(identifier.longName) is malformed")
    }
    return CertificateExtension(identifier: identifier, isCritical: isCritical, value: Array(value.rest))
  }
}
