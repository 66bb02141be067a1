package import OpenSSLX509
package import StructuredText

/// A request for a certificate, with what is known of it beside its PEM text: the CertificateSigningRequest of the
/// certificates.k8s.io API, or a bare request with what the command line says of it.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/>.
package struct CertificateSigningRequest: Sendable {
  /// How far the cluster has come with a request.
  package enum State: String, Sendable {
    /// Nobody has decided upon it.
    case pending = "Pending"
    /// It was approved and waits for its certificate.
    case approved = "Approved"
    /// It was denied.
    case denied = "Denied"
    /// Its signer could not sign it.
    case failed = "Failed"
    /// It has its certificate.
    case issued = "Issued"
  }

  /// The file that it was read from, and its name in there where there can be several.
  package let origin: String
  /// What a file with the certificate is called, without its ending: the object's name, or that of the request's file.
  package let fileName: String
  /// The object's name, `metadata.name`.
  package var name: String?
  /// The request itself, PKCS#10.
  package let request: CertificateRequest
  /// The signer that is asked, `spec.signerName`.
  package var signerName: String?
  /// The usages that are asked for, `spec.usages`; `nil` where nothing says them.
  package var usages: [String]?
  /// The lifetime that is asked for, `spec.expirationSeconds`.
  package var expirationSeconds: Int?
  /// Who asked, where the API server has noted it.
  package var requestor: Requestor?
  /// What was decided upon it.
  package internal(set) var state = State.pending
  /// The object as it was read, with the fields that pkigen has no use for.
  package var object: JSONValue?

  /// A bare request.
  package init(_ request: CertificateRequest, origin: String, fileName: String) {
    self.request = request
    self.origin = origin
    self.fileName = fileName
  }

  /// Whether nothing says which signer it is for, so that it is the catalog that has the rules.
  package var isForCatalog: Bool { signerName == nil && !isObject }

  /// The usages of the vocabulary that are asked for: those of the object, or else those of the request's own extensions.
  package var knownUsages: [CertificateUsage] {
    if let usages { return usages.compactMap { CertificateUsage(rawValue: $0) } }
    let content = RequestContent(request)
    return CertificateUsage.allCases.filter { usage in
      // The aliases say nothing that their first names do not say.
      guard usage != .signing, usage != .sMIME else { return false }
      return !content.keyUsage.isDisjoint(with: usage.keyUsage)
        || usage.purpose.map { content.purposes.contains($0) } ?? false
    }
  }
}
