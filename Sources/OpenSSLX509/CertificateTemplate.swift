/// What a certificate is going to say: everything but the signature.
public struct CertificateTemplate: Sendable {
  /// The serial number.
  public var serialNumber: SerialNumber
  /// The subject's name.
  public var subject: DistinguishedName
  /// When it is valid.
  public var validity: Validity
  /// The key that is certified.
  public var publicKey: PublicKey
  /// The extensions, in order, without those that the signing adds.
  public var extensions: [CertificateExtension]
  /// Whether the signing adds the subject key identifier that OpenSSL computes of the key; otherwise it is the one of
  /// ``extensions``, if any.
  package var computesKeyIdentifier = true

  /// A template from its parts.
  public init(
    serialNumber: SerialNumber, subject: DistinguishedName, validity: Validity, publicKey: PublicKey,
    extensions: [CertificateExtension]
  ) {
    self.serialNumber = serialNumber
    self.subject = subject
    self.validity = validity
    self.publicKey = publicKey
    self.extensions = extensions
  }
}
