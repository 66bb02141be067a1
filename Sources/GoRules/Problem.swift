/// Why Go's `crypto/x509` or `crypto/tls` refuses a certificate or a chain.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which rule it is; the raw values are stable.
  package enum Rule: String, CaseIterable, Sendable {
    // Parsing.
    /// The certificate is not the DER of RFC 5280.
    case malformedCertificate = "malformed-certificate"
    /// The version is none of 1, 2 and 3.
    case invalidVersion = "invalid-version"
    /// The serial number is below zero.
    case negativeSerialNumber = "negative-serial-number"
    /// The algorithm stands in the certificate twice, and not the same.
    case signatureAlgorithmMismatch = "signature-algorithm-mismatch"
    /// A subject or an issuer holds a value that is not of its type.
    case malformedName = "malformed-name"
    /// An end of the validity is written in a way that RFC 5280 does not have.
    case malformedTime = "malformed-time"
    /// The public key is written in a way that Go does not read.
    case malformedPublicKey = "malformed-public-key"
    /// An extension stands in the certificate twice.
    case duplicateExtension = "duplicate-extension"
    /// The value of an extension is not of its type.
    case malformedExtension = "malformed-extension"
    /// An extension is critical that must not be.
    case wronglyCriticalExtension = "wrongly-critical-extension"
    /// A subject alternative name is malformed.
    case malformedSubjectAlternativeName = "malformed-subject-alternative-name"

    // Verifying.
    /// A critical extension is one that Go does not handle.
    case unhandledCriticalExtension = "unhandled-critical-extension"
    /// The certificate is expired.
    case expired = "expired"
    /// The certificate is not valid yet.
    case notYetValid = "not-yet-valid"
    /// The issuer's certificate is not a CA certificate.
    case notCA = "not-a-ca"
    /// The issuer's key usage does not have keyCertSign.
    case cannotSign = "cannot-sign"
    /// There are more CAs below one than its path length allows.
    case pathLength = "path-length"
    /// The hash of the signature can be forged: MD5 or SHA-1.
    case insecureSignature = "insecure-signature"
    /// The algorithm of the signature is one that Go does not have.
    case unsupportedSignature = "unsupported-signature"
    /// The signature is not of the issuer's key.
    case wrongSignature = "wrong-signature"
    /// The public key is one that Go's TLS does not take.
    case unsupportedKey = "unsupported-key"
    /// No trusted CA has signed the certificate, directly or through the certificates that are there.
    case unknownAuthority = "unknown-authority"
    /// The extended key usages of the chain do not allow the purpose.
    case incompatibleUsage = "incompatible-usage"
    /// A CA of the chain may not certify one of the names.
    case nameConstraint = "name-constraint"
    /// The policies of the chain allow none.
    case invalidPolicies = "invalid-policies"
    /// There are so many certificates with the name of the issuer that Go gives up.
    case tooManyCandidates = "too-many-candidates"
  }

  /// Whether Go reads the certificate at all.
  package enum Side: Sendable {
    /// It cannot be parsed: no component starts with it, and none accepts it from a peer.
    case parse
    /// It is parsed, and not accepted.
    case verify
  }

  /// Which rule it is.
  package let rule: Rule
  /// What is wrong, as a sentence about the certificate that begins with "its" or "it".
  package let description: String

  /// A problem of this rule.
  init(_ rule: Rule, _ description: String) {
    self.rule = rule
    self.description = description
  }

  /// On which side of Go's library the rule stands.
  package var side: Side {
    switch rule {
    case .malformedCertificate, .invalidVersion, .negativeSerialNumber, .signatureAlgorithmMismatch,
      .malformedName, .malformedTime, .malformedPublicKey, .duplicateExtension, .malformedExtension,
      .wronglyCriticalExtension, .malformedSubjectAlternativeName:
      .parse
    case .unhandledCriticalExtension, .expired, .notYetValid, .notCA, .cannotSign, .pathLength,
      .insecureSignature, .unsupportedSignature, .wrongSignature, .unsupportedKey, .unknownAuthority,
      .incompatibleUsage, .nameConstraint, .invalidPolicies, .tooManyCandidates:
      .verify
    }
  }
}
