import FoundationEssentials
import TestSupport
import Testing

/// `pkigen fixtures`: what is written where, and when nothing is.
@Suite(.timeLimit(.minutes(20)))
struct FixturesTests {
  private static let epoch = ["SOURCE_DATE_EPOCH": "1767225600"]

  @Test func `a seed and a time give the same bytes and modes, whatever is around`() async throws {
    let one = try TemporaryDirectory()
    let two = try TemporaryDirectory()
    let first = try await Pkigen.run(
      "fixtures", "--seed", "s", "--out", one.path("a"), "--jobs", "1", environment: Self.epoch)
    try #require(first.status == 0, "\(first.stderr)")
    #expect(first.stderr.contains("warning: the keys are derived from a seed"))
    let script = "umask 077; exec \"$0\" fixtures --seed s --out there/b --jobs 4"
    let second = try await run(
      "sh", ["-c", script, Pkigen.path],
      environment: Self.epoch.merging(["LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"]) { $1 },
      directory: two.path)
    try #require(second.status == 0, "\(second.stderr)")
    #expect(try listing(one.path("a")) == listing(two.path("there/b")))
    let other = try await Pkigen.run(
      "fixtures", "--seed", "t", "--out", two.path("c"), environment: Self.epoch)
    try #require(other.status == 0)
    #expect(try listing(one.path("a")) != listing(two.path("c")))
  }

