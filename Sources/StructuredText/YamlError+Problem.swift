package import Yams

extension YamlError {
  /// What is wrong and in which line, without the text around it: that may be a private key.
  package var problem: String {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    case .duplicatedKeysInMapping(_, let context): "line \(context.mark.line): a key stands twice"
    default: "it cannot be read"
    }
  }
}
