internal import OpenSSLX509

/// All that a request for a certificate says.
public struct RequestDescription: Sendable, Encodable {
  /// The subject that asks.
  public let subject: String
  /// The subject alternative names that are asked for.
  public let names: [String]
  /// The key usages and extended key usages that are asked for.
  public let usages: [String]
  /// The key that is to be certified.
  public let key: KeyDescription
  /// The algorithm of the request's own signature.
  public let signatureAlgorithm: String
  /// Whether its own key signed it, without which it proves nothing.
  public let isSignedByItsKey: Bool

  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  init(_ request: CertificateRequest) throws(OpenSSLError) {
    subject = request.subject.description
    names = try request.extensions.subjectAlternativeNames()
    usages = try request.extensions.usages()
    key = try KeyDescription(request.publicKey)
    signatureAlgorithm = request.signatureAlgorithm.longName
    isSignedByItsKey = request.isSignedByItsKey
  }
}
