import Foundation
import TestSupport
import Testing

/// A tree whose files `pkigen inspect` is asked about.
struct InspectedTree {
  let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.copyTree()
  }

  func inspect(_ arguments: String..., input: String? = nil) async throws -> Outcome {
    try await Pkigen.run(["inspect"] + arguments, input: input, directory: directory.path)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: directory.path(name)))
  }

  func openssl(_ arguments: String..., input: String? = nil) async throws -> String {
    let outcome = try await run(Judges.openssl, arguments, input: input, directory: directory.path)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return outcome.stdout
  }
}

extension Outcome {
  /// What was printed, with hashes, random numbers and times replaced by what they are.
  var normalised: String {
    stdout.replacing(/[0-9a-f]{32,}/, with: "HEX").replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "TIME")
  }
}
