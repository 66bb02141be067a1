package import FileStore
package import Kubeconfigs
package import OpenSSLX509

extension Signing {
  /// The files that take the place of a certificate and its key.
  package func replacementFiles(
    _ replacement: Replacement, _ newKey: PrivateKey?, for profile: CertificateProfile
  ) throws(OpenSSLError) -> [PKIFile] {
    try renew(replacement, newKey, for: profile.id.rawValue).files(
      at: plan.tree.location.certificate(profile), keyPath: plan.tree.location.key(profile),
      by: profile.id.replacement)
  }

  /// The files that take the place of a kubeconfig and of what it points to, and of its copies.
  package func kubeconfigReplacements(
    _ replacement: Replacement, _ newKey: PrivateKey?, for item: String
  ) throws(OpenSSLError) -> [PKIFile] {
    let renewed = try renew(replacement, newKey, for: item)
    let anchors = trustAnchors(of: replacement.authority)
    guard let authority = anchors.first else {
      throw OpenSSLError(
        operation: "renew \(item)", reasons: ["the authority \(replacement.authority.rawValue) is not there"])
    }
    let anchorsPEM = try anchors.pem()
    var files: [PKIFile] = []
    for client in replacement.clients {
      do throws(KubeconfigProblem) {
        files += try renewed.files(for: client, trusting: authority, anchorsPEM)
      } catch {
        throw OpenSSLError(operation: "write \(client.path)", reasons: [error.text])
      }
    }
    return files
  }

  private func renew(
    _ replacement: Replacement, _ newKey: PrivateKey?, for item: String
  ) throws(OpenSSLError) -> Renewed {
    let key: PrivateKey
    switch (replacement.key, newKey) {
    case (.existing(let existing), _): key = existing
    case (.new, let newKey?): key = newKey
    case (.new(let algorithm), nil):
      throw OpenSSLError(operation: "use a new key of \(algorithm.rawValue)", reasons: ["none was made"])
    }
    let certificate = try sign(replacement.specification, key, for: item)
    try verify(certificate, key, replacement.authority)
    return Renewed(
      certificate: certificate, pem: try ([certificate] + replacement.chain).pem(), keyPEM: try key.pem(),
      isKeyNew: newKey != nil)
  }

  /// Whoever replaces a certificate that works wants to know beforehand that the next one does.
  private func verify(
    _ certificate: Certificate, _ key: PrivateKey, _ authority: CertificateProfile.ID
  ) throws(OpenSSLError) {
    let issuer = trustAnchors(of: authority).first
    guard issuer.map(certificate.isIssued) == true, try key.isPair(of: certificate.publicKey) else {
      throw OpenSSLError(
        operation: "use the new certificate of \(certificate.subject)",
        reasons: ["its signature, or that of its key, does not verify"])
    }
  }
}

/// A certificate that takes the place of another, and where its parts go.
package struct Renewed {
  package let certificate: Certificate
  /// The certificate and its chain.
  package let pem: SecretBytes
  /// Its key.
  package let keyPEM: SecretBytes
  /// Whether the key takes the place of another, too.
  package let isKeyNew: Bool

  /// The files for a pair; the key comes first.
  package func files(at path: String, keyPath: String, by replacement: PairReplacement) -> [PKIFile] {
    guard path != keyPath else {
      // kubelet-client-current.pem holds both.
      let both = SecretBytes(pem.copy + keyPEM.copy)
      return [PKIFile(.privateKey, at: path, both, certificate: certificate, replaces: true)]
    }
    let key = PKIFile(.privateKey, at: keyPath, keyPEM, replaces: true)
    return (isKeyNew ? [key] : []) + [
      PKIFile(
        .certificate, at: path, pem, certificate: certificate, replaces: true, keyPath: keyPath,
        replacement: replacement)
    ]
  }

  /// The files for a kubeconfig: its own text where something in it changes, and those that it points to.
  package func files(
    for client: KubeconfigClient, trusting authority: Certificate, _ anchorsPEM: SecretBytes
  ) throws(KubeconfigProblem) -> [PKIFile] {
    var files: [PKIFile] = []
    var values: [(source: KubeconfigDocument.Source, value: SecretBytes)] = []
    if let path = client.certificateSource.file, let keyPath = client.keySource.file {
      // client-go reads them anew for each handshake.
      files = self.files(at: path, keyPath: keyPath, by: .exchange)
    } else {
      values.append((client.certificateSource, pem))
      if isKeyNew { values.append((client.keySource, keyPEM)) }
    }
    if let source = client.sourceToTrust(authority) { values.append((source, anchorsPEM)) }
    guard !values.isEmpty else { return files }
    let text = try client.text(replacing: values)
    return files + [PKIFile(.kubeconfig, at: client.path, text, certificate: certificate, replaces: true)]
  }
}
