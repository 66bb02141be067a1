internal import KubernetesPKI
internal import OpenSSLX509

/// The randomness of a set of fixtures: of a seed where it has one, else OpenSSL's own.
struct FixtureRandom: Sendable {
  private let generator: SeededGenerator?

  init(seed: String?) { generator = seed.map { SeededGenerator(seed: $0) } }

  func key(_ algorithm: KeyAlgorithm, for item: String) throws(OpenSSLError) -> PrivateKey {
    guard let generator else { return try PrivateKey.generate(algorithm) }
    return try generator.key(algorithm, for: item)
  }

  /// An RSA key that is too short for anything but a test.
  func shortKey(for item: String) throws(OpenSSLError) -> PrivateKey {
    guard let generator else { return try PrivateKey.generateRSA(bits: 1024) }
    return try generator.rsaKey(bits: 1024, for: item)
  }

  func serialNumber(for item: String) throws(OpenSSLError) -> SerialNumber {
    guard let generator else { return try SerialNumber.random() }
    return try generator.serialNumber(for: item)
  }

  /// The key, as it has to be used for the one signature on the item.
  func signingKey(_ key: PrivateKey, for item: String) throws(OpenSSLError) -> PrivateKey {
    guard let generator else { return key }
    return try generator.signingKey(key, for: item)
  }

  /// The same for the items of a tree, whose names get a prefix.
  func source(prefix: String) -> RandomSource {
    RandomSource(
      makeKey: { (algorithm, item) throws(OpenSSLError) in try key(algorithm, for: prefix + item) },
      makeSerialNumber: { (item) throws(OpenSSLError) in try serialNumber(for: prefix + item) },
      signingKey: { (key, item) throws(OpenSSLError) in try signingKey(key, for: prefix + item) })
  }
}
