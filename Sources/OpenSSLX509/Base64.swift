/// Base64 as Go's `encoding/base64` decodes it, RFC 4648 section 4.
///
/// Held against Go 1.27: line breaks count for nothing wherever they stand, padding is needed, nothing may follow it, and
/// the bits that the last character does not need may be set.
package enum Base64 {
  /// The bytes that a text stands for; `nil` for one that Go does not decode.
  package static func decode(_ text: String) -> SecretBytes? {
    var text = text
    return text.withUTF8 { decode(UnsafeRawBufferPointer($0), skipping: isBreak) }
  }

  /// The bytes that the base64 of a PEM block stands for; `nil` where Go reads none. `encoding/pem` skips spaces and tabs
  /// too.
  static func decode(_ text: UnsafeRawBufferPointer) -> SecretBytes? { decode(text, skipping: isSpace) }

  private static func decode(_ text: UnsafeRawBufferPointer, skipping isSkipped: (UInt8) -> Bool)
    -> SecretBytes?
  {
    var isWhole = false
    let bytes = SecretBytes(capacity: text.count / 4 * 3 + 3) { buffer in
      var decoder = Decoder(output: buffer)
      for byte in text where !isSkipped(byte) {
        guard decoder.take(byte) else { return 0 }
      }
      isWhole = decoder.isWhole
      return decoder.count
    }
    return isWhole ? bytes : nil
  }

  /// Whether a byte is part of a line break.
  package static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

  private static func isSpace(_ byte: UInt8) -> Bool { isBreak(byte) || byte == 0x20 || byte == 0x09 }

  /// The six bits of a character; `nil` of one that is not of the alphabet.
  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a") + 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0") + 52)
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  private struct Decoder {
    let output: UnsafeMutableRawBufferPointer
    /// How many bytes are written.
    var count = 0
    /// The bits of the group of four characters that is being read, and how many characters of it there are.
    var bits: UInt32 = 0
    var characters = 0
    /// How many `=` have come.
    var padding = 0

    /// Whether the text may end here.
    var isWhole: Bool { padding == 0 ? characters == 0 : characters + padding == 4 }

    /// Takes one character, and says whether it may stand here.
    mutating func take(_ byte: UInt8) -> Bool {
      if byte == UInt8(ascii: "=") {
        guard characters >= 2, characters + padding < 4 else { return false }
        padding += 1
        if characters + padding == 4 { write(characters - 1, bits << (6 * UInt32(padding))) }
        return true
      }
      guard padding == 0, let value = Base64.value(of: byte) else { return false }
      bits = bits << 6 | value
      characters += 1
      if characters == 4 {
        write(3, bits)
        (bits, characters) = (0, 0)
      }
      return true
    }

    private mutating func write(_ length: Int, _ group: UInt32) {
      for index in 0..<length {
        output[count] = UInt8(truncatingIfNeeded: group >> (16 - 8 * UInt32(index)))
        count += 1
      }
    }
  }
}
