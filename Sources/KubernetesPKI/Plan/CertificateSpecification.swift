public import OpenSSLX509

/// A certificate that is to be made: everything but its key, its serial number and its signature.
public struct CertificateSpecification: Sendable {
  /// The subject's name.
  public let subject: DistinguishedName
  /// When it is in force.
  public let validity: Validity
  /// The extensions, without the key identifiers that the signing adds.
  public let extensions: [CertificateExtension]
  /// Who signs it.
  public let issuer: CertificateIssuer
  /// What kind of key is made for it.
  public let keyAlgorithm: KeyAlgorithm

  package init(
    subject: DistinguishedName, validity: Validity, extensions: [CertificateExtension],
    issuer: CertificateIssuer, keyAlgorithm: KeyAlgorithm
  ) {
    self.subject = subject
    self.validity = validity
    self.extensions = extensions
    self.issuer = issuer
    self.keyAlgorithm = keyAlgorithm
  }

  /// The certificate of a leaf with these names.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  package init(
    commonName: String, organizations: [String], purposes: [ExtendedKeyUsage.Purpose], names: [GeneralName],
    authority: CertificateProfile.ID, validity: Validity, keyAlgorithm: KeyAlgorithm
  ) throws(PKIError) {
    self.validity = validity
    issuer = .authority(authority)
    self.keyAlgorithm = keyAlgorithm
    do throws(OpenSSLError) {
      subject = try DistinguishedName(organizations: organizations, commonName: commonName)
      extensions = try Self.leafExtensions(purposes: purposes, names: names, keyAlgorithm: keyAlgorithm)
    } catch {
      throw .cryptography(subject: commonName, reason: error.description)
    }
  }

  /// The certificate of an authority.
  ///
  /// - Parameter pathLength: how many authorities there may be below it; `nil` for any number.
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when the name cannot be encoded.
  package init(
    authority commonName: String, pathLength: Int?, issuer: CertificateIssuer, validity: Validity,
    keyAlgorithm: KeyAlgorithm
  ) throws(PKIError) {
    self.validity = validity
    self.issuer = issuer
    self.keyAlgorithm = keyAlgorithm
    do throws(OpenSSLError) {
      subject = try DistinguishedName(commonName: commonName)
      extensions = [
        try KeyUsage([.digitalSignature, .keyCertSign, .cRLSign]).encoded(isCritical: true),
        try BasicConstraints.isAuthority(pathLength: pathLength).encoded(isCritical: true),
      ]
    } catch {
      throw .cryptography(subject: commonName, reason: error.description)
    }
  }

  /// keyEncipherment is for RSA's key exchange; RFC 8813 section 3 forbids it with keys on elliptic curves.
  package static func leafExtensions(
    purposes: [ExtendedKeyUsage.Purpose], names: [GeneralName], keyAlgorithm: KeyAlgorithm
  ) throws(OpenSSLError) -> [CertificateExtension] {
    try leafExtensions(
      keyUsage: keyAlgorithm.isRSA ? [.digitalSignature, .keyEncipherment] : [.digitalSignature],
      purposes: purposes,
      names: names)
  }

  /// The extensions of an end entity; what is empty is left out.
  package static func leafExtensions(
    keyUsage: KeyUsage, purposes: [ExtendedKeyUsage.Purpose], names: [GeneralName]
  ) throws(OpenSSLError) -> [CertificateExtension] {
    var extensions: [CertificateExtension] = []
    if !keyUsage.isEmpty { extensions.append(try keyUsage.encoded(isCritical: true)) }
    if !purposes.isEmpty { extensions.append(try ExtendedKeyUsage(purposes).encoded(isCritical: false)) }
    extensions.append(try BasicConstraints.isEndEntity.encoded(isCritical: true))
    if !names.isEmpty { extensions.append(try SubjectAlternativeName(names).encoded(isCritical: false)) }
    return extensions
  }
}
