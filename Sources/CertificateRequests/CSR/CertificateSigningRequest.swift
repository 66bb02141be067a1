package import KubernetesPKI
package import OpenSSLX509
package import StructuredText

/// A request for a certificate, with what is known of it beside its PEM text: the CertificateSigningRequest of the
/// certificates.k8s.io API, or a CSR in PEM with what is said of it.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/>.
package struct CertificateSigningRequest: Sendable {
  /// The state of a request in the cluster.
  package enum State: String, Sendable {
    /// It waits for a decision.
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
  /// What it says.
  package let content: CSRContent
  /// The signer that is asked, `spec.signerName`.
  package var signerName: String?
  /// The usages that are asked for, `spec.usages`; `nil` where nothing says them.
  package var usages: [String]?
  /// The lifetime that is asked for, `spec.expirationSeconds`.
  package var expirationSeconds: Int?
  /// Who asked, where the API server has noted it.
  package var requestor: Requestor?
  /// What was decided.
  package internal(set) var state = State.pending
  /// The object as it was read, with the fields that pkigen has no use for.
  package var object: JSONValue?

  /// A CSR in PEM.
  package init(_ request: CertificateRequest, origin: String, fileName: String) {
    self.request = request
    content = CSRContent(request)
    self.origin = origin
    self.fileName = fileName
  }

  /// The name of an object, as the API takes it: every name that can stand in a path.
  package static func parseName(_ text: String) -> Result<String, HostName.Problem> {
    guard !text.isEmpty, text != ".", text != "..", text.utf8.count <= 253,
      text.unicodeScalars.allSatisfy(\.canBeSeen),
      !text.contains(where: { $0 == "/" || $0 == "%" })
    else {
      return .failure(.init("not a name of an object: it may not be ., .. or empty, nor have / or % in it"))
    }
    return .success(text)
  }

  /// Whether it is a CSR in PEM without a signer: then the catalog has the rules.
  package var isForCatalog: Bool { signerName == nil && !isObject }

  /// The usages of the vocabulary that are asked for: those of the object, or else those of the request's own extensions.
  package var knownUsages: [CertificateUsage] {
    usages.map { $0.compactMap { CertificateUsage(rawValue: $0) } } ?? content.usages
  }
}
