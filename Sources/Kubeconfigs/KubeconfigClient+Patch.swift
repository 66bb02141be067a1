internal import FoundationEssentials
package import OpenSSLX509

extension KubeconfigClient {
  /// The text with other values in some embedded fields; every other byte stays, and so does what is not embedded.
  ///
  /// - Parameter values: the content of the fields, unencoded.
  /// - Throws: ``KubeconfigProblem`` when a field is written in a way that cannot be edited in place.
  package func text(
    replacing values: [(source: KubeconfigDocument.Source, value: SecretBytes)]
  ) throws(KubeconfigProblem) -> SecretBytes {
    var edits: [(field: ScalarScanner.Field, value: String)] = []
    var changes: [Kubeconfig.Part: String] = [:]
    let everything = Array(String(decoding: text.copy, as: UTF8.self).unicodeScalars)
    let mark = everything.prefix { $0 == KubeconfigDocument.byteOrderMark }
    let scalars = Array(everything.dropFirst(mark.count))
    for (source, value) in values {
      guard case .embedded(_, let place) = source.content else { continue }
      let scanner = ScalarScanner(text: scalars, keyColumn: place.nameColumn - 1)
      guard let field = scanner.field(line: place.line, column: place.column) else {
        throw .notEditable("its \(source.part.rawValue)-data")
      }
      let base64 = Data(value.copy).base64EncodedString()
      edits.append((field, field.quote + base64 + field.quote))
      changes[source.part] = base64
    }
    var edited = scalars
    for edit in edits.sorted(by: { $0.field.range.lowerBound > $1.field.range.lowerBound }) {
      edited.replaceSubrange(edit.field.range, with: edit.value.unicodeScalars)
    }
    var string = String.UnicodeScalarView()
    string.append(contentsOf: mark + edited)
    let result = SecretBytes(String(string).utf8)
    // What an alias stands for, and whatever else the scanner does not know of, would change with the field.
    guard try KubeconfigDocument.text(text, becomes: result, with: changes) else {
      throw .notEditable("it")
    }
    return result
  }
}

extension KubeconfigProblem {
  fileprivate static func notEditable(_ what: String) -> Self {
    Self(
      "\(what) is written with an anchor, an alias, a tag or in another way that cannot be edited in place")
  }
}
