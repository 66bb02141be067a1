import FoundationEssentials
import TestSupport
import Testing

/// The sessions of docs/requests.md, docs/bootstrap.md and docs/external-cas.md, run as they stand there.
@Suite(.timeLimit(.minutes(20)))
struct PageTests {
  private let directory: TemporaryDirectory

  /// A directory with the tree that the pages talk of.
  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", "out", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
      "ecdsa-p256",
      directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test func `requests are made, shown, denied and signed as the page says`() async throws {
    let sessions = try Self.sessions(of: "requests")
    #expect(sessions.count == 8)
    for session in sessions {
      if session.command.contains("jane.yaml") { try await keepJanesObject() }
      try await expect(session)
    }
  }

  @Test func `kubelets and users are given what the page says`() async throws {
    let sessions = try Self.sessions(of: "bootstrap")
    #expect(sessions.count == 14)
    for session in sessions { try await expect(session) }
  }

  @Test func `certificates come from another machine as the page says`() async throws {
    let prepared = try await shell(
      "pkigen phase cert ca -d vault -q && mkdir -p node/pki && cp vault/pki/ca.crt node/pki")
    try #require(prepared.status == 0, "\(prepared)")
    let sessions = try Self.sessions(of: "external-cas")
    #expect(sessions.count == 6)
    for session in sessions { try await expect(session) }
  }

  /// A command, and what the page says that it prints.
  private struct Session {
    var command: String
    var output = ""
  }

  private func expect(_ session: Session) async throws {
    let outcome = try await shell(session.command)
    #expect(Self.normalised(outcome.stdout) == Self.normalised(session.output), "\(session.command)")
  }

  /// The object as the API server keeps it, with who asked.
  private func keepJanesObject() async throws {
    let outcome = try await shell(
      "pkigen csr manifest jane.csr --name jane --expiration 24h --signer-name kubernetes.io/kube-apiserver-client"
    )
    try #require(outcome.status == 0, "\(outcome)")
    let object = outcome.stdout + "  username: jane\n  groups: [dev, system:authenticated]\n"
    try Data(object.utf8).write(to: URL(filePath: directory.path("jane.yaml")))
  }

  /// Runs a script where pkigen is in the path, and merges what it prints.
  private func shell(_ script: String) async throws -> Outcome {
    let binaries = URL(filePath: try Pkigen.path).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await run(
      "bash", ["-c", "exec 2>&1\n" + script], environment: ["PATH": "\(binaries):\(path)"],
      directory: directory.path)
  }

  /// The commands of a page's console blocks; one whose line ends with a backslash goes on in the next.
  private static func sessions(of page: String) throws -> [Session] {
    var sessions: [Session] = []
    var isInside = false
    for line in try text(of: "\(Judges.repository)/docs/\(page).md")
      .split(separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix("```") {
        isInside = line == "```console"
      } else if isInside, line.hasPrefix("$ ") {
        sessions.append(Session(command: String(line.dropFirst(2))))
      } else if isInside, let last = sessions.indices.last {
        if sessions[last].output.isEmpty, sessions[last].command.hasSuffix("\\") {
          sessions[last].command += "\n\(line)"
        } else {
          sessions[last].output += "\(line)\n"
        }
      }
    }
    return sessions
  }

  /// What differs from run to run is replaced by a word; the blank line before the next command does not count.
  private static func normalised(_ text: String) -> String {
    text.replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#, with: "TIME").replacing(
      #/\d{4}-\d\d-\d\d/#, with: "DATE"
    )
    .replacing(#/\b\d+[dhy] left/#, with: "LEFT").replacing(#/\b[0-9a-f]{64}\b/#, with: "SHA256")
    .replacing(#/LS0t[0-9A-Za-z+\/=]+…?/#, with: "BASE64")
    .replacing(#/\b[0-9a-f]{32},/#, with: "TOKEN,")
    .replacing(#/bootstrap-token-[0-9a-z]{6}|(token-id: |token-secret: )"?[0-9a-z]+"?/#) {
      $0.output.1 ?? "ID"
    }
    .replacing(#/\n+$/#, with: "")
  }
}
