internal import OpenSSLX509

/// The keys that verify service-account tokens, as kube-apiserver reads them from the file of `--service-account-key-file`.
///
/// It goes by the content of each block: a public key, the key of a certificate, or the public half of a private key; what
/// it cannot read it skips. Follows ParsePublicKeysPEM in client-go's util/keyutil/key.go, Kubernetes 1.36.
enum ServiceAccountKeys {
  /// The keys of a PEM text, in order.
  ///
  /// - Throws: ``OpenSSLError`` when there is none with which tokens are verified.
  static func all(pem: SecretBytes) throws(OpenSSLError) -> [PublicKey] {
    let (blocks, problems) = PEMBlock.read(pem)
    let keys = blocks.compactMap(key(of:))
    let usable = keys.filter(\.type.signsServiceAccountTokens)
    guard usable.isEmpty else { return usable }
    throw OpenSSLError(
      operation: "read the public key",
      reasons: keys.isEmpty
        ? problems.isEmpty ? ["there is no public key in it"] : problems.map(\.description)
        : ["it is a key of \(keys[0].type), which verifies no service-account tokens"])
  }

  private static func key(of block: PEMBlock) -> PublicKey? {
    let der = block.der.copy
    if let key = (try? PublicKey(der: der)) ?? (try? Certificate(der: der))?.publicKey { return key }
    guard let key = try? PrivateKey(block) else { return nil }
    // Of PKCS #8 it reads RSA keys alone.
    return key.type.isRSA || block.label != "PRIVATE KEY" ? key.publicKey : nil
  }
}
