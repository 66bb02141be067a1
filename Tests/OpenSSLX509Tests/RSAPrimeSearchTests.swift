import COpenSSL
import Foundation
import TestSupport
import Testing

@testable import OpenSSLX509

/// The search for primes: what it finds, by `openssl prime`, and the Miller-Rabin test, by numbers that are known to deceive it.
///
/// `make primes` writes as many primes as one has time for, and has OpenSSL and Python look at them.
struct RSAPrimeSearchTests {
  /// Composite numbers that look prime to each of the first `bases` prime bases, and not to the next one: the ψ of Jaeschke,
  /// Jiang and Deng, Sorenson and Webster, <https://oeis.org/A014233>.
  private static let pseudoprimes: [(number: String, bases: Int, revealing: UInt)] = [
    ("7ff", 1, 3), ("14f5d5", 2, 5), ("18271b1", 3, 7), ("bfa17dc7", 4, 11), ("1f51f3fee3b", 5, 13),
    ("32907381cdf", 6, 17), ("136a352b2c8c1", 7, 23), ("351591274f9af9fb", 9, 37),
    ("437ae92817f9fc85b7e5", 12, 41), ("2be6951adc5b22410a5fd", 13, 43),
  ]
  private static let carmichael = ["231", "451", "6c1", "9a1", "b05", "19c9", "22cf", "2959"]
  private static let smallPrimes: [UInt] = (2...307).filter { number in
    !(2..<number).contains { number.isMultiple(of: $0) }
  }

  @Test(arguments: [1024, 1536, 2048])
  func `a prime has its size, its two highest bits, and is one to openssl`(bits: Int) async throws {
    let search = try #require(RSAPrimeSearch(bits: bits, context: BigNumberContext(randomFrom: nil)))
    for _ in 0..<2 {
      let prime = try search.prime()
      #expect(prime.bitCount == bits && prime.hasBit(bits - 2) && prime.hasBit(0))
      #expect(
        try await openssl("prime", "-hex", hexadecimal(prime), input: SecretBytes([])).contains("is prime"))
    }
  }

  @Test func `a size that the standard has no number of rounds for is left to OpenSSL`() throws {
    for bits in [512, 1023, 1025, 4096] {
      #expect(try RSAPrimeSearch(bits: bits, context: BigNumberContext(randomFrom: nil)) == nil)
    }
  }

  @Test func `strong pseudoprimes deceive the bases that they are known to deceive, and no other`() throws {
    for (text, bases, revealing) in Self.pseudoprimes {
      let test = try millerRabin(text)
      for base in Self.smallPrimes.prefix(bases) {
        #expect(try test.passes(base: BigNumber(word: base)), "\(text) to base \(base)")
      }
      #expect(try !test.passes(base: BigNumber(word: revealing)), "\(text) to base \(revealing)")
      #expect(try !test.passes(rounds: 64), "\(text) to random bases")
    }
  }

  /// Arnault, "Constructing Carmichael numbers which are strong pseudoprimes to several bases", 1995: 397 digits.
  @Test func `a number that deceives all prime bases below 307 does not deceive random ones`() throws {
    let p = try number(
      "2acf5bff060d5cb98a808aef25df948beef3f7c06c5c5c9efed1e53d19363db74537f89d3cadcc9be464335664ed21d0b6dbc736e0e23"
    )
    let context = try BigNumberContext(randomFrom: nil)
    var product = p
    for factor in [313, 353] as [UInt] {
      let other = try p.predecessor()
      try checked("compute") { BN_mul_word(other.pointer, factor) }
      try checked("compute") { BN_add_word(other.pointer, 1) }
      let before = product.pointer
      product = try .result { BN_mul($0, before, other.pointer, context.pointer) }
    }
    let test = try MillerRabinTest(of: product, context)
    for base in Self.smallPrimes where base < 307 {
      #expect(try test.passes(base: BigNumber(word: base)), "to base \(base)")
    }
    #expect(try !test.passes(base: BigNumber(word: 307)))
    #expect(try !test.passes(rounds: 64))
  }

  @Test(arguments: carmichael)
  func `Carmichael numbers are found composite`(text: String) throws {
    #expect(try !millerRabin(text).passes(rounds: 64))
  }

  @Test func `primes pass any number of rounds`() throws {
    // 5, 7, a Fermat prime, and two Mersenne primes.
    for prime in try [number("5"), number("7"), number("10001"), mersenne(31), mersenne(521)] {
      let test = try MillerRabinTest(of: prime, BigNumberContext(randomFrom: nil))
      #expect(try test.passes(rounds: 64), "\(hexadecimal(prime))")
    }
  }

  /// Half of `PKIGEN_PRIMES` primes of 512 and half of 1,024 bits, one a line, for other programs to look at.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PKIGEN_PRIMES"] != nil))
  func `primes for other programs`() async throws {
    let environment = ProcessInfo.processInfo.environment
    let count = try #require(environment["PKIGEN_PRIMES"].flatMap { Int($0) })
    let path = try #require(environment["PKIGEN_PRIMES_FILE"])
    let lines = try await withThrowingTaskGroup(of: [String].self) { group in
      let tasks = 2 * ProcessInfo.processInfo.activeProcessorCount
      for task in 0..<tasks {
        group.addTask {
          let context = try BigNumberContext(randomFrom: nil)
          // Five rounds, as the table has for 1,024 bits.
          let search = RSAPrimeSearch(bits: task.isMultiple(of: 2) ? 512 : 1024, rounds: 5, context: context)
          return try (0..<count / tasks).map { _ in hexadecimal(try search.prime()) }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
  }

  private func millerRabin(_ text: String) throws -> MillerRabinTest {
    try MillerRabinTest(of: number(text), BigNumberContext(randomFrom: nil))
  }

  /// 2^bits - 1.
  private func mersenne(_ bits: Int32) throws -> BigNumber {
    let one = try BigNumber(word: 1)
    return try BigNumber.result { BN_lshift($0, one.pointer, bits) }.predecessor()
  }
}

/// The number that hexadecimal digits stand for.
private func number(_ hexadecimal: String) throws -> BigNumber {
  let number = try BigNumber()
  var pointer: OpaquePointer? = number.pointer
  try #require(BN_hex2bn(&pointer, hexadecimal) == hexadecimal.count)
  return number
}

private func hexadecimal(_ number: BigNumber) -> String {
  let text = BN_bn2hex(number.pointer)
  defer { shim_OPENSSL_free(text) }
  return text.map { String(cString: $0) } ?? ""
}
