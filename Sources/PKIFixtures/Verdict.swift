/// What a verifier of certificates answers.
public struct Verdict: Hashable, Sendable, Codable {
  /// Whether it is content.
  public let accepted: Bool
  /// A part of what it says when it is not; of `pkigen verify`, the codes of its findings.
  public let reason: String?

  /// The verifier accepts.
  public static let accepted = Verdict(accepted: true, reason: nil)

  /// The verifier refuses, with these words among others.
  public static func refused(_ reason: String) -> Verdict { Verdict(accepted: false, reason: reason) }
}

/// What the verifiers say: each where it reads the file at all.
public struct Verdicts: Hashable, Sendable, Codable {
  /// `openssl verify -x509_strict` with the purpose and the host.
  public var openssl: Verdict?
  /// Go's crypto/x509 and crypto/tls.
  public var go: Verdict?
  /// GnuTLS's `certtool --verify` with the purpose and the host.
  public var gnutls: Verdict?
  /// The verifier of Python's cryptography.
  public var python: Verdict?
  /// `pkigen verify`, of the cluster with the file in it.
  public var verify: Verdict?

  /// A certificate that all verifiers accept.
  public static let accepted = Verdicts(
    openssl: .accepted, go: .accepted, gnutls: .accepted, python: .accepted, verify: .accepted)
}

/// The question to a verifier about a certificate.
public struct Question: Hashable, Sendable, Codable {
  /// The file of the certificate and its chain, from the directory of the set; so are the others.
  public let certificate: String
  /// The file of the CA that is trusted.
  public let authority: String
  /// The file of the private key.
  public let key: String
  /// What the certificate is to be good for: `server` or `client`.
  public let usage: String
  /// The host name or address of the server; `nil` where the name does not matter.
  public let host: String?
}
