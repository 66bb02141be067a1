package import OpenSSLX509
internal import StructuredText

/// Judges a request, as an approver must: that its subject controls the key, and that it may have what it asks for.
///
/// What it grants is put together from values that were decoded and judged one by one; no byte of the request's extensions
/// gets into a certificate.
package struct RequestExamination {
  /// The request.
  package let request: CertificateSigningRequest
  /// The signer's rules, where there are any.
  package let rules: SignerRules?
  package let content: RequestContent

  /// An examination of `request`.
  package init(_ request: CertificateSigningRequest) {
    self.request = request
    rules = request.signerName.flatMap { SignerRules.rules(for: $0) }
    content = RequestContent(request.request)
  }

  /// Why no approver may grant it: what is wrong with the request itself, and what its signer would refuse.
  package var denials: [Denial] { isTooLarge ? content.denials : content.denials + signerDenials }

  private var isTooLarge: Bool { content.denials.contains { $0.code == .requestTooLarge } }

  /// Why this policy does not grant it.
  package func denials(under policy: ApprovalPolicy) -> [Denial] {
    guard !isTooLarge else { return denials }
    var denials = denials
    if request.state != .pending, request.state != .approved {
      denials.insert(Denial(.alreadyDecided, "the request is \(request.state.rawValue) already"), at: 0)
    }
    if let signer = policy.signerName, let asked = request.signerName, signer != asked {
      denials.append(
        Denial(.signerMismatch, "the request is for the signer \(asked.quoted), not for \(signer)"))
    }
    return denials + requestorDenials(under: policy) + policyDenials(policy)
  }
}

extension RequestExamination {
  private var signerDenials: [Denial] {
    guard let signerName = request.signerName else {
      return [Denial(.signerNotUsable, "nothing says which signer the request is for")]
    }
    guard let rules else {
      return [
        Denial(.signerNotUsable, "the signer \(signerName.quoted) issues no certificates on request")
      ]
    }
    return subjectDenials(rules) + nameDenials(rules) + usageDenials(rules) + expirationDenials
  }

  private func subjectDenials(_ rules: SignerRules) -> [Denial] {
    var denials: [Denial] = []
    if let wanted = rules.organizations,
      !content.organizations.elementsEqual(wanted, by: { $0.isIdentical(to: $1) })
    {
      denials.append(
        Denial(.wrongOrganization, "subject organization is not \(wanted.joined(separator: ", "))"))
    }
    if !content.commonName.utf8.starts(with: rules.commonNamePrefix.utf8) {
      denials.append(
        Denial(.wrongCommonName, "subject common name does not begin with \(rules.commonNamePrefix)"))
    }
    return denials
  }

  private func nameDenials(_ rules: SignerRules) -> [Denial] {
    let kinds = content.names.map(\.kind)
    switch rules.names {
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

  private func usageDenials(_ rules: SignerRules) -> [Denial] {
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
    if usages.isEmpty, rules.requiredUsages.isEmpty {
      denials.append(Denial(.usageMissing, "no usage is asked for"))
    }
    for usage in rules.requiredUsages where !usages.contains(usage) {
      denials.append(
        Denial(
          .usageMissing, "the usage \"\(usage.rawValue)\" is missing, and \(rules.signerName) demands it"))
    }
    let allowed = rules.allowedUsages
    for usage in usages where !allowed.contains(usage) {
      denials.append(
        Denial(.usageNotAllowed, "the usage \"\(usage.rawValue)\" is not granted by \(rules.signerName)"))
    }
    return denials
  }

  private var expirationDenials: [Denial] {
    guard let seconds = request.expirationSeconds, seconds < 600 else { return [] }
    return [
      Denial(.expirationTooShort, "the lifetime asked for is \(seconds) s, and the API takes 600 s and more")
    ]
  }

  /// A node may only ask for itself, and some signers serve nobody else.
  private func requestorDenials(under policy: ApprovalPolicy) -> [Denial] {
    let known = request.requestor
    if let wanted = policy.requestor, let known, !known.username.isIdentical(to: wanted) {
      return [
        Denial(.wrongRequestor, "\(known.username.quoted) asked, not \(wanted.quoted)")
      ]
    }
    if let wanted = policy.requestor, known == nil, request.isObject {
      return [
        Denial(
          .wrongRequestor,
          "the object does not say who asked, so nothing shows that \(wanted.quoted) did")
      ]
    }
    guard let requestor = known ?? policy.requestor.map({ Requestor(username: $0) }) else { return [] }
    let isItself = requestor.username.isIdentical(to: content.commonName)
    if requestor.isNode, !isItself {
      let subject = content.commonName.quoted
      return [
        Denial(
          .wrongRequestor,
          "\(requestor.username.quoted) is a node and asks for \(subject), not for itself")
      ]
    }
    if rules?.isForRequestorOnly == true, !isItself, policy.requestor == nil {
      return [
        Denial(
          .wrongRequestor, "\(requestor.username.quoted) asked, and only the node itself may")
      ]
    }
    return []
  }

  private func policyDenials(_ policy: ApprovalPolicy) -> [Denial] {
    var denials: [Denial] = []
    if !content.commonName.isEmpty, !policy.commonNames.contains(where: { $0.matches(content.commonName) }) {
      denials.append(
        Denial(
          .commonNameNotAllowed,
          "the policy does not grant the common name \(content.commonName.quoted)"))
    }
    let prescribed = rules?.organizations ?? []
    for organization in content.organizations
    where !prescribed.contains(where: { $0.isIdentical(to: organization) })
      && !policy.organizations.contains(where: { $0.matches(organization) })
    {
      denials.append(
        Denial(
          .organizationNotAllowed,
          "the policy does not grant the organization \(organization.quoted)"))
    }
    for name in content.names where !policy.names.contains(where: { $0.matches(name) }) {
      denials.append(
        Denial(.nameNotAllowed, "the policy does not grant the name \(name.description.quoted)"))
    }
    return denials
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
