internal import OpenSSLX509

/// Where keys, serial numbers and the chance in signatures come from; each is asked for with the name of its item.
struct RandomSource: Sendable {
  /// A new key.
  let makeKey: @Sendable (KeyAlgorithm, _ item: String) throws(OpenSSLError) -> PrivateKey
  /// A new serial number.
  let makeSerialNumber: @Sendable (_ item: String) throws(OpenSSLError) -> SerialNumber
  /// The key, as it has to be used for the signature on the item.
  let signingKey: @Sendable (PrivateKey, _ item: String) throws(OpenSSLError) -> PrivateKey

  /// OpenSSL's own generators, to which the names of items say nothing.
  static let openSSL = RandomSource(
    makeKey: { (algorithm, _) throws(OpenSSLError) in try PrivateKey.generate(algorithm) },
    makeSerialNumber: { (_) throws(OpenSSLError) in try SerialNumber.random() },
    signingKey: { (key, _) throws(OpenSSLError) in key })
}
