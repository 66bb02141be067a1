/// Finds the blocks of a PEM text as Go's `encoding/pem` does, which is how every component of Kubernetes reads its files.
///
/// Held against Go 1.27, `src/encoding/pem/pem.go`. What it does differently from OpenSSL:
/// - A block is looked for from its END line: the block begins at the last BEGIN line before it, so that one whose END line
///   is lost is skipped, and so is one whose content is not base64.
/// - A BEGIN line stands at the start of a line: after a byte order mark there is none.
/// - Lines end in a line feed, with one carriage return before it or none.
/// - Lines with a colon after the BEGIN line are headers; no blank line has to follow them.
struct PEMDecoder {
  /// A block and where its BEGIN line starts.
  struct Found {
    let block: PEMBlock
    let start: Int
  }

  /// What begins a block, at the start of a line.
  static let beginMark = Array("-----BEGIN ".utf8)
  /// What ends its content.
  static let endMark = Array("\n-----END ".utf8)
  /// What ends both lines.
  static let dashes = Array("-----".utf8)

  /// The text, which has to outlive the decoder.
  let text: UnsafeRawBufferPointer
  /// Where the part starts that is not read yet.
  private var rest = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// All blocks of the text.
  static func all(in text: UnsafeRawBufferPointer) -> [Found] {
    var decoder = PEMDecoder(text)
    var found: [Found] = []
    while let next = decoder.next() { found.append(next) }
    return found
  }

  /// The next block; `nil` where Go finds no further one.
  private mutating func next() -> Found? {
    var start = rest
    while let end = text.firstRange(of: Self.endMark, from: start) {
      switch block(in: start..<end, trailer: end + Self.endMark.count) {
      case .found(let found):
        rest = line(at: end + Self.endMark.count - 1).next
        return found
      case .skipped: start = end + Self.endMark.count
      case .stop: return nil
      }
    }
    return nil
  }

  private enum Outcome {
    case found(Found)
    /// Go goes on after the END line.
    case skipped
    /// Go finds no further block.
    case stop
  }

  /// The block whose END line follows this part of the text.
  private func block(in part: Range<Int>, trailer: Int) -> Outcome {
    guard let begin = text.lastRange(of: Self.beginMark, in: part),
      begin == part.lowerBound || text[begin - 1] == 0x0a
    else { return .skipped }
    let beginLine = line(at: begin + Self.beginMark.count)
    let label = beginLine.content.dropLast(Self.dashes.count)
    guard beginLine.content.hasSuffix(Self.dashes) else { return .skipped }
    guard let (headers, content) = headers(at: beginLine.next) else { return .stop }
    if !headers.isEmpty, part.upperBound < content { return content > trailer ? .stop : .skipped }
    guard isTrailer(at: trailer, of: label) else { return .skipped }
    let base64 = UnsafeRawBufferPointer(rebasing: text[content..<max(content, part.upperBound)])
    guard let der = Base64.decode(base64) else { return .skipped }
    let name = String(decoding: label, as: UTF8.self)
    let isEncrypted =
      name == "ENCRYPTED PRIVATE KEY"
      || headers.contains { String(decoding: $0, as: UTF8.self).contains("ENCRYPTED") }
    let block = PEMBlock(label: name, isEncrypted: isEncrypted, hasHeaders: !headers.isEmpty, der: der)
    return .found(Found(block: block, start: begin))
  }

  /// The lines with a colon from `start` on, and where the first line without one starts; `nil` where the text ends.
  private func headers(at start: Int) -> (lines: [Slice<UnsafeRawBufferPointer>], next: Int)? {
    var lines: [Slice<UnsafeRawBufferPointer>] = []
    var start = start
    while start < text.count {
      let line = line(at: start)
      guard line.content.contains(UInt8(ascii: ":")) else { return (lines, start) }
      lines.append(line.content)
      start = line.next
    }
    return nil
  }

  /// Whether at `start` stand this label, five dashes, and nothing else on the line.
  private func isTrailer(at start: Int, of label: Slice<UnsafeRawBufferPointer>) -> Bool {
    let end = start + label.count + Self.dashes.count
    guard end <= text.count else { return false }
    return text[start..<end].elementsEqual(Array(label) + Self.dashes) && line(at: end).content.isEmpty
  }

  /// The line from `start` on, without the blanks at its end, and where the next one starts.
  private func line(at start: Int) -> (content: Slice<UnsafeRawBufferPointer>, next: Int) {
    let feed = text[start...].firstIndex(of: 0x0a)
    var end = feed ?? text.count
    if feed != nil, end > start, text[end - 1] == 0x0d { end -= 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
    return (text[start..<end], feed.map { $0 + 1 } ?? text.count)
  }
}

extension UnsafeRawBufferPointer {
  /// Where `pattern` stands first from `start` on.
  func firstRange(of pattern: some Collection<UInt8>, from start: Int) -> Int? {
    guard let head = pattern.first else { return start }
    var start = start
    while start + pattern.count <= count, let first = self[start...].firstIndex(of: head) {
      if self[first...].starts(with: pattern) { return first }
      start = first + 1
    }
    return nil
  }

  /// Where `pattern` stands last within `part`.
  func lastRange(of pattern: [UInt8], in part: Range<Int>) -> Int? {
    var start = part.upperBound - pattern.count
    while start >= part.lowerBound {
      if self[start] == pattern[0], self[start...].starts(with: pattern) { return start }
      start -= 1
    }
    return nil
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// Whether the last bytes are these.
  func hasSuffix(_ suffix: [UInt8]) -> Bool {
    count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
  }
}
