internal import COpenSSL

/// RSA keys of random probable primes, FIPS 186-5 appendix A.1.3.
///
/// OpenSSL 3 makes RSA keys of primes with auxiliary primes, appendix A.1.6, which takes two and a half times as long. The
/// method here is that of OpenSSL 1.1.1, BoringSSL and Go. ``RSAPrimeSearch`` finds the primes.
///
/// Where it differs from the letter of A.1.3, the set of keys becomes smaller, never larger:
/// - Step 1: sizes below 2048 bits are made too, for tests; no ``KeyAlgorithm`` asks for them.
/// - Steps 4.2 to 4.5, 5.2 to 5.6: the search draws a number with both its highest bits set, and goes on from it by twos past
///   multiples of small primes; the standard draws anew each time. gcd(p - 1, e) and |p - q| are looked at once it is a
///   prime, not before.
/// - Steps 4.6, 5.7: attempts are not counted. A generator that never gave a prime would be waited for; OpenSSL tests its
///   generator itself.
enum RSAKeyGeneration {
  /// The public exponent e: odd, between 2^16 and 2^256 (A.1.1, criterion 1).
  private static let publicExponent: UInt = 65_537

  /// A new key with a modulus of `bits` bits (A.1.1: an even number, at least 2048).
  ///
  /// - Parameter library: whose random numbers are searched for primes; `nil` for OpenSSL's own.
  /// - Throws: ``OpenSSLError`` when there is no randomness or no memory.
  static func generate(bits: Int, in library: SeededLibrary?) throws(OpenSSLError) -> PrivateKey {
    // Who asks OpenSSL for validated modules only gets their key generation, and no part of this one.
    if library == nil, EVP_default_properties_is_fips_enabled(nil) == 1 {
      return try PrivateKey(owning: owned("make an RSA key") { shim_EVP_PKEY_Q_keygen_RSA(nil, bits) })
    }
    let context = try BigNumberContext(randomFrom: library)
    let e = try BigNumber(word: publicExponent)
    while true {
      let p = try prime(bits: bits / 2, e, context)
      var q = try prime(bits: bits / 2, e, context)
      while try !isFarEnough(p, q, bits: bits) { q = try prime(bits: bits / 2, e, context) }
      guard let d = try privateExponent(p, q, e, bits: bits, context) else { continue }
      let key = try assemble(p: p, q: q, e: e, d: d, context)
      // One signature before use: a bit that flipped in memory must not become a CA.
      guard try key.isPair(of: key.publicKey) else {
        throw OpenSSLError(operation: "make an RSA key", reasons: ["it does not verify its own signature"])
      }
      return key
    }
  }

  /// Steps 4 and 5: a probable prime of exactly `bits` bits for which gcd(p - 1, e) = 1.
  ///
  /// The two highest bits are set, so that p >= 1.5 * 2^(bits - 1), which is more than the sqrt(2) * 2^(bits - 1) of steps
  /// 4.4 and 5.4.
  private static func prime(
    bits: Int, _ e: BigNumber, _ context: BigNumberContext
  ) throws(OpenSSLError) -> BigNumber {
    while true {
      let candidate = try probablePrime(bits: bits, context)
      guard candidate.bitCount == bits, candidate.hasBit(bits - 2) else {
        throw OpenSSLError(
          operation: "make an RSA key", reasons: ["a prime has not its two highest bits set"])
      }
      let (predecessor, exponent) = (try candidate.predecessor(), e.pointer)
      let divisor = try BigNumber.result { BN_gcd($0, predecessor.pointer, exponent, context.pointer) }
      if BN_is_one(divisor.pointer) == 1 { return candidate }
    }
  }

  /// A probable prime with its two highest bits set.
  ///
  /// OpenSSL's own search makes those of sizes that the standard has no number of rounds for, and those of a seed, which have to stay what
  /// they are. To have it make all primes, leave out the first line.
  private static func probablePrime(
    bits: Int, _ context: BigNumberContext
  ) throws(OpenSSLError) -> BigNumber {
    if !context.isSeeded, let search = RSAPrimeSearch(bits: bits, context: context) {
      return try search.prime()
    }
    return try BigNumber.result {
      BN_generate_prime_ex2($0, Int32(clamping: bits), 0, nil, nil, nil, context.pointer)
    }
  }

