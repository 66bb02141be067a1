import FoundationEssentials
import TestSupport
import Testing

/// Runs of pkigen one after the other in an empty directory, and all that they print and leave behind, as text that is
/// the same every time: what differs from run to run is replaced by a word.
///
/// A line that begins with `$` is a command, one that begins with `!` comes from stderr, `?` stands for a status other than 0.
struct Transcript {
  let directory: TemporaryDirectory
  private var text = ""

  init() throws { directory = try TemporaryDirectory() }

  /// Runs pkigen in the directory.
  mutating func run(_ arguments: String...) async throws { try await run(arguments) }

  /// Runs pkigen in the directory.
  mutating func run(_ arguments: [String]) async throws {
    let outcome = try await Pkigen.run(arguments, environment: ["COLUMNS": "100"], directory: directory.path)
    text += "$ pkigen \(arguments.map(Self.quoted).joined(separator: " "))\n"
    text += outcome.stdout
    for line in outcome.stderr.split(separator: "\n") { text += "! \(line)\n" }
    if outcome.status != 0 { text += "? \(outcome.status)\n" }
    text += "\n"
  }

  /// Adds what is in the directory: modes and names.
  mutating func list() async throws {
    let arguments = [".", "-mindepth", "1", "-printf", "%M %P\n"]
    let lines = try await TestSupport.run("find", arguments, directory: directory.path).stdout.split(
      separator: "\n")
    text +=
      "$ find\n" + lines.sorted { $0.dropFirst(11) < $1.dropFirst(11) }.map { $0 + "\n" }.joined() + "\n"
  }

  /// Expects what was recorded as `Tests/transcripts/NAME.txt`.
  ///
  /// With PKIGEN_RECORD in the environment it is recorded anew, and the test fails: such a run has proved nothing.
  func expect(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: Judges.repository + "/Tests/transcripts/\(name).txt")
    if ProcessInfo.processInfo.environment["PKIGEN_RECORD"] != nil {
      try Data(normalised.utf8).write(to: file)
      Issue.record(
        "recorded \(file.path); look at it, and run the tests again", sourceLocation: sourceLocation)
      return
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    #expect(normalised == recorded, sourceLocation: sourceLocation)
  }

  private var normalised: String {
    text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "TIME").replacing(/\d{4}-\d\d-\d\d/, with: "DATE")
      .replacing(/\b[0-9a-f]{64}\b/, with: "SHA256").replacing(directory.path, with: "HERE")
  }

  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./:,=*[]%".contains($0) }
    return isPlain && !argument.isEmpty ? argument : argument.debugDescription
  }
}
