internal import FoundationEssentials
internal import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// Takes a specification's fields out of YAML, and gathers what is wrong with them.
final class SpecificationReader {
  /// The fields of one object.
  struct Fields {
    let path: String
    /// The object's place: `clusters.good`, empty for the whole document.
    let owner: String
    let line: Int
    let members: [ConfigurationValue.Member]

    func member(_ name: String) -> ConfigurationValue.Member? {
      members.first { $0.name == name && !$0.isOverridden }
    }

    /// The field's path: `clusters.good.node-name`.
    func name(_ field: String) -> String { owner.isEmpty ? field : "\(owner).\(field)" }

    /// What a field says that is a text, a number or a boolean.
    func text(_ field: String) -> Setting? {
      guard let member = member(field), let text = member.value.text else { return nil }
      return setting(text, field, member.value.line)
    }

    /// The elements of a field that is a list of texts, or one text with commas between the elements.
    func texts(_ field: String) -> [Setting] {
      guard let member = member(field) else { return [] }
      if case .list(let values) = member.value.content {
        return values.compactMap { value in value.text.map { setting($0, field, value.line) } }
      }
      return text(field).map { Setting.list([$0.text], from: $0.origin) } ?? []
    }

    private func setting(_ text: String, _ field: String, _ line: Int) -> Setting {
      Setting(text, from: .file(path: path, line: line, field: name(field)))
    }
  }

  /// A named object of one of the lists.
  struct Entry {
    let name: String
    let fields: Fields
  }

  /// What a field can hold.
  enum Kind { case text, texts, mapping, any }

  let path: String
  private(set) var errors: [PKIError] = []

  init(path: String) { self.path = path }

  func report(_ line: Int, _ problem: String, hint: String? = nil) {
    errors.append(.invalidConfiguration(path: path, line: line, problem: problem, hint: hint))
  }

  func report(_ errors: [PKIError]) { self.errors += errors }

  func report(_ setting: Setting, _ problem: String, hint: String? = nil) {
    errors.append(setting.invalid(problem, hint: hint))
  }

  /// The fields of an object, of which only `known` ones may be there, each once and of its kind.
  func fields(_ value: ConfigurationValue, _ owner: String, _ known: [String]) -> Fields {
    guard case .object(let members) = value.content else {
      report(
        value.line, "\(owner.isEmpty ? "the specification" : owner) is \(value.kind), not fields with values")
      return Fields(path: path, owner: owner, line: value.line, members: [])
    }
    let fields = Fields(path: path, owner: owner, line: value.line, members: members)
    for member in members {
      guard known.contains(member.name) else {
        report(
          member.line, "\(fields.name(member.name)) is not a field",
          hint: "the fields here are \(known.joined(separator: ", "))")
        continue
      }
      if member.isOverridden { report(member.line, "\(fields.name(member.name)) stands twice") }
      check(member, fields)
    }
    return fields
  }

  private static let manyTexts = clusterLists + ["organizations", "groups", "names", "usages"]
  private static let mappings = ["clusters", "authorities", "leaves", "requests", "users"]

  private func check(_ member: ConfigurationValue.Member, _ fields: Fields) {
    let name = fields.name(member.name)
    switch (member.value.content, member.name) {
    case (_, "defects"), (.object, "stage"): break
    case (.object, let field) where fields.owner.isEmpty && Self.mappings.contains(field): break
    case (.list(let values), let field) where Self.manyTexts.contains(field):
      for value in values where value.text == nil {
        report(value.line, "\(name) has \(value.kind) in it, not a text")
      }
    case (.string, let field), (.number, let field), (.boolean, let field):
      if fields.owner.isEmpty, Self.mappings.contains(field) {
        report(member.line, "\(name) is \(member.value.kind), not names with fields")
      }
    default: report(member.line, "\(name) is \(member.value.kind), not a text")
    }
  }

  /// The objects of a list by their names, which become names of files.
  func entries(_ fields: Fields, _ list: String, _ known: [String]) -> [Entry] {
    guard let value = fields.member(list)?.value, case .object(let members) = value.content else {
      return []
    }
    return members.compactMap { member in
      let owner = "\(list).\(member.name)"
      if let problem = HostName.problem(member.name) {
        report(
          member.line, "\(owner) is no name for files: it is \(problem)",
          hint: "use the letters a-z, digits, '-' and '.'")
      }
      if member.isOverridden { report(member.line, "\(owner) stands twice") }
      if case .null = member.value.content {
        return Entry(
          name: member.name, fields: Fields(path: path, owner: owner, line: member.line, members: []))
      }
      return Entry(name: member.name, fields: self.fields(member.value, owner, known))
    }
  }

  /// A field that must be there.
  func required(_ field: String, _ entry: Entry) -> Setting? {
    if let setting = entry.fields.text(field) { return setting }
    if entry.fields.member(field) == nil {
      report(entry.fields.line, "\(entry.fields.name(field)) is missing")
    }
    return nil
  }
}

extension ConfigurationValue {
  /// The text of a scalar.
  fileprivate var text: String? {
    switch content {
    case .string(let text), .number(let text), .boolean(let text): text
    case .null, .list, .object: nil
    }
  }
}
