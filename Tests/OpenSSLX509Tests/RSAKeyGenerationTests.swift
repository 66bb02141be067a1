import OpenSSLX509
import TestSupport
import Testing

/// RSA keys against FIPS 186-5, A.1.1 and A.1.3: a few of them, by our own arithmetic and by the `openssl` command.
/// `Tests/faults/rsa-proof.py` does the same, and more, for as many as one has time for.
struct RSAKeyGenerationTests {
  @Test(arguments: [(KeyAlgorithm.rsa2048, 2048, 3), (.rsa3072, 3072, 1)])
  func `keys are as the standard wants them`(algorithm: KeyAlgorithm, bits: Int, count: Int) async throws {
    var primes: Set<[UInt8]> = []
    for _ in 0..<count {
      let key = try PrivateKey.generate(algorithm)
      #expect(try await openssl("pkey", "-check", "-noout", input: key.pem()).contains("Key is valid"))
      let numbers = try RSANumbers(key)
      #expect(numbers.modulus.bitCount == bits && numbers.publicExponent == [1, 0, 1])
      for prime in [numbers.prime1, numbers.prime2] {
        #expect(prime.bitCount == bits / 2)
        #expect(
          prime[0] & 0xc0 == 0xc0, "at least 1.5 * 2^(bits/2-1), which is more than sqrt(2) times as much")
        primes.insert(prime)
      }
      #expect(numbers.prime1.distance(to: numbers.prime2).bitCount > bits / 2 - 100)
      #expect(numbers.privateExponent.bitCount > bits / 2 + 1, "more than 2^(bits/2)")
      // Less than lcm(p-1, q-1), which is at most half of (p-1)(q-1).
      #expect(numbers.privateExponent.bitCount < bits)
    }
    #expect(primes.count == 2 * count, "no two keys share a prime")
  }
}

/// The numbers of a key, RFC 8017 A.1.2, each without leading zeros, the highest byte first.
private struct RSANumbers {
  let modulus, publicExponent, privateExponent, prime1, prime2: [UInt8]

  init(_ key: PrivateKey) throws {
    var der = try #require(try PEMBlock.blocks(in: key.pem()).first).der.copy[...]
    func byte() throws -> UInt8 {
      defer { der = der.dropFirst() }
      return try #require(der.first)
    }
    func length() throws -> Int {
      let first = Int(try byte())
      guard first > 0x7f else { return first }
      return try (0..<first & 0x7f).reduce(0) { value, _ in value << 8 | Int(try byte()) }
    }
    func number() throws -> [UInt8] {
      let tag = try byte()
      let count = try length()
      try #require(tag == 0x02 && count <= der.count)
      defer { der = der.dropFirst(count) }
      return Array(der.prefix(count).drop { $0 == 0 })
    }
    let tag = try byte()
    let count = try length()
    try #require(tag == 0x30 && count == der.count)
    let version = try number()
    try #require(version.isEmpty, "version 0: two primes")
    modulus = try number()
    publicExponent = try number()
    privateExponent = try number()
    prime1 = try number()
    prime2 = try number()
  }
}

extension [UInt8] {
  /// The number of bits of the number, whose first byte is not zero.
  fileprivate var bitCount: Int { isEmpty ? 0 : count * 8 - self[0].leadingZeroBitCount }

  /// The difference of two numbers of as many bytes.
  fileprivate func distance(to other: [UInt8]) -> [UInt8] {
    let (larger, smaller) = lexicographicallyPrecedes(other) ? (other, self) : (self, other)
    var borrow = 0
    let digits = zip(larger, smaller).reversed().map { high, low in
      let digit = Int(high) - Int(low) - borrow
      borrow = digit < 0 ? 1 : 0
      return UInt8(digit + borrow * 256)
    }
    return Array(digits.reversed().drop { $0 == 0 })
  }
}
