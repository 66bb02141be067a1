/// A value as the user gave it, and where: what an error about it names.
public struct Setting: Hashable, Sendable {
  /// Where a value comes from.
  public enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// An option of the command line, with its dashes.
    case option(String)
    /// A field of a configuration file, with the line that it starts in, counted from one.
    case file(path: String, line: Int, field: String)
    /// Something that pkigen looked up for itself, as a noun: "this host's name".
    case environment(String)

    /// The option, the position in the file, or the noun.
    public var description: String {
      switch self {
      case .option(let name): name
      case .file(let path, let line, let field): "\(path):\(line): \(field)"
      case .environment(let noun): noun
      }
    }

    /// Whether pkigen looked the value up, and the user said nothing.
    package var isEnvironment: Bool {
      if case .environment = self { true } else { false }
    }

    /// Whether a configuration file is to be mended, and not the command line.
    public var isFile: Bool {
      if case .file = self { true } else { false }
    }
  }

  /// The text, untouched.
  public let text: String
  /// Where it comes from.
  public let origin: Origin

  /// A value and its origin.
  public init(_ text: String, from origin: Origin) {
    self.text = text
    self.origin = origin
  }

  /// The error that this value has this problem.
  package func invalid(_ problem: String, hint: String? = nil) -> PKIError {
    .invalidSetting(origin, value: text, problem: problem, hint: hint)
  }
}
