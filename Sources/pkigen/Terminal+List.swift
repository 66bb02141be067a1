extension [String] {
  /// The elements with commas between them; one that has a comma or a quotation mark is in quotes, so that it does not look
  /// like two.
  var list: String {
    map { $0.contains { ",\"".contains($0) } ? $0.debugDescription : $0 }.joined(separator: ", ")
  }
}
