internal import FoundationEssentials
internal import OpenSSLX509

extension KubeconfigClient {
  /// The text with other values in some embedded fields; every other byte stays, and so does what is not embedded.
  ///
  /// - Parameter values: the content of the fields, unencoded.
  /// - Throws: ``KubeconfigDocument/Problem`` when a field is written in a way that cannot be edited in place.
  func text(
    replacing values: [(source: KubeconfigDocument.Source, value: SecretBytes)]
  ) throws(KubeconfigDocument.Problem) -> SecretBytes {
    var edits: [(range: Range<Int>, value: String)] = []
    let scalars = Array(String(decoding: text.copy, as: UTF8.self).unicodeScalars)
    for (source, value) in values {
      guard case .embedded(_, let place) = source.content else { continue }
      let scanner = ScalarScanner(text: scalars, keyColumn: place.nameColumn - 1)
      guard let range = scanner.range(line: place.line, column: place.column) else {
        throw .init(
          "its \(source.part.rawValue)-data is written with an anchor, an alias or a tag, and cannot be edited"
        )
      }
      edits.append((range, Data(value.copy).base64EncodedString()))
    }
    var result = scalars
    for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      result.replaceSubrange(edit.range, with: encoded(edit.value).unicodeScalars)
    }
    var string = String.UnicodeScalarView()
    string.append(contentsOf: result)
    return SecretBytes(String(string).utf8)
  }

  /// Base64 needs no quotes in YAML, and has them in JSON.
  private func encoded(_ base64: String) -> String {
    let isJSON = text.copy.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 } == UInt8(ascii: "{")
    return isJSON ? "\"\(base64)\"" : base64
  }
}

/// Finds where a scalar of a YAML text ends, which the parser tells of none.
private struct ScalarScanner {
  let text: [Unicode.Scalar]
  /// The column of the key that the scalar belongs to, from zero.
  let keyColumn: Int

  /// The scalar that starts at a line and a column, both from one; `nil` for one that is not written out there.
  func range(line: Int, column: Int) -> Range<Int>? {
    var start = 0
    for _ in 1..<max(line, 1) {
      guard let end = text[start...].firstIndex(of: "\n") else { return nil }
      start = end + 1
    }
    start += column - 1
    guard start < text.count else { return nil }
    switch text[start] {
    case "\"": return end(ofDoubleQuoted: start + 1).map { start..<$0 }
    case "'": return end(ofSingleQuoted: start + 1).map { start..<$0 }
    case "|", ">": return start..<endOfBlock(after: lineEnd(start))
    case "&", "*", "!": return nil
    default: return start..<endOfPlain(start)
    }
  }

  private func lineEnd(_ index: Int) -> Int { text[index...].firstIndex(of: "\n") ?? text.count }

  private func end(ofDoubleQuoted start: Int) -> Int? {
    var index = start
    while index < text.count, text[index] != "\"" { index += text[index] == "\\" ? 2 : 1 }
    return index < text.count ? index + 1 : nil
  }

  private func end(ofSingleQuoted start: Int) -> Int? {
    var index = start
    while index < text.count {
      if text[index] == "'" {
        guard index + 1 < text.count, text[index + 1] == "'" else { return index + 1 }
        index += 1
      }
      index += 1
    }
    return nil
  }

  /// The end of the last line that is indented deeper than the key.
  private func endOfBlock(after end: Int) -> Int {
    var end = end
    while end < text.count {
      let next = lineEnd(end + 1)
      let line = text[(end + 1)..<max(next, end + 1)]
      let indentation = line.prefix { $0 == " " }.count
      guard !line.isEmpty, indentation > keyColumn, indentation < line.count else { break }
      end = next
    }
    return end
  }

  /// A plain scalar of base64 ends where neither base64 nor the folding of lines goes on.
  private func endOfPlain(_ start: Int) -> Int {
    var end = start
    while end < text.count, isBase64(text[end]) { end += 1 }
    let lineEnd = lineEnd(end)
    guard text[end..<lineEnd].allSatisfy({ $0 == " " || $0 == "\r" }) else { return end }
    let block = endOfBlock(after: lineEnd)
    return block == lineEnd ? end : block
  }

  private func isBase64(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      || "+/=".unicodeScalars.contains(scalar)
  }
}
