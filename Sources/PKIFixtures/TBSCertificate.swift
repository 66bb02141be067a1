internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// What is signed of a certificate, RFC 5280 section 4.1: as what it was read from, and then wrong wherever one wants.
struct TBSCertificate {
  /// How an end of the validity is written.
  enum TimeForm {
    /// UTCTime until 2049, GeneralizedTime from 2050, RFC 5280 section 4.1.2.5.
    case byYear
    /// GeneralizedTime always.
    case generalized
  }

  /// 3, or 1, which has no extensions.
  var version = 3
  /// The two's complement of the serial number.
  var serialNumber: [UInt8]
  var issuer: DistinguishedName
  var notBefore: Date
  var notAfter: Date
  var timeForm = TimeForm.byYear
  var subject: DistinguishedName
  var publicKey: PublicKey
  var extensions: [CertificateExtension]

  /// What `certificate` says, with another serial number.
  init(_ certificate: Certificate, serialNumber: SerialNumber) {
    self.serialNumber = serialNumber.magnitude
    issuer = certificate.issuer
    notBefore = certificate.validity.notBefore
    notAfter = certificate.validity.notAfter
    subject = certificate.subject
    publicKey = certificate.publicKey
    extensions = certificate.extensions
  }

  /// The encoding, with the algorithm that it is going to be signed with.
  func encoded(signatureAlgorithm: DERValue) -> DERValue {
    var values: [DERValue] = []
    // Version 1 is the default, which DER leaves out.
    if version > 1 { values.append(.explicit(0, .integer([UInt8(version - 1)]))) }
    values += [
      .integer(serialNumber), signatureAlgorithm, DERValue(encoded: issuer.der),
      .sequence([time(notBefore), time(notAfter)]), DERValue(encoded: subject.der),
      DERValue(encoded: publicKey.der),
    ]
    if version > 1 { values.append(.explicit(3, .sequence(extensions.map(\.derValue)))) }
    return .sequence(values)
  }

  private func time(_ instant: Date) -> DERValue {
    let digits = instant.rfc3339.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return timeForm == .byYear && instant < Self.firstGeneralizedTime
      ? DERValue(tag: 0x17, Array(digits.dropFirst(2)) + Array("Z".utf8))
      : DERValue(tag: 0x18, digits + Array("Z".utf8))
  }

  /// 2050-01-01T00:00:00Z.
  private static let firstGeneralizedTime = Date(timeIntervalSince1970: 2_524_608_000)
}

extension TBSCertificate {
  /// Replaces an extension, which stays where it is and as critical as it is; a new one goes to the end.
  mutating func replace<Value: CertificateExtensionValue>(_ value: Value) throws(OpenSSLError) {
    guard let index = extensions.firstIndex(where: { $0.identifier == Value.identifier }) else {
      return extensions.append(try value.encoded(isCritical: false))
    }
    extensions[index] = try value.encoded(isCritical: extensions[index].isCritical)
  }

  /// Takes extensions out.
  mutating func remove(_ identifiers: ObjectIdentifier...) {
    extensions.removeAll { identifiers.contains($0.identifier) }
  }
}

extension CertificateExtension {
  fileprivate var derValue: DERValue {
    .sequence([.objectIdentifier(identifier)] + (isCritical ? [.true] : []) + [.octetString(value)])
  }
}

/// A certificate before it is signed: what it says, and who signs it how.
struct CertificateDraft {
  var body: TBSCertificate
  /// The key that signs, as it is to be used for this one signature.
  var signer: PrivateKey
  var hash: PrivateKey.Hash

  /// A draft that `signer` signs with the hash that goes with its kind.
  init(_ body: TBSCertificate, signer: PrivateKey) {
    self.body = body
    self.signer = signer
    hash = signer.type == .ec(curve: "secp384r1") ? .sha384 : .sha256
  }

  /// The certificate in DER.
  func signed() throws(OpenSSLError) -> [UInt8] { try parts().certificate }

  /// The certificate, with one bit of its signature's last octet another.
  func signedWithTamperedSignature() throws(OpenSSLError) -> [UInt8] {
    var bytes = try signed()
    bytes[bytes.count - 1] ^= 1
    return bytes
  }

  /// The certificate, with one bit of its serial number another than when it was signed.
  func signedWithTamperedBody() throws(OpenSSLError) -> [UInt8] {
    let parts = try parts()
    var changed = body
    changed.serialNumber[changed.serialNumber.count - 1] ^= 1
    return DERValue.sequence([
      changed.encoded(signatureAlgorithm: parts.algorithm), parts.algorithm, .bitString(parts.signature),
    ]).bytes
  }

  private func parts() throws(OpenSSLError) -> (
    certificate: [UInt8], algorithm: DERValue, signature: [UInt8]
  ) {
    let algorithm = signatureAlgorithm
    let signedPart = body.encoded(signatureAlgorithm: algorithm)
    let signature = try signer.signature(of: signedPart.bytes, hash: hash)
    return (DERValue.sequence([signedPart, algorithm, .bitString(signature)]).bytes, algorithm, signature)
  }

  /// The AlgorithmIdentifier: RFC 8017 appendix A.2.4 for RSA, RFC 5758 section 3.2 for ECDSA.
  private var signatureAlgorithm: DERValue {
    if signer.type.isRSA {
      let arc: [PrivateKey.Hash: Int] = [.md5: 4, .sha1: 5, .sha256: 11, .sha384: 12]
      let identifier = ObjectIdentifier("1.2.840.113549.1.1.\(arc[hash, default: 11])")
      return .sequence([.objectIdentifier(identifier), .null])
    }
    let arc: [PrivateKey.Hash: String] = [.sha1: "1", .sha256: "3.2", .sha384: "3.3"]
    return .sequence([.objectIdentifier(ObjectIdentifier("1.2.840.10045.4.\(arc[hash, default: "3.2"])"))])
  }
}
