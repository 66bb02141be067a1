extension String {
  /// The text for a line of a terminal: what cannot be seen in it, or would command the terminal, is written out, as
  /// `\n` and `\u{1B}`.
  ///
  /// Paths and subjects are whatever their makers wanted them to be.
  package var printable: String {
    unicodeScalars.map { $0.canBeSeen ? String($0) : $0.escaped(asASCII: true) }.joined()
  }

  /// The text in quotes, shortened to 80 characters, with what a terminal would act upon escaped.
  package var quoted: String {
    let shortened = unicodeScalars.count > 80 ? String(unicodeScalars.prefix(80)) + "…" : self
    return shortened.debugDescription
  }

  /// The text with A-Z lower-cased and everything else untouched: host names know no other case.
  package var asciiLowercased: String {
    String(
      decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
      as: UTF8.self)
  }

  /// Whether both are the same characters: to Swift's `==`, some that look alike are equal too.
  package func isIdentical(to other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Unicode.Scalar {
  /// Whether a reader sees the character: no control, no mark of direction, nothing that Unicode has not assigned.
  package var canBeSeen: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }
}

extension [String] {
  /// The elements as a sentence lists them: `a, b and c`; of more than three, only their number: `these 5 files`.
  package var listed: String {
    if count > 3 { return "these \(count) files" }
    guard let last, count > 1 else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}
