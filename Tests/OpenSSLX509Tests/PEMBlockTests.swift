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
    let (blocks, error) = PEMBlock.wholeBlocks(
      in: SecretBytes(text: Self.block + Self.block + "-----BEGIN X-----\nA"))
    #expect(blocks.map(\.label) == ["THING", "THING"] && error?.operation == "read the PEM block")
    #expect(PEMBlock.wholeBlocks(in: SecretBytes(text: Self.block)).error == nil)
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
}
