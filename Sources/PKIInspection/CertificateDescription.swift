package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509

/// All that a certificate says.
package struct CertificateDescription: Sendable, Encodable {
  /// Its subject, names, usages and validity.
  package let summary: CertificateSummary
  /// The common name: to Kubernetes, the user; `nil` where the subject has none or several.
  package let commonName: String?
  /// The organizations: to Kubernetes, the groups.
  package let organizations: [String]
  /// All attributes of the subject.
  package let subjectAttributes: [AttributeDescription]
  /// All attributes of the issuer.
  package let issuerAttributes: [AttributeDescription]
  /// How it stands at the instant of the description: valid, expired or not yet valid.
  package let state: ExpirationReport.State
  /// The time that is left to it.
  package let residualTime: ResidualTime
  /// The key that is certified.
  package let key: KeyDescription
  /// The serial number in hexadecimal.
  package let serialNumber: String
  /// The algorithm of the issuer's signature: `sha256WithRSAEncryption`.
  package let signatureAlgorithm: String
  /// Whether it may sign others.
  package let isAuthority: Bool
  /// How many CAs a chain may have below it, where that is limited.
  package let pathLength: Int?
  /// Whether its own key signed it.
  package let isSelfSigned: Bool
  /// The identifier of its key in hexadecimal, where it has one.
  package let subjectKeyIdentifier: String?
  /// The identifier of the issuer's key in hexadecimal, where it has one.
  package let authorityKeyIdentifier: String?
  /// The certificate itself.
  package let certificate: Certificate

  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  package init(_ certificate: Certificate, at instant: Date) throws(OpenSSLError) {
    let commonNames = certificate.subject.values(of: "2.5.4.3")
    summary = try CertificateSummary(certificate)
    commonName = commonNames.count == 1 ? commonNames[0] : nil
    organizations = certificate.subject.organizations
    subjectAttributes = certificate.subject.attributeDescriptions
    issuerAttributes = certificate.issuer.attributeDescriptions
    state = ExpirationReport.State(certificate.validity, at: instant)
    residualTime = ResidualTime(from: instant, to: certificate.validity.notAfter)
    key = try KeyDescription(certificate.publicKey)
    serialNumber = certificate.serialNumber.description
    signatureAlgorithm = certificate.signatureAlgorithm.longName
    isAuthority = try certificate.isCA()
    if case .ca(let length) = try certificate.basicConstraints() {
      pathLength = length
    } else {
      pathLength = nil
    }
    isSelfSigned = certificate.isSelfSigned
    subjectKeyIdentifier = try certificate.subjectKeyIdentifier()?.hexadecimal
    authorityKeyIdentifier = try certificate.authorityKeyIdentifier()?.hexadecimal
    self.certificate = certificate
  }

  private enum CodingKeys: String, CodingKey {
    case commonName, organizations, subjectAttributes, issuerAttributes
    case state, residualTime, key, serialNumber, signatureAlgorithm, isAuthority, pathLength, isSelfSigned
    case subjectKeyIdentifier, authorityKeyIdentifier, pem
  }

  /// Encodes the summary's fields and these in one object.
  package func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(commonName, forKey: .commonName)
    try container.encode(organizations, forKey: .organizations)
    try container.encode(subjectAttributes, forKey: .subjectAttributes)
    try container.encode(issuerAttributes, forKey: .issuerAttributes)
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
    try container.encode(String(decoding: certificate.pem().copy, as: UTF8.self), forKey: .pem)
  }
}
