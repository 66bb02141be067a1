internal import COpenSSL
internal import Synchronization
public import FoundationEssentials

extension Certificate {
  /// Whether the signature is of this key, whatever the names say.
  public func isSigned(by key: PublicKey) -> Bool {
    if knownSigner.withLock({ $0 == key }) { return true }
    guard isSignatureVerified(with: key.pointer) else { return false }
    knownSigner.withLock { $0 = key }
    return true
  }

  private func isSignatureVerified(with key: OpaquePointer?) -> Bool {
    guard let key else { return false }
    ERR_clear_error()
    defer { ERR_clear_error() }
    if X509_verify(pointer, key) == 1 { return true }
    // Of some kinds, such as RSA-PSS, this is for want of algorithms where the certificate was read.
    guard let decoded = try? decoded() else { return false }
    defer { X509_free(decoded) }
    return X509_verify(decoded, key) == 1
  }

  /// The hash under the issuer's signature by OpenSSL's name (`SHA1`), where it has less than the 112 bits of security
  /// that NIST SP 800-131A wants; `nil` for a sound one.
  package var weakSignatureHash: String? {
    var hash = NID_undef
    var bits: Int32 = 0
    ERR_clear_error()
    defer { ERR_clear_error() }
    guard X509_get_signature_info(pointer, &hash, nil, &bits, nil) == 1, bits < 112 else { return nil }
    return ObjectIdentifier(nid: hash).description
  }

  /// What a chain is verified for.
  public enum Purpose: Sendable {
    /// A TLS server.
    case server
    /// A TLS client.
    case client
    /// Anything.
    case any

    /// OpenSSL's number of it.
    var number: Int32? {
      switch self {
      case .server: X509_PURPOSE_SSL_SERVER
      case .client: X509_PURPOSE_SSL_CLIENT
      case .any: nil
      }
    }
  }

  /// Why a chain was refused, in OpenSSL's numbers and words.
  public struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// OpenSSL's `X509_V_ERR_` number.
    public let code: Int
    /// Its text.
    public let reason: String
    /// Which certificate of the chain; the leaf is 0.
    public let depth: Int

    /// The text.
    public var description: String { reason }
  }

  /// The certificate with its key decoded, as OpenSSL verifies it or compares it with a private key; for the caller to free.
  func decoded() throws(OpenSSLError) -> OpaquePointer {
    try decodeDER("read the certificate", der, free: { X509_free($0) }) { d2i_X509(nil, $0, $1) }
  }

  /// Builds and verifies a chain as `openssl verify -partial_chain` does, RFC 5280 section 6.
  ///
  /// - Parameters:
  ///   - anchors: the certificates that are trusted, whether they sign themselves or not.
  ///   - intermediates: further certificates for the chain.
  ///   - instant: the time at which all of them must be valid; `nil` when it does not matter.
  ///   - isStrict: whether what RFC 5280 asks of issuers is asked too, as with `-x509_strict`.
  /// - Returns: why the chain is refused, or `nil` when it is good.
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func verificationError(
    anchors: [Certificate], intermediates: [Certificate] = [], purpose: Purpose, at instant: Date?,
    isStrict: Bool = true
  ) throws(OpenSSLError) -> VerificationError? {
    let store = try owned("allocate memory") { X509_STORE_new() }
    defer { X509_STORE_free(store) }
    for anchor in anchors {
      let decoded = try anchor.decoded()
      defer { X509_free(decoded) }
      try checked("trust a certificate") { X509_STORE_add_cert(store, decoded) }
    }
    let untrusted = try owned("allocate memory") { shim_sk_X509_new() }
    defer { shim_sk_X509_free(untrusted) }
    let chain = try ([self] + intermediates).map { (certificate) throws(OpenSSLError) in
      try certificate.decoded()
    }
    defer { chain.forEach(X509_free) }
    for certificate in chain.dropFirst() {
      try checked("allocate memory") { shim_sk_X509_push(untrusted, certificate) }
    }
    let context = try owned("allocate memory") { X509_STORE_CTX_new() }
    defer { X509_STORE_CTX_free(context) }
    try checked("verify the certificate") { X509_STORE_CTX_init(context, store, chain.first, untrusted) }
    let strictness = isStrict ? X509_V_FLAG_X509_STRICT : 0
    let timelessness = instant == nil ? X509_V_FLAG_NO_CHECK_TIME : 0
    X509_STORE_CTX_set_flags(context, UInt(X509_V_FLAG_PARTIAL_CHAIN | strictness | timelessness))
    if let instant { X509_STORE_CTX_set_time(context, 0, time_t(instant.timeIntervalSince1970)) }
    if let purpose = purpose.number {
      try checked("verify the certificate") { X509_STORE_CTX_set_purpose(context, purpose) }
    }
    defer { ERR_clear_error() }
    if X509_verify_cert(context) == 1 { return nil }
    let code = X509_STORE_CTX_get_error(context)
    return VerificationError(
      code: Int(code), reason: String(cString: X509_verify_cert_error_string(Int(code))),
      depth: Int(X509_STORE_CTX_get_error_depth(context)))
  }
}
