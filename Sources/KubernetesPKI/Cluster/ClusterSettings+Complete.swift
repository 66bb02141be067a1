internal import StructuredText

extension ClusterSettings {
  /// Takes from `file` what is not said here.
  ///
  /// - Returns: a sentence for each value of the file that another one here replaces.
  package mutating func complete(from file: ClusterSettings) -> [String] {
    problems += file.problems
    var notes: [String] = []
    for field in file.fields {
      let others = file[list: field]
      if let own = self[list: field].first {
        if self[list: field].map(\.text) != others.map(\.text) { notes += own.note(replacing: others) }
      } else {
        self[list: field] = others
      }
    }
    return notes
  }
}

extension ClusterSettings {
  /// The settings, with what they do not say taken from others.
  ///
  /// - Returns: the settings, and the fields that were taken.
  package func completed(with others: ClusterSettings) -> (settings: ClusterSettings, taken: [ClusterField]) {
    var result = self
    let taken = others.fields.filter { self[list: $0].isEmpty }
    for field in taken { result[list: field] = others[list: field] }
    return (result, taken)
  }
}

extension Setting {
  /// That this value is used and not those, unless it is the same.
  package func note(replacing others: [Setting]) -> [String] {
    guard let first = others.first, others.map(\.text) != [text] else { return [] }
    let texts = others.map { $0.text.quoted }.joined(separator: ", ")
    return ["\(origin) wins over \(first.origin), which says \(texts)"]
  }
}
