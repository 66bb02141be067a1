internal import OpenSSLX509
internal import StructuredText

extension SignerRules {
  /// Why this signer refuses a CSR, apart from what is wrong with the CSR itself.
  package func denials(of request: CertificateSigningRequest) -> [Denial] {
    subjectDenials(request.content) + nameDenials(request.content) + usageDenials(request)
      + expirationDenials(request)
  }

  private func subjectDenials(_ content: CSRContent) -> [Denial] {
    var denials: [Denial] = []
    if let wanted = organizations,
      !content.organizations.elementsEqual(wanted, by: { $0.isIdentical(to: $1) })
    {
      denials.append(
        Denial(.wrongOrganization, "subject organization is not \(wanted.joined(separator: ", "))"))
    }
    if !content.commonName.utf8.starts(with: commonNamePrefix.utf8) {
      denials.append(Denial(.wrongCommonName, "subject common name does not begin with \(commonNamePrefix)"))
    }
    return denials
  }

  private func nameDenials(_ content: CSRContent) -> [Denial] {
    let kinds = content.names.map(\.kind)
    switch names {
    case .any: return []
    case .none:
      return Set(kinds).sorted().map {
        Denial(.nameKindNotAllowed, "\($0) subjectAltNames are not allowed")
      }
    case .hostsOrAddresses:
      let others = Set(kinds).subtracting(["DNS", "IP"]).sorted()
      let missing =
        kinds.contains { ["DNS", "IP"].contains($0) } ? nil : "DNS or IP subjectAltName is required"
      return others.map { Denial(.nameKindNotAllowed, "\($0) subjectAltNames are not allowed") }
        + (missing.map { [Denial(.nameRequired, $0)] } ?? [])
    }
  }

  private func usageDenials(_ request: CertificateSigningRequest) -> [Denial] {
    var denials: [Denial] = []
    var seen: Set<String> = []
    for usage in request.usages ?? [] {
      if CertificateUsage(rawValue: usage) == nil {
        denials.append(Denial(.malformedUsage, "the API knows no usage \(usage.quoted)"))
      } else if !seen.insert(usage).inserted {
        denials.append(Denial(.malformedUsage, "the usage \"\(usage)\" is asked for twice"))
      }
    }
    let usages = request.knownUsages
    if usages.isEmpty, requiredUsages.isEmpty {
      denials.append(Denial(.usageMissing, "no usage is asked for"))
    }
    for usage in requiredUsages where !usages.contains(usage) {
      denials.append(
        Denial(.usageMissing, "the usage \"\(usage.rawValue)\" is missing, and \(signerName) demands it"))
    }
    let allowed = allowedUsages
    for usage in usages where !allowed.contains(usage) {
      denials.append(
        Denial(.usageNotAllowed, "the usage \"\(usage.rawValue)\" is not granted by \(signerName)"))
    }
    return denials
  }

  private func expirationDenials(_ request: CertificateSigningRequest) -> [Denial] {
    guard let seconds = request.expirationSeconds, seconds < 600 else { return [] }
    return [
      Denial(.expirationTooShort, "the lifetime asked for is \(seconds) s, and the API takes 600 s and more")
    ]
  }
}

extension GeneralName {
  /// The kind as Kubernetes' messages call it.
  package var kind: String {
    switch self {
    case .dnsName: "DNS"
    case .ipAddress: "IP"
    case .rfc822Name: "Email"
    case .uniformResourceIdentifier: "URI"
    case .other: "other"
    }
  }
}
