package import OpenSSLX509

/// Where keys, serial numbers and the chance in signatures come from; each is asked for with the name of its item.
package struct RandomSource: Sendable {
  /// A new key.
  package let makeKey: @Sendable (KeyAlgorithm, _ item: String) throws(OpenSSLError) -> PrivateKey
  /// A new serial number.
  package let makeSerialNumber: @Sendable (_ item: String) throws(OpenSSLError) -> SerialNumber
  /// The key, as it has to be used for the signature on the item.
  package let signingKey: @Sendable (PrivateKey, _ item: String) throws(OpenSSLError) -> PrivateKey

  /// A source of these three.
  package init(
    makeKey: @escaping @Sendable (KeyAlgorithm, _ item: String) throws(OpenSSLError) -> PrivateKey,
    makeSerialNumber: @escaping @Sendable (_ item: String) throws(OpenSSLError) -> SerialNumber,
    signingKey: @escaping @Sendable (PrivateKey, _ item: String) throws(OpenSSLError) -> PrivateKey
  ) {
    self.makeKey = makeKey
    self.makeSerialNumber = makeSerialNumber
    self.signingKey = signingKey
  }

  /// OpenSSL's own generators, to which the names of items say nothing.
  package static let openSSL = RandomSource(
    makeKey: { (algorithm, _) throws(OpenSSLError) in try PrivateKey.generate(algorithm) },
    makeSerialNumber: { (_) throws(OpenSSLError) in try SerialNumber.random() },
    signingKey: { (key, _) throws(OpenSSLError) in key })
}

extension RandomSource {
  /// The certificate of a key.
  ///
  /// - Parameters:
  ///   - item: the name of what it is for.
  ///   - issuer: the certificate of the signer; `nil` for one that signs itself.
  package func certificate(
    _ specification: CertificateSpecification, of key: PublicKey, for item: String, by signer: PrivateKey,
    issuer: Certificate?
  ) throws(OpenSSLError) -> Certificate {
    var template = CertificateTemplate(
      serialNumber: try makeSerialNumber(item), subject: specification.content.subject,
      validity: specification.validity, publicKey: key,
      extensions: try specification.content.encodedExtensions())
    template.computesKeyIdentifier = specification.content.computesKeyIdentifier
    let signer = try signingKey(signer, item)
    guard let issuer else { return try template.selfSigned(by: signer) }
    return try template.signed(by: signer, issuer: issuer)
  }

  /// The CSR for a content.
  package func csr(
    _ content: CertificateContent, signedBy key: PrivateKey, for item: String
  ) throws(OpenSSLError) -> CertificateRequest {
    try CertificateRequest(
      subject: content.subject, extensions: try content.encodedExtensions(), signedBy: signingKey(key, item))
  }
}
