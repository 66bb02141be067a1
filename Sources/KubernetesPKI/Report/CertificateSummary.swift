internal import FileStore
package import OpenSSLX509

/// What a certificate says, in words.
public struct CertificateSummary: Sendable, Encodable {
  /// The subject's name.
  public let subject: String
  /// The issuer's name.
  public let issuer: String
  /// The subject alternative names: `DNS:cp1`, `IP:10.0.0.10`.
  public let names: [String]
  /// The key usages and extended key usages.
  public let usages: [String]
  /// The first second in which it is in force, RFC 3339.
  public let notBefore: String
  /// The last one.
  public let notAfter: String
  /// The SHA-256 of the certificate in hexadecimal; a plan does not know it yet.
  public let sha256Fingerprint: String?

  package enum CodingKeys: String, CodingKey {
    case subject, issuer, names, usages, notBefore, notAfter
    case sha256Fingerprint = "sha256"
  }

  package init(_ certificate: Certificate) throws(OpenSSLError) {
    try self.init(
      subject: certificate.subject, issuer: certificate.issuer.description, validity: certificate.validity,
      extensions: certificate.extensions, fingerprint: certificate.fingerprint().hexadecimal)
  }

  package init(_ specification: CertificateSpecification, issuer: String) throws(OpenSSLError) {
    try self.init(
      subject: specification.subject, issuer: issuer, validity: specification.validity,
      extensions: specification.extensions, fingerprint: nil)
  }

  private init(
    subject: DistinguishedName, issuer: String, validity: Validity, extensions: [CertificateExtension],
    fingerprint: String?
  ) throws(OpenSSLError) {
    self.subject = subject.description
    self.issuer = issuer
    names = try extensions.subjectAlternativeNames()
    usages = try extensions.usages()
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
