package import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509
package import StructuredText

/// What became of a request.
package struct RequestAnswer: Sendable {
  /// The request.
  package let request: CertificateSigningRequest
  /// kubeadm's name of what it is for, where the catalog has its subject.
  package let item: String?
  /// The reasons against it; none where it has a certificate.
  package let denials: [Denial]
  /// What the certificate says.
  package let certificate: CertificateSummary?
  /// Whether the certificate would be in force for longer if its authority were.
  package let endsWithAuthority: Bool
  /// The certificate in PEM, followed by what lies between it and a root.
  package let pem: String?
  /// The object with the decision in its status, for the API's `/approval` and `/status`; `nil` for a bare request.
  package let object: JSONValue?
}

extension Issuer {
  /// Signs what the policy grants of a request, or of one that names no signer, what the catalog has; or says why it does not.
  ///
  /// - Parameter longest: the lifetime of those who ask for none or for a longer one.
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  package func answer(
    _ request: CertificateSigningRequest, under policy: ApprovalPolicy, longest: Lifetime,
    by authority: SigningAuthority, at instant: Date
  ) throws(PKIError) -> RequestAnswer {
    let catalog = CatalogExamination(request, by: authority.certificate)
    let decision =
      request.isForCatalog
      ? catalog.decision(allowingAnySubject: policy.allowsAnySubject, longest: longest)
      : Grant.decide(request, under: policy, longest: longest)
    let item = request.isForCatalog ? catalog.item : nil
    switch decision {
    case .denied(let denials):
      return RequestAnswer(
        request: request, item: item, denials: denials, certificate: nil, endsWithAuthority: false, pem: nil,
        object: request.denied(denials, at: instant))
    case .approved(let grant):
      do throws(OpenSSLError) {
        let certificate = try sign(for: request.fileName, by: authority) { (serial) throws(OpenSSLError) in
          try grant.template(serial, under: authority.certificate, at: instant)
        }
        var pem: [UInt8] = []
        for item in [certificate] + authority.chain { pem += try item.pem().copy }
        return RequestAnswer(
          request: request, item: item, denials: [], certificate: try CertificateSummary(certificate),
          endsWithAuthority: certificate.validity.notAfter == authority.certificate.validity.notAfter,
          pem: String(decoding: pem, as: UTF8.self), object: request.approved(pem, at: instant))
      } catch {
        throw .cryptography(subject: request.origin, reason: error.description)
      }
    }
  }
}
