/// The kinds of key that pkigen makes, by the names of its command line.
public enum KeyAlgorithm: String, CaseIterable, Sendable, Codable {
  /// RSA with a modulus of 2048 bits, RFC 8017.
  case rsa2048 = "rsa-2048"
  /// RSA with a modulus of 3072 bits.
  case rsa3072 = "rsa-3072"
  /// RSA with a modulus of 4096 bits.
  case rsa4096 = "rsa-4096"
  /// ECDSA on NIST's curve P-256, RFC 5480.
  case ecdsaP256 = "ecdsa-p256"
  /// ECDSA on NIST's curve P-384.
  case ecdsaP384 = "ecdsa-p384"

  /// The algorithm of this name, in pkigen's spelling or in that of kubeadm's `encryptionAlgorithm` (`ECDSA-P256`).
  public init?(name: String) {
    guard let algorithm = Self.allCases.first(where: { $0.rawValue == name || $0.kubeadmName == name }) else {
      return nil
    }
    self = algorithm
  }

  /// Whether it is RSA, the one algorithm whose keys can encipher others.
  public var isRSA: Bool {
    switch self {
    case .rsa2048, .rsa3072, .rsa4096: true
    case .ecdsaP256, .ecdsaP384: false
    }
  }

  /// The name in kubeadm's configuration, field `encryptionAlgorithm`.
  public var kubeadmName: String { rawValue.uppercased() }
}
