package import OpenSSLX509

/// Where keys, serial numbers and the chance in signatures come from; each is asked for with the name of its item.
package struct RandomSource: Sendable {
  /// A new key.
  package let makeKey: @Sendable (KeyAlgorithm, _ item: String) throws(OpenSSLError) -> PrivateKey
  /// A new serial number.
  package let makeSerialNumber: @Sendable (_ item: String) throws(OpenSSLError) -> SerialNumber
  /// The key, as it has to be used for the signature on the item.
  package let signingKey: @Sendable (PrivateKey, _ item: String) throws(OpenSSLError) -> PrivateKey

  /// A source of these three.
  package init(
    makeKey: @escaping @Sendable (KeyAlgorithm, _ item: String) throws(OpenSSLError) -> PrivateKey,
    makeSerialNumber: @escaping @Sendable (_ item: String) throws(OpenSSLError) -> SerialNumber,
    signingKey: @escaping @Sendable (PrivateKey, _ item: String) throws(OpenSSLError) -> PrivateKey
  ) {
    self.makeKey = makeKey
    self.makeSerialNumber = makeSerialNumber
    self.signingKey = signingKey
  }

  /// OpenSSL's own generators, to which the names of items say nothing.
  package static let openSSL = RandomSource(
    makeKey: { (algorithm, _) throws(OpenSSLError) in try PrivateKey.generate(algorithm) },
    makeSerialNumber: { (_) throws(OpenSSLError) in try SerialNumber.random() },
    signingKey: { (key, _) throws(OpenSSLError) in key })
}
