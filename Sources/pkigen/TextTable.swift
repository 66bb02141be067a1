/// Columns as wide as their widest cell, with three spaces between them.
struct TextTable {
  /// Colours of a terminal, ECMA-48 section 8.3.117.
  static let (red, yellow) = (31, 33)

  /// One line: its cells, and how alarming it is.
  struct Row: Sendable {
    let cells: [String]
    var colour: Int?
  }

  let header: [String]
  let rows: [Row]

  /// The lines, each with its newline.
  func text(inColour: Bool) -> String {
    let lines = [header] + rows.map(\.cells)
    let widths = header.indices.map { column in
      lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return padded.joined(separator: "   ").trimmingTrailingSpaces
    }
    return zip(lines, [nil] + rows.map(\.colour)).map { cells, colour in
      guard inColour, let colour else { return line(cells) + "\n" }
      return "\u{1b}[\(colour)m\(line(cells))\u{1b}[0m\n"
    }.joined()
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    guard let last = utf8.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { return "" }
    return String(self[...last])
  }
}
