import OpenSSLX509
import TestSupport
import Testing

/// Private keys: made, written, and read in each form in which they are found.
struct PrivateKeyTests {
  @Test(arguments: KeyAlgorithm.allCases)
  func `a new key is sound, of its algorithm and in the traditional form`(algorithm: KeyAlgorithm)
    async throws
  {
    let key = try PrivateKey.generate(algorithm)
    #expect(key.type.algorithm == algorithm && key.type.description == algorithm.rawValue)
    let pem = try key.pem()
    let label = key.type.isRSA ? "RSA PRIVATE KEY" : "EC PRIVATE KEY"
    let lines = pem.text.split(separator: "\n")
    #expect(lines.first == "-----BEGIN \(label)-----" && lines.last == "-----END \(label)-----")
    #expect(lines.dropFirst().dropLast(2).allSatisfy { $0.count == 64 } && pem.text.hasSuffix("-----\n"))
    let report = try await openssl("pkey", "-check", "-noout", "-text", input: pem)
    #expect(report.contains("Key is valid"))
    #expect(report.contains(try #require(Self.descriptions[algorithm])))
  }

  private static let descriptions: [KeyAlgorithm: String] = [
    .rsa2048: "Private-Key: (2048 bit, 2 primes)", .rsa3072: "Private-Key: (3072 bit, 2 primes)",
    .rsa4096: "Private-Key: (4096 bit, 2 primes)", .ecdsaP256: "NIST CURVE: P-256",
    .ecdsaP384: "NIST CURVE: P-384",
  ]

