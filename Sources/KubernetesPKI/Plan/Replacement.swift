package import Kubeconfigs
public import OpenSSLX509

/// A certificate that takes the place of one that is there.
public struct Replacement: Sendable {
  /// Where the new certificate's key comes from.
  public enum KeySource: Sendable {
    /// A new key of this kind.
    case new(KeyAlgorithm)
    /// The key that is there.
    case existing(PrivateKey)

    /// The kind of key that has to be made.
    package var newAlgorithm: KeyAlgorithm? {
      if case .new(let algorithm) = self { algorithm } else { nil }
    }
  }

  /// The new certificate.
  public let specification: CertificateSpecification
  /// The authority of the tree that signs it.
  public let authority: CertificateProfile.ID
  /// Its key.
  public let key: KeySource
  /// The certificate that it replaces.
  public let previous: Certificate
  /// What followed the previous certificate in its file and still belongs there.
  public let chain: [Certificate]
  /// The names that the new certificate has and the previous one has not.
  public let addedNames: [GeneralName]
  /// The names that the previous certificate has and the new one has not.
  public let droppedNames: [GeneralName]
  /// The kubeconfig that holds the certificate, and others that are copies of it.
  package let clients: [KubeconfigClient]
}

extension CertificateSpecification {
  /// The successor of a certificate: of the same identity and with all its extensions, whatever they are.
  ///
  /// The key identifiers are left to the signing, and keyEncipherment follows a change of the kind of key, RFC 8813
  /// section 3.
  ///
  /// - Parameter names: the subject alternative names, where they change.
  /// - Throws: ``OpenSSLError`` when an extension cannot be read or encoded.
  package init(
    renewing previous: Certificate, names: [GeneralName]?, authority: CertificateProfile.ID,
    validity: Validity,
    keyAlgorithm: KeyAlgorithm
  ) throws(OpenSSLError) {
    // What is copied unread would be as broken in the successor, and no reader would take that.
    _ = try previous.purposes()
    if names == nil { _ = try previous.subjectAlternativeName() }
    let identifiers = [SubjectKeyIdentifier.identifier, AuthorityKeyIdentifier.identifier]
    var extensions = previous.extensions.filter { !identifiers.contains($0.identifier) }
    let wasRSA = previous.publicKey.type.isRSA
    if let usage = try previous.keyUsage(), wasRSA != keyAlgorithm.isRSA {
      // Where a key cannot encipher, TLS has it sign.
      let changed =
        keyAlgorithm.isRSA
        ? usage.union(.keyEncipherment) : usage.subtracting(.keyEncipherment).union(.digitalSignature)
      extensions = try extensions.replacing(changed)
    }
    if let names { extensions = try extensions.replacing(SubjectAlternativeName(names)) }
    self.init(
      subject: previous.subject, validity: validity, extensions: extensions, issuer: .authority(authority),
      keyAlgorithm: keyAlgorithm)
  }
}

extension [CertificateExtension] {
  /// The extensions with another value of one of them, which stays as critical as it was; a new one goes to the end.
  fileprivate func replacing<Value: CertificateExtensionValue>(
    _ value: Value
  ) throws(OpenSSLError) -> [CertificateExtension] {
    guard let index = firstIndex(where: { $0.identifier == Value.identifier }) else {
      return self + [try value.encoded(isCritical: false)]
    }
    var copy = self
    copy[index] = try value.encoded(isCritical: self[index].isCritical)
    return copy
  }
}
