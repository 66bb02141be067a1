import FoundationEssentials
import TestSupport
import Testing

/// The examples of docs/fixtures.md and docs/fixtures-in-ci.md, run as they stand there.
@Suite(.timeLimit(.minutes(20)))
struct FixtureExampleTests {
  /// A project with the specification of the page and its fixtures.
  private static let project = Task {
    let directory = try TemporaryDirectory()
    let specification = try #require(
      try blocks("yaml", in: "fixtures-in-ci").first { $0.hasPrefix("# fixtures.yaml") })
    try Data(specification.utf8).write(to: URL(filePath: directory.path("fixtures.yaml")))
    let outcome = try await Pkigen.run(
      "fixtures", "--spec", "fixtures.yaml", "--out", "fixtures", directory: directory.path)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return directory
  }

  @Test func `every specification of the page can be made`() async throws {
    let specifications = try Self.blocks("yaml", in: "fixtures")
    #expect(specifications.count == 9)
    let directory = try TemporaryDirectory()
    for (number, text) in specifications.enumerated() {
      try Data(text.utf8).write(to: URL(filePath: directory.path("\(number).yaml")))
      let outcome = try await Pkigen.run(
        "fixtures", "--spec", directory.path("\(number).yaml"), "--out", directory.path("\(number)"))
      #expect(outcome.status == 0, "\(text)\(outcome.stderr)")
    }
  }

  @Test func `the loop in Go finds what the manifest says`() async throws {
    let directory = try await write("go", to: "main.go")
    try Data("module fixtures\n\ngo 1.24\n".utf8).write(to: URL(filePath: directory.path("go.mod")))
    let cache = Judges.repository + "/.build/judges"
    let outcome = try await run(
      Judges.go, ["run", ".", Self.project.value.path("fixtures")],
      environment: [
        "GOCACHE": "\(cache)/go-cache", "GOPATH": "\(cache)/go", "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
      ], directory: directory.path)
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func `the loop in Python finds what the manifest says`() async throws {
    let directory = try await write("python", to: "loop.py")
    let outcome = try await run(
      Judges.python, [directory.path("loop.py"), Self.project.value.path("fixtures")])
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func `the loop in Swift finds what the manifest says`() async throws {
    let directory = try await write("swift", to: "main.swift")
    let built = try await run(
      "swiftc", ["-o", directory.path("loop"), directory.path("main.swift")])
    try #require(built.status == 0, "\(built)")
    let outcome = try await run(directory.path("loop"), [Self.project.value.path("fixtures")])
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func `the Makefile makes and checks`() async throws {
    let directory = try await write("makefile", to: "Makefile")
    let project = try await Self.project.value
    try FileManager.default.copyItem(
      atPath: project.path("fixtures.yaml"), toPath: directory.path("fixtures.yaml"))
    for target in ["fixtures", "check-fixtures"] {
      let outcome = try await shell("make \(target)", in: directory)
      #expect(outcome.status == 0, "\(target): \(outcome)")
    }
    try Data().write(to: URL(filePath: directory.path("fixtures/clusters/good/pki/ca.crt")))
    #expect(try await shell("make check-fixtures", in: directory).status != 0)
  }

  @Test func `the step of GitHub Actions passes, and fails when a file was changed`() async throws {
    let workflow = try #require(
      try Self.blocks("yaml", in: "fixtures-in-ci").first { $0.contains("runs-on") })
    let lines = workflow.split(separator: "\n")
    let step = try #require(lines.firstIndex { $0.contains("run: |") })
    let script = lines[(step + 1)...].joined(separator: "\n")
    let directory = try TemporaryDirectory()
    let project = try await Self.project.value
    for name in ["fixtures.yaml", "fixtures"] {
      try FileManager.default.copyItem(
        atPath: project.path(name), toPath: directory.path(name))
    }
    let good = try await shell(script, in: directory)
    #expect(good.status == 0, "\(good)")
    try FileManager.default.removeItem(atPath: directory.path("fixtures/clusters/good/pki/sa.pub"))
    #expect(try await shell(script, in: directory).status == 1)
    let install = try await run("make", ["-n", "-C", Judges.repository, "install"])
    #expect(workflow.contains("make -C pkigen install") && install.status == 0, "\(install)")
  }

  /// Runs a script where pkigen is in the path.
  private func shell(_ script: String, in directory: TemporaryDirectory) async throws -> Outcome {
    let binaries = URL(filePath: try Pkigen.path).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await run(
      "bash", ["-e", "-c", script], environment: ["PATH": "\(binaries):\(path)"], directory: directory.path)
  }

  private func write(_ language: String, to name: String) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let block = try #require(try Self.blocks(language, in: "fixtures-in-ci").first)
    try Data(block.utf8).write(to: URL(filePath: directory.path(name)))
    return directory
  }

  /// The blocks of a language in a page.
  private static func blocks(_ language: String, in page: String) throws -> [String] {
    var blocks: [String] = []
    var current: String?
    for line in try text(of: "\(Judges.repository)/docs/\(page).md").split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if line == "```\(language)" {
        current = ""
      } else if line == "```", let block = current {
        blocks.append(block)
        current = nil
      } else {
        current?.append(line + "\n")
      }
    }
    return blocks
  }
}
