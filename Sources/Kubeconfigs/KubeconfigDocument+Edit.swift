internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText

extension KubeconfigDocument {
  /// The text with other values in some embedded fields; every other byte stays, and so does what is not embedded.
  ///
  /// - Parameters:
  ///   - values: the content of the fields, unencoded.
  ///   - server: the URL of the current context's server, where it changes.
  /// - Throws: ``KubeconfigProblem`` when a field is written in a way that cannot be edited in place.
  package func text(
    replacing values: [(source: Source, value: SecretBytes)], server: String? = nil
  ) throws(KubeconfigProblem) -> SecretBytes {
    guard encoded.encoding == .utf8 else {
      throw KubeconfigProblem("it is UTF-16 text, which cannot be edited in place; save it as UTF-8")
    }
    var edits: [(field: ScalarScanner.Field, value: String)] = []
    var expected = root
    let scalars = Array(encoded.string.unicodeScalars)
    func edit(_ name: String, _ place: Source.Place, _ steps: [ConfigurationValue.Step], _ value: String)
      throws(KubeconfigProblem)
    {
      let scanner = ScalarScanner(
        text: scalars, keyColumn: place.nameColumn - 1, isURL: name == Self.serverField)
      guard let field = scanner.field(line: place.line, column: place.column),
        let changed = expected.setting(steps[...], to: value)
      else {
        throw .notEditable("its \(name)")
      }
      edits.append((field, field.quote + value + field.quote))
      expected = changed
    }
    for (source, value) in values {
      guard case .embedded(_, let place) = source.content else { continue }
      try edit(
        "\(source.part.rawValue)-data", place, source.steps, Data(value.copy).base64EncodedString())
    }
    if let server {
      let (_, cluster, _) = try current()
      guard let place = cluster.serverPlace else { throw .notEditable("its \(Self.serverField)") }
      try edit(Self.serverField, place, cluster.serverSteps, server)
    }
    let edited = Self.text(scalars, edits)
    // What an alias stands for, and whatever else the scanner does not know of, would change with the field.
    guard let new = EncodedText(SecretBytes(edited.utf8)), let result = try Self.root(new),
      result.saysTheSame(as: expected)
    else {
      throw .notEditable("it")
    }
    return SecretBytes(((encoded.hasMark ? "\u{feff}" : "") + edited).utf8)
  }

  private static let serverField = "server"

  private static func text(
    _ scalars: [Unicode.Scalar], _ edits: [(field: ScalarScanner.Field, value: String)]
  ) -> String {
    var edited = scalars
    for edit in edits.sorted(by: { $0.field.range.lowerBound > $1.field.range.lowerBound }) {
      edited.replaceSubrange(edit.field.range, with: edit.value.unicodeScalars)
    }
    var string = String.UnicodeScalarView()
    string.append(contentsOf: edited)
    return String(string)
  }
}

extension KubeconfigProblem {
  fileprivate static func notEditable(_ what: String) -> Self {
    Self(
      "\(what) is written with an anchor, an alias, a tag or in another way that cannot be edited in place")
  }
}
