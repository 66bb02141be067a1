extension String {
  /// The text for a line of a terminal: what cannot be seen in it, or would command the terminal, is written out, as
  /// `\n` and `\u{1B}`.
  ///
  /// Paths and subjects are whatever their makers wanted them to be.
  public var printable: String {
    unicodeScalars.map { $0.canBeSeen ? String($0) : $0.escaped(asASCII: true) }.joined()
  }
}
