/// What was found at one path of the tree.
public enum FileContent<Value: Sendable>: Sendable {
  /// Nothing.
  case absent
  /// Something that cannot be used, and why.
  case unusable(Finding)
  /// The value that the file holds.
  case present(Value)

  /// The value, where there is one.
  public var value: Value? {
    if case .present(let value) = self { value } else { nil }
  }

  /// Whether there is no file.
  public var isAbsent: Bool {
    if case .absent = self { true } else { false }
  }

  /// What is wrong with the file, where it is there and something is.
  public var finding: Finding? {
    if case .unusable(let finding) = self { finding } else { nil }
  }

  /// The content that `transform` makes of the value.
  package func flatMap<Result>(_ transform: (Value) -> FileContent<Result>) -> FileContent<Result> {
    switch self {
    case .absent: .absent
    case .unusable(let finding): .unusable(finding)
    case .present(let value): transform(value)
    }
  }
}
