package import OpenSSLX509
internal import StructuredText

/// The examination of a CSR, as an approver must make it: that its subject has the key, and that it may have what it asks
/// for.
///
/// It is made once for each CSR: the signature is verified and the key is checked here. Everything that is said of the CSR
/// and every decision reads it. What is granted is put together from values that were decoded and checked one by one; no
/// byte of the CSR's extensions gets into a certificate.
package struct CSRExamination: Sendable {
  /// The CSR.
  package let request: CertificateSigningRequest
  /// The signer's rules, where there are any.
  package let rules: SignerRules?
  /// Whether the CSR's signature is of its key.
  package let isSignedByItsKey: Bool
  /// What is wrong with the CSR itself, for every signer; one that is too large has no other reason.
  private let ownDenials: [Denial]

  /// Verifies the CSR's signature, checks its key and looks up its signer.
  package init(_ request: CertificateSigningRequest) {
    self.request = request
    rules = request.signerName.flatMap { SignerRules.rules(for: $0) }
    isSignedByItsKey = request.request.isSignedByItsKey
    let signature =
      isSignedByItsKey
      ? []
      : [
        Denial(
          .signatureInvalid,
          "the request's signature is not of its key, so nothing shows that its subject has the key")
      ]
    ownDenials =
      Self.sizeDenial(request.request).map { [$0] }
      ?? signature + Self.keyDenials(request.request.publicKey) + request.content.denials
  }

  /// What the CSR says.
  package var content: CSRContent { request.content }

  /// Why no approver may grant it: what is wrong with the CSR itself, and what its signer would refuse.
  package var denials: [Denial] { denials(droppingAttributes: false) }

  /// What is wrong with the CSR itself, for every signer.
  ///
  /// - Parameter droppingAttributes: whether ``droppableAttributes`` are left out of the certificate.
  package func ownDenials(droppingAttributes: Bool) -> [Denial] {
    isTooLarge
      ? ownDenials
      : ownDenials
        + content.otherAttributes.filter { !droppingAttributes || !$0.canBeDropped }.map { attribute in
          Denial(
            .subjectAttributeNotAllowed,
            "the subject has the attribute \(attribute) beside CN and O")
        }
  }

  /// The attributes of the subject that say where its organization is, and that nothing in Kubernetes reads: C, ST, L, OU.
  package var droppableAttributes: [DistinguishedName.Attribute] {
    content.otherAttributes.filter(\.canBeDropped)
  }

  /// Why this policy does not grant it.
  package func denials(under policy: ApprovalPolicy) -> [Denial] {
    var denials = denials(droppingAttributes: policy.dropsSubjectAttributes)
    guard !isTooLarge else { return denials }
    if request.state != .pending, request.state != .approved {
      denials.insert(Denial(.alreadyDecided, "the request is \(request.state.rawValue) already"), at: 0)
    }
    if let signer = policy.signerName, let asked = request.signerName, signer != asked {
      denials.append(
        Denial(.signerMismatch, "the request is for the signer \(asked.quoted), not for \(signer)"))
    }
    return denials + requestorDenials(under: policy) + policyDenials(policy)
  }

  private func denials(droppingAttributes: Bool) -> [Denial] {
    let own = ownDenials(droppingAttributes: droppingAttributes)
    return isTooLarge ? own : own + signerDenials
  }

  private var isTooLarge: Bool { ownDenials.contains { $0.code == .requestTooLarge } }
}

extension CSRExamination {
  /// Go took handshakes of 64 KiB at most for long, and OpenSSL takes chains of 100 KiB.
  private static func sizeDenial(_ request: CertificateRequest) -> Denial? {
    let limit = 1 << 16
    guard request.der.count > limit else { return nil }
    return Denial(
      .requestTooLarge,
      "the request has \(request.der.count) bytes, and no certificate from more than \(limit) would be of use"
    )
  }

  private static func keyDenials(_ key: PublicKey) -> [Denial] {
    switch key.type {
    case .rsa(let bits) where bits < 2048:
      return [Denial(.weakKey, "the key is \(key.type), and RSA needs 2048 bits at least")]
    case .rsa(let bits) where bits > 8192:
      return [
        Denial(.unsupportedKey, "the key is \(key.type), and Go's TLS takes RSA keys of 8192 bits at most")
      ]
    case .ec(let curve) where !["prime256v1", "secp384r1", "secp521r1"].contains(curve):
      return [
        Denial(.unsupportedKey, "the key is on the curve \(curve); Kubernetes uses P-256, P-384 and P-521")
      ]
    case .ed25519, .other:
      return [
        Denial(.unsupportedKey, "the key is of the kind \(key.type); pkigen certifies RSA and ECDSA keys")
      ]
    case .rsa, .ec: break
    }
    // That memory ran out is no reason to trust the key, here and below.
    if (try? key.hasCompressedPoint()) != false {
      return [Denial(.unsupportedKey, "the key's point is compressed, and Go reads no such key")]
    }
    guard (try? key.isSound()) != true else { return [] }
    return [Denial(.weakKey, "the key's numbers are not those of a sound \(key.type) key")]
  }

  private var signerDenials: [Denial] {
    guard let signerName = request.signerName else {
      return [Denial(.signerNotUsable, "nothing says which signer the request is for")]
    }
    guard let rules else {
      return [
        Denial(.signerNotUsable, "the signer \(signerName.quoted) issues no certificates on request")
      ]
    }
    return rules.denials(of: request)
  }

  /// A node may only ask for itself, and some signers take no requests from others.
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
    return denials + content.names.compactMap { nameDenial($0, policy) }
  }
}

extension CSRExamination {
  private func nameDenial(_ name: GeneralName, _ policy: ApprovalPolicy) -> Denial? {
    let patterns = policy.names.filter { $0.matches(name) }
    if patterns.isEmpty {
      return Denial(.nameNotAllowed, "the policy does not grant the name \(name.description.quoted)")
    }
    guard let owner = foreignOwner(of: name, apiServer: policy.apiServerNames),
      !patterns.contains(where: \.isExact)
    else { return nil }
    return Denial(
      .nameNotAllowed,
      "the name \(name.description.quoted) is \(owner), and only a pattern for this name alone grants it to a node"
    )
  }
}

extension DistinguishedName.Attribute {
  /// Country, state, locality and organizational unit, RFC 4519.
  fileprivate var canBeDropped: Bool {
    ["2.5.4.6", "2.5.4.8", "2.5.4.7", "2.5.4.11"].contains(type.dotted)
  }
}
