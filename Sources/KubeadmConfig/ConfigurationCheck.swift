internal import KubernetesPKI
internal import StructuredText

/// Holds an object of a configuration file against its type, and gathers what its fields say.
struct ConfigurationCheck {
  /// A field that is there, with what it says where it is neither an object nor a list.
  private struct Entry {
    /// The field's path without the positions in lists: `apiServer.certSANs`.
    let field: String
    let line: Int
    let setting: Setting?
  }

  /// The file.
  let path: String
  /// The line in which the object starts.
  let line: Int
  /// What the object is, as a sentence names it.
  let owner: String
  private var entries: [Entry] = []
  /// What is odd, one sentence each, with its line.
  private(set) var warnings: [String] = []
  /// What is wrong.
  private(set) var problems: [PKIError] = []

  /// Checks `object`, whose fields are these.
  init(_ object: ConfigurationValue, _ fields: [ConfigurationField], path: String, owner: String) {
    self.path = path
    line = object.line
    self.owner = owner
    if case .object(let members) = object.content { check(members, fields, field: "") }
  }

  /// Where the object starts.
  var position: String { "\(path):\(line)" }

  /// The value of a field that is there and not empty.
  func setting(_ field: String) -> Setting? {
    settings(field).last { !$0.text.isEmpty }
  }

  /// The values of a list's elements.
  func settings(_ field: String) -> [Setting] { entries.filter { $0.field == field }.compactMap(\.setting) }

  /// The line of a field that is there, whatever it holds.
  func line(_ field: String) -> Int? { entries.first { $0.field == field }?.line }

  private mutating func check(
    _ members: [ConfigurationValue.Member], _ fields: [ConfigurationField], field: String
  ) {
    for member in members {
      let name = field.isEmpty ? member.name : "\(field).\(member.name)"
      guard let known = fields.first(where: { $0.name == member.name }) else {
        warnUnknown(member, name, fields)
        continue
      }
      guard !member.isOverridden else {
        warnings.append("\(path):\(member.line): \(name) stands again further down; only the last one counts")
        continue
      }
      check(member.value, known.type, field: name, line: member.line)
    }
  }

  private mutating func check(
    _ value: ConfigurationValue, _ type: ConfigurationType, field: String, line: Int
  ) {
    switch (type, value.content) {
    case (_, .null), (.any, _): break
    case (.string, .string(let text)), (.duration, .string(let text)), (.number, .number(let text)),
      (.boolean, .boolean(let text)):
      append(field, value.line, text)
    case (.list(let type), .list(let values)):
      append(field, line, nil)
      for (index, element) in values.enumerated() {
        check(element.emptyIfNull, type, field: "\(field)[\(index)]", line: element.line)
      }
    case (.map(let type), .object(let members)):
      append(field, line, nil)
      for member in members { check(member.value, type, field: "\(field).\(member.name)", line: member.line) }
    case (.object(let fields), .object(let members)):
      append(field, line, nil)
      check(members, fields, field: field)
    default:
      problems.append(
        .invalidConfiguration(
          path: path, line: line, problem: "\(field) is \(value.kind), not \(type.kind)",
          hint: type.hint(for: value)))
    }
  }

  private mutating func append(_ field: String, _ line: Int, _ text: String?) {
    let setting = text.map { Setting($0, from: .file(path: path, line: line, field: field)) }
    var key = ""
    var isPosition = false
    for character in field {
      if character == "[" { isPosition = true }
      if !isPosition { key.append(character) }
      if character == "]" { isPosition = false }
    }
    entries.append(Entry(field: key, line: line, setting: setting))
  }

  private mutating func warnUnknown(
    _ member: ConfigurationValue.Member, _ name: String, _ fields: [ConfigurationField]
  ) {
    let near = fields.first { $0.name.asciiLowercased == member.name.asciiLowercased }
    let hint = near.map { "; did you mean \($0.name)?" } ?? ""
    warnings.append("\(path):\(member.line): \(name) is not a field of \(owner), and is ignored\(hint)")
  }
}

extension ConfigurationValue {
  /// To Go, nothing in a list of strings is an empty string.
  fileprivate var emptyIfNull: ConfigurationValue {
    if case .null = content { ConfigurationValue(line: line, content: .string("")) } else { self }
  }
}

extension ConfigurationType {
  /// What the type is, as a sentence names it.
  fileprivate var kind: String {
    switch self {
    case .string, .duration: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .list: "a list"
    case .map, .object: "an object"
    case .any: "anything"
    }
  }

  /// What to do about a value of another type, where that is easily said.
  fileprivate func hint(for value: ConfigurationValue) -> String? {
    switch (self, value.content) {
    case (.string, .number), (.string, .boolean): "write it in quotes"
    case (.duration, .number): "write it with a unit, as in 8760h"
    case (.number, .string), (.boolean, .string): "write it without quotes"
    case (.list(.object), .object): "write each as - name: and value:, as v1beta4 has it"
    case (.map, .list): "write them as name: value, as v1beta3 has it"
    default: nil
    }
  }
}
