internal import KubernetesPKI

/// What verifiers say about each defect: OpenSSL 3.0, Go 1.27, GnuTLS 3.7, Python's cryptography 50 and `pkigen verify`.
///
/// The tests ask the programs themselves, so that a version which thinks otherwise turns them red.
enum VerdictTable {
  static let rows: [String: Verdicts] = [
    // Validity
    "expired": says(
      openssl: "certificate has expired", go: "is after", gnutls: "uses expired certificate",
      python: "not valid at validation time", verify: .expired),
    "not-yet-valid": says(
      openssl: "certificate is not yet valid", go: "is before", gnutls: "uses not yet valid certificate",
      python: "not valid at validation time", verify: .notYetValid),
    "expires-at": says(verify: .expiringSoon),

    // CAs
    "wrong-authority": says(
      openssl: "unable to get local issuer certificate", go: "signed by unknown authority",
      gnutls: "issuer is unknown", python: "candidates exhausted", verify: .wrongCA),
    "same-name-authority": says(
      openssl: "unable to get local issuer certificate", go: "signed by unknown authority",
      gnutls: "issuer is unknown", python: "signature does not match", verify: .caRekeyed),
    "wrong-key": says(
      go: "private key does not match public key", python: "the key is another certificate's",
      verify: .keyMismatch),
    "issuer-not-authority": says(
      openssl: "unsuitable certificate purpose", go: "parent certificate cannot sign",
      gnutls: "issuer is not a CA", python: "basicConstraints.cA must be asserted", verify: .notACA),
    "no-basic-constraints": says(
      openssl: "invalid CA certificate", go: "parent certificate cannot sign",
      python: "CA certificate has no basicConstraints", verify: .notACA),
    "name-constraints-violated": says(
      openssl: "permitted subtree violation", go: "not authorized to sign for this name",
      gnutls: "violates the signer's constraints", python: "no permitted name constraints",
      verify: .chainRefused),
    "path-length-exceeded": says(
      openssl: "path length constraint exceeded", go: "too many intermediates",
      gnutls: "violates the signer's constraints", python: "path length constraint violated",
      verify: .chainRefused),
    "missing-intermediate": says(
      openssl: "unable to get local issuer certificate", go: "signed by unknown authority",
      gnutls: "issuer is unknown", python: "candidates exhausted", verify: .wrongCA),
    "wrong-order": says(
      openssl: "IP address mismatch", go: "private key does not match public key",
      gnutls: "does not match the expected", python: "the key is another certificate's",
      verify: .keyMismatch, .wrongUsages, .noNames, .unreadIdentity),

    // Names
    "missing-name": says(
      openssl: "IP address mismatch", go: "certificate is valid for", gnutls: "does not match the expected",
      python: "no matching subjectAltName", verify: .nameMissing),
    "ip-as-dns-name": says(
      openssl: "IP address mismatch", go: "certificate is valid for", gnutls: "does not match the expected",
      python: "no matching subjectAltName", verify: .nameMissing),
    "misplaced-wildcard": says(
      openssl: "hostname mismatch", go: "certificate is valid for", gnutls: "does not match the expected",
      python: "no matching subjectAltName", verify: .nameMissing),
    "common-name-only": says(
      go: "relies on legacy Common Name field", python: "has no subjectAltName", verify: .noNames),
    "empty-subject": says(
      openssl: "Subject empty and Subject Alt Name extension not critical",
      python: "MUST be critical when subject is empty", verify: .unreadIdentity),

    // Usages and constraints
    "no-extended-key-usage": says(verify: .noUsages),
    "wrong-extended-key-usage": says(
      openssl: "unsuitable certificate purpose", go: "incompatible key usage",
      gnutls: "does not match the intended purpose", python: "required EKU not found", verify: .wrongUsages),
    "no-key-usage": says(),
    "leaf-is-authority": says(python: "must not be asserted in an EE certificate"),
    "unknown-critical-extension": says(
      openssl: "unhandled critical extension", go: "unhandled critical extension",
      gnutls: "unknown critical extension", python: "unaccounted-for critical extensions",
      verify: .chainRefused),
    "duplicate-extension": says(
      openssl: "invalid certificate", go: "duplicate extension", gnutls: "Duplicate extension",
      python: "duplicate extension", verify: .malformedFile),
    "no-key-identifiers": says(
      openssl: "Missing Authority Key Identifier", python: "missing required extension"),

    // Encoding
    "negative-serial": says(
      go: "negative serial number", python: "serial number cannot be negative", verify: .malformedFile),
    "zero-serial": says(),
    "long-serial": says(),
    "version-1": says(
      openssl: "IP address mismatch", go: "doesn't contain any IP SANs",
      gnutls: "does not match the expected",
      python: "must be an X509v3", verify: .noNames, .noUsages),
    "generalized-time": says(python: "must be UtcTime"),

    // Signatures
    "sha1-signature": says(
      go: "insecure algorithm", gnutls: "uses insecure algorithm", python: "Forbidden signature algorithm",
      verify: .weakSignature),
    "md5-signature": says(
      go: "insecure algorithm", gnutls: "uses insecure algorithm", python: "Forbidden signature algorithm",
      verify: .weakSignature),
    "rsa-1024": says(gnutls: "uses insecure algorithm", verify: .weakKey),
    "tampered-signature": says(
      openssl: "certificate signature failure", go: "signed by unknown authority",
      gnutls: "signature in the certificate is invalid", python: "signature does not match",
      verify: .caRekeyed),
    "tampered-body": says(
      openssl: "certificate signature failure", go: "signed by unknown authority",
      gnutls: "signature in the certificate is invalid", python: "signature does not match",
      verify: .caRekeyed),

    // Files
    "truncated-pem": says(
      openssl: "Could not read", go: "failed to find any PEM data", gnutls: "Base64 unexpected header error",
      python: "MalformedFraming", verify: .malformedFile),
    "truncated-der": says(
      openssl: "Could not read", go: "malformed certificate", gnutls: "Error in DER parsing",
      python: "error parsing asn1 value", verify: .malformedFile),
    "wrong-label": says(
      openssl: "Could not read", go: "failed to find \"CERTIFICATE\" PEM block", python: "MalformedFraming",
      verify: .malformedFile),

    // Trees and kubeconfigs
    "shared-front-proxy-authority": says(verify: .frontProxyShared),
    "other-service-account-key": says(verifyAlone: .serviceAccountKeyMismatch),
    "wrong-masters": says(verifyAlone: .wrongIdentity),
    "wrong-node-name": says(verifyAlone: .wrongIdentity),
    "kubeconfig-wrong-ca": says(verifyAlone: .kubeconfigCA),
    "kubeconfig-wrong-server": says(verifyAlone: .kubeconfigServerName),
    "kubeconfig-wrong-user": says(verifyAlone: .wrongIdentity),
    "kubeconfig-wrong-pair": says(verifyAlone: .keyMismatch),
  ]

  /// A row of what they say; who says nothing finds no fault.
  private static func says(
    openssl: String? = nil, go: String? = nil, gnutls: String? = nil, python: String? = nil,
    verify codes: FindingCode...
  ) -> Verdicts {
    func verdict(_ reason: String?) -> Verdict { reason.map { .refused($0) } ?? .accepted }
    let reason = codes.isEmpty ? nil : codes.map(\.rawValue).joined(separator: ", ")
    return Verdicts(
      openssl: verdict(openssl), go: verdict(go), gnutls: verdict(gnutls), python: verdict(python),
      verify: verdict(reason))
  }

  /// A row of a file at which only `pkigen verify` looks.
  private static func says(verifyAlone code: FindingCode) -> Verdicts {
    Verdicts(verify: .refused(code.rawValue))
  }
}
