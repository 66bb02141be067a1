internal import COpenSSL

/// The kind of a public key.
public enum KeyType: Hashable, Sendable, CustomStringConvertible {
  /// RSA, with the size of its modulus in bits.
  case rsa(bits: Int)
  /// An elliptic curve by OpenSSL's name: `prime256v1`, `secp384r1`.
  case ec(curve: String)
  /// Ed25519, RFC 8410.
  case ed25519
  /// Anything else by its name, `DSA`, or by its object identifier where OpenSSL has no name.
  case other(String)

  /// The algorithm of this type, where pkigen makes such keys.
  public var algorithm: KeyAlgorithm? {
    switch self {
    case .rsa(bits: 2048): .rsa2048
    case .rsa(bits: 3072): .rsa3072
    case .rsa(bits: 4096): .rsa4096
    case .ec(curve: "prime256v1"): .ecdsaP256
    case .ec(curve: "secp384r1"): .ecdsaP384
    default: nil
    }
  }

  /// Whether the key is an RSA key, the one kind whose certificates carry keyEncipherment.
  public var isRSA: Bool {
    if case .rsa = self { true } else { false }
  }

  /// Whether Go's `crypto/x509` has such keys, and so every component of Kubernetes.
  package var isKnownToKubernetes: Bool {
    switch self {
    case .rsa, .ed25519: true
    case .ec(let curve): ["secp224r1", "prime256v1", "secp384r1", "secp521r1"].contains(curve)
    case .other: false
    }
  }

  /// Whether kube-apiserver signs service account tokens with such a key: client-go's keyutil reads RSA and ECDSA keys, and
  /// JSON Web Signature has no algorithm for P-224, RFC 7518 section 3.1.
  package var signsServiceAccountTokens: Bool {
    switch self {
    case .rsa: true
    case .ec(let curve): ["prime256v1", "secp384r1", "secp521r1"].contains(curve)
    case .ed25519, .other: false
    }
  }

  /// The name of the algorithm where pkigen has one, else OpenSSL's.
  public var description: String {
    if let algorithm { return algorithm.rawValue }
    return switch self {
    case .rsa(let bits): "rsa-\(bits)"
    case .ec(let curve): "ecdsa-\(curve)"
    case .ed25519: "ed25519"
    case .other(let name): name.lowercased()
    }
  }

  init(of key: OpaquePointer) {
    if EVP_PKEY_is_a(key, "RSA") == 1 {
      self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
    } else if EVP_PKEY_is_a(key, "EC") == 1 {
      let curve = text { EVP_PKEY_get_group_name(key, $0, $1, nil) }
      // Parameters that are written out may be those of a known curve, and stay unreadable to Go.
      var isExplicit: Int32 = 0
      EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &isExplicit)
      self = .ec(curve: isExplicit == 0 ? curve ?? "explicit parameters" : "explicit parameters")
    } else if EVP_PKEY_is_a(key, "ED25519") == 1 {
      self = .ed25519
    } else {
      self = .other(EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown")
    }
  }
}

extension KeyType {
  /// The kind of key that this identifier stands for, where OpenSSL has no such keys.
  init(unknownTo identifier: ObjectIdentifier) {
    self = .other(Self.names[identifier.dotted] ?? identifier.description)
  }

  /// ML-DSA, FIPS 204, which Go 1.27 has and OpenSSL 3.0 does not.
  private static let names = [
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
  ]
}

/// The text that `read` writes to a buffer of this size, where it returns 1: a short name that OpenSSL has for something.
func text(_ read: (UnsafeMutablePointer<CChar>?, Int) -> Int32) -> String? {
  var buffer = [CChar](repeating: 0, count: 80)
  return buffer.withUnsafeMutableBufferPointer { buffer in
    guard read(buffer.baseAddress, buffer.count) == 1 else { return nil }
    return buffer.baseAddress.map { String(cString: $0) }
  }
}
