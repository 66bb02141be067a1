/// A value of a configuration file, with the place where it starts.
package struct ConfigurationValue: Sendable {
  /// What the value is.
  package enum Content: Sendable {
    /// `null`, or nothing.
    case null
    /// A string.
    case string(String)
    /// A number, as it is written.
    case number(String)
    /// A boolean, as it is written: `true`, `no`.
    case boolean(String)
    /// The elements of a list.
    case list([ConfigurationValue])
    /// The fields of an object, in their order in the file.
    case object([Member])
  }

  /// A field of an object.
  package struct Member: Sendable {
    /// The field's name.
    package internal(set) var name: String
    /// The line of the name, counted from one.
    package let line: Int
    /// The column of the name, counted from one, in Unicode scalars.
    package let column: Int
    /// The field's value.
    package var value: ConfigurationValue
    /// Whether a later field of the object overrides this one: one of the same name, or a merge key.
    package internal(set) var isOverridden: Bool
  }

  /// The line, counted from one.
  package let line: Int
  /// The column, counted from one, in Unicode scalars.
  package let column: Int
  /// What the value is.
  package var content: Content

  /// A value that starts in this line.
  package init(line: Int, column: Int = 1, content: Content) {
    self.line = line
    self.column = column
    self.content = content
  }

  /// What the value is, as a sentence names it.
  package var kind: String {
    switch content {
    case .null: "nothing"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// The value of a field that holds a string, where this is an object that has it.
  package func string(_ name: String) -> String? {
    if case .string(let text) = self[name]?.content { text } else { nil }
  }

  /// The field of this name that counts, where this is an object that has one.
  package func member(_ name: String) -> Member? {
    guard case .object(let members) = content else { return nil }
    return members.last { $0.name == name && !$0.isOverridden }
  }

  /// The value of the field of this name, where this is an object that has it.
  package subscript(name: String) -> ConfigurationValue? { member(name)?.value }

  /// The elements, where this is a list.
  package var elements: [ConfigurationValue] {
    if case .list(let values) = content { values } else { [] }
  }

  /// The fields, where this is an object.
  package var members: [Member] {
    if case .object(let members) = content { members } else { [] }
  }
}

extension ConfigurationValue {
  /// A step from a value to one that it contains.
  package enum Step: Sendable {
    /// To the value of the field of this name.
    case field(String)
    /// To the element at this index.
    case element(Int)
  }

  /// The value with another string at the end of a path; `nil` where the path leads nowhere.
  ///
  /// - Parameter name: the name that the field at the end of the path gets; `nil` for the one that it has.
  package func setting(_ path: ArraySlice<Step>, to text: String, named name: String? = nil)
    -> ConfigurationValue?
  {
    guard let step = path.first else {
      return ConfigurationValue(line: line, column: column, content: .string(text))
    }
    var changed = self
    switch (step, content) {
    case (.field(let field), .object(var members)):
      guard let index = members.lastIndex(where: { $0.name == field && !$0.isOverridden }),
        let value = members[index].value.setting(path.dropFirst(), to: text, named: name)
      else { return nil }
      members[index].value = value
      if path.count == 1, let name { members[index].name = name }
      changed.content = .object(members)
    case (.element(let index), .list(var values)):
      guard values.indices.contains(index),
        let value = values[index].setting(path.dropFirst(), to: text, named: name)
      else { return nil }
      values[index] = value
      changed.content = .list(values)
    default: return nil
    }
    return changed
  }

  /// Whether both say the same, wherever it stands in their files.
  package func saysTheSame(as other: ConfigurationValue) -> Bool {
    switch (content, other.content) {
    case (.null, .null): true
    case (.string(let text), .string(let other)), (.number(let text), .number(let other)),
      (.boolean(let text), .boolean(let other)):
      text.isIdentical(to: other)
    case (.list(let values), .list(let others)):
      values.count == others.count && zip(values, others).allSatisfy { $0.saysTheSame(as: $1) }
    case (.object(let members), .object(let others)):
      members.count == others.count
        && zip(members, others).allSatisfy { member, other in
          member.name.isIdentical(to: other.name) && member.isOverridden == other.isOverridden
            && member.value.saysTheSame(as: other.value)
        }
    default: false
    }
  }
}

/// Why a configuration file cannot be read, and in which line.
package struct ConfigurationProblem: Error {
  /// The line, counted from one.
  package let line: Int
  /// What is wrong, as what follows the position.
  package let text: String
}
