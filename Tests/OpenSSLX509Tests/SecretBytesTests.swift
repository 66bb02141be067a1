import OpenSSLX509
import Testing

/// Buffers for secrets.
struct SecretBytesTests {
  @Test func `nothing that prints values prints the bytes`() {
    let secret = SecretBytes(text: "hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect("\(secret)" == "7 secret bytes")
    for text in [
      "\(secret)", String(reflecting: secret), dumped, "\([secret])", "\(Optional(secret) as Any)",
    ] {
      #expect(!text.contains("hunter2") && !text.contains("104"), "\(text)")
    }
  }

  @Test func `bytes are compared as bytes`() {
    #expect(SecretBytes([1, 2]).hasSameBytes(as: SecretBytes([1, 2])))
    #expect(!SecretBytes([1, 2]).hasSameBytes(as: SecretBytes([1, 3])))
    #expect(!SecretBytes([1, 2]).hasSameBytes(as: SecretBytes([1])))
    #expect(SecretBytes([]).hasSameBytes(as: SecretBytes([])) && SecretBytes([]).copy.isEmpty)
  }

  @Test func `parts are joined, and read as text where they are text`() {
    let parts = [SecretBytes(text: "key "), SecretBytes([]), SecretBytes(text: "ключ")]
    #expect(SecretBytes(joining: parts).utf8 == "key ключ")
    #expect(SecretBytes(joining: []).utf8?.isEmpty == true && SecretBytes([0xff]).utf8 == nil)
  }

  @Test func `only what was filled counts`() {
    let bytes = SecretBytes(capacity: 8) { (buffer) -> Int in
      buffer.copyBytes(from: [1, 2, 3])
      return 3
    }
    #expect(bytes.count == 3 && bytes.copy == [1, 2, 3])
    bytes.withUnsafeBytes { #expect(Array($0) == [1, 2, 3]) }
  }

  @Test func `what filling throws comes through`() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { try SecretBytes(capacity: 8) { _ in throw Failure() } }
  }
}
