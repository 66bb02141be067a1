/// Finds where a scalar of a YAML text ends, which the parser does not say.
///
/// It knows the ways in which base64 and URLs can be written; YAML 1.2, chapters 7.3 and 8.1.
package struct ScalarScanner {
  /// A scalar of the text.
  package struct Field {
    /// Where it stands, quotes included.
    package let range: Range<Int>
    /// The quotes around it, if any.
    package let quote: String
  }

  package let text: [Unicode.Scalar]
  /// The column of the key that the scalar belongs to, from zero.
  package let keyColumn: Int
  /// Whether the scalar is a URL, which has further characters and one line.
  package var isURL = false

  /// The scalar that starts at a line and a column, both from one; `nil` for one that is not written out there.
  package func field(line: Int, column: Int) -> Field? {
    guard let start = lineStart(line).map({ $0 + column - 1 }), start < text.count else { return nil }
    switch text[start] {
    case "\"": return end(ofDoubleQuoted: start + 1).map { Field(range: start..<$0, quote: "\"") }
    case "'": return end(ofSingleQuoted: start + 1).map { Field(range: start..<$0, quote: "'") }
    case "|", ">": return endOfBlock(start).map { Field(range: start..<$0, quote: "") }
    case let first where isURL && isBase64(first):
      return Field(range: start..<start + text[start...].prefix(while: isOfURL).count, quote: "")
    case let first where isBase64(first): return Field(range: start..<endOfPlain(start), quote: "")
    default: return nil
    }
  }

  /// The name of a field that stands at the key's column of a line, counted from one, without its quotes; `nil` where it does
  /// not stand there.
  package func name(_ name: String, line: Int) -> Range<Int>? {
    guard var start = lineStart(line).map({ $0 + keyColumn }), start < text.count else { return nil }
    if text[start] == "\"" || text[start] == "'" { start += 1 }
    let scalars = Array(name.unicodeScalars)
    return text[start...].starts(with: scalars) ? start..<start + scalars.count : nil
  }

  /// Where a line starts, counted from one as the parser counts them.
  private func lineStart(_ line: Int) -> Int? {
    var start = 0
    for _ in 1..<max(line, 1) {
      guard let end = text[start...].firstIndex(where: isBreak) else { return nil }
      start = end + (text[end] == "\r" && end + 1 < text.count && text[end + 1] == "\n" ? 2 : 1)
    }
    return start
  }

  private func end(ofDoubleQuoted start: Int) -> Int? {
    var index = start
    while index < text.count, text[index] != "\"" { index += text[index] == "\\" ? 2 : 1 }
    return index < text.count ? index + 1 : nil
  }

  private func end(ofSingleQuoted start: Int) -> Int? {
    text[start...].firstIndex(of: "'").map { $0 + 1 }
  }

  /// The end of the last line of base64 below the header, which must not have a comment: there is no place for it.
  private func endOfBlock(_ start: Int) -> Int? {
    let header = text[start...].prefix { !isBreak($0) }
    guard !header.contains("#") else { return nil }
    return endOfLines(after: header.endIndex)
  }

  private func endOfPlain(_ start: Int) -> Int {
    let end = start + text[start...].prefix(while: isBase64).count
    let rest = text[end...].prefix { !isBreak($0) }
    return rest.allSatisfy(isBlank) ? endOfLines(after: end) : end
  }

  /// The end of the base64 in the lines after `end` that are indented deeper than the key; blank lines may lie between.
  private func endOfLines(after end: Int) -> Int {
    var end = end
    while true {
      let blank = text[end...].prefix { isBlank($0) || isBreak($0) }
      let indentation = blank.reversed().prefix { $0 == " " }.count
      let line = text[blank.endIndex...].prefix { !isBreak($0) }
      let base64 = line.prefix(while: isBase64)
      guard blank.contains(where: isBreak), indentation > keyColumn, !base64.isEmpty,
        line[base64.endIndex...].allSatisfy(isBlank)
      else { return end }
      end = base64.endIndex
    }
  }

  private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

  /// Whether the parser ends a line here: it reads YAML 1.1.
  private func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains(scalar)
  }

  private func isOfURL(_ scalar: Unicode.Scalar) -> Bool {
    isBase64(scalar) || ":.-_~[]%@?&".unicodeScalars.contains(scalar)
  }

  private func isBase64(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "A"..."Z", "a"..."z", "0"..."9", "+", "/", "=": true
    default: false
    }
  }
}
