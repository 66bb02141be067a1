internal import COpenSSL

/// Random probable primes for RSA keys: an incremental search with OpenSSL's arithmetic.
///
/// `BN_generate_prime_ex2` does the same with 64 rounds of the Miller-Rabin test for its result (128 above 2048 bits), enough
/// for a number that an attacker chose. For a number that was drawn at random, the standard wants fewer.
///
/// As in OpenSSL's search, the time depends on how far the prime is from where the search began, and on the factors of the
/// candidates before it. Both say nothing about the prime's bits to one who does not see the memory.
struct RSAPrimeSearch {
  /// The bits of a prime, the highest two of them set.
  let bits: Int
  /// How many rounds of the Miller-Rabin test a prime passes.
  let rounds: Int
  /// Scratch numbers, and the random numbers that are taken.
  let context: BigNumberContext

  /// A search for primes of RSA keys, FIPS 186-5 table B.1, column 3; `nil` for a size that the table does not have.
  ///
  /// The table wants 5 rounds for 1024 bits (2^-112), 4 for 1536 (2^-128) and 4 for 2048 (2^-144), where each candidate is
  /// drawn anew. Here, up to 2 `bits` candidates follow from one draw. Each of them, taken alone, is as random as one that
  /// is drawn, so that an error is at most as many times as likely as there are candidates to one draw, instead of the
  /// 0.35 `bits` that are needed on average: 6 times. Brandt and Damgård ("On generation of probable primes by incremental
  /// search", Crypto 1992) show that it is less. The two bits that are set halve the numbers to draw from: 12 times, less
  /// than 2^4. Each further round makes an error at least 4 times less likely: two rounds more than the table's.
  init?(bits: Int, context: BigNumberContext) {
    let table = [1024: 5, 1536: 4, 2048: 4]
    guard let rounds = table[bits] else { return nil }
    self.init(bits: bits, rounds: rounds + 2, context: context)
  }

  /// A search for primes that pass so many rounds.
  init(bits: Int, rounds: Int, context: BigNumberContext) {
    self.bits = bits
    self.rounds = rounds
    self.context = context
  }

  /// A new prime.
  ///
  /// - Throws: ``OpenSSLError`` when there is no randomness or no memory.
  func prime() throws(OpenSSLError) -> BigNumber {
    while true {
      let start = try BigNumber()
      try checked("draw a random number") {
        BN_priv_rand_ex(
          start.pointer, Int32(clamping: bits), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD, 0, context.pointer)
      }
      if let prime = try firstPrime(from: start) { return prime }
    }
  }

  /// The first prime among the 2 `bits` odd numbers that begin with `start`; `nil` where none is, in 3 of 1,000 searches.
  private func firstPrime(from start: BigNumber) throws(OpenSSLError) -> BigNumber? {
    var isComposite = try sieve(start)
    // It says where the prime is.
    defer { isComposite.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
    for index in isComposite.indices where isComposite[index] == 0 {
      let candidate = try BigNumber.result { BN_copy($0, start.pointer) == nil ? 0 : 1 }
      try checked("compute") { BN_add_word(candidate.pointer, UInt(2 * index)) }
      guard candidate.bitCount == bits else { return nil }
      if try MillerRabinTest(of: candidate, context).passes(rounds: rounds) { return candidate }
    }
    return nil
  }

  /// For each odd number from `start` on, 1 where a small prime divides it.
  private func sieve(_ start: BigNumber) throws(OpenSSLError) -> [UInt8] {
    var isComposite = [UInt8](repeating: 0, count: 2 * bits)
    for prime in Self.smallPrimes {
      let rest = Int(BN_mod_word(start.pointer, UInt(prime)))
      // The first index for which start + 2 index is a multiple: half of what is missing, which has to be even.
      let missing = rest == 0 ? 0 : prime - rest
      var index = (missing.isMultiple(of: 2) ? missing : missing + prime) / 2
      while index < isComposite.count {
        isComposite[index] = 1
        index += prime
      }
    }
    return isComposite
  }

  /// The odd primes below 27,500, about 3,000. With more of them, to divide costs more than the rounds that it saves.
  private static let smallPrimes: [Int] = {
    var isComposite = [Bool](repeating: false, count: 27_500)
    for number in 2..<isComposite.count where !isComposite[number] {
      for multiple in stride(from: number * number, to: isComposite.count, by: number) {
        isComposite[multiple] = true
      }
    }
    return stride(from: 3, to: isComposite.count, by: 2).filter { !isComposite[$0] }
  }()
}

/// The Miller-Rabin test of one number, FIPS 186-5 appendix B.3.1.
struct MillerRabinTest {
  private let candidate: BigNumber
  private let predecessor: BigNumber
  /// Step 1: the power of two in the predecessor, and step 2: the odd factor beside it.
  private let power: Int
  private let factor: BigNumber
  private let montgomery: MontgomeryContext
  private let context: BigNumberContext

  /// - Parameter candidate: an odd number above 3.
  init(of candidate: BigNumber, _ context: BigNumberContext) throws(OpenSSLError) {
    self.candidate = candidate
    self.context = context
    let predecessor = try candidate.predecessor()
    self.predecessor = predecessor
    var power = 0
    while !predecessor.hasBit(power) { power += 1 }
    self.power = power
    factor = try BigNumber.result { BN_rshift($0, predecessor.pointer, Int32(clamping: power)) }
    montgomery = try MontgomeryContext(of: candidate, context)
  }

  /// Whether the number passes so many rounds with random bases; a composite number passes each with a probability of at most
  /// a quarter.
  func passes(rounds: Int) throws(OpenSSLError) -> Bool {
    let three = try BigNumber(word: 3)
    let limit = try BigNumber.result { BN_sub($0, candidate.pointer, three.pointer) }
    for _ in 0..<rounds {
      // Steps 4.1 and 4.2: a base of at least 2, and at most the predecessor less one.
      let base = try BigNumber.result { BN_priv_rand_range_ex($0, limit.pointer, 0, context.pointer) }
      try checked("compute") { BN_add_word(base.pointer, 2) }
      guard try passes(base: base) else { return false }
    }
    return true
  }

  /// Steps 4.3 to 4.5: whether the number looks like a prime to this base.
  func passes(base: BigNumber) throws(OpenSSLError) -> Bool {
    let number = candidate.pointer
    var value = try BigNumber.result {
      BN_mod_exp_mont_consttime(
        $0, base.pointer, factor.pointer, number, context.pointer, montgomery.pointer)
    }
    if BN_is_one(value.pointer) == 1 || isPredecessor(value) { return true }
    for _ in 1..<max(power, 1) {
      let root = value.pointer
      value = try BigNumber.result { BN_mod_sqr($0, root, number, context.pointer) }
      if isPredecessor(value) { return true }
      if BN_is_one(value.pointer) == 1 { return false }
    }
    return false
  }

  private func isPredecessor(_ value: BigNumber) -> Bool { BN_cmp(value.pointer, predecessor.pointer) == 0 }
}

/// What OpenSSL needs to compute modulo an odd number.
private final class MontgomeryContext {
  let pointer: OpaquePointer

  init(of modulus: BigNumber, _ context: BigNumberContext) throws(OpenSSLError) {
    pointer = try owned("allocate memory") { BN_MONT_CTX_new() }
    // From here on `deinit` frees it, whatever is thrown.
    try checked("compute") { BN_MONT_CTX_set(pointer, modulus.pointer, context.pointer) }
  }

  deinit { BN_MONT_CTX_free(pointer) }
}
