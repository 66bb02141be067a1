import FoundationEssentials
import TestSupport
import Testing

/// `pkigen fixtures --check` and `--list`.
@Suite(.timeLimit(.minutes(20)))
struct FixturesCheckTests {
  private static let seeded = "seed: s\ntime: 2026-01-01T00:00:00Z\nauthorities: {a: {validity: 1000y}}"

  @Test(arguments: [seeded, "authorities: {a: }"])
  func `what is as it was made is sound`(spec: String) async throws {
    let set = try await Set(spec)
    let outcome = try await set.check()
    #expect(outcome.status == 0 && outcome.stdout.contains("matches its specification"), "\(outcome)")
    #expect(try await set.check("--spec", set.directory.path("spec.yaml")).status == 0)
    #expect(try await set.check("-q").stdout == "")
  }

  @Test(arguments: [seeded, "authorities: {a: }"])
  func `missing and changed files are reported`(spec: String) async throws {
    let set = try await Set(spec)
    try FileManager.default.removeItem(atPath: set.path("authorities/a.key"))
    try Data("x".utf8).write(to: URL(filePath: set.path("authorities/a.crt")))
    let outcome = try await set.check("-o", "json")
    #expect(outcome.status == 1)
    #expect(outcome.stdout.contains("missing-file") && outcome.stdout.contains("fixture-changed"))
  }

  @Test func `another specification is reported`() async throws {
    let set = try await Set(Self.seeded)
    try Data((Self.seeded + "\nrequests: {r: }").utf8).write(
      to: URL(filePath: set.directory.path("spec.yaml")))
    let outcome = try await set.check("--spec", set.directory.path("spec.yaml"))
    #expect(outcome.status == 1 && outcome.stdout.contains("requests/r.csr belongs to the set"), "\(outcome)")
    let seed = try await set.check("--seed", "t")
    #expect(seed.status == 1 && seed.stdout.contains("authorities/a.crt is not what the specification gives"))
    let fresh = try await Set("authorities: {a: }")
    try Data("authorities: {b: }".utf8).write(to: URL(filePath: fresh.directory.path("spec.yaml")))
    #expect(try await fresh.check("--spec", fresh.directory.path("spec.yaml")).status == 1)
  }

  @Test func `what ends soon is reported, unless that is its defect`() async throws {
    let set = try await Set(
      """
      clusters: {one: {node-name: cp1, advertise-ip: 10.0.0.10, key-algorithm: ecdsa-p256}}
      defects: [expired, expires-at]
      requests: {r: }
      authorities: {long: , short: {validity: 10d}}
      """)
    #expect(try await set.check("--within", "9d").status == 0)
    let outcome = try await set.check()
    #expect(outcome.status == 1, "\(outcome)")
    #expect(outcome.stdout.contains("expiring-soon: \(set.path("authorities/short.crt")) expires at"))
    #expect(outcome.stdout.split(separator: "\n").count { $0.hasPrefix("expir") } == 1, "\(outcome)")
  }

  @Test func `what holds no fixtures is refused`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run("fixtures", "--check", directory.path)
    #expect(outcome.status == 65 && outcome.stderr.contains("holds no fixtures"), "\(outcome)")
    let set = try await Set("authorities: {a: }")
    let margin = try await set.check("--within", "soon")
    #expect(margin.status == 64, "\(margin)")
  }

  @Test func `the list has every defect, as text and as JSON`() async throws {
    struct Row: Decodable { let name, summary, path: String }
    let json = try await Pkigen.run("fixtures", "--list", "-o", "json")
    let rows = try json.document([Row].self)
    #expect(rows.count == 45 && json.status == 0)
    let text = try await Pkigen.run("fixtures", "--list")
    for row in rows {
      #expect(text.stdout.contains("\(row.name)  (\(row.path))\n  \(row.summary)\n"), "\(row.name)")
    }
  }

  private struct Set {
    let directory: TemporaryDirectory

    init(_ spec: String) async throws {
      directory = try TemporaryDirectory()
      try Data(spec.utf8).write(to: URL(filePath: directory.path("spec.yaml")))
      let outcome = try await Pkigen.run(
        "fixtures", "--spec", directory.path("spec.yaml"), "--out", directory.path("set"))
      try #require(outcome.status == 0, "\(outcome.stderr)")
    }

    func path(_ name: String) -> String { directory.path("set/\(name)") }

    func check(_ options: String...) async throws -> Outcome {
      try await Pkigen.run(["fixtures", "--check", directory.path("set")] + options)
    }
  }
}
