package import KubernetesPKI
package import OpenSSLX509

/// All that a CSR says.
package struct CSRDescription: Sendable, Encodable {
  /// The subject.
  package let subject: String
  /// The common name: to Kubernetes, the user; `nil` where the subject has none or several.
  package let commonName: String?
  /// The organizations: to Kubernetes, the groups.
  package let organizations: [String]
  /// All attributes of the subject.
  package let subjectAttributes: [AttributeDescription]
  /// The subject alternative names that are asked for.
  package let names: [String]
  /// The key usages and extended key usages that are asked for.
  package let usages: [String]
  /// Whether it asks for a CA certificate: its basic constraints say CA:TRUE.
  package let isAuthority: Bool
  /// The key that is to be certified.
  package let key: KeyDescription
  /// The algorithm of its own signature: `ecdsa-with-SHA256`.
  package let signatureAlgorithm: String
  /// Whether its own key signed it, which shows that the subject has the key.
  package let isSignedByItsKey: Bool

  /// Describes a CSR.
  ///
  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  package init(_ request: CertificateRequest) throws(OpenSSLError) {
    let commonNames = request.subject.values(of: "2.5.4.3")
    subject = request.subject.description
    commonName = commonNames.count == 1 ? commonNames[0] : nil
    organizations = request.subject.organizations
    subjectAttributes = request.subject.attributeDescriptions
    names = try request.extensions.subjectAlternativeNames()
    usages = try request.extensions.usages()
    isAuthority = try request.extensions.first(BasicConstraints.self)?.isCA ?? false
    key = try KeyDescription(request.publicKey)
    signatureAlgorithm = request.signatureAlgorithm.longName
    isSignedByItsKey = request.isSignedByItsKey
  }
}
