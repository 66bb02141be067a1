internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

// kubeadm's document, `kubeadm certs check-expiration -o json`, with further fields in its entries:
// <https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-certs/>.

extension ExpirationReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case apiVersion, kind, certificates, certificateAuthorities
    // pkigen's.
    case unfinishedRun
  }

  /// Encodes kubeadm's `CertificateExpirationInfo`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("output.kubeadm.k8s.io/v1alpha3", forKey: .apiVersion)
    try container.encode("CertificateExpirationInfo", forKey: .kind)
    try container.encode(certificates, forKey: .certificates)
    try container.encode(certificateAuthorities, forKey: .certificateAuthorities)
    try container.encodeIfPresent(unfinishedRun?.paths, forKey: .unfinishedRun)
  }

  /// The document in YAML, keys sorted.
  ///
  /// - Throws: `EncodingError` when a part cannot be encoded.
  public func yaml() throws -> String { try JSONValue(encoding: self).yaml() }
}

extension ExpirationReport.Entry: Encodable {
  private enum CodingKeys: String, CodingKey {
    // kubeadm's.
    case name, expirationDate, residualTime, externallyManaged, caName, missing
    // pkigen's.
    case path, referencedPath, state, reason, notBefore, subject, issuer, serialNumber, sha256
    case role, otherCertificates
  }

  /// Encodes kubeadm's `Certificate`, and what it lacks: where the certificate is, which it is, how it stands and why.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    // kubeadm has these two for a missing certificate too: a null and a zero.
    try container.encode(notAfter?.rfc3339, forKey: .expirationDate)
    try container.encode(residualTime?.seconds ?? 0, forKey: .residualTime)
    try container.encode(isExternallyManaged, forKey: .externallyManaged)
    try container.encodeIfPresent(state == .missing ? nil : ca, forKey: .caName)
    try container.encode(state == .missing, forKey: .missing)
    try container.encode(path, forKey: .path)
    try container.encodeIfPresent(referencedPath, forKey: .referencedPath)
    try container.encode(state.rawValue, forKey: .state)
    try container.encodeIfPresent(finding?.message, forKey: .reason)
    guard let certificate else { return }
    try container.encode(certificate.validity.notBefore.rfc3339, forKey: .notBefore)
    try container.encode(certificate.subject.description, forKey: .subject)
    try container.encode(certificate.issuer.description, forKey: .issuer)
    try container.encode(certificate.serialNumber.description, forKey: .serialNumber)
    try container.encode(certificate.fingerprint().hexadecimal, forKey: .sha256)
    try container.encodeIfPresent(role?.rawValue, forKey: .role)
    try container.encodeIfPresent(others.isEmpty ? nil : others, forKey: .otherCertificates)
  }
}

extension ExpirationReport.OtherCertificate: Encodable {
  private enum CodingKeys: String, CodingKey {
    case role, path, expirationDate, residualTime, state, notBefore, subject, issuer, serialNumber, sha256
  }

  /// Encodes what an entry says of its own certificate.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(role.rawValue, forKey: .role)
    try container.encode(path, forKey: .path)
    try container.encode(certificate.validity.notAfter.rfc3339, forKey: .expirationDate)
    try container.encode(residualTime.seconds, forKey: .residualTime)
    try container.encode(state.rawValue, forKey: .state)
    try container.encode(certificate.validity.notBefore.rfc3339, forKey: .notBefore)
    try container.encode(certificate.subject.description, forKey: .subject)
    try container.encode(certificate.issuer.description, forKey: .issuer)
    try container.encode(certificate.serialNumber.description, forKey: .serialNumber)
    try container.encode(certificate.fingerprint().hexadecimal, forKey: .sha256)
  }
}
