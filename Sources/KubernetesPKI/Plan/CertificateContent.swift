internal import FileStore
package import OpenSSLX509

/// What a certificate will say of its subject: its name, its key and its extensions. A CSR asks for the same.
package struct CertificateContent: Sendable {
  /// The key of the subject.
  package enum SubjectKey: Sendable {
    /// A new key of this kind.
    case new(KeyAlgorithm)
    /// A private key that is there.
    case existing(PrivateKey)
    /// The key of a CSR, whose private half is not here.
    case requested(PublicKey)

    /// Whether it is an RSA key.
    package var isRSA: Bool {
      switch self {
      case .new(let algorithm): algorithm.isRSA
      case .existing(let key): key.type.isRSA
      case .requested(let key): key.type.isRSA
      }
    }

    /// The kind of key that has to be made.
    package var newAlgorithm: KeyAlgorithm? {
      switch self {
      case .new(let algorithm): algorithm
      case .existing, .requested: nil
      }
    }
  }

  /// An extension, as a value or as another certificate has it.
  package enum Extension: Hashable, Sendable {
    case keyUsage(KeyUsage)
    case extendedKeyUsage([ExtendedKeyUsage.Purpose])
    case basicConstraints(BasicConstraints)
    case subjectAlternativeName([GeneralName], isCritical: Bool = false)
    /// One that is copied.
    case copy(CertificateExtension)

    fileprivate func encoded() throws(OpenSSLError) -> CertificateExtension {
      switch self {
      case .keyUsage(let usage): try usage.encoded(isCritical: true)
      case .extendedKeyUsage(let purposes): try ExtendedKeyUsage(purposes).encoded(isCritical: false)
      case .basicConstraints(let constraints): try constraints.encoded(isCritical: true)
      case .subjectAlternativeName(let names, let isCritical):
        try SubjectAlternativeName(names).encoded(isCritical: isCritical)
      case .copy(let value): value
      }
    }
  }

  /// The subject's name.
  package let subject: DistinguishedName
  /// The subject's key.
  package let key: SubjectKey
  /// The SANs.
  package let sans: [GeneralName]
  /// The key usages.
  package let keyUsage: KeyUsage
  /// The extended key usages.
  package let purposes: [ExtendedKeyUsage.Purpose]
  /// The extensions, without the key identifiers that the signing adds.
  private let extensions: [Extension]
  /// Whether the signing adds the subject key identifier of the key; otherwise the extensions have the one there is to be.
  package private(set) var computesKeyIdentifier = true

  /// The content of a leaf certificate.
  ///
  /// - Parameter keyUsage: the key usages; by default those that the key can have in TLS: RFC 8813 section 3 forbids
  ///   keyEncipherment, which is for RSA's key exchange, with keys on elliptic curves.
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  package init(
    _ commonName: String, _ organizations: [String], sans: [GeneralName] = [], keyUsage: KeyUsage? = nil,
    purposes: [ExtendedKeyUsage.Purpose], key: SubjectKey
  ) throws(PKIError) {
    do throws(OpenSSLError) {
      subject = try DistinguishedName(organizations: organizations, commonName: commonName)
    } catch {
      throw .cryptography(subject: commonName, reason: error.description)
    }
    self.key = key
    self.sans = sans
    self.keyUsage = keyUsage ?? (key.isRSA ? [.digitalSignature, .keyEncipherment] : [.digitalSignature])
    self.purposes = purposes
    let usage: [Extension] = self.keyUsage.isEmpty ? [] : [.keyUsage(self.keyUsage)]
    extensions =
      usage + (purposes.isEmpty ? [] : [.extendedKeyUsage(purposes)]) + [.basicConstraints(.isEndEntity)]
      + (sans.isEmpty ? [] : [.subjectAlternativeName(sans)])
  }

  /// The content of a CA certificate.
  ///
  /// - Parameter pathLength: how many CAs there may be below it; `nil` for any number.
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when the name cannot be encoded.
  package init(ca commonName: String, pathLength: Int?, key: SubjectKey) throws(PKIError) {
    do throws(OpenSSLError) {
      subject = try DistinguishedName(commonName: commonName)
    } catch {
      throw .cryptography(subject: commonName, reason: error.description)
    }
    self.key = key
    sans = []
    keyUsage = [.digitalSignature, .keyCertSign, .cRLSign]
    purposes = []
    extensions = [.keyUsage(keyUsage), .basicConstraints(.ca(pathLength: pathLength))]
  }

  /// The content of a certificate's successor: of the same identity and with all its extensions.
  ///
  /// The key identifiers are left to the signing, and keyEncipherment follows a change of the kind of key, RFC 8813
  /// section 3.
  ///
  /// - Parameters:
  ///   - subject: the subject, where it changes.
  ///   - sans: the SANs, where they change.
  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  package init(
    renewing previous: Certificate, as subject: DistinguishedName? = nil, sans: [GeneralName]?,
    key: SubjectKey
  ) throws(OpenSSLError) {
    self.subject = subject ?? previous.subject
    self.key = key
    // What is copied unread would be as broken in the successor.
    purposes = try previous.purposes()
    if let sans { self.sans = sans } else { self.sans = try previous.subjectAlternativeName().names }
    let usage = try previous.keyUsage()
    let isSameKind = previous.publicKey.type.isRSA == key.isRSA
    // Where a key cannot encipher, TLS has it sign.
    let changed =
      key.isRSA
      ? usage?.union(.keyEncipherment) : usage?.subtracting(.keyEncipherment).union(.digitalSignature)
    keyUsage = (isSameKind ? usage : changed) ?? []
    let identifiers = [SubjectKeyIdentifier.identifier, AuthorityKeyIdentifier.identifier]
    var extensions: [Extension] = []
    for value in previous.extensions where !identifiers.contains(value.identifier) {
      if value.identifier == KeyUsage.identifier, let changed, !isSameKind {
        extensions.append(.copy(try changed.encoded(isCritical: value.isCritical)))
      } else if value.identifier == SubjectAlternativeName.identifier, let sans {
        extensions.append(.subjectAlternativeName(sans, isCritical: value.isCritical))
      } else {
        extensions.append(.copy(value))
      }
    }
    let hasSANs = previous.extensions.contains { $0.identifier == SubjectAlternativeName.identifier }
    if let sans, !hasSANs { extensions.append(.subjectAlternativeName(sans)) }
    self.extensions = extensions
  }

  /// The content of a CA certificate that is made again with its key: of the same name and with all its extensions. The
  /// subject key identifier stays to the byte, or stays away, as everything that the CA signed names it.
  ///
  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  package init(extending ca: Certificate, key: SubjectKey) throws(OpenSSLError) {
    subject = ca.subject
    self.key = key
    purposes = try ca.purposes()
    sans = try ca.subjectAlternativeName().names
    keyUsage = try ca.keyUsage() ?? []
    // The serial number that it may have is not that of the new certificate; with another issuer, the signing adds it.
    let own = ca.subject == ca.issuer ? try ca.authorityKeyIdentifier() : nil
    let authority = try own.map { (own) throws(OpenSSLError) in
      try AuthorityKeyIdentifier(own).encoded(isCritical: false)
    }
    extensions = ca.extensions.compactMap { value in
      value.identifier == AuthorityKeyIdentifier.identifier
        ? authority.map { .copy($0) } : .copy(value)
    }
    computesKeyIdentifier = false
  }

  /// The content of a certificate of a CA that another CA signs: of the same name and with all its extensions, but for the
  /// number of CAs below it. The subject key identifier stays to the byte, or stays away, as everything that the CA signed
  /// names it.
  ///
  /// - Parameter pathLength: how many CAs the signer permits below it; `nil` for any number.
  /// - Throws: ``OpenSSLError`` when an extension cannot be read.
  package init(crossing ca: Certificate, pathLength: Int?) throws(OpenSSLError) {
    subject = ca.subject
    key = .requested(ca.publicKey)
    purposes = try ca.purposes()
    sans = try ca.subjectAlternativeName().names
    keyUsage = try ca.keyUsage() ?? []
    var own: Int?
    if case .ca(let length) = try ca.basicConstraints() { own = length }
    let constraints = BasicConstraints.ca(pathLength: [own, pathLength].compactMap(\.self).min())
    extensions = ca.extensions.compactMap { value in
      switch value.identifier {
      case AuthorityKeyIdentifier.identifier: nil
      case BasicConstraints.identifier: .basicConstraints(constraints)
      default: .copy(value)
      }
    }
    computesKeyIdentifier = false
  }

  /// The extensions, encoded.
  ///
  /// - Throws: ``OpenSSLError`` when one cannot be encoded.
  package func encodedExtensions() throws(OpenSSLError) -> [CertificateExtension] {
    try extensions.map { (value) throws(OpenSSLError) in try value.encoded() }
  }

  /// Whether it is for a server and has no SAN, so that no client accepts it.
  package var isServerWithoutSAN: Bool { purposes.contains(.serverAuth) && sans.isEmpty }
}

