import OpenSSLX509
import Testing

/// PEM as people and programs leave it behind.
struct PEMBlockTests {
  static let block = "-----BEGIN THING-----\nAAEC\n-----END THING-----\n"

  @Test func `a block has its label and its content`() throws {
    let blocks = try PEMBlock.blocks(in: SecretBytes(text: Self.block))
    try #require(blocks.count == 1)
    #expect(blocks[0].label == "THING" && blocks[0].der.copy == [0, 1, 2])
    #expect(!blocks[0].isEncrypted && !blocks[0].isPrivateKey)
  }

  @Test func `blocks come in order, and what stands around them is skipped`() throws {
    let second = "-----BEGIN OTHER-----\r\nAw==\r\n-----END OTHER-----"
    let blocks = try PEMBlock.blocks(in: SecretBytes(text: "Bag\n\n\(Self.block)between\n\(second)"))
    #expect(blocks.map(\.label) == ["THING", "OTHER"])
    #expect(blocks.map(\.der.copy) == [[0, 1, 2], [3]])
  }

  @Test(arguments: ["", "\n", "not PEM at all", "-----BEGIN THI", "\0\u{1}\u{2}", "-----END THING-----\n"])
  func `where there is no block there are none`(text: String) throws {
    #expect(try PEMBlock.blocks(in: SecretBytes(text: text)).isEmpty)
  }

  @Test(arguments: [
    "-----BEGIN THING-----\n", "-----BEGIN THING-----\nAAEC\n", "-----BEGIN THING-----\nAAEC",
    "-----BEGIN THING-----\nAAEC\n-----END OTHER-----\n",
    "-----BEGIN THING-----\n!!!!\n-----END THING-----\n",
    "-----BEGIN THING-----\nAAE\n-----END THING-----\n", block + "-----BEGIN THING-----\nAAEC\n",
  ])
  func `a torn block is an error and not the end`(text: String) {
    #expect(throws: OpenSSLError.self) { try PEMBlock.blocks(in: SecretBytes(text: text)) }
  }

  @Test func `the blocks before a torn one can be had`() throws {
    let torn = SecretBytes(text: Self.block + Self.block + "-----BEGIN X-----\nA")
    let (blocks, problems) = PEMBlock.read(torn)
    #expect(blocks.map(\.label) == ["THING", "THING"])
    #expect(
      problems.map(\.description) == ["the block that begins in line 7 cannot be read: it has no END line"])
    #expect(PEMBlock.read(SecretBytes(text: Self.block)).problems.isEmpty)
    let error = #expect(throws: OpenSSLError.self) { try PEMBlock.blocks(in: torn) }
    #expect(error?.description == "cannot read the PEM block: in line 7, it has no END line")
  }

  @Test func `encryption shows in the header or in the label`() throws {
    let traditional =
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAEC\n"
      + "-----END RSA PRIVATE KEY-----\n"
    let pkcs8 = Self.block.replacing("THING", with: "ENCRYPTED PRIVATE KEY")
    for block in try PEMBlock.blocks(in: SecretBytes(text: traditional + pkcs8)) {
      #expect(block.isEncrypted && block.isPrivateKey, "\(block.label)")
    }
  }

  /// What a text is, and what Go says of it: how many blocks there are and why the first other one is skipped.
  struct Oddity: Sendable {
    let text: String
    let count: Int
    let reason: String?
  }

  static let oddities = [
    Oddity(text: "\u{feff}" + block, count: 0, reason: "a byte order mark stands before it"),
    Oddity(
      text: block.replacing("\n", with: "\r\r\n"), count: 0, reason: "its lines end in two carriage returns"),
    Oddity(text: block.replacing("\n", with: "\r\n"), count: 1, reason: nil),
    Oddity(text: "-----BEGIN THING-----\nAAEC\n" + block, count: 1, reason: "it has no END line"),
    Oddity(text: block.replacing("AAEC", with: "AA-C"), count: 0, reason: "its content is not base64"),
    Oddity(text: block.replacing("AAEC", with: "A\n\nA\n\n EC\t"), count: 1, reason: nil),
    Oddity(text: block.replacing("AAEC", with: "key: value\nAAEC"), count: 1, reason: nil),
    Oddity(text: block.replacing("AAEC", with: "key: value\n\nAAEC"), count: 1, reason: nil),
    Oddity(text: "  " + block, count: 0, reason: "blanks stand before it"),
    Oddity(text: "# " + block, count: 0, reason: nil),
    Oddity(
      text: block.dropLast() + block, count: 0, reason: "its END line goes on after the dashes"),
    Oddity(
      text: block.replacing("END THING", with: "END OTHER"), count: 0,
      reason: "its END line has another label"),
    Oddity(text: block.replacing("AAEC", with: "AAE="), count: 1, reason: nil),
    Oddity(text: block.replacing("AAEC", with: "AAE=="), count: 0, reason: "its content is not base64"),
    Oddity(text: block.replacing("AAEC\n", with: ""), count: 1, reason: nil),
  ]

  @Test(arguments: oddities)
  func `odd texts are read as Go reads them`(oddity: Oddity) {
    let (blocks, problems) = PEMBlock.read(SecretBytes(text: oddity.text))
    #expect(blocks.count == oddity.count, "\(oddity.text)")
    #expect(problems.first?.reason == oddity.reason, "\(oddity.text)")
  }

  @Test func `each of Kubernetes' readers takes the certificates that it takes`() throws {
    let certificate = try Certificate.selfSigned()
    let plain = try certificate.pem().text
    let header = plain.replacing(
      "-----BEGIN CERTIFICATE-----\n", with: "-----BEGIN CERTIFICATE-----\na: b\n\n")
    let broken = pem("CERTIFICATE", [0x30, 0]).text
    func count(_ text: String, _ reader: Certificate.Reader) -> Int? {
      (try? Certificate.all(pem: SecretBytes(text: text), as: reader))?.count
    }
    #expect(count(header + plain, .keyPair) == 2 && count(header, .keyPair) == 1)
    for reader in [Certificate.Reader.pool, .clientCA] {
      #expect(count(header + plain, reader) == 1 && count(header, reader) == nil)
    }
    #expect(count(broken + plain, .pool) == 1 && count(broken + plain, .clientCA) == nil)
    let error = try #require(throws: OpenSSLError.self) {
      try Certificate.all(pem: SecretBytes(text: broken), as: .pool)
    }
    #expect(!error.description.contains("no CERTIFICATE block"))
  }
}
