package import OpenSSLX509

/// A key, shown by its public half: two files belong together when their fingerprints are the same.
package struct KeyDescription: Sendable, Encodable {
  /// The algorithm: `rsa-2048`, `ecdsa-p256`.
  package let algorithm: String
  /// The SHA-256 of the SubjectPublicKeyInfo in hexadecimal, as in kubeadm's discovery-token-ca-cert-hash.
  package let sha256: String

  package init(_ key: PublicKey) throws(OpenSSLError) {
    algorithm = key.type.description
    sha256 = try Digest.sha256(key.der).hexadecimal
  }
}