/// A certificate to be: everything but its serial number and its signature.
package struct CertificateSpecification: Sendable {
  /// What it says of its subject.
  package let content: CertificateContent
  /// When it is valid.
  package let validity: Validity
  /// Who signs it.
  package let issuer: CertificateIssuer

  /// A certificate of this content.
  package init(_ content: CertificateContent, validity: Validity, issuer: CertificateIssuer) {
    self.content = content
    self.validity = validity
    self.issuer = issuer
  }
}

/// Certificates that expire earlier than asked for because their CA does.
package struct CutLifetimes {
  private var names: [CertificateIssuer: [String]] = [:]
  private var ends: [CertificateIssuer: String] = [:]

  /// None.
  package init() {}

  /// Notes that a certificate expires with its CA.
  package mutating func add(_ name: String, signedBy issuer: CertificateIssuer, _ validity: Validity) {
    names[issuer, default: []].append(name)
    ends[issuer] = validity.notAfter.rfc3339
  }

  /// A warning for each CA, in the order of the catalog.
  package func warnings(_ catalog: Catalog) -> [String] {
    let issuers =
      [(CertificateIssuer.root, "the root CA")] + catalog.cas.map { (.ca($0.id), "the CA \($0.name)") }
    return issuers.compactMap { issuer, ca in
      guard let names = names[issuer], let end = ends[issuer] else { return nil }
      return "\(names.joined(separator: ", ")) will be valid only until \(end), when \(ca) expires"
    }
  }
}
