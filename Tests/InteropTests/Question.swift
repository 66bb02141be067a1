import FoundationEssentials
import TestSupport
import Testing

/// What a certificate is asked by `goverify` and `pyverify.py`, and what they should answer.
struct Question: Encodable {
  /// Why the right answer is no.
  enum Flaw: CaseIterable {
    case authority, usage, name, early, late, key
  }

  var leaf: String
  var key: String
  var root: String
  /// The server's name or address, empty of clients.
  var name = ""
  var usage: Usage
  var time: Date
  var flaw: Flaw?

  private enum CodingKeys: CodingKey {
    case leaf, key, root, name, usage, time
  }
}

extension Question {
  /// Everything that a leaf is good for.
  static func rightful(about leaf: Leaf, of tree: Tree) -> [Question] {
    leaf.usages.flatMap { usage in
      (usage == .server ? leaf.names : [""]).map { name in
        Question(about: leaf, of: tree, usage: usage, name: name)
      }
    }
  }

  /// Everything that a leaf is not good for.
  static func wrongful(about leaf: Leaf, of tree: Tree) -> [Question] {
    let good = Question(about: leaf, of: tree, usage: leaf.usages[0], name: leaf.names.first ?? "")
    var questions = Authority.allCases.filter { $0 != leaf.authority }.map { other in
      good.with(.authority) { $0.root = tree.certificate(other.rawValue) }
    }
    questions.append(good.with(.early) { $0.time -= 6 * 60 })
    questions.append(good.with(.late) { $0.time += 366 * 24 * 60 * 60 })
    questions.append(good.with(.key) { $0.key = tree.key(leaf.authority.rawValue) })
    if leaf.usages == [.server] {
      questions.append(
        good.with(.usage) {
          $0.usage = .client
          $0.name = ""
        })
    }
    if leaf.usages.contains(.server) {
      questions.append(good.with(.name) { $0.name = "example.com" })
      questions.append(good.with(.name) { $0.name = "192.0.2.1" })
    }
    return questions
  }

  private init(about leaf: Leaf, of tree: Tree, usage: Usage, name: String) {
    self.init(
      leaf: tree.certificate(leaf.name), key: tree.key(leaf.name),
      root: tree.certificate(leaf.authority.rawValue), name: name, usage: usage, time: tree.made.upperBound)
  }

  private func with(_ flaw: Flaw, _ change: (inout Question) -> Void) -> Question {
    var question = self
    question.flaw = flaw
    change(&question)
    return question
  }
}

extension Question {
  /// What Go says of each flaw.
  static let goPhrases: [Flaw: String] = [
    .authority: "certificate signed by unknown authority",
    .usage: "incompatible key usage",
    .name: "certificate is valid for",
    .early: "is before",
    .late: "is after",
    .key: "private key does not match public key",
  ]
  /// What Python's cryptography says of each flaw.
  static let pythonPhrases: [Flaw: String] = [
    .authority: "candidates exhausted",
    .usage: "required EKU not found",
    .name: "no matching subjectAltName",
    .early: "not valid at validation time",
    .late: "not valid at validation time",
    .key: "the key is another certificate's",
  ]

  /// Puts the questions to a verifier, and checks each answer: nothing, or a sentence with the flaw's phrase in it.
  static func ask(
    _ questions: [Question], of judge: String, _ arguments: [String] = [], phrases: [Flaw: String]
  ) async throws {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    let input = String(decoding: try encoder.encode(questions), as: UTF8.self)
    let outcome = try await run(judge, arguments, input: input)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let answers = try outcome.document([String].self)
    try #require(answers.count == questions.count)
    for (question, answer) in zip(questions, answers) {
      guard let flaw = question.flaw else {
        #expect(answer.isEmpty, "\(question)")
        continue
      }
      let phrase = try #require(phrases[flaw])
      #expect(answer.contains(phrase), "\(question)")
    }
  }
}

extension Usage: Encodable {}
