internal import FileStore
package import OpenSSLX509

/// What a certificate says, in words.
package struct CertificateSummary: Sendable, Encodable {
  /// The subject's name.
  package let subject: String
  /// The issuer's name.
  package let issuer: String
  /// The subject alternative names: `DNS:cp1`, `IP:10.0.0.10`.
  package let names: [String]
  /// The key usages and extended key usages.
  package let usages: [String]
  /// The first second in which it is valid, RFC 3339.
  package let notBefore: String
  /// The last one.
  package let notAfter: String
  /// The SHA-256 of the certificate in hexadecimal; a plan does not know it yet.
  package let sha256Fingerprint: String?

  package enum CodingKeys: String, CodingKey {
    case subject, issuer, names, usages, notBefore, notAfter
    case sha256Fingerprint = "sha256"
  }

  package init(_ certificate: Certificate) throws(OpenSSLError) {
    self.init(
      subject: certificate.subject, issuer: certificate.issuer.description, validity: certificate.validity,
      sans: try certificate.extensions.subjectAlternativeNames(), usages: try certificate.extensions.usages(),
      fingerprint: try certificate.fingerprint().hexadecimal)
  }

  package init(_ specification: CertificateSpecification, issuer: String) {
    let content = specification.content
    self.init(
      subject: content.subject, issuer: issuer, validity: specification.validity,
      sans: content.sans.map(\.description),
      usages: content.keyUsage.names + content.purposes.map(\.description), fingerprint: nil)
  }

  private init(
    subject: DistinguishedName, issuer: String, validity: Validity, sans: [String], usages: [String],
    fingerprint: String?
  ) {
    self.subject = subject.description
    self.issuer = issuer
    names = sans
    self.usages = usages
    notBefore = validity.notBefore.rfc3339
    notAfter = validity.notAfter.rfc3339
    sha256Fingerprint = fingerprint
  }
}

extension [CertificateExtension] {
  /// The subject alternative names: `DNS:cp1`, `IP:10.0.0.10`.
  package func subjectAlternativeNames() throws(OpenSSLError) -> [String] {
    try first(SubjectAlternativeName.self)?.names.map(\.description) ?? []
  }

  /// The key usages and extended key usages.
  package func usages() throws(OpenSSLError) -> [String] {
    (try first(KeyUsage.self)?.names ?? [])
      + (try first(ExtendedKeyUsage.self)?.purposes.map(\.description) ?? [])
  }
}
