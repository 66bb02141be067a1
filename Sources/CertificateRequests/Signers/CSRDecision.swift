package import FoundationEssentials
internal import KubernetesPKI
package import OpenSSLX509
package import StructuredText

/// What an approver decides on a CSR: a grant, or every reason against it.
package struct CSRDecision: Sendable {
  /// The CSR.
  package let request: CertificateSigningRequest
  /// kubeadm's name of what it is for, where a CSR without a signer has a subject of the catalog.
  package let item: String?
  /// What is granted; `nil` where it is denied.
  package let grant: Grant?
  /// The reasons against it; none where it is granted.
  package let denials: [Denial]
  /// The attributes of the subject that the certificate does not have.
  package let droppedAttributes: [DistinguishedName.Attribute]

  /// A grant where there is no reason against it.
  init(
    _ examination: CSRExamination, item: String? = nil, denials: [Denial], under policy: ApprovalPolicy,
    _ grant: @autoclosure () -> Grant
  ) {
    request = examination.request
    self.item = item
    self.denials = denials
    self.grant = denials.isEmpty ? grant() : nil
    droppedAttributes = policy.dropsSubjectAttributes ? examination.droppableAttributes : []
  }

  /// The object with the condition Approved and without a certificate, for the API's `/approval`, or with the condition
  /// Denied; `nil` for a CSR in PEM, and for a denial of what was decided before.
  package func object(at instant: Date) -> JSONValue? {
    grant == nil ? request.denied(denials, at: instant) : request.approved(at: instant)
  }
}

extension CSRExamination {
  /// What this policy grants; of a CSR that names no signer, what the catalog has.
  ///
  /// - Parameter ca: the CA that is to sign, where it is known which.
  package func decision(under policy: ApprovalPolicy, by ca: Certificate? = nil) -> CSRDecision {
    if request.isForCatalog { return CatalogExamination(self, by: ca).decision(under: policy) }
    // Ten minutes at least: a certificate starts five minutes early, for clocks that are late.
    let asked = Lifetime(seconds: max(request.expirationSeconds ?? policy.longestLifetime.seconds, 600))
    return CSRDecision(
      self, denials: denials(under: policy), under: policy,
      Grant(
        commonName: content.commonName, organizations: content.organizations, names: content.names,
        usages: request.knownUsages, publicKey: request.request.publicKey,
        lifetime: min(asked, policy.longestLifetime)))
  }
}
