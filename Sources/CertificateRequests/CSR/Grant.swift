package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509

/// What a request is granted: values that were judged one by one, and nothing of the request's own bytes but its key.
package struct Grant: Sendable {
  package let commonName: String
  package let organizations: [String]
  package let names: [GeneralName]
  package let usages: [CertificateUsage]
  package let publicKey: PublicKey
  package let lifetime: Lifetime

  /// The longest lifetime by default, as kube-controller-manager's `--cluster-signing-duration`.
  package static let longestLifetime = Lifetime.days(365)

  /// What this policy grants to a request.
  ///
  /// - Parameter longest: the lifetime of those who ask for none or for a longer one.
  /// - Returns: the grant, or every reason against it.
  package static func decide(
    _ request: CertificateSigningRequest, under policy: ApprovalPolicy, longest: Lifetime
  ) -> Decision {
    let examination = RequestExamination(request)
    let denials = examination.denials(under: policy)
    guard denials.isEmpty else { return .denied(denials) }
    let content = examination.content
    // Ten minutes at least: a certificate starts five minutes early, for clocks that are late.
    let asked = Lifetime(seconds: max(request.expirationSeconds ?? longest.seconds, 600))
    return .approved(
      Grant(
        commonName: content.commonName, organizations: content.organizations, names: content.names,
        usages: request.knownUsages, publicKey: request.request.publicKey, lifetime: min(asked, longest)))
  }

  /// What an approver decides.
  package enum Decision: Sendable {
    /// The certificate is granted.
    case approved(Grant)
    /// It is not, for these reasons; never none.
    case denied([Denial])
  }

  /// From five minutes before `instant`; the end counts from the beginning for eight hours and more, and from `instant` for
  /// less. It is not after the authority's own.
  ///
  /// So kube-controller-manager signs, `PermissiveSigningPolicy` in its `authority` package.
  package func validity(at instant: Date, under authority: Certificate) -> Validity {
    let backdate = 300.0
    let isShort = lifetime.seconds < 8 * 3600
    let end = instant.addingTimeInterval(Double(lifetime.seconds) - (isShort ? 0 : backdate))
    return Validity(
      notBefore: instant.addingTimeInterval(-backdate), notAfter: min(end, authority.validity.notAfter))
  }

  /// What the certificate is going to say, of the granted values only.
  ///
  /// To encipher is for RSA keys; RFC 8813 section 3 forbids it with keys on elliptic curves.
  package func template(
    _ serialNumber: SerialNumber, under authority: Certificate, at instant: Date
  ) throws(OpenSSLError) -> CertificateTemplate {
    let keyUsage = usages.keyUsage.subtracting(
      publicKey.type.isRSA ? [] : [.keyEncipherment, .dataEncipherment])
    return CertificateTemplate(
      serialNumber: serialNumber,
      subject: try DistinguishedName(organizations: organizations, commonName: commonName),
      validity: validity(at: instant, under: authority), publicKey: publicKey,
      extensions: try CertificateSpecification.leafExtensions(
        keyUsage: keyUsage, purposes: usages.purposes, names: names))
  }
}
