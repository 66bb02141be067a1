public import FoundationEssentials
internal import OpenSSLX509

/// What became of a request.
public struct RequestAnswer: Sendable {
  /// The request.
  public let request: CertificateSigningRequest
  /// The reasons against it; none where it has a certificate.
  public let denials: [Denial]
  /// What the certificate says.
  public let certificate: CertificateSummary?
  /// Whether the certificate would be in force for longer if its authority were.
  public let endsWithAuthority: Bool
  /// The certificate in PEM, followed by what lies between it and a root.
  public let pem: String?
  /// The object with the decision in its status, for the API's `/approval` and `/status`; `nil` for a bare request.
  public let object: JSONValue?
}

extension Issuer {
  /// Signs what the policy grants of a request, or says why it does not.
  ///
  /// - Parameter longest: the lifetime of those who ask for none or for a longer one.
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  public func answer(
    _ request: CertificateSigningRequest, under policy: ApprovalPolicy, longest: Lifetime,
    by authority: SigningAuthority, at instant: Date
  ) throws(PKIError) -> RequestAnswer {
    switch Grant.decide(request, under: policy, longest: longest) {
    case .denied(let denials):
      return RequestAnswer(
        request: request, denials: denials, certificate: nil, endsWithAuthority: false, pem: nil,
        object: request.denied(denials, at: instant))
    case .approved(let grant):
      do throws(OpenSSLError) {
        let certificate = try sign(for: request.fileName, by: authority) { (serial) throws(OpenSSLError) in
          try grant.template(serial, under: authority.certificate, at: instant)
        }
        var pem: [UInt8] = []
        for item in [certificate] + authority.chain { pem += try item.pem().copy }
        return RequestAnswer(
          request: request, denials: [], certificate: try CertificateSummary(certificate),
          endsWithAuthority: certificate.validity.notAfter == authority.certificate.validity.notAfter,
          pem: String(decoding: pem, as: UTF8.self), object: request.approved(pem, at: instant))
      } catch {
        throw .cryptography(subject: request.origin, reason: error.description)
      }
    }
  }
}
