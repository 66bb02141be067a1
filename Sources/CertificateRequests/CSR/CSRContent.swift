internal import KubernetesPKI
package import OpenSSLX509
internal import StructuredText

/// What a CSR asks for, decoded once, with everything about its form that no signer and no policy can make good.
///
/// Its signature and its key are checked by ``CSRExamination``, which takes time.
package struct CSRContent: Sendable {
  /// The common name; empty where the subject has none or several.
  package let commonName: String
  /// The organizations.
  package let organizations: [String]
  /// The attributes of the subject other than CN and O.
  package let otherAttributes: [DistinguishedName.Attribute]
  /// The SANs as they are written, of every kind.
  package private(set) var writtenNames: [GeneralName] = []
  /// The SANs that a certificate can have, DNS names in lower case.
  package private(set) var names: [GeneralName] = []
  /// The key usages of the CSR's own extension.
  package private(set) var keyUsage: KeyUsage = []
  /// The purposes of the CSR's own extended key usage extension.
  package private(set) var purposes: [ExtendedKeyUsage.Purpose] = []
  /// Whether the basic constraints say CA:TRUE.
  package private(set) var isForCA = false
  /// What is wrong with the form of the CSR.
  package private(set) var denials: [Denial] = []

  /// Decodes a CSR.
  package init(_ request: CertificateRequest) {
    let commonNames = request.subject.values(of: "2.5.4.3")
    commonName = commonNames.count == 1 ? commonNames[0] : ""
    organizations = request.subject.organizations
    otherAttributes = request.subject.attributes.filter { !["2.5.4.3", "2.5.4.10"].contains($0.type.dotted) }
    examineForm(request)
    examineSubject(request.subject, commonNames)
    examineExtensions(request.extensions)
    examineUsages()
  }

  /// The usages of the CSR's own extensions, in the words of the API.
  package var usages: [CertificateUsage] {
    CertificateUsage.allCases.filter { usage in
      // The aliases say nothing that their first names do not say.
      guard usage != .signing, usage != .sMIME else { return false }
      return !keyUsage.isDisjoint(with: usage.keyUsage)
        || usage.purpose.map { purposes.contains($0) } ?? false
    }
  }

  private mutating func deny(_ code: DenialCode, _ message: String) {
    denials.append(Denial(code, message))
  }

  private mutating func examineForm(_ request: CertificateRequest) {
    if request.version != 1 {
      deny(
        .malformedRequest, "the request is of version \(request.version), and RFC 2986 knows version 1 only")
    }
    if !Self.signatureAlgorithms.contains(request.signatureAlgorithm.dotted) {
      deny(
        .weakSignature,
        "the request is signed with \(request.signatureAlgorithm.longName), not with SHA-256 or better and RSA or ECDSA"
      )
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
    if organizations.contains(where: { $0.isIdentical(to: "system:masters") }) {
      deny(
        .privilegedOrganization,
        "the subject has the organization \"system:masters\", which bypasses authorization")
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

  /// What the extensions ask for and no signer grants; beyond that it is `spec.usages` that counts.
  private mutating func examineUsages() {
    let refused = CertificateUsage.refused
    let names =
      keyUsage.intersection(refused.keyUsage).names
      + purposes.filter { refused.purposes.contains($0) }.map(\.description)
    for name in names {
      deny(.usageNotAllowed, "the request's extension asks for \(name), which no signer grants")
    }
  }

  private mutating func examine(_ item: CertificateExtension) throws(OpenSSLError) {
    switch item.identifier {
    case SubjectAlternativeName.identifier:
      for name in try SubjectAlternativeName(der: item.value).names { examine(name) }
    case KeyUsage.identifier: keyUsage = try KeyUsage(der: item.value)
    case ExtendedKeyUsage.identifier: purposes = try ExtendedKeyUsage(der: item.value).purposes
    case BasicConstraints.identifier:
      isForCA = try BasicConstraints(der: item.value).isCA
      if isForCA { deny(.caRequested, "the request is for a CA: its basic constraints say CA:TRUE") }
    default: deny(.extensionNotAllowed, "the request has the extension \(item.identifier.longName)")
    }
  }

  private mutating func examine(_ name: GeneralName) {
    writtenNames.append(name)
    if case .other = name {
      return deny(
        .nameKindNotAllowed, "a name of another kind than DNS, IP, email and URI is asked for: \(name)")
    }
    let lowercased = name.lowercased
    names.append(lowercased)
    if let problem = lowercased.problem {
      deny(.malformedName, "the name \(name.description.quoted) is \(problem)")
    }
  }
}

extension GeneralName {
  /// The name with the letters of a DNS name in lower case.
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
    case .other: return "of a kind that no signer grants"
    }
  }

  private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }
}