  /// Step 5.5: whether |p - q| > 2^(bits/2 - 100).
  private static func isFarEnough(
    _ p: BigNumber, _ q: BigNumber, bits: Int
  ) throws(OpenSSLError) -> Bool {
    let (one, other) = (p.pointer, q.pointer)
    let difference = try BigNumber.result { BN_sub($0, one, other) }
    // More than 2^k has at least k + 1 bits; 2^k itself, which has as many, is refused along with what is less.
    return difference.bitCount > bits / 2 - 100 + 1
  }

  /// A.1.1, criterion 3: d = e^-1 mod lcm(p - 1, q - 1), and d > 2^(bits/2); `nil` where it is not.
  private static func privateExponent(
    _ p: BigNumber, _ q: BigNumber, _ e: BigNumber, bits: Int,
    _ context: BigNumberContext
  ) throws(OpenSSLError) -> BigNumber? {
    let scratch = context.pointer
    let (p1, q1, exponent) = (try p.predecessor(), try q.predecessor(), e.pointer)
    let divisor = try BigNumber.result { BN_gcd($0, p1.pointer, q1.pointer, scratch) }
    let product = try BigNumber.result { BN_mul($0, p1.pointer, q1.pointer, scratch) }
    let lcm = try BigNumber.result { BN_div($0, nil, product.pointer, divisor.pointer, scratch) }
    let d = try BigNumber.result { BN_mod_inverse($0, exponent, lcm.pointer, scratch) == nil ? 0 : 1 }
    return d.bitCount > bits / 2 + 1 ? d : nil
  }

  /// The key with its Chinese-remainder parts, RFC 8017 section 3.2.
  private static func assemble(
    p: BigNumber, q: BigNumber, e: BigNumber, d: BigNumber,
    _ context: BigNumberContext
  ) throws(OpenSSLError) -> PrivateKey {
    let (scratch, prime1, prime2, private_) = (context.pointer, p.pointer, q.pointer, d.pointer)
    let (p1, q1) = (try p.predecessor(), try q.predecessor())
    let n = try BigNumber.result { BN_mul($0, prime1, prime2, scratch) }
    let exponent1 = try BigNumber.result { BN_div(nil, $0, private_, p1.pointer, scratch) }
    let exponent2 = try BigNumber.result { BN_div(nil, $0, private_, q1.pointer, scratch) }
    let coefficient = try BigNumber.result { BN_mod_inverse($0, prime2, prime1, scratch) == nil ? 0 : 1 }
    let builder = try owned("allocate memory") { OSSL_PARAM_BLD_new() }
    defer { OSSL_PARAM_BLD_free(builder) }
    // core_names.h spells these OSSL_PKEY_PARAM_RSA_N and so on. The builder keeps the pointers, so they must be static.
    let parts: [(name: StaticString, value: BigNumber)] = [
      ("n", n), ("e", e), ("d", d), ("rsa-factor1", p), ("rsa-factor2", q), ("rsa-exponent1", exponent1),
      ("rsa-exponent2", exponent2), ("rsa-coefficient1", coefficient),
    ]
    for part in parts {
      let name = UnsafeRawPointer(part.name.utf8Start).assumingMemoryBound(to: CChar.self)
      try checked("assemble an RSA key") { OSSL_PARAM_BLD_push_BN(builder, name, part.value.pointer) }
    }
    return try PrivateKey(owning: key(from: builder))
  }

  private static func key(from builder: OpaquePointer) throws(OpenSSLError) -> OpaquePointer {
    let parameters = try owned("assemble an RSA key") { OSSL_PARAM_BLD_to_param(builder) }
    // Cleanses what was built of numbers from the secure heap.
    defer { OSSL_PARAM_free(parameters) }
    let context = try owned("assemble an RSA key") { EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) }
    defer { EVP_PKEY_CTX_free(context) }
    try checked("assemble an RSA key") { EVP_PKEY_fromdata_init(context) }
    return try owned("assemble an RSA key") {
      var key: OpaquePointer?
      return EVP_PKEY_fromdata(context, &key, keyPair, parameters) > 0 ? key : nil
    }
  }

  /// `EVP_PKEY_KEYPAIR`, a macro of several constants: private key, public key and parameters.
  private static let keyPair = Int32(shim_EVP_PKEY_KEYPAIR)
}
