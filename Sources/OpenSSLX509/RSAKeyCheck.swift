internal import COpenSSL

/// Whether the numbers of an RSA private key belong together, RFC 8017 section 3.2.
///
/// OpenSSL's own check tests for primes, which takes a hundred times as long and finds nothing more in a damaged file. Go
/// checks what is checked here: validate in src/crypto/rsa/rsa.go and src/crypto/internal/fips140/rsa/rsa.go, Go 1.27.
enum RSAKeyCheck {
  /// Whether n is the product of the primes, d below n and the inverse of e for each prime, and the Chinese-remainder parts
  /// follow from them.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  static func isConsistent(_ key: OpaquePointer) throws(OpenSSLError) -> Bool {
    defer { ERR_clear_error() }
    guard let n = try number("n", of: key), let e = try number("e", of: key), let d = try number("d", of: key)
    else { return false }
    let context = try BigNumberContext(randomFrom: nil)
    let primes = try primes(of: key)
    guard primes.count >= 2, primes.allSatisfy({ $0.bitCount > 1 }),
      try isProduct(n, of: primes, context), BN_cmp(d.pointer, n.pointer) < 0
    else { return false }
    for prime in primes where try !isInverse(d, of: e, modulo: prime.predecessor(), context) { return false }
    return try hasParts(key, of: d, primes, context)
  }

  private static func number(_ name: String, of key: OpaquePointer) throws(OpenSSLError) -> BigNumber? {
    let number = try BigNumber()
    var pointer: OpaquePointer? = number.pointer
    return EVP_PKEY_get_bn_param(key, name, &pointer) == 1 ? number : nil
  }

  /// The primes: two, or more in a key of RFC 8017's second version.
  private static func primes(of key: OpaquePointer) throws(OpenSSLError) -> [BigNumber] {
    var primes: [BigNumber] = []
    while let prime = try number("rsa-factor\(primes.count + 1)", of: key) { primes.append(prime) }
    return primes
  }

  private static func isProduct(
    _ n: BigNumber, of primes: [BigNumber], _ context: BigNumberContext
  ) throws(OpenSSLError) -> Bool {
    var product = try BigNumber(word: 1)
    for prime in primes {
      let factor = product.pointer
      product = try BigNumber.result { BN_mul($0, factor, prime.pointer, context.pointer) }
    }
    return BN_cmp(product.pointer, n.pointer) == 0
  }

  private static func isInverse(
    _ number: BigNumber, of other: BigNumber, modulo modulus: BigNumber, _ context: BigNumberContext
  ) throws(OpenSSLError) -> Bool {
    guard BN_is_zero(modulus.pointer) == 0 else { return false }
    let (one, two) = (number.pointer, other.pointer)
    let product = try BigNumber.result { BN_mod_mul($0, one, two, modulus.pointer, context.pointer) }
    return BN_is_one(product.pointer) == 1
  }

  /// Whether exponent1, exponent2 and the coefficient are d mod (p - 1), d mod (q - 1) and q^-1 mod p.
  private static func hasParts(
    _ key: OpaquePointer, of d: BigNumber, _ primes: [BigNumber], _ context: BigNumberContext
  ) throws(OpenSSLError) -> Bool {
    for (index, prime) in primes.prefix(2).enumerated() {
      let predecessor = try prime.predecessor()
      let expected = try BigNumber.result { BN_div(nil, $0, d.pointer, predecessor.pointer, context.pointer) }
      guard let part = try number("rsa-exponent\(index + 1)", of: key),
        BN_cmp(part.pointer, expected.pointer) == 0
      else { return false }
    }
    guard let coefficient = try number("rsa-coefficient1", of: key),
      BN_cmp(coefficient.pointer, primes[0].pointer) < 0
    else { return false }
    return try isInverse(coefficient, of: primes[1], modulo: primes[0], context)
  }
}