  @Test(arguments: [KeyAlgorithm.rsa2048, .ecdsaP256, .ecdsaP384])
  func `a key is read in the traditional form and in PKCS#8`(algorithm: KeyAlgorithm) async throws {
    let key = try PrivateKey.generate(algorithm)
    let traditional = try key.pem()
    let pkcs8 = SecretBytes(text: try await openssl("pkey", input: traditional))
    #expect(pkcs8.text.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    for pem in [traditional, pkcs8] {
      let read = try PrivateKey(pem: pem)
      #expect(read.publicKey == key.publicKey && read.type == key.type)
      #expect(
        try read.pem().hasSameBytes(as: traditional), "what is written does not depend on what was read")
    }
  }

  @Test func `an EC PARAMETERS block before the key is skipped`() async throws {
    let pem = try await run(Judges.openssl, ["ecparam", "-name", "prime256v1", "-genkey"]).stdout
    #expect(pem.hasPrefix("-----BEGIN EC PARAMETERS-----"))
    #expect(try PrivateKey(pem: SecretBytes(text: pem)).type.algorithm == .ecdsaP256)
  }

  @Test func `of two keys the first counts`() throws {
    let (one, other) = (try PrivateKey.generate(.ecdsaP256), try PrivateKey.generate(.ecdsaP384))
    let certificate = try Certificate.selfSigned(by: other)
    let pem = try certificate.pem().text + one.pem().text + other.pem().text
    #expect(try PrivateKey(pem: SecretBytes(text: pem)).publicKey == one.publicKey)
  }

  @Test(arguments: ["-traditional", "-inform"])
  func `an encrypted key is refused as such`(form: String) async throws {
    let options = form == "-traditional" ? [form] : []
    let outcome = try await run(
      Judges.openssl, ["pkey", "-aes256", "-passout", "pass:secret"] + options,
      input: try PrivateKey.generate(.ecdsaP256).pem().text)
    let error = try #require(throws: OpenSSLError.self) {
      try PrivateKey(pem: SecretBytes(text: outcome.stdout))
    }
    #expect(
      error.description
        == "cannot read the private key: it is encrypted, and Kubernetes reads unencrypted keys only")
  }

  @Test(arguments: [
    ["genpkey", "-algorithm", "x25519"],
    ["genpkey", "-algorithm", "ed448"],
    ["genpkey", "-algorithm", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:1024"],
    ["genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
    [
      "genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
      "ec_param_enc:explicit",
    ],
  ])
  func `keys that Kubernetes cannot read are refused`(command: [String]) async throws {
    let pem = try await run(Judges.openssl, command).stdout
    let error = try #require(throws: OpenSSLError.self) { try PrivateKey(pem: SecretBytes(text: pem)) }
    #expect(error.description.hasPrefix("cannot read the private key: it is a key of "))
    #expect(
      error.description.hasSuffix("; Kubernetes reads RSA and Ed25519 keys, and ECDSA keys on NIST's curves"))
  }

  @Test func `an Ed25519 key is read, signs and is written in PKCS#8`() async throws {
    let text = try await run(Judges.openssl, ["genpkey", "-algorithm", "ed25519"]).stdout
    let key = try PrivateKey(pem: SecretBytes(text: text))
    #expect(key.type == .ed25519 && key.type.description == "ed25519" && !key.type.signsServiceAccountTokens)
    #expect(try key.pem().text == text && key.isPair(of: key.publicKey))
    let certificate = try Certificate.selfSigned(by: key)
    #expect(certificate.isSelfSigned && certificate.publicKey.type == .ed25519)
    let printed = try await openssl("x509", "-noout", "-text", input: certificate.pem())
    #expect(printed.contains("Signature Algorithm: ED25519"))
  }

  /// Each number of PKCS#1 in turn: modulus, exponents, primes, Chinese-remainder parts.
  @Test(arguments: 1...8)
  func `an RSA key with one wrong number is damaged`(field: Int) throws {
    let block = try #require(PEMBlock.blocks(in: PrivateKey.generate(.rsa2048).pem()).first)
    var fields = Self.integers(block.der.copy)
    try #require(fields.count == 9)
    fields[field][fields[field].count - 1] ^= 2
    let changed = der(0x30, fields.flatMap { der(2, $0) })
    let error = try #require(throws: OpenSSLError.self) {
      try PrivateKey(pem: pem("RSA PRIVATE KEY", changed))
    }
    #expect(error.description.contains("damaged"))
  }

  @Test func `an RSA key with its primes exchanged is damaged`() throws {
    let block = try #require(PEMBlock.blocks(in: PrivateKey.generate(.rsa2048).pem()).first)
    var fields = Self.integers(block.der.copy)
    fields.swapAt(4, 5)
    let exchanged = der(0x30, fields.flatMap { der(2, $0) })
    #expect(throws: OpenSSLError.self) { try PrivateKey(pem: pem("RSA PRIVATE KEY", exchanged)) }
  }

  /// The version of an ECPrivateKey is 1, RFC 5915 section 3.
  @Test(arguments: [(1, true), (2, false), (0, false)] as [(UInt8, Bool)])
  func `an ECDSA key of another version is refused, as by Go`(version: UInt8, isRead: Bool) throws {
    let block = try #require(PEMBlock.blocks(in: PrivateKey.generate(.ecdsaP256).pem()).first)
    var key = block.der.copy
    try #require(key[2...4] == [2, 1, 1])
    key[4] = version
    #expect(((try? PrivateKey(pem: pem("EC PRIVATE KEY", key))) != nil) == isRead)
  }

  /// d + (p - 1)(q - 1) makes the same signatures as d.
  @Test func `an RSA key whose private exponent exceeds the modulus is damaged, as in Go`() throws {
    let block = try #require(PEMBlock.blocks(in: PrivateKey.generate(.rsa2048).pem()).first)
    var fields = Self.integers(block.der.copy)
    let (p, q) = (fields[4], fields[5])
    fields[3] = Self.sum(fields[3], Self.product(Self.predecessor(p), Self.predecessor(q)))
    let changed = der(0x30, fields.flatMap { der(2, $0) })
    #expect(throws: OpenSSLError.self) { try PrivateKey(pem: pem("RSA PRIVATE KEY", changed)) }
  }

  private static func predecessor(_ odd: [UInt8]) -> [UInt8] { odd.dropLast() + [(odd.last ?? 1) - 1] }

  private static func sum(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
    var (sum, carry): ([UInt8], Int) = ([], 0)
    for index in 0...max(one.count, other.count) {
      carry += [one, other].reduce(0) { $0 + (index < $1.count ? Int($1[$1.count - 1 - index]) : 0) }
      sum.insert(UInt8(carry & 0xff), at: 0)
      carry >>= 8
    }
    return trimmed(sum)
  }

  private static func product(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
    var digits = [Int](repeating: 0, count: one.count + other.count)
    for (i, a) in one.reversed().enumerated() {
      var carry = 0
      for (j, b) in other.reversed().enumerated() {
        carry += digits[i + j] + Int(a) * Int(b)
        digits[i + j] = carry & 0xff
        carry >>= 8
      }
      digits[i + other.count] += carry
    }
    return trimmed(digits.reversed().map(UInt8.init))
  }

  /// The octets of a positive INTEGER.
  private static func trimmed(_ octets: [UInt8]) -> [UInt8] {
    let magnitude = octets.drop { $0 == 0 }
    return (magnitude.first ?? 0 < 0x80 ? [] : [0]) + magnitude
  }

  /// The contents of the integers in a sequence whose lengths have two octets at most.
  private static func integers(_ sequence: [UInt8]) -> [[UInt8]] {
    var (rest, found): (ArraySlice<UInt8>, [[UInt8]]) = (sequence.dropFirst(4), [])
    while rest.count > 2 {
      let first = rest[rest.startIndex + 1]
      let octets = first < 0x80 ? 0 : Int(first & 0x7f)
      let length = octets == 0 ? Int(first) : rest.dropFirst(2).prefix(octets).reduce(0) { $0 << 8 | Int($1) }
      found.append(Array(rest.dropFirst(2 + octets).prefix(length)))
      rest = rest.dropFirst(2 + octets + length)
    }
    return found
  }

  @Test(arguments: ["P-224", "P-256", "P-384", "P-521"])
  func `every curve that Go knows is read, and its keys sign`(curve: String) async throws {
    let pem = try await run(
      Judges.openssl, ["genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:\(curve)"]
    ).stdout
    let key = try PrivateKey(pem: SecretBytes(text: pem))
    let certificate = try Certificate.selfSigned(by: key)
    let hash = ["P-384": "SHA384", "P-521": "SHA512"][curve] ?? "SHA256"
    #expect(certificate.signatureAlgorithm.description == "ecdsa-with-\(hash)")
    #expect(certificate.isSelfSigned)
  }

  @Test func `a text without a key is refused`() throws {
    let certificate = try Certificate.selfSigned().pem()
    for pem in [SecretBytes([]), SecretBytes(text: "no key"), certificate] {
      let error = try #require(throws: OpenSSLError.self) { try PrivateKey(pem: pem) }
      #expect(error.description == "cannot read the private key: there is no PRIVATE KEY block in it")
    }
  }

  @Test func `a torn key is refused wherever it is torn`() throws {
    let pem = try PrivateKey.generate(.ecdsaP256).pem()
    for length in 0..<(pem.count - 2) {
      #expect(throws: OpenSSLError.self, "\(length)") {
        try PrivateKey(pem: SecretBytes(pem.copy.prefix(length)))
      }
    }
  }

  /// Go skips them, and so does OpenSSL; but not Go's ParsePKCS1PrivateKey.
  @Test func `bytes after a key are skipped, but after PKCS#1`() async throws {
    for key in [try PrivateKey.generate(.ecdsaP256), try PrivateKey.generate(.rsa2048)] {
      for form in [[], ["-traditional"]] {
        let text = try await run(Judges.openssl, ["pkey"] + form, input: key.pem().text).stdout
        let block = try #require(try PEMBlock.blocks(in: SecretBytes(text: text)).first)
        let longer = pem(block.label, block.der.copy + [0])
        guard key.type.isRSA, !form.isEmpty else {
          #expect(try PrivateKey(pem: longer).publicKey == key.publicKey)
          continue
        }
        let error = try #require(throws: OpenSSLError.self) { try PrivateKey(pem: longer) }
        #expect(error.description == "cannot read the private key: there are bytes after its end")
      }
    }
  }

  @Test func `the content says what a key is, whatever its label`() throws {
    let key = try PrivateKey.generate(.rsa2048)
    let block = try #require(try PEMBlock.blocks(in: key.pem()).first)
    let mislabelled = try PrivateKey(pem: pem("EC PRIVATE KEY", block.der.copy))
    #expect(mislabelled.publicKey == key.publicKey && mislabelled.type == .rsa(bits: 2048))
  }

  @Test(arguments: [
    ["rsa", "-RSAPublicKey_out"], ["rsa", "-pubout"], ["pkcs8", "-topk8", "-passout", "pass:secret"],
  ])
  func `what is no private key is none, whatever its label`(command: [String]) async throws {
    let key = try PrivateKey.generate(.rsa2048)
    let text = SecretBytes(text: try await run(Judges.openssl, command, input: key.pem().text).stdout)
    let block = try #require(try PEMBlock.blocks(in: text).first)
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY"] {
      let error = try #require(throws: OpenSSLError.self) {
        try PrivateKey(pem: pem(label, block.der.copy))
      }
      #expect(error.description == "cannot read the private key: it is damaged, or no private key")
    }
  }

  @Test func `keys that are read side by side are each its own`() async throws {
    let keys = try (0..<8).map { try PrivateKey.generate($0 % 2 == 0 ? .ecdsaP256 : .ecdsaP384) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for key in keys {
        let pem = try key.pem()
        group.addTask {
          try (0..<50).allSatisfy { _ in try PrivateKey(pem: pem).publicKey.der == key.publicKey.der }
        }
      }
      for try await isSame in group { #expect(isSame) }
    }
  }

  @Test func `a key is the pair of its own public half only`() throws {
    for algorithm in [KeyAlgorithm.rsa2048, .ecdsaP256] {
      let (key, other) = (try PrivateKey.generate(algorithm), try PrivateKey.generate(algorithm))
      #expect(try key.isPair(of: key.publicKey))
      #expect(try !key.isPair(of: other.publicKey))
    }
  }

  /// SEC1 holds both halves; the private one is changed, and the public one is not.
  @Test func `a key whose halves do not belong together pairs with none`() throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    var der = try #require(try PEMBlock.blocks(in: key.pem()).first).der.copy
    // SEQUENCE, version, and OCTET STRING take 7 bytes; then the 32 of the private half begin.
    der[20] ^= 1
    let damaged = try PrivateKey(pem: pem("EC PRIVATE KEY", der))
    #expect(damaged.publicKey == key.publicKey)
    #expect(try !damaged.isPair(of: key.publicKey))
  }
}
