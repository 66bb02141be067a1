internal import OpenSSLX509

/// The algorithm of a certificate's signature as Go knows it.
///
/// Follows signatureAlgorithmDetails, getSignatureAlgorithmFromAI and checkSignature in src/crypto/x509/x509.go, Go 1.27.
enum SignatureRules {
  /// What Go takes the algorithm for.
  enum Kind: Hashable, Sendable {
    case rsa
    case ecdsa
    case ed25519
    case mldsa(ObjectIdentifier)
    /// A hash that can be forged, by its name.
    case insecure(String)
    case unsupported(String)
  }

  /// The algorithms without parameters that matter.
  private static let kinds: [String: Kind] = [
    "1.2.840.113549.1.1.4": .insecure("MD5"), "1.2.840.113549.1.1.5": .insecure("SHA-1"),
    "1.3.14.3.2.29": .insecure("SHA-1"), "1.2.840.113549.1.1.11": .rsa, "1.2.840.113549.1.1.12": .rsa,
    "1.2.840.113549.1.1.13": .rsa, "1.2.840.10040.4.3": .insecure("SHA-1"),
    "2.16.840.1.101.3.4.3.2": .unsupported("DSA"), "1.2.840.10045.4.1": .insecure("SHA-1"),
    "1.2.840.10045.4.3.2": .ecdsa, "1.2.840.10045.4.3.3": .ecdsa, "1.2.840.10045.4.3.4": .ecdsa,
  ]

  private static let pss = ObjectIdentifier("1.2.840.113549.1.1.10")
  private static let mgf1 = ObjectIdentifier("1.2.840.113549.1.1.8")
  /// SHA-256, SHA-384 and SHA-512, with the length of the salt that goes with each.
  private static let saltLengths = [
    ObjectIdentifier("2.16.840.1.101.3.4.2.1"): 32, ObjectIdentifier("2.16.840.1.101.3.4.2.2"): 48,
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): 64,
  ]

  /// What the content of an AlgorithmIdentifier stands for.
  static func kind(_ content: DERReader) throws(Problem) -> Kind {
    var reader = content
    guard let identifier = reader.objectIdentifier() else {
      throw Problem(.malformedCertificate, "its signature algorithm is malformed")
    }
    if !reader.isEmpty {
      var rest = reader
      guard rest.next() != nil else {
        throw Problem(.malformedCertificate, "its signature algorithm has malformed parameters")
      }
    }
    if identifier == pss {
      return isUsualPSS(reader) ? .rsa : .unsupported("RSA-PSS with unusual parameters")
    }
    if identifier == KeyRules.ed25519 || KeyRules.mldsaLengths[identifier] != nil {
      guard reader.isEmpty else { return .unsupported("\(identifier) with parameters") }
      return identifier == KeyRules.ed25519 ? .ed25519 : .mldsa(identifier)
    }
    return kinds[identifier.dotted] ?? .unsupported(identifier.longName)
  }

  /// Whether the parameters of RSA-PSS are of the three kinds that Go has: one hash for message and mask, and a salt of
  /// its length.
  private static func isUsualPSS(_ parameters: DERReader) -> Bool {
    var parameters = parameters
    guard var fields = parameters.read(Tag.sequence), let hash = hash(explicit(&fields, 0)),
      var maskAlgorithm = sequence(explicit(&fields, 1)), maskAlgorithm.objectIdentifier() == mgf1,
      let maskHash = Self.hash(maskAlgorithm), maskHash == hash, var salt = explicit(&fields, 2),
      let length = salt.smallInteger(), saltLengths[hash] == length
    else { return false }
    guard !fields.isEmpty else { return true }
    guard var trailer = explicit(&fields, 3) else { return false }
    return trailer.smallInteger() == 1
  }

  private static func explicit(_ reader: inout DERReader, _ number: UInt8) -> DERReader? {
    reader.read(Tag.constructed(number))
  }

  private static func sequence(_ reader: DERReader?) -> DERReader? {
    var reader = reader
    return reader?.read(Tag.sequence)
  }

  /// The identifier of an AlgorithmIdentifier that has NULL as parameters or none.
  private static func hash(_ reader: DERReader?) -> ObjectIdentifier? {
    guard var algorithm = sequence(reader), let identifier = algorithm.objectIdentifier() else { return nil }
    return algorithm.isEmpty || algorithm.rest.elementsEqual([Tag.null, 0]) ? identifier : nil
  }

  /// Why Go does not even try the signature with a key of this kind, if so.
  static func problem(_ kind: Kind, issuerKey: KeyRules.Kind) -> Problem? {
    switch kind {
    case .insecure(let hash):
      return Problem(.insecureSignature, "it is signed with \(hash), which Go refuses as insecure")
    case .unsupported(let name):
      return Problem(.unsupportedSignature, "it is signed with \(name), which Go does not have")
    case .rsa, .ecdsa, .ed25519, .mldsa:
      guard !isFor(kind, issuerKey) else { return nil }
      return Problem(.wrongSignature, "its signature is of another kind than the key of its issuer")
    }
  }

  private static func isFor(_ kind: Kind, _ key: KeyRules.Kind) -> Bool {
    switch (kind, key) {
    case (.rsa, .rsa), (.ecdsa, .ecdsa), (.ed25519, .ed25519): true
    case (.mldsa(let one), .mldsa(let other)): one == other
    default: false
    }
  }
}
