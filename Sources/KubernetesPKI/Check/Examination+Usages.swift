internal import OpenSSLX509
internal import StructuredText

/// What certificates may be used for.
extension Examination {
  /// Whether a certificate may be used for what it is there for, and for nothing that would be a danger.
  func usageFindings(_ leaf: Leaf) -> [Finding] {
    let restrictions = UsageRestrictions(leaf.certificate)
    var problems = restrictions.missing(leaf.purposes).map { ["lacks the usage \($0)"] } ?? []
    if leaf.purposes.contains(.serverAuth) {
      problems +=
        restrictions.opensslProblem(for: .server).map { ["\($0), so that OpenSSL refuses it"] } ?? []
    }
    if (try? leaf.certificate.isCA()) == true { problems.append("is a CA certificate (CA:TRUE)") }
    if !problems.isEmpty {
      return [
        Finding(
          .wrongUsages, [leaf.path], "\(leaf.path) \(problems.listed)", remedy: remedy(leaf.replace))
      ]
    }
    return unusualUsageFindings(leaf, restrictions) + unlimitedUsageFindings(leaf, restrictions)
  }

  /// What other programs than the components of Kubernetes hold against a certificate.
  private func unusualUsageFindings(_ leaf: Leaf, _ restrictions: UsageRestrictions) -> [Finding] {
    let isClientRefused =
      leaf.purposes.contains(.clientAuth) && restrictions.opensslProblem(for: .client) != nil
    guard
      let problem = isClientRefused ? restrictions.opensslProblem(for: .client) : restrictions.gnuTLSProblem
    else { return [] }
    return [
      Finding(
        .unusualUsages, [leaf.path],
        "\(leaf.path) \(problem): Go accepts it, \(isClientRefused ? "OpenSSL" : "GnuTLS") does not",
        remedy: remedy(leaf.replace))
    ]
  }

  private func unlimitedUsageFindings(_ leaf: Leaf, _ restrictions: UsageRestrictions) -> [Finding] {
    guard restrictions.purposes == nil else { return [] }
    return [
      Finding(
        .noUsages, [leaf.path], "\(leaf.path) has no extended key usage, and so may be used for anything",
        remedy: remedy(.nothingIfIntended, leaf.replace))
    ]
  }
}

/// The extensions of a certificate that restrict its use.
///
/// Go looks at the extended key usage of a leaf alone (checkChainForKeyUsage in src/crypto/x509/verify.go, Go 1.27);
/// OpenSSL at the key usage and Netscape's type too, crypto/x509/v3_purp.c; GnuTLS at the key usage in each handshake.
/// Tried with kubectl 1.36, Python on OpenSSL 3.0, and GnuTLS 3.7.
private struct UsageRestrictions {
  enum Role { case server, client }

  /// The purposes of the extended key usage; `nil` where there is none, which allows every purpose.
  let purposes: [ExtendedKeyUsage.Purpose]?
  private let keyUsage: KeyUsage?
  private let netscapeType: NetscapeCertificateType?

  init(_ certificate: Certificate) {
    let extensions = certificate.version == 3 ? certificate.extensions : []
    // Of what cannot be read there is a finding: Go refuses the certificate.
    func value<Value: CertificateExtensionValue>(_ kind: Value.Type) -> Value? {
      (try? extensions.first(kind)) ?? nil
    }
    let isLimited = extensions.contains { $0.identifier == ExtendedKeyUsage.identifier }
    purposes = isLimited ? value(ExtendedKeyUsage.self)?.purposes ?? [] : nil
    keyUsage = value(KeyUsage.self)
    netscapeType = extensions.first { $0.identifier == NetscapeCertificateType.identifier }
      .flatMap { try? NetscapeCertificateType(der: $0.value) }
  }

  /// The purposes that are needed and not there, as text; `nil` where all are.
  func missing(_ needed: [ExtendedKeyUsage.Purpose]) -> String? {
    guard let purposes, !purposes.contains(.any) else { return nil }
    let missing = needed.filter { !purposes.contains($0) }.map(\.description)
    return missing.isEmpty ? nil : missing.joined(separator: ", ")
  }

  /// Why OpenSSL refuses a server or a client with it, as what follows the file's name.
  func opensslProblem(for role: Role) -> String? {
    let (usages, type): (KeyUsage, NetscapeCertificateType) =
      role == .server
      ? ([.digitalSignature, .keyEncipherment, .keyAgreement], .server)
      : ([.digitalSignature, .keyAgreement], .client)
    if let keyUsage, keyUsage.isDisjoint(with: usages) {
      return Self.lacksDigitalSignature(keyUsage)
    }
    guard let netscapeType, !netscapeType.contains(type) else { return nil }
    return
      "has a Netscape certificate type (nsCertType) that is not for \(role == .server ? "servers" : "clients")"
  }

  /// Why GnuTLS refuses it, as what follows the file's name.
  var gnuTLSProblem: String? {
    keyUsage.flatMap { $0.contains(.digitalSignature) ? nil : Self.lacksDigitalSignature($0) }
  }

  private static func lacksDigitalSignature(_ usage: KeyUsage) -> String {
    "has \(usage.isEmpty ? "an empty key usage" : "the key usage \(usage.description)"), without digitalSignature"
  }
}
