import FoundationEssentials
import TestSupport
import Testing

/// A question to `succession.py`.
struct Succession: Encodable {
  let old: String
  let new: String
  let issuer: String
  let keepsKey: Bool

  /// Expects that leaves of a tree are the same as in an older one, but for what renewing changes.
  static func expect(
    _ leaves: [Leaf], of tree: Tree, after previous: Tree, keepingKeys keepsKey: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let questions = leaves.map { leaf in
      Succession(
        old: previous.certificate(leaf.name), new: tree.certificate(leaf.name),
        issuer: tree.certificate(leaf.authority.rawValue), keepsKey: keepsKey)
    }
    for (leaf, answer) in zip(leaves, try await ask(questions)) {
      #expect(answer == "", "\(leaf.name)", sourceLocation: sourceLocation)
    }
  }

  /// What differs that should not, a text for each question.
  static func ask(_ questions: [Succession]) async throws -> [String] {
    let input = String(decoding: try JSONEncoder().encode(questions), as: UTF8.self)
    let outcome = try await run(Judges.python, [Judges.succession], input: input)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return try outcome.document([String].self)
  }
}
