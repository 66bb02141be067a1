internal import FoundationEssentials
internal import OpenSSLX509

/// A key, told by its public half: two files belong together when their fingerprints are the same.
public struct KeyDescription: Sendable, Encodable {
  /// The algorithm: `rsa-2048`, `ecdsa-p256`.
  public let algorithm: String
  /// The SHA-256 of the SubjectPublicKeyInfo in hexadecimal, as in kubeadm's discovery-token-ca-cert-hash.
  public let sha256: String

  init(_ key: PublicKey) throws(OpenSSLError) {
    algorithm = key.type.description
    sha256 = try Digest.sha256(key.der).hexadecimal
  }
}

/// All that a certificate says.
public struct CertificateDescription: Sendable, Encodable {
  /// Who it is of, for what, until when.
  public let summary: CertificateSummary
  /// How it stands at the instant of the description: valid, expired or not yet valid.
  public let state: ExpirationReport.State
  /// The time that is left to it.
  public let residualTime: ResidualTime
  /// The key that is certified.
  public let key: KeyDescription
  /// The serial number in hexadecimal.
  public let serialNumber: String
  /// The algorithm of the issuer's signature: `sha256WithRSAEncryption`.
  public let signatureAlgorithm: String
  /// Whether it may sign others.
  public let isAuthority: Bool
  /// How many authorities may stand below it, where that is limited.
  public let pathLength: Int?
  /// Whether its own key signed it.
  public let isSelfSigned: Bool
  /// The identifier of its key in hexadecimal, where it has one.
  public let subjectKeyIdentifier: String?
  /// The identifier of the issuer's key in hexadecimal, where it has one.
  public let authorityKeyIdentifier: String?

  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  init(_ certificate: Certificate, at instant: Date) throws(OpenSSLError) {
    summary = try CertificateSummary(certificate)
    state = ExpirationReport.State(certificate.validity, at: instant)
    residualTime = ResidualTime(from: instant, to: certificate.validity.notAfter)
    key = try KeyDescription(certificate.publicKey)
    serialNumber = certificate.serialNumber.description
    signatureAlgorithm = certificate.signatureAlgorithm.longName
    isAuthority = try certificate.isAuthority()
    if case .isAuthority(let length) = try certificate.basicConstraints() {
      pathLength = length
    } else {
      pathLength = nil
    }
    isSelfSigned = certificate.isSelfSigned
    subjectKeyIdentifier = try certificate.subjectKeyIdentifier()?.hexadecimal
    authorityKeyIdentifier = try certificate.authorityKeyIdentifier()?.hexadecimal
  }

  private enum CodingKeys: String, CodingKey {
    case state, residualTime, key, serialNumber, signatureAlgorithm, isAuthority, pathLength, isSelfSigned
    case subjectKeyIdentifier, authorityKeyIdentifier
  }

  /// Encodes the summary's fields and these in one object.
  public func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(state.rawValue, forKey: .state)
    try container.encode(residualTime.seconds, forKey: .residualTime)
    try container.encode(key, forKey: .key)
    try container.encode(serialNumber, forKey: .serialNumber)
    try container.encode(signatureAlgorithm, forKey: .signatureAlgorithm)
    try container.encode(isAuthority, forKey: .isAuthority)
    try container.encodeIfPresent(pathLength, forKey: .pathLength)
    try container.encode(isSelfSigned, forKey: .isSelfSigned)
    try container.encodeIfPresent(subjectKeyIdentifier, forKey: .subjectKeyIdentifier)
    try container.encodeIfPresent(authorityKeyIdentifier, forKey: .authorityKeyIdentifier)
  }
}
