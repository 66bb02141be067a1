internal import OpenSSLX509

/// Signs the certificates of one run, and remembers its authorities for what comes after them.
struct Signing {
  let plan: Plan
  let random: RandomSource
  private var created: [CertificateProfile.ID: (certificate: Certificate, key: PrivateKey)] = [:]

  init(plan: Plan, random: RandomSource) {
    self.plan = plan
    self.random = random
  }

  var location: TreeLocation { plan.tree.location }

  /// The files of one step, with the key that was made for it.
  mutating func files(for step: Plan.Step, key: PrivateKey?) throws(OpenSSLError) -> [PKIFile] {
    switch (step.item, step.action, key) {
    case (.certificate(let profile), .create(let specification), let key?):
      let certificate = try sign(specification, key, for: step.name)
      if profile.role == .authority { created[profile.id] = (certificate, key) }
      return [
        PKIFile(.privateKey, at: location.key(profile), try key.pem()),
        PKIFile(
          .certificate, at: location.certificate(profile), try certificate.pem(), certificate: certificate),
      ]
    case (.certificate(let profile), .replace(let replacement), _):
      return try replacementFiles(
        replacement, key, for: step.name, at: location.certificate(profile), keyPath: location.key(profile))
    case (.kubeconfig, .replace(let replacement), _):
      return try kubeconfigReplacements(replacement, key, for: step.name)
    case (.kubeconfig(let profile), .create(let specification), let key?):
      return [try kubeconfig(profile, specification, key)]
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

  private func publicKeyFile(of key: PrivateKey) throws(OpenSSLError) -> PKIFile {
    PKIFile(.publicKey, at: location.serviceAccountPublicKey, try key.publicKey.pem())
  }

  private func kubeconfig(
    _ profile: KubeconfigProfile, _ specification: CertificateSpecification, _ key: PrivateKey
  ) throws(OpenSSLError) -> PKIFile {
    let certificate = try sign(specification, key, for: profile.fileName)
    let authority = try issuer(profile.authority).certificate
    let clusterName = plan.cluster.clusterName ?? profile.clusterName
    let userName = profile.credentialName ?? certificate.subject.commonName ?? profile.id.rawValue
    let content = try Kubeconfig(
      clusterName: clusterName, userName: userName,
      contextName: profile.contextName ?? "\(userName)@\(clusterName)",
      server: profile.serverURL(in: plan.cluster) ?? "", certificateAuthorities: [authority],
      clientCertificates: [certificate], clientKey: key
    ).encoded()
    return PKIFile(.kubeconfig, at: location.kubeconfig(profile), content, certificate: certificate)
  }

  /// The certificate of `key`, for the item of this name.
  func sign(
    _ specification: CertificateSpecification, _ key: PrivateKey, for item: String
  ) throws(OpenSSLError) -> Certificate {
    let template = CertificateTemplate(
      serialNumber: try random.makeSerialNumber(item), subject: specification.subject,
      validity: specification.validity,
      publicKey: key.publicKey, extensions: specification.extensions)
    guard let authority = specification.authority else {
      return try template.selfSigned(by: random.signingKey(key, item))
    }
    let issuer = try issuer(authority)
    return try template.signed(by: random.signingKey(issuer.key, item), issuer: issuer.certificate)
  }

  /// The authority that this run has made, or that was there before it.
  func issuer(
    _ id: CertificateProfile.ID
  ) throws(OpenSSLError) -> (certificate: Certificate, key: PrivateKey) {
    if let made = created[id] { return made }
    guard let certificate = plan.tree.certificates[id]?.value?.first, let key = plan.tree.keys[id]?.value
    else {
      throw OpenSSLError(
        operation: "sign for \(id.rawValue)", reasons: ["the authority's certificate or key is missing"])
    }
    return (certificate, key)
  }
}
