package import OpenSSLX509

extension Signing {
  /// The files of a request: its key, where that is a new one, and the request itself.
  package func requestFiles(
    _ step: Plan.Step, _ request: PlannedRequest, _ newKey: PrivateKey?
  ) throws(OpenSSLError) -> [PKIFile] {
    guard request.place != .same, let path = location.request(step.item) else { return [] }
    let specification = request.specification
    let key: PrivateKey
    var files: [PKIFile] = []
    switch (request.key, newKey) {
    case (.existing(let existing), _): key = existing
    case (.new, let made?):
      key = made
      files = try keyFiles(step.item, specification.subject, made)
    case (.new(let algorithm), nil):
      throw OpenSSLError(operation: "use a new key of \(algorithm.rawValue)", reasons: ["none was made"])
    }
    let signed = try CertificateRequest(
      subject: specification.subject, extensions: specification.extensions,
      signedBy: random.signingKey(key, step.name))
    return files + [
      PKIFile(.certificateRequest, at: path, try signed.pem(), replaces: request.place == .other)
    ]
  }

  /// What a new key is put into: a file of its own, or a kubeconfig that waits for the certificate.
  private func keyFiles(
    _ item: Plan.Step.Item, _ subject: DistinguishedName, _ key: PrivateKey
  ) throws(OpenSSLError) -> [PKIFile] {
    switch item {
    case .certificate(let profile): [PKIFile(.privateKey, at: location.key(profile), try key.pem())]
    case .kubeconfig(let profile): [try kubeconfig(profile, subject, [], key)]
    case .root, .bundle, .serviceAccountKey: []
    }
  }
}
