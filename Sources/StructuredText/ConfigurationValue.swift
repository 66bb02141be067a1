/// A value of a configuration file, with the line in which it starts.
package struct ConfigurationValue {
  /// What the value is.
  package enum Content {
    case null
    case string(String)
    case number(String)
    case boolean(String)
    case list([ConfigurationValue])
    case object([Member])
  }

  /// A field of an object.
  package struct Member {
    package let name: String
    /// The line of the name, counted from one.
    package let line: Int
    package let value: ConfigurationValue
    /// Whether the object has a later field of the same name, which is the one that counts.
    package let isOverridden: Bool
  }

  /// The line, counted from one.
  package let line: Int
  package let content: Content

  /// A value that starts in this line.
  package init(line: Int, content: Content) {
    self.line = line
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
    guard case .object(let members) = content else { return nil }
    let member = members.last { $0.name == name && !$0.isOverridden }
    if case .string(let text) = member?.value.content { return text }
    return nil
  }
}

/// Why a configuration file cannot be read, and in which line.
package struct ConfigurationProblem: Error {
  package let line: Int
  /// What is wrong, as what follows the position.
  package let text: String
}
