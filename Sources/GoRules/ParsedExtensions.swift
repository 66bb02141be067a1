package import OpenSSLX509

/// What Go's `crypto/x509` holds of the extensions of a certificate.
///
/// Follows parseCertificate and processExtensions in src/crypto/x509/parser.go, Go 1.27.
package struct ParsedExtensions: Sendable {
  private(set) var isCA: Bool?
  private(set) var pathLength: Int?
  private(set) var keyUsage: Int = 0
  private(set) var usages: [ObjectIdentifier] = []
  private(set) var names: AlternativeNames?
  /// The encoding of the subject alternative names, by which Go recognizes a certificate that is in a chain already.
  private(set) var encodedNames: [UInt8]?
  private(set) var nameConstraints: NameConstraints?
  private(set) var policy = PolicyRules.Contents()
  private(set) var subjectKeyIdentifier: ArraySlice<UInt8> = []
  private(set) var authorityKeyIdentifier: ArraySlice<UInt8> = []
  /// The critical extensions that Go does not handle, in order.
  private(set) var unhandled: [ObjectIdentifier] = []

  /// No extensions.
  init() {}

  /// Reads the extensions of a certificate.
  ///
  /// - Throws: the first ``Problem`` that Go meets.
  init(_ extensions: [CertificateExtension]) throws(Problem) {
    var seen: Set<ObjectIdentifier> = []
    for item in extensions where !seen.insert(item.identifier).inserted {
      throw Problem(.duplicateExtension, "it has the extension \(item.identifier.longName) twice")
    }
    for item in extensions {
      if try !handle(item), item.isCritical { unhandled.append(item.identifier) }
    }
  }

  /// Why Go does not accept a certificate with these extensions, whatever its issuer, if so.
  package static func problem(_ extensions: [CertificateExtension]) -> Problem? {
    do throws(Problem) {
      return try ParsedExtensions(extensions).unhandledProblem
    } catch {
      return error
    }
  }

  /// The problem of a critical extension that Go does not handle.
  var unhandledProblem: Problem? {
    unhandled.first.map {
      Problem(
        .unhandledCriticalExtension, "it has the critical extension \($0.longName), which Go does not handle")
    }
  }

  /// Reads an extension, and says whether Go handles it.
  private mutating func handle(_ item: CertificateExtension) throws(Problem) -> Bool {
    switch item.identifier.dotted {
    case "2.5.29.14": subjectKeyIdentifier = try ExtensionRules.subjectKeyIdentifier(item)
    case "2.5.29.15": keyUsage = try ExtensionRules.keyUsage(item)
    case "2.5.29.17":
      let names = try AlternativeNames(item.value)
      (self.names, encodedNames) = (names, item.value)
      return !names.isEmpty
    case "2.5.29.19": (isCA, pathLength) = try ExtensionRules.basicConstraints(item)
    case "2.5.29.30":
      let constraints = try NameConstraints(item.value)
      nameConstraints = constraints
      return !constraints.hasUnknownKinds
    case "2.5.29.31": try ExtensionRules.checkDistributionPoints(item)
    case "2.5.29.32": policy.policies = try ExtensionRules.policies(item)
    case "2.5.29.33": policy.mappings = try ExtensionRules.policyMappings(item)
    case "2.5.29.35": authorityKeyIdentifier = try ExtensionRules.authorityKeyIdentifier(item)
    case "2.5.29.36":
      (policy.requireExplicitPolicy, policy.inhibitPolicyMapping) = try ExtensionRules.policyConstraints(item)
    case "2.5.29.37": usages = try ExtensionRules.usages(item)
    case "2.5.29.54": policy.inhibitAnyPolicy = try ExtensionRules.inhibitAnyPolicy(item)
    case "1.3.6.1.5.5.7.1.1": try ExtensionRules.checkInformationAccess(item)
    default: return false
    }
    return true
  }
}
