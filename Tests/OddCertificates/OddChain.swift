package import OpenSSLX509

/// A leaf, CAs that may have to do with it, and those of them that are trusted, drawn at random.
package struct OddChain {
  package let leaf: [UInt8]
  package let others: [[UInt8]]
  package let anchors: [[UInt8]]
  /// server, client or any.
  package let usage: String

  /// Three names with a key each, and a key that none of them has.
  package static let keys = Result { try (0..<4).map { _ in try PrivateKey.generate(.ecdsaP256) } }
  private static let names = ["a", "b", "c"]

  /// Draws one.
  package init(_ random: inout Seeded) throws {
    let keys = try Self.keys.get()
    var authorities: [[UInt8]] = []
    for _ in 0..<Int.random(in: 2...5, using: &random) {
      authorities.append(try Self.authority(keys, &random))
    }
    var leaf = OddCertificate(publicKey: keys[3].publicKey, signer: keys[0])
    Self.draw(issuer: &leaf, keys, &random)
    leaf.set("2.5.29.17", der(0x30, Self.alternativeNames(&random)))
    Self.change(&leaf, isCA: false, &random)
    self.leaf = try leaf.signed()
    authorities.shuffle(using: &random)
    let count = Int.random(in: 1...2, using: &random)
    anchors = Array(authorities.prefix(count))
    others = Array(authorities.dropFirst(count)) + (Bool.random(using: &random) ? [self.leaf] : [])
    usage = ["server", "client", "any"].randomElement(using: &random) ?? "any"
  }

  private static func authority(_ keys: [PrivateKey], _ random: inout Seeded) throws -> [UInt8] {
    let subject = Int.random(in: 0..<3, using: &random)
    var ca = OddCertificate.authority(names[subject], key: keys[subject])
    if Int.random(in: 0...2, using: &random) > 0 { draw(issuer: &ca, keys, &random) }
    change(&ca, isCA: true, &random)
    return try ca.signed()
  }

  /// One of the names as issuer, whose key signs for the most part.
  private static func draw(
    issuer certificate: inout OddCertificate, _ keys: [PrivateKey], _ random: inout Seeded
  ) {
    let index = Int.random(in: 0..<3, using: &random)
    certificate.issuer = name("2.5.4.3", text(0x0c, names[index]))
    certificate.signer = keys[Int.random(in: 0..<12, using: &random) == 0 ? 3 : index]
  }

  private static func alternativeNames(_ random: inout Seeded) -> [UInt8] {
    let names = [
      text(0x82, "cp1.lan"), text(0x82, "CP1.lan"), text(0x82, "*.lan"), text(0x82, "lan"), text(0x82, "a.b"),
      text(0x82, "x.a.b"), text(0x82, "a b"), text(0x81, "x@lan"), text(0x81, "x@cp1.lan"), text(0x81, "odd"),
      text(0x86, "https://cp1.lan:6443/x"), text(0x86, "spiffe://a.b/x"), text(0x86, "urn:x"),
      text(0x86, "https://10.0.0.1/"), der(0x87, [10, 0, 0, 1]), der(0x87, [192, 168, 0, 1]),
      der(0x87, hex("fd000000000000000000000000000001")),
    ]
    return (0..<Int.random(in: 1...2, using: &random)).flatMap { _ in
      names.randomElement(using: &random) ?? []
    }
  }

  private static let subtrees = [
    text(0x82, "lan"), text(0x82, ".lan"), text(0x82, "cp1.lan"), text(0x82, "A.b"), text(0x82, ""),
    text(0x81, "lan"),
    text(0x81, "x@lan"), text(0x81, ".lan"), text(0x86, "lan"), text(0x86, ".lan"), text(0x86, "a.b"),
    der(0x87, hex("0a000000ff000000")), der(0x87, hex("c0a80005ffff0000")),
    der(0x87, hex("fd000000000000000000000000000000ff000000000000000000000000000000")),
  ]

  private static func constraints(_ random: inout Seeded) -> [UInt8] {
    func trees(_ random: inout Seeded) -> [UInt8] {
      (0..<Int.random(in: 1...2, using: &random)).flatMap { _ in
        der(0x30, subtrees.randomElement(using: &random) ?? [])
      }
    }
    let permitted = Bool.random(using: &random) ? der(0xa0, trees(&random)) : []
    let excluded = permitted.isEmpty || Bool.random(using: &random) ? der(0xa1, trees(&random)) : []
    return der(0x30, permitted, excluded)
  }

  private static func policies(_ random: inout Seeded) -> [UInt8] {
    let policies = ["2.5.29.32.0", "1.2.3", "1.2.4", "1.2.5"].shuffled(using: &random)
    return der(0x30, policies.prefix(Int.random(in: 1...2, using: &random)).flatMap { der(0x30, oid($0)) })
  }

  /// Makes up to three things odd, of which many are harmless.
  private static func change(_ certificate: inout OddCertificate, isCA: Bool, _ random: inout Seeded) {
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let small = UInt8.random(in: 0...1, using: &random)
      switch Int.random(in: 0..<18, using: &random) {
      case 0 where isCA: certificate.set("2.5.29.19", der(0x30, [1, 1, 0xff, 2, 1, small]), critical: true)
      case 1, 2: certificate.set("2.5.29.30", constraints(&random), critical: true)
      case 3: certificate.set("2.5.29.37", der(0x30, oid("1.3.6.1.5.5.7.3.\(1 + small)")))
      case 4: certificate.set("2.5.29.37", der(0x30, oid(small == 0 ? "2.5.29.37.0" : "1.2.3")))
      case 5, 6, 7: certificate.set("2.5.29.32", policies(&random))
      case 8: certificate.set("2.5.29.36", der(0x30, der(0x80, [small])), critical: true)
      case 9: certificate.set("2.5.29.36", der(0x30, der(0x81, [small])))
      case 10: certificate.set("2.5.29.54", [2, 1, small])
      case 11: certificate.set("2.5.29.33", der(0x30, der(0x30, oid("1.2.3"), oid("1.2.\(4 + small)"))))
      case 12: certificate.set("2.5.29.14", [4, 1, small])
      case 13: certificate.set("2.5.29.35", der(0x30, der(0x80, [small])))
      case 14: certificate.set("1.2.3.4", [5, 0], critical: small == 0)
      case 15 where small == 0: certificate.notAfter = text(0x17, "260201000000Z")
      case 16: if isCA, small == 0 { certificate.set("2.5.29.15", [3, 2, 7, 0x80], critical: true) }
      case 17 where small == 0:
        certificate.hash = .sha1
        certificate.algorithm = der(0x30, oid("1.2.840.10045.4.1"))
      default: break
      }
    }
  }
}
