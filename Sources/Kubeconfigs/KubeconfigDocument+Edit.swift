internal import FoundationEssentials
package import OpenSSLX509
internal import StructuredText

extension KubeconfigDocument {
  /// What a part of a kubeconfig becomes.
  package enum NewValue: Sendable {
    /// This content, embedded.
    case embedded(SecretBytes)
    /// What is in the file at this path.
    case file(String)
  }

  /// The text with other values in some fields; every other byte stays.
  ///
  /// - Parameters:
  ///   - values: what parts become; one that was in a file may be embedded then, and the reverse.
  ///   - server: the URL of the current context's server, where it changes.
  /// - Throws: ``KubeconfigProblem`` when a field is written in a way that cannot be edited in place.
  package func text(
    setting values: [(source: Source, value: NewValue)], server: String? = nil
  ) throws(KubeconfigProblem) -> SecretBytes {
    guard encoded.encoding == .utf8 else {
      throw KubeconfigProblem("it is UTF-16 text, which cannot be edited in place; save it as UTF-8")
    }
    var edit = TextEdit(text: Array(encoded.string.unicodeScalars), root: root)
    for (source, value) in values {
      let (name, text) = source.field(for: value)
      try edit.set(source.field, source.place, source.steps, text, name: name)
    }
    if let server {
      let (_, cluster, _) = try current()
      guard let place = cluster.serverPlace else { throw .notEditable("its \(TextEdit.serverField)") }
      try edit.set(TextEdit.serverField, place, cluster.serverSteps, server, name: TextEdit.serverField)
    }
    let edited = edit.result
    // What an alias stands for, and whatever else the scanner does not know of, would change with the field.
    guard let new = EncodedText(SecretBytes(edited.utf8)), let result = try Self.root(new),
      result.saysTheSame(as: edit.root)
    else {
      throw .notEditable("it")
    }
    return SecretBytes(((encoded.hasMark ? "\u{feff}" : "") + edited).utf8)
  }

  /// The text with other values in some embedded fields; every other byte stays, and so does what is not embedded.
  ///
  /// - Parameters:
  ///   - values: the content of the fields, unencoded.
  ///   - server: the URL of the current context's server, where it changes.
  /// - Throws: ``KubeconfigProblem`` when a field is written in a way that cannot be edited in place.
  package func text(
    replacing values: [(source: Source, value: SecretBytes)], server: String? = nil
  ) throws(KubeconfigProblem) -> SecretBytes {
    try text(
      setting: values.filter(\.source.isEmbedded).map { ($0.source, .embedded($0.value)) }, server: server)
  }
}

extension KubeconfigDocument.Source {
  /// The field that a new value needs, and its text.
  fileprivate func field(for value: KubeconfigDocument.NewValue) -> (name: String, text: String) {
    switch value {
    case .embedded(let content): (part.embeddedField, Data(content.copy).base64EncodedString())
    case .file(let path): (part.rawValue, path)
    }
  }
}

/// The changes of a kubeconfig's text, field by field.
private struct TextEdit {
  static let serverField = "server"

  let text: [Unicode.Scalar]
  /// What the text says when all changes are made.
  private(set) var root: ConfigurationValue
  private var edits: [(range: Range<Int>, new: String)] = []

  init(text: [Unicode.Scalar], root: ConfigurationValue) {
    self.text = text
    self.root = root
  }

  /// Gives a field another value, and another name where `name` is not the one that it has.
  mutating func set(
    _ field: String, _ place: KubeconfigDocument.Source.Place, _ steps: [ConfigurationValue.Step],
    _ value: String, name: String
  ) throws(KubeconfigProblem) {
    let scanner = ScalarScanner(
      text: text, keyColumn: place.nameColumn - 1, isURL: !field.hasSuffix("-data"))
    guard let scalar = scanner.field(line: place.line, column: place.column),
      let changed = root.setting(steps[...], to: value, named: name)
    else {
      throw .notEditable("its \(field)")
    }
    if name != field {
      guard let range = scanner.name(field, line: place.nameLine), range.upperBound <= scalar.range.lowerBound
      else { throw .notEditable("its \(field)") }
      edits.append((range, name))
    }
    edits.append((scalar.range, scalar.quote + value + scalar.quote))
    root = changed
  }

  /// The text with all changes.
  var result: String {
    var edited = text
    for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      edited.replaceSubrange(edit.range, with: edit.new.unicodeScalars)
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