  @Test func `without a seed every run has other keys, and no warning`() async throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] {
      let outcome = try await Pkigen.run("fixtures", "--out", directory.path(name))
      #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
      #expect(!FileManager.default.fileExists(atPath: directory.path("\(name)/INSECURE-TEST-KEYS.md")))
    }
    let key = "clusters/good/pki/ca.key"
    #expect(try text(directory.path("a/\(key)")) != text(directory.path("b/\(key)")))
  }

  @Test func `an item's bytes do not depend on the others`() async throws {
    let directory = try TemporaryDirectory()
    let head = "seed: s\ntime: 2026-01-01T00:00:00Z\n"
    let algorithms = "{key-algorithm: ecdsa-p384}"
    try await make("\(head)authorities: {a: \(algorithms), b: }\nrequests: {r: }", directory, "one")
    try await make("\(head)requests: {q: , r: }\nauthorities: {c: , a: \(algorithms)}", directory, "two")
    for name in ["authorities/a.crt", "authorities/a.key", "requests/r.csr", "requests/r.key"] {
      #expect(try text(directory.path("one/\(name)")) == text(directory.path("two/\(name)")), "\(name)")
    }
  }

  @Test(arguments: ["rsa-2048", "rsa-3072", "rsa-4096", "ecdsa-p256", "ecdsa-p384"])
  func `every algorithm is reproducible`(algorithm: String) async throws {
    let directory = try TemporaryDirectory()
    let text = """
      seed: s
      time: 2026-01-01T00:00:00Z
      authorities: {a: {key-algorithm: \(algorithm)}}
      leaves: {l: {authority: a, names: [x.example.com], usages: server}}
      requests: {r: {names: [x.example.com]}}
      """
    for name in ["one", "two"] { try await make(text, directory, name) }
    #expect(try listing(directory.path("one")) == listing(directory.path("two")))
  }

  @Test func `a second run changes nothing, a changed specification only what it changes`() async throws {
    let directory = try TemporaryDirectory()
    let head = "seed: s\ntime: 2026-01-01T00:00:00Z\n"
    try await make("\(head)authorities: {a: , b: }", directory, "set")
    let again = try await make("\(head)authorities: {a: , b: }", directory, "set")
    #expect(again.contains("7 kept") && !again.contains("created") && !again.contains("replaced"), "\(again)")
    try Data().write(to: URL(filePath: directory.path("set/mine.txt")))
    let changed = try await make("\(head)authorities: {a: }\nrequests: {r: }", directory, "set")
    #expect(changed.contains("2 created, 2 replaced, 2 removed, 3 kept"), "\(changed)")
    #expect(FileManager.default.fileExists(atPath: directory.path("set/mine.txt")))
    #expect(!FileManager.default.fileExists(atPath: directory.path("set/authorities/b.crt")))
  }

  @Test func `torn and exposed files are mended`() async throws {
    let directory = try TemporaryDirectory()
    let spec = "seed: s\ntime: 2026-01-01T00:00:00Z\nauthorities: {a: }"
    try await make(spec, directory, "set")
    let before = try listing(directory.path("set"))
    let key = directory.path("set/authorities/a.key")
    try Data("torn".utf8).write(to: URL(filePath: directory.path("set/authorities/a.crt")))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
    #expect(try await make(spec, directory, "set").contains("2 replaced"))
    #expect(try listing(directory.path("set")) == before)
  }

  @Test func `foreign files and directories are never touched`() async throws {
    let directory = try TemporaryDirectory()
    try Data("mine".utf8).write(to: URL(filePath: directory.path("mine.txt")))
    let refused = try await Pkigen.run("fixtures", "--out", directory.path)
    #expect(refused.status == 73 && refused.stderr.contains("mine.txt is there already"), "\(refused)")
    #expect(try listing(directory.path).count == 1)
    let set = directory.path("set")
    try await make("authorities: {a: }", directory, "set")
    let foreign = set + "/requests/r.csr"
    try FileManager.default.createDirectory(atPath: set + "/requests", withIntermediateDirectories: false)
    try Data("mine".utf8).write(to: URL(filePath: foreign))
    let before = try listing(set)
    try Data("requests: {r: }".utf8).write(to: URL(filePath: directory.path("spec.yaml")))
    let outcome = try await Pkigen.run("fixtures", "--spec", directory.path("spec.yaml"), "--out", set)
    #expect(outcome.status == 73 && outcome.stderr.contains("\(foreign) is there already"), "\(outcome)")
    #expect(try listing(set) == before)
  }

  @Test func `a dry run writes nothing`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run("fixtures", "--out", directory.path("set"), "--dry-run", "-o", "json")
    #expect(outcome.status == 0 && outcome.stdout.contains("\"dryRun\" : true"), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("set")))
  }

  @Test(arguments: ["/etc/kubernetes", "/etc/kubernetes/fixtures", "/etc/../etc/kubernetes/", "link/x"])
  func `keys of a seed do not go where a control plane has its keys`(path: String) async throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("link"), withDestinationPath: "/etc/kubernetes")
    let outcome = try await Pkigen.run(
      "fixtures", "--seed", "s", "--out", path, "--dry-run", directory: directory.path)
    #expect(outcome.status == 64, "\(outcome)")
    #expect(outcome.stderr.contains("is in /etc/kubernetes, where a control plane has its keys"))
  }

  @Test(arguments: [
    ["fixtures"], ["fixtures", "--out", "a", "--list"], ["fixtures", "--out", ""],
    ["fixtures", "--out", "a", "--within", "3d"], ["fixtures", "--out", "a", "--seed", ""],
    ["fixtures", "--out", "a", "--jobs", "0"],
  ])
  func `bad command lines are refused`(arguments: [String]) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(arguments, directory: directory.path)
    #expect(outcome.status == 64 && outcome.stderr.hasPrefix("error: "), "\(outcome)")
    #expect(try listing(directory.path).isEmpty)
  }

  @Test func `bad specifications and times are refused`() async throws {
    let directory = try TemporaryDirectory()
    try Data("sed: 1\n".utf8).write(to: URL(filePath: directory.path("spec.yaml")))
    let spec = try await Pkigen.run(
      "fixtures", "--spec", "spec.yaml", "--out", "a", directory: directory.path)
    #expect(spec.status == 78 && spec.stderr.contains("error: spec.yaml:1: sed is not a field"), "\(spec)")
    let missing = try await Pkigen.run(
      "fixtures", "--spec", "no.yaml", "--out", "a", directory: directory.path)
    #expect(missing.status == 74, "\(missing)")
    let time = try await Pkigen.run(
      "fixtures", "--out", "a", environment: ["SOURCE_DATE_EPOCH": "today"], directory: directory.path)
    #expect(time.status == 64 && time.stderr.contains("SOURCE_DATE_EPOCH: \"today\" is not"), "\(time)")
    #expect(try listing(directory.path).count == 1)
  }

  @discardableResult
  private func make(_ spec: String, _ directory: TemporaryDirectory, _ name: String) async throws -> String {
    try Data(spec.utf8).write(to: URL(filePath: directory.path("spec.yaml")))
    let outcome = try await Pkigen.run(
      "fixtures", "--spec", directory.path("spec.yaml"), "--out", directory.path(name))
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return outcome.stdout
  }
}

/// All files and directories below a directory, with their modes and contents.
func listing(_ directory: String) throws -> [String: Data] {
  var result: [String: Data] = [:]
  for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
    let path = "\(directory)/\(name)"
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let mode = attributes[.posixPermissions].map { "\($0)" } ?? ""
    result["\(name) \(mode)"] = (try? Data(contentsOf: URL(filePath: path))) ?? Data()
  }
  return result
}

/// All that is in a file.
private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
