internal import OpenSSLX509

extension Examination {
  /// What is wrong with the key pair of service-account tokens.
  package func serviceAccountFindings() -> [Finding] {
    let (path, publicPath) = (location.serviceAccountKey, location.serviceAccountPublicKey)
    if let key = tree.serviceAccountKey.value, !key.type.signsServiceAccountTokens {
      return [
        Finding(
          .unsupportedKey, [path], "\(path) is a key of \(key.type), with which no token can be signed",
          remedy: remedy(.putBack([path]), .replaceServiceAccountKey))
      ]
    }
    let unusable = [tree.serviceAccountKey.finding, tree.serviceAccountPublicKeys.finding].compactMap(\.self)
    guard unusable.isEmpty else { return unusable }
    switch (tree.serviceAccountKey.value, tree.serviceAccountPublicKeys.value) {
    case (nil, nil):
      return [
        Finding(
          .missingFile, [path, publicPath], "\(path) and \(publicPath) are missing",
          remedy: remedy(.putBackServiceAccountPair(key: path, publicKey: publicPath)))
      ]
    case (nil, .some):
      return [
        Finding(
          .keyMissing, [path, publicPath], "\(publicPath) is there, but its private key \(path) is not",
          remedy: remedy(.putBackServiceAccountKey(path, publicKey: publicPath)))
      ]
    case (.some, nil): return [missing(publicPath, .makeServiceAccountKey)]
    case (let key?, let publicKeys?):
      // Further keys verify tokens that were signed before a rotation.
      guard !publicKeys.contains(where: { (try? key.isPair(of: $0)) == true }) else {
        return strengthFindings(key, path)
      }
      return [
        Finding(
          .serviceAccountKeyMismatch, [publicPath, path], "\(publicPath) is not the public key of \(path)",
          remedy: remedy(.putBack([path, publicPath]), .deriveServiceAccountPublicKey(publicPath)))
      ]
    }
  }

  /// Whether the key that signs service-account tokens can be broken.
  private func strengthFindings(_ key: PrivateKey, _ path: String) -> [Finding] {
    guard let weakness = key.type.weakness else { return [] }
    return [
      Finding(.weakKey, [path], "\(path) is \(weakness)", remedy: remedy(.replaceServiceAccountKey))
    ]
  }
}
