import FoundationEssentials
import TestSupport
import Testing

/// A directory of fixtures that pkigen has made, and its manifest.
struct FixtureTree: Sendable {
  struct Verdict: Decodable {
    let accepted: Bool
    let reason: String?
  }

  struct Verdicts: Decodable {
    let openssl, go, gnutls, python, verify: Verdict?
  }

  struct Question: Decodable {
    let certificate, authority, key, usage: String
    let host: String?
  }

  struct File: Decodable {
    let path, kind, purpose, mode, sha256: String
    let subject, notAfter, defect: String?
    let question: Question?
    let verdicts: Verdicts?
  }

  struct Defect: Decodable {
    let name, summary, path, cluster, directory: String
    let verdicts: Verdicts
  }

  struct Manifest: Decodable {
    let version: Int
    let seed: String?
    let time: String
    let defects: [Defect]
    let files: [File]
  }

  let directory: TemporaryDirectory
  let manifest: Manifest

  /// Has pkigen make the fixtures of its own specification, or of others.
  init(_ options: String..., environment: [String: String] = [:]) async throws {
    directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      ["fixtures", "--out", directory.path] + options, environment: environment)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(filePath: directory.path("manifest.json"))))
  }

  /// The files of which a verifier can be asked something.
  var asked: [File] { manifest.files.filter { $0.question != nil } }

  /// Puts every question to a verifier that takes them as `goverify` does.
  ///
  /// - Parameter root: the file of the CA that is trusted; without it, that of the question.
  func ask(
    _ judge: String, _ arguments: [String], trusting root: (Question) throws -> String? = { _ in nil },
    about verdict: (Verdicts) -> Verdict?
  ) async throws {
    let files = asked
    try #require(files.contains { $0.defect == nil })
    let questions = try files.compactMap(\.question).map { question in
      [
        "leaf": directory.path(question.certificate), "key": directory.path(question.key),
        "root": try root(question) ?? directory.path(question.authority), "name": question.host ?? "",
        "usage": question.usage,
        "time": manifest.time,
      ]
    }
    let input = String(decoding: try JSONEncoder().encode(questions), as: UTF8.self)
    let outcome = try await run(judge, arguments, input: input)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let answers = try outcome.document([String].self)
    try #require(answers.count == files.count)
    for (file, answer) in zip(files, answers) {
      let answered = file.verdicts.flatMap(verdict)
      let expected = try #require(answered)
      #expect(answer.isEmpty == expected.accepted, "\(file.path): \(answer)")
      if let reason = expected.reason { #expect(answer.contains(reason), "\(file.path)") }
    }
  }

  /// The codes of what `pkigen verify` finds, the worst first.
  func findings(in tree: String) async throws -> [String] {
    let outcome = try await Pkigen.run(
      "verify", "-d", tree, "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--style", "documented",
      "-o", "json")
    return try outcome.document(AuditDocument.self).findings.map(\.code)
  }
}
