package import FoundationEssentials
package import KubernetesPKI
internal import OpenSSLX509
package import StructuredText

/// A decision that is carried out: with the certificate, where it grants one.
package struct SignedCSR: Sendable {
  /// What was decided.
  package let decision: CSRDecision
  /// What the certificate says; `nil` where it was denied.
  package fileprivate(set) var certificate: CertificateSummary?
  /// Whether the certificate ends earlier than it could because its CA ends.
  package fileprivate(set) var endsWithCA = false
  /// The certificate in PEM, followed by what lies between it and a root.
  package fileprivate(set) var pem: String?
  /// The object with the decision in its status, for the API's `/approval` and `/status`; `nil` for a CSR in PEM.
  package fileprivate(set) var object: JSONValue?
}

extension Issuer {
  /// Signs what a decision grants.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  package func sign(
    _ decision: CSRDecision, by ca: CertificateAuthority, at instant: Date
  ) throws(PKIError) -> SignedCSR {
    var signed = SignedCSR(decision: decision)
    guard let grant = decision.grant else {
      signed.object = decision.object(at: instant)
      return signed
    }
    let specification = try grant.specification(under: ca, at: instant)
    let certificate: Certificate
    do throws(IssueError) {
      certificate = try sign(specification, grant.publicKey, for: decision.request.fileName, by: ca)
    } catch {
      throw error.error(of: decision.request.origin)
    }
    do throws(OpenSSLError) {
      let pem = try ([certificate] + ca.chain).pem().copy
      signed.certificate = try CertificateSummary(certificate)
      signed.endsWithCA = certificate.validity.notAfter == ca.issuing.validity.notAfter
      signed.pem = String(decoding: pem, as: UTF8.self)
      signed.object = decision.request.approved(pem, at: instant)
      return signed
    } catch {
      throw .cryptography(subject: decision.request.origin, reason: error.description)
    }
  }
}
