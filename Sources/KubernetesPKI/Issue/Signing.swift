internal import Kubeconfigs
package import OpenSSLX509

/// Signs the certificates of one run: its authorities one after the other, then all else in any order.
package struct Signing: Sendable {
  package let plan: Plan
  package let random: RandomSource
  private var created: [CertificateIssuer: (certificate: Certificate, key: PrivateKey)] = [:]
  /// What follows the leaves of each authority; to tell takes a signature's verification.
  private var chains: [CertificateProfile.ID: [Certificate]] = [:]

  package init(plan: Plan, random: RandomSource) {
    self.plan = plan
    self.random = random
  }

  package var location: TreeLocation { plan.tree.location }

  /// Makes what other steps wait for: the certificate of an authority, and what follows the leaves of one.
  ///
  /// - Precondition: The steps come in the order of the plan, in which an authority comes before what it signs.
  package mutating func prepare(_ step: Plan.Step, key: PrivateKey?) throws(OpenSSLError) {
    guard case .create(let specification) = step.action, let key else { return }
    if let authority = step.item.asIssuer {
      created[authority] = (try sign(specification, key, for: step.name), key)
      // Nothing is above one that signs itself; to ask its certificate would be a verification.
      if case .authority(let id) = authority, specification.issuer == .itself { chains[id] = [] }
    }
    if let issuer = step.item.authority, chains[issuer] == nil {
      chains[issuer] = trustAnchors(of: issuer).filter { !$0.isSelfSigned }
    }
  }

  /// The files of one step, with the key that was made for it, once all steps are prepared.
  package func files(for step: Plan.Step, key: PrivateKey?) throws(OpenSSLError) -> [PKIFile] {
    switch (step.item, step.action, key) {
    case (_, .create(let specification), let key?): return try newFiles(step, specification, key)
    case (_, .request(let request), _): return try requestFiles(step, request, key)
    case (.certificate(let profile), .install(let installation), _):
      return try installation.files(at: location.certificate(profile), trusting: [])
    case (.kubeconfig(let profile), .install(let installation), _):
      return try installation.files(
        at: location.kubeconfig(profile), trusting: trustAnchors(of: profile.authority))
    case (.bundle(let profile), .assemble, _):
      return [PKIFile(.certificate, at: location.bundle(profile), try trustAnchors(of: profile.id).pem())]
    case (.certificate(let profile), .replace(let replacement), _):
      return try replacementFiles(replacement, key, for: profile)
    case (.kubeconfig, .replace(let replacement), _):
      return try kubeconfigReplacements(replacement, key, for: step.name)
    case (.serviceAccountKey, .createKeyPair, let key?):
      return [
        PKIFile(.privateKey, at: location.serviceAccountPrivateKey, try key.pem()),
        try publicKeyFile(of: key),
      ]
    case (.serviceAccountKey, .derivePublicKey, _):
      return try plan.tree.serviceAccountPrivateKey.value.map { (key) throws(OpenSSLError) in
        [try publicKeyFile(of: key)]
      } ?? []
    default: return []
    }
  }

  /// The files of a certificate that this run signs.
  private func newFiles(
    _ step: Plan.Step, _ specification: CertificateSpecification, _ key: PrivateKey
  ) throws(OpenSSLError) -> [PKIFile] {
    let made = step.item.asIssuer.flatMap { created[$0]?.certificate }
    let certificate = if let made { made } else { try sign(specification, key, for: step.name) }
    let chain = step.item.authority.flatMap { chains[$0] } ?? []
    switch step.item {
    case .certificate(let profile):
      return [
        PKIFile(.privateKey, at: location.key(profile), try key.pem()),
        PKIFile(
          .certificate, at: location.certificate(profile), try ([certificate] + chain).pem(),
          certificate: certificate),
      ]
    case .root(let root):
      return [
        PKIFile(.privateKey, at: root.keyPath ?? root.certificatePath, try key.pem()),
        PKIFile(.certificate, at: root.certificatePath, try certificate.pem(), certificate: certificate),
      ]
    case .kubeconfig(let profile):
      return [try kubeconfig(profile, certificate.subject, [certificate] + chain, key)]
    case .bundle, .serviceAccountKey: return []
    }
  }

  private func publicKeyFile(of key: PrivateKey) throws(OpenSSLError) -> PKIFile {
    PKIFile(.publicKey, at: location.serviceAccountPublicKey, try key.publicKey.pem())
  }

  /// A kubeconfig; without certificates, one that waits for its own.
  package func kubeconfig(
    _ profile: KubeconfigProfile, _ subject: DistinguishedName, _ certificates: [Certificate],
    _ key: PrivateKey
  ) throws(OpenSSLError) -> PKIFile {
    let clusterName = plan.cluster.clusterName ?? profile.clusterName
    let userName = profile.credentialName ?? subject.commonName ?? profile.id.rawValue
    let content = try Kubeconfig(
      clusterName: clusterName, userName: userName,
      contextName: profile.contextName ?? "\(userName)@\(clusterName)",
      server: profile.serverURL(in: plan.cluster) ?? "",
      certificateAuthorities: trustAnchors(of: profile.authority), clientCertificates: certificates,
      clientKey: key
    ).encodedForOpenSSL()
    return PKIFile(
      .kubeconfig, at: location.kubeconfig(profile), content, certificate: certificates.first)
  }

  /// The certificate of `key`, for the item of this name.
  package func sign(
    _ specification: CertificateSpecification, _ key: PrivateKey, for item: String
  ) throws(OpenSSLError) -> Certificate {
    let template = CertificateTemplate(
      serialNumber: try random.makeSerialNumber(item), subject: specification.subject,
      validity: specification.validity,
      publicKey: key.publicKey, extensions: specification.extensions)
    guard specification.issuer != .itself else {
      return try template.selfSigned(by: random.signingKey(key, item))
    }
    let issuer = try issuer(specification.issuer)
    return try template.signed(by: random.signingKey(issuer.key, item), issuer: issuer.certificate)
  }

  /// The authority that this run has made, or that was there before it.
  private func issuer(
    _ signer: CertificateIssuer
  ) throws(OpenSSLError) -> (certificate: Certificate, key: PrivateKey) {
    if let made = created[signer] { return made }
    let certificate: Certificate?
    let key: PrivateKey?
    switch signer {
    case .authority(let id):
      (certificate, key) = (plan.tree.certificates[id]?.value?.first, plan.tree.keys[id]?.value)
    case .root: (certificate, key) = (plan.root?.certificate, plan.root?.key.value)
    case .itself: (certificate, key) = (nil, nil)
    }
    guard let certificate, let key else {
      throw OpenSSLError(operation: "sign", reasons: ["the authority's certificate or key is missing"])
    }
    return (certificate, key)
  }

  /// What a client trusts that verifies servers of an authority, with what this run has made.
  package func trustAnchors(of id: CertificateProfile.ID) -> [Certificate] {
    let known = created[.authority(id)] == nil ? plan.tree.trustAnchors(of: id) : []
    guard known.count < 2, let authority = created[.authority(id)]?.certificate ?? known.first else {
      return known
    }
    let above = created[.root].map { [$0.certificate] } ?? plan.root?.certificates.value ?? []
    return above.first.map(authority.isIssued) == true ? [authority] + above : [authority]
  }
}

extension Plan.Step.Item {
  /// The signer that it is to others, where it is an authority.
  fileprivate var asIssuer: CertificateIssuer? {
    switch self {
    case .root: .root
    case .certificate(let profile): profile.role == .authority ? .authority(profile.id) : nil
    case .bundle, .kubeconfig, .serviceAccountKey: nil
    }
  }
}
