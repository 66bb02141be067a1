package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509

/// What a CSR is granted: values that were checked one by one, and nothing of the CSR's own bytes but its key.
package struct Grant: Sendable {
  /// The common name.
  package let commonName: String
  /// The organizations.
  package let organizations: [String]
  /// The SANs.
  package let names: [GeneralName]
  /// The key usages and purposes.
  package let usages: [CertificateUsage]
  /// The key of the CSR.
  package let publicKey: PublicKey
  /// How long the certificate is valid.
  package let lifetime: Lifetime

  /// The longest lifetime by default, as kube-controller-manager's `--cluster-signing-duration`.
  package static let longestLifetime = Lifetime.days(365)

  /// From five minutes before `instant`; the end counts from the beginning for eight hours and more, and from `instant` for
  /// less. It is not after the CA's own.
  ///
  /// kube-controller-manager signs in the same way, `PermissiveSigningPolicy` in its `authority` package.
  package func validity(at instant: Date, under ca: Certificate) -> Validity {
    let backdate = 300.0
    let isShort = lifetime.seconds < 8 * 3600
    let end = instant.addingTimeInterval(Double(lifetime.seconds) - (isShort ? 0 : backdate))
    return Validity(
      notBefore: instant.addingTimeInterval(-backdate), notAfter: min(end, ca.validity.notAfter))
  }

  /// What the certificate says, of the granted values only.
  ///
  /// To encipher is for RSA keys; RFC 8813 section 3 forbids it with keys on elliptic curves.
  package func template(
    _ serialNumber: SerialNumber, under ca: Certificate, at instant: Date
  ) throws(OpenSSLError) -> CertificateTemplate {
    let keyUsage = usages.keyUsage.subtracting(
      publicKey.type.isRSA ? [] : [.keyEncipherment, .dataEncipherment])
    return CertificateTemplate(
      serialNumber: serialNumber,
      subject: try DistinguishedName(organizations: organizations, commonName: commonName),
      validity: validity(at: instant, under: ca), publicKey: publicKey,
      extensions: try CertificateSpecification.leafExtensions(
        keyUsage: keyUsage, purposes: usages.purposes, names: names))
  }
}
