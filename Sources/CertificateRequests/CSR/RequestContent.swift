internal import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// What a request asks for, decoded, with everything about it that no signer and no policy can make good.
package struct RequestContent {
  /// The common name; empty where there is none or several.
  package let commonName: String
  /// The organizations.
  package let organizations: [String]
  /// The names beside the subject, host names lower-cased.
  private(set) var names: [GeneralName] = []
  /// The key usages of the request's own extension.
  private(set) var keyUsage: KeyUsage = []
  /// The purposes of the request's own extension.
  private(set) var purposes: [ExtendedKeyUsage.Purpose] = []
  /// What is wrong with the request in itself; one too large has no other reason.
  private(set) var denials: [Denial] = []

  package init(_ request: CertificateRequest) {
    let commonNames = request.subject.values(of: "2.5.4.3")
    commonName = commonNames.count == 1 ? commonNames[0] : ""
    organizations = request.subject.organizations
    examineForm(request)
    examineKey(request.publicKey)
    examineSubject(request.subject, commonNames)
    examineExtensions(request.extensions)
    examineUsages()
    // Of the thousand reasons that it may have beside this one, nobody wants to read any.
    if let denial = Self.tooLarge(request) { denials = [denial] }
  }

  /// Go took handshakes of 64 KiB at most for long, and OpenSSL takes chains of 100 KiB.
  private static func tooLarge(_ request: CertificateRequest) -> Denial? {
    let limit = 1 << 16
    guard request.der.count > limit else { return nil }
    return Denial(
      .requestTooLarge,
      "the request has \(request.der.count) bytes, and no certificate from more than \(limit) would be of use"
    )
  }

  private mutating func deny(_ code: DenialCode, _ message: String) {
    denials.append(Denial(code, message))
  }

  /// The duty to see that the subject controls the key, and the frame around it.
  private mutating func examineForm(_ request: CertificateRequest) {
    if request.version != 1 {
      deny(
        .malformedRequest, "the request is of version \(request.version), and RFC 2986 knows version 1 only")
    }
    if !Self.signatureAlgorithms.contains(request.signatureAlgorithm.dotted) {
      deny(
        .weakSignature,
        "the request is signed with \(request.signatureAlgorithm), not with SHA-256 or better and RSA or ECDSA"
      )
    }
    if !request.isSignedByItsKey {
      deny(
        .signatureInvalid,
        "the request's signature is not of its key, so nothing shows that its subject has the key")
    }
    var isFirst = true
    for attribute in request.attributes {
      if attribute != CertificateRequest.extensionRequest {
        deny(.attributeNotAllowed, "the request has the attribute \(attribute.longName)")
      } else if !isFirst {
        deny(.duplicateExtension, "the request has more than one list of extensions")
      } else {
        isFirst = false
      }
    }
  }

  /// RSA and ECDSA with SHA-256, SHA-384 and SHA-512, RFC 8017 and RFC 5758.
  private static let signatureAlgorithms: Set<String> = [
    "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4",
  ]

  private mutating func examineKey(_ key: PublicKey) {
    switch key.type {
    case .rsa(let bits) where bits < 2048:
      return deny(.weakKey, "the key is \(key.type), and RSA needs 2048 bits at least")
    case .rsa(let bits) where bits > 8192:
      return deny(.unsupportedKey, "the key is \(key.type), and Go's TLS takes RSA keys of 8192 bits at most")
    case .ec(let curve) where !["prime256v1", "secp384r1", "secp521r1"].contains(curve):
      return deny(.unsupportedKey, "the key is on the curve \(curve); Kubernetes uses P-256, P-384 and P-521")
    case .ed25519, .other:
      return deny(.unsupportedKey, "the key is of the kind \(key.type); pkigen certifies RSA and ECDSA keys")
    case .rsa, .ec: break
    }
    // That memory ran out is no reason to trust the key, here and below.
    if (try? key.hasCompressedPoint()) != false {
      return deny(.unsupportedKey, "the key's point is compressed, and Go reads no such key")
    }
    if (try? key.isSound()) != true {
      deny(.weakKey, "the key's numbers are not those of a sound \(key.type) key")
    }
  }

  private mutating func examineSubject(_ subject: DistinguishedName, _ commonNames: [String]) {
    if commonNames.count != 1 {
      deny(.malformedSubject, "the subject has \(commonNames.isEmpty ? "no" : "more than one") common name")
    }
    for attribute in subject.attributes where !attribute.isText {
      deny(.malformedSubject, "the subject has a value that is no text: \(attribute)")
    }
    for value in commonNames + organizations {
      if value.isEmpty {
        deny(.malformedSubject, "the subject has an empty name")
      } else if !value.unicodeScalars.allSatisfy(\.canBeSeen) {
        deny(.malformedSubject, "the subject has characters that cannot be seen: \(value.quoted)")
      }
    }
    for attribute in subject.attributes where !["2.5.4.3", "2.5.4.10"].contains(attribute.type.dotted) {
      deny(
        .subjectAttributeNotAllowed,
        "the subject has the attribute \(attribute.type) = \(attribute.value.quoted) beside CN and O"
      )
    }
    if organizations.contains(where: { $0.isIdentical(to: "system:masters") }) {
      deny(
        .privilegedOrganization,
        "the subject has the organization \"system:masters\", which no authorization rule stops")
    }
  }

  private mutating func examineExtensions(_ extensions: [CertificateExtension]) {
    var seen: Set<ObjectIdentifier> = []
    for item in extensions {
      guard seen.insert(item.identifier).inserted else {
        deny(.duplicateExtension, "the extension \(item.identifier.longName) is asked for twice")
        continue
      }
      do throws(OpenSSLError) {
        try examine(item)
      } catch {
        deny(.malformedExtension, "the extension \(item.identifier.longName) is malformed: \(error)")
      }
    }
  }

  /// What the extensions ask for and nobody grants; beyond that it is `spec.usages` that counts.
  private mutating func examineUsages() {
    let refused = SignerRules.refusedUsages
    let names =
      keyUsage.intersection(refused.keyUsage).names
      + purposes.filter { refused.purposes.contains($0) }.map(\.description)
    for name in names {
      deny(.usageNotAllowed, "the request's extension asks for \(name), which nobody grants")
    }
  }

  private mutating func examine(_ item: CertificateExtension) throws(OpenSSLError) {
    switch item.identifier {
    case SubjectAlternativeName.identifier:
      for name in try SubjectAlternativeName(der: item.value).names { examine(name) }
    case KeyUsage.identifier: keyUsage = try KeyUsage(der: item.value)
    case ExtendedKeyUsage.identifier: purposes = try ExtendedKeyUsage(der: item.value).purposes
    case BasicConstraints.identifier:
      if try BasicConstraints(der: item.value).isAuthority {
        deny(.authorityRequested, "the request is for an authority: its basic constraints say CA:TRUE")
      }
    default: deny(.extensionNotAllowed, "the request has the extension \(item.identifier.longName)")
    }
  }

  private mutating func examine(_ name: GeneralName) {
    if case .other = name {
      return deny(
        .nameKindNotAllowed, "a name of another kind than DNS, IP, email and URI is asked for: \(name)")
    }
    let name = name.lowercased
    names.append(name)
    if let problem = name.problem {
      deny(.malformedName, "the name \(name.description.quoted) is \(problem)")
    }
  }
}

extension GeneralName {
  /// The name with a host name's letters lower-cased.
  fileprivate var lowercased: GeneralName {
    if case .dnsName(let name) = self { .dnsName(name.asciiLowercased) } else { self }
  }

  /// Why a certificate should not carry the name, as what follows "is"; `nil` when it may.
  package var problem: String? {
    switch self {
    case .dnsName(let name): return HostName.problem(name, allowsWildcard: true)
    case .ipAddress(let address): return HostName.problem(address)
    case .rfc822Name(let name):
      let isAddress = name.utf8.allSatisfy(Self.isVisible) && name.split(separator: "@").count == 2
      return isAddress ? nil : "not a mail address"
    case .uniformResourceIdentifier(let name):
      return name.utf8.allSatisfy(Self.isVisible) && name.contains(":") ? nil : "not a URI"
    case .other: return "of a kind that nobody grants"
    }
  }

  private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }
}
