/// A block of a PEM text that Go's `encoding/pem` skips, and so every component of Kubernetes.
package struct PEMProblem: Hashable, Sendable, CustomStringConvertible {
  /// The line in which the block begins, from 1.
  package let line: Int
  /// Why it is skipped, as a sentence's second half: `it has no END line`.
  package let reason: String

  /// One sentence.
  package var description: String { "the block that begins in line \(line) cannot be read: \(reason)" }

  /// The blocks that begin and are not among those found. A BEGIN line within other text, as in a comment, begins none.
  static func all(in text: UnsafeRawBufferPointer, besides found: [PEMDecoder.Found]) -> [PEMProblem] {
    let starts = Set(found.map(\.start))
    var problems: [PEMProblem] = []
    var (position, line, counted) = (0, 1, 0)
    while let begin = text.firstRange(of: PEMDecoder.beginMark, from: position) {
      position = begin + PEMDecoder.beginMark.count
      guard !starts.contains(begin), let reason = reason(in: text, at: begin) else { continue }
      line += text[counted..<begin].count { $0 == 0x0a }
      counted = begin
      problems.append(PEMProblem(line: line, reason: reason))
    }
    return problems
  }

  /// Why the block that begins here is skipped; `nil` where none begins.
  private static func reason(in text: UnsafeRawBufferPointer, at begin: Int) -> String? {
    let end = text[begin...].firstIndex(of: 0x0a) ?? text.count
    let beginLine = text[(begin + PEMDecoder.beginMark.count)..<end].dropLast(while: isBlank)
    guard beginLine.hasSuffix(PEMDecoder.dashes) else { return nil }
    let lineStart = text[..<begin].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let before = UnsafeRawBufferPointer(rebasing: text[lineStart..<begin])
    if before.elementsEqual([0xef, 0xbb, 0xbf]) { return "a byte order mark stands before it" }
    if before.firstRange(of: PEMDecoder.endMark.dropFirst(), from: 0) == 0 {
      return "it follows the END line of another block without a line break"
    }
    guard before.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
    if !before.isEmpty { return "blanks stand before it" }
    if text[begin..<end].hasSuffix([0x0d, 0x0d]) { return "its lines end in two carriage returns" }
    return endReason(in: text, after: end, label: beginLine)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x0d, 0x20, 0x09].contains(byte) }

  /// What is wrong with a block whose BEGIN line is good.
  private static func endReason(
    in text: UnsafeRawBufferPointer, after start: Int, label: Slice<UnsafeRawBufferPointer>
  ) -> String {
    let next = text.firstRange(of: PEMDecoder.beginMark, from: start) ?? text.count
    guard let trailer = text.firstRange(of: PEMDecoder.endMark, from: start), trailer < next else {
      return "it has no END line"
    }
    let endLabel = text[(trailer + PEMDecoder.endMark.count)...].prefix { $0 != 0x0a }
      .dropLast(while: isBlank)
    if !endLabel.starts(with: label) { return "its END line has another label" }
    return endLabel.count > label.count
      ? "its END line goes on after the dashes" : "its content is not base64"
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// The bytes without those at the end that `isDropped` names.
  fileprivate func dropLast(while isDropped: (UInt8) -> Bool) -> Self {
    var rest = self
    while let last = rest.last, isDropped(last) { rest.removeLast() }
    return rest
  }
}
