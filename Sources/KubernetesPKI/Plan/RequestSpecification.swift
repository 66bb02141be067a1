package import OpenSSLX509

/// A request that is to be made: everything but its key and its signature.
public struct RequestSpecification: Sendable {
  /// The subject's name.
  package let subject: DistinguishedName
  /// The extensions that are asked for.
  package let extensions: [CertificateExtension]
  /// What kind of key is made for it.
  package let keyAlgorithm: KeyAlgorithm

  /// The request for a certificate with these names: its extensions say all that a signer has to know.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  package init(
    commonName: String, organizations: [String], names: [GeneralName], purposes: [ExtendedKeyUsage.Purpose],
    keyAlgorithm: KeyAlgorithm
  ) throws(PKIError) {
    self.keyAlgorithm = keyAlgorithm
    do throws(OpenSSLError) {
      subject = try DistinguishedName(organizations: organizations, commonName: commonName)
      extensions = try CertificateSpecification.leafExtensions(
        purposes: purposes, names: names, keyAlgorithm: keyAlgorithm)
    } catch {
      throw .cryptography(subject: commonName, reason: error.description)
    }
  }

  /// Whether it asks for a server's certificate that no client would accept, as it has no name.
  public var isServerWithoutName: Bool {
    // These are pkigen's own extensions; one that cannot be read would be no reason to warn.
    let purposes = (try? extensions.first(ExtendedKeyUsage.self))??.purposes ?? []
    let names = (try? extensions.first(SubjectAlternativeName.self))??.names ?? []
    return purposes.contains(.serverAuth) && names.isEmpty
  }
}

extension RequestSpecification {
  /// The subject alternative names.
  package var names: [GeneralName] {
    get throws(OpenSSLError) { try extensions.first(SubjectAlternativeName.self)?.names ?? [] }
  }
}
