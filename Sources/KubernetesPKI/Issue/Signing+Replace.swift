internal import OpenSSLX509

extension Signing {
  /// The files that take the place of a certificate and its key.
  func replacementFiles(
    _ replacement: Replacement, _ newKey: PrivateKey?, for item: String, at path: String, keyPath: String
  ) throws(OpenSSLError) -> [PKIFile] {
    try renew(replacement, newKey, for: item).files(at: path, keyPath: keyPath)
  }

  /// The files that take the place of a kubeconfig and of what it points to, and of its copies.
  func kubeconfigReplacements(
    _ replacement: Replacement, _ newKey: PrivateKey?, for item: String
  ) throws(OpenSSLError) -> [PKIFile] {
    let renewed = try renew(replacement, newKey, for: item)
    let anchors = trustAnchors(of: replacement.authority)
    var files: [PKIFile] = []
    for client in replacement.clients {
      do throws(KubeconfigDocument.Problem) {
        files += try renewed.files(for: client, trusting: anchors)
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
    return Renewed(
      certificate: certificate, pem: try ([certificate] + replacement.chain).pem(),
      keyPEM: newKey == nil ? nil : try key.pem())
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
    for client: KubeconfigClient, trusting anchors: [Certificate]
  ) throws(KubeconfigDocument.Problem) -> [PKIFile] {
    var files: [PKIFile] = []
    var values: [(source: KubeconfigDocument.Source, value: SecretBytes)] = []
    if let path = client.certificateSource.file, let keyPath = client.keySource.file {
      files = self.files(at: path, keyPath: keyPath)
    } else {
      values.append((client.certificateSource, pem))
      if let keyPEM { values.append((client.keySource, keyPEM)) }
    }
    if let source = client.authoritySource, source.file == nil, let authority = anchors.first,
      (try? source.certificates())?.contains(authority) != true, let pem = try? anchors.pem()
    {
      values.append((source, pem))
    }
    guard !values.isEmpty else { return files }
    let text = try client.text(replacing: values)
    return files + [PKIFile(.kubeconfig, at: client.path, text, certificate: certificate, replaces: true)]
  }
}
