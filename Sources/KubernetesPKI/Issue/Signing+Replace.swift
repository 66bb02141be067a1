internal import OpenSSLX509

extension Signing {
  /// The files that take the place of a certificate and its key.
  func replacementFiles(
    _ replacement: Replacement, _ newKey: PrivateKey?, at path: String, keyPath: String
  ) throws(OpenSSLError) -> [PKIFile] {
    try renew(replacement, newKey).files(at: path, keyPath: keyPath)
  }

  /// The files that take the place of a kubeconfig and of what it points to, and of its copies.
  func kubeconfigReplacements(
    _ replacement: Replacement, _ newKey: PrivateKey?
  ) throws(OpenSSLError) -> [PKIFile] {
    let renewed = try renew(replacement, newKey)
    let authority = try issuer(replacement.specification.authority ?? .ca).certificate
    var files: [PKIFile] = []
    for client in replacement.clients {
      do throws(KubeconfigDocument.Problem) {
        files += try renewed.files(for: client.document, trusting: authority)
      } catch {
        throw OpenSSLError(operation: "write \(client.document.path)", reasons: [error.text])
      }
    }
    return files
  }

  private func renew(_ replacement: Replacement, _ newKey: PrivateKey?) throws(OpenSSLError) -> Renewed {
    let key: PrivateKey
    switch (replacement.key, newKey) {
    case (.existing(let existing), _): key = existing
    case (.new, let newKey?): key = newKey
    case (.new(let algorithm), nil):
      throw OpenSSLError(operation: "use a new key of \(algorithm.rawValue)", reasons: ["none was made"])
    }
    let certificate = try sign(replacement.specification, key)
    var pem: [UInt8] = []
    for certificate in [certificate] + replacement.chain { pem += try certificate.pem().copy }
    return Renewed(
      certificate: certificate, pem: SecretBytes(pem), keyPEM: newKey == nil ? nil : try key.pem())
  }
}

/// A certificate that takes the place of another, and where its parts go.
private struct Renewed {
  let certificate: Certificate
  /// The certificate and its chain.
  let pem: SecretBytes
  /// The key, where it changes.
  let keyPEM: SecretBytes?

  /// The files for a pair; the key comes first.
  func files(at path: String, keyPath: String) -> [PKIFile] {
    guard let keyPEM else {
      return [PKIFile(.certificate, at: path, pem, certificate: certificate, replaces: true)]
    }
    guard path != keyPath else {
      // kubelet-client-current.pem holds both.
      let both = SecretBytes(pem.copy + keyPEM.copy)
      return [PKIFile(.privateKey, at: path, both, certificate: certificate, replaces: true)]
    }
    return [
      PKIFile(.privateKey, at: keyPath, keyPEM, replaces: true),
      PKIFile(.certificate, at: path, pem, certificate: certificate, replaces: true, pairedKey: keyPath),
    ]
  }

  /// The files for a kubeconfig: its own text where something in it changes, and those that it points to.
  func files(
    for document: KubeconfigDocument, trusting authority: Certificate
  ) throws(KubeconfigDocument.Problem) -> [PKIFile] {
    var files: [PKIFile] = []
    var values: [(field: String, value: SecretBytes)] = []
    switch (try document.clientCertificate(), try document.clientKey()) {
    case (.file(let path), .file(let keyPath)): files = self.files(at: path, keyPath: keyPath)
    case (.embedded, .embedded):
      values.append(("client-certificate-data", pem))
      if let keyPEM { values.append(("client-key-data", keyPEM)) }
    // A mixture was refused when the client was read.
    case (.embedded, .file), (.file, .embedded): break
    }
    if case .embedded = try document.certificateAuthority(),
      (try? document.certificateAuthority().certificates("certificate-authority"))?.contains(authority) != true,
      let authorityPEM = try? authority.pem()
    {
      values.append(("certificate-authority-data", authorityPEM))
    }
    guard !values.isEmpty else { return files }
    let text = try document.text(replacing: values)
    return files + [PKIFile(.kubeconfig, at: document.path, text, certificate: certificate, replaces: true)]
  }
}
