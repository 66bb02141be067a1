/// A value as the user gave it, and where: an error about it names both.
public struct Setting: Hashable, Sendable {
  /// Where a value comes from.
  public enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// An option of the command line, with its dashes.
    case option(String)
    /// A field of a configuration file, with the line that it starts in, counted from one.
    case file(path: String, line: Int, field: String)
    /// Something that was looked up, as a noun: "this host's name"; and the name of the field that it is for, where it has
    /// one.
    case environment(String, field: String? = nil)
    /// A value that a program set, by the name of its field.
    case value(String)

    /// The option, the position in the file, the noun or the field.
    public var description: String {
      switch self {
      case .option(let name): name
      case .file(let path, let line, let field): "\(path):\(line): \(field)"
      case .environment(let noun, _): noun
      case .value(let field): field
      }
    }

    /// Whether the value is in a configuration file.
    package var isFile: Bool {
      if case .file = self { true } else { false }
    }
  }

  /// The text, untouched.
  public let text: String
  /// Where it comes from.
  public let origin: Origin

  /// A value and its origin.
  package init(_ text: String, from origin: Origin) {
    self.text = text
    self.origin = origin
  }

  /// The values in texts that have commas between them.
  package static func list(_ texts: [String], from origin: Origin) -> [Setting] {
    texts.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
      .map { Setting(String($0), from: origin) }
  }

  /// The error that this value has this problem.
  package func invalid(_ problem: String, hint: String? = nil) -> PKIError {
    .invalidSetting(origin, value: text, problem: problem, hint: hint)
  }
}
