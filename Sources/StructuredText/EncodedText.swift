package import OpenSSLX509

/// A text of a file, decoded as every YAML reader decodes it (YAML 1.1, section 5.2): UTF-16 where the file begins with
/// its byte order mark, and UTF-8 otherwise.
package struct EncodedText: Sendable {
  /// How the characters are written as bytes.
  package enum Encoding: Sendable {
    /// UTF-8, with or without a byte order mark.
    case utf8
    /// UTF-16 with the low byte first.
    case utf16LittleEndian
    /// UTF-16 with the high byte first.
    case utf16BigEndian
  }

  /// The text without the byte order mark.
  package let string: String
  /// The encoding.
  package let encoding: Encoding
  /// Whether the file begins with a byte order mark.
  package let hasMark: Bool

  /// Decodes the bytes of a file; `nil` for bytes that are not text.
  package init?(_ content: SecretBytes) {
    let bytes = content.copy
    if bytes.starts(with: [0xff, 0xfe]) {
      (encoding, hasMark) = (.utf16LittleEndian, true)
    } else if bytes.starts(with: [0xfe, 0xff]) {
      (encoding, hasMark) = (.utf16BigEndian, true)
    } else {
      (encoding, hasMark) = (.utf8, bytes.starts(with: [0xef, 0xbb, 0xbf]))
    }
    let text: String? =
      switch encoding {
      case .utf8: String(validating: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self)
      case .utf16LittleEndian: Self.utf16(bytes.dropFirst(2)) { low, high in high << 8 | low }
      case .utf16BigEndian: Self.utf16(bytes.dropFirst(2)) { high, low in high << 8 | low }
      }
    guard let text else { return nil }
    string = text
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, _ unit: (UInt16, UInt16) -> UInt16) -> String? {
    guard bytes.count.isMultiple(of: 2) else { return nil }
    let starts = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2)
    return String(validating: starts.map { unit(UInt16(bytes[$0]), UInt16(bytes[$0 + 1])) }, as: UTF16.self)
  }
}
