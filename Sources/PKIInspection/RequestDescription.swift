package import KubernetesPKI
package import OpenSSLX509

/// All that a request for a certificate says.
package struct RequestDescription: Sendable, Encodable {
  /// The subject that asks.
  package let subject: String
  /// The subject alternative names that are asked for.
  package let names: [String]
  /// The key usages and extended key usages that are asked for.
  package let usages: [String]
  /// The key that is to be certified.
  package let key: KeyDescription
  /// The algorithm of the request's own signature.
  package let signatureAlgorithm: String
  /// Whether its own key signed it, without which it proves nothing.
  package let isSignedByItsKey: Bool

  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  package init(_ request: CertificateRequest) throws(OpenSSLError) {
    subject = request.subject.description
    names = try request.extensions.subjectAlternativeNames()
    usages = try request.extensions.usages()
    key = try KeyDescription(request.publicKey)
    signatureAlgorithm = request.signatureAlgorithm.longName
    isSignedByItsKey = request.isSignedByItsKey
  }
}
