import FoundationEssentials
import TestSupport
import Testing

/// What goes where, and what is only said and not done.
struct OutputTests {
  private let directory: TemporaryDirectory
  private let arguments: [String]

  init() throws {
    directory = try TemporaryDirectory()
    arguments = [
      "init", "-d", directory.path("out"), "--node-name", "cp1", "--advertise-ip", "10.0.0.10",
      "--key-algorithm",
      "ecdsa-p256", "--ca-validity", "30d",
    ]
  }

  @Test func `a dry run says the same as a run, and writes nothing`() async throws {
    let planned = try await Pkigen.run(arguments + ["--dry-run"])
    #expect(planned.status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    let made = try await Pkigen.run(arguments)
    func files(_ outcome: Outcome) -> [Substring] {
      outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("create") }
    }
    #expect(files(planned) == files(made) && files(made).count == 26)
    let warnings = [planned, made].map { $0.stderr.replacing(/\d\d:\d\d:\d\dZ/, with: "") }
    #expect(warnings[0] == warnings[1] && warnings[0].split(separator: "\n").count == 3)
    let state = try await listing()
    _ = try await Pkigen.run(arguments + ["--dry-run"])
    #expect(try await listing() == state)
  }

  @Test func `a second run touches nothing, not even a time`() async throws {
    _ = try await Pkigen.run(arguments)
    let state = try await listing()
    let again = try await Pkigen.run(arguments)
    #expect(again.status == 0 && again.stderr.isEmpty && !again.stdout.contains("create"))
    #expect(again.stdout.split(separator: "\n").count { $0.hasPrefix("keep  ") } == 26)
    #expect(try await listing() == state)
  }

  @Test func `quiet is quiet, but for warnings, errors and JSON`() async throws {
    let quiet = try await Pkigen.run(arguments + ["--quiet"])
    #expect(quiet.status == 0 && quiet.stdout.isEmpty)
    #expect(quiet.stderr.split(separator: "\n").allSatisfy { $0.hasPrefix("warning: ") }, "\(quiet.stderr)")
    let json = try await Pkigen.run(arguments + ["-q", "-o", "json"])
    #expect(json.stdout.hasPrefix("{\n") && json.stderr.isEmpty)
    try FileManager.default.removeItem(atPath: directory.path("out/pki/sa.key"))
    let refused = try await Pkigen.run(arguments + ["-q"])
    #expect(refused.status == 65 && refused.stderr.hasPrefix("error: "))
  }

  /// A program that reads the document has the status to know that there is none.
  @Test func `with JSON, too, errors are for people, and nothing is on stdout`() async throws {
    let outcome = try await Pkigen.run(["init", "-o", "json", "-d", directory.path("out")])
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: --advertise-ip is required\n"))
  }

  @Test func `JSON has the keys that it always has`() async throws {
    let outcome = try await Pkigen.run(arguments + ["-o", "json"])
    let document = try outcome.document([String: Value].self)
    #expect(
      document.keys.sorted() == ["dryRun", "files", "nextSteps", "notes", "refusals", "warnings"])
    guard case .array(let files) = document["files"] else { return #expect(Bool(false)) }
    var keys: [String: Set<[String]>] = [:]
    for case .object(let file) in files {
      guard case .string(let kind) = file["kind"] else { continue }
      keys[kind, default: []].insert(file.keys.sorted())
      guard case .object(let certificate) = file["certificate"] else { continue }
      #expect(
        certificate.keys.sorted() == [
          "issuer", "names", "notAfter", "notBefore", "sha256", "subject", "usages",
        ])
    }
    #expect(
      keys == [
        "certificate": [["action", "certificate", "kind", "path"]],
        "private-key": [["action", "kind", "path"]],
        "public-key": [["action", "kind", "path"]],
        "kubeconfig": [["action", "certificate", "kind", "path", "server", "user"]],
      ])
    #expect(outcome.stderr.split(separator: "\n").allSatisfy { $0.hasPrefix("warning: ") })
  }

  @Test func `fingerprints and subjects are openssl's`() async throws {
    let outcome = try await Pkigen.run(arguments + ["-o", "json"])
    let lines = outcome.stdout.split(separator: "\n").map { $0.drop { $0 == " " } }
    let shown = try await run(
      Judges.openssl,
      [
        "x509", "-in", directory.path("out/pki/apiserver.crt"), "-noout", "-fingerprint", "-sha256",
        "-enddate", "-dateopt", "iso_8601",
      ])
    let fields = shown.stdout.split(separator: "\n").compactMap {
      $0.split(separator: "=", maxSplits: 1).last
    }
    try #require(fields.count == 2, "\(shown)")
    #expect(lines.contains(#""sha256" : "\#(fields[0].filter(\.isHexDigit).lowercased())","#))
    #expect(lines.contains(#""notAfter" : "\#(fields[1].replacing(" ", with: "T"))","#))
  }

  @Test func `there is no colour where there is no terminal`() async throws {
    for arguments in [arguments, ["init"], ["nope"]] {
      let outcome = try await Pkigen.run(arguments, environment: ["TERM": "xterm-256color"])
      expectPlain(outcome.stdout)
      expectPlain(outcome.stderr)
    }
  }

  @Test func `on a terminal errors are coloured, unless NO_COLOR forbids it`() async throws {
    for (environment, isColoured) in [
      (["TERM": "xterm", "NO_COLOR": ""], true), (["TERM": "xterm", "NO_COLOR": "1"], false),
      (["TERM": "dumb"], false),
    ] {
      let outcome = try await run(
        "script", ["-qec", "'\(Pkigen.path)' init", "/dev/null"], environment: environment)
      #expect(
        outcome.stdout.contains("\u{1b}[1;31merror:\u{1b}[0m --advertise-ip") == isColoured, "\(outcome)")
    }
  }

  /// Names, modes, sizes, times and inodes.
  private func listing() async throws -> String {
    try await run("find", ["-printf", "%P %m %s %T@ %C@ %i\n"], directory: directory.path("out")).stdout
  }

  private enum Value: Decodable {
    case string(String), object([String: Value]), array([Value]), other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(String.self) {
        self = .string(value)
      } else if let value = try? container.decode([String: Value].self) {
        self = .object(value)
      } else {
        self = (try? container.decode([Value].self)).map { .array($0) } ?? .other
      }
    }
  }
}
