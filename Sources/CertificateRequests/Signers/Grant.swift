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

  /// What the certificate is going to say, of the granted values only.
  ///
  /// The end counts from the beginning for eight hours and more, and from `instant` for less, as kube-controller-manager
  /// counts, `PermissiveSigningPolicy` in its `authority` package; it is not after the CA's own. To encipher is for RSA keys;
  /// RFC 8813 section 3 forbids it with keys on elliptic curves.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  package func specification(
    under ca: CertificateAuthority, at instant: Date
  ) throws(PKIError) -> CertificateSpecification {
    let isShort = lifetime.seconds < 8 * 3600
    let fromNow = Lifetime(seconds: lifetime.seconds - (isShort ? 0 : Int(Validity.backdate)))
    let (validity, _) = Validity.starting(instant, lifetime: fromNow, within: ca.issuing.validity.notAfter)
    let key = CertificateContent.SubjectKey.requested(publicKey)
    let content = try CertificateContent(
      commonName, organizations, sans: names,
      keyUsage: usages.keyUsage.subtracting(key.isRSA ? [] : [.keyEncipherment, .dataEncipherment]),
      purposes: usages.purposes, key: key)
    return CertificateSpecification(content, validity: validity, issuer: .ca(.ca))
  }
}
