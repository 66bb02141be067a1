import Foundation
import TestSupport
import Testing

/// `pkigen check-expiration --file` and `--percent`.
struct CheckFilesTests {
  private let directory: TemporaryDirectory

  /// A tree whose leaves live for 365 days, at two thirds of their life.
  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await run(
      Judges.clock,
      [
        "2027-01-15 08:00:00", Pkigen.path, "init", "-d", "out", "--node-name", "cp1", "--advertise-ip",
        "10.0.0.10", "--key-algorithm", "ecdsa-p256", "-q",
      ], environment: ["TZ": "UTC"], directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }

  private func check(_ arguments: String..., at time: String = "2027-09-15 08:00:00") async throws -> Outcome
  {
    try await run(
      Judges.clock, [time, Pkigen.path, "check-expiration"] + arguments, environment: ["TZ": "UTC"],
      directory: directory.path)
  }

  @Test func `files that are no tree are listed by their paths`() async throws {
    let outcome = try await check("--file", "out/pki/apiserver.crt", "out/pki/etcd/ca.crt")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    let lines = outcome.stdout.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1].hasPrefix("out/pki/apiserver.crt   Jan 15, 2028 08:00 UTC   122d"))
    #expect(
      lines[1].contains("   kubernetes-ca   ") && lines[3].hasPrefix("out/pki/etcd/ca.crt     Jan 12, 2037"))
  }

  @Test func `a directory is read with all below it, and several certificates of a file have numbers`()
    async throws
  {
    let outcome = try await check("--file", "out", "-o", "prometheus")
    #expect(outcome.status == 0)
    let ends = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("x509_cert_not_after{") }
    #expect(ends.count == 10 + 2 * 4 && ends.contains { $0.contains("filepath=\"out/admin.conf\"") })
    #expect(try await check("--file", "out/admin.conf").stdout.contains("out/admin.conf (1)   "))
  }

  @Test(
    arguments: [(["--percent", "33"], 0), (["--percent", "34"], 1), (["--percent", "99"], 1)]
      as [([String], Int32)])
  func `a part of the life is left, or is not`(options: [String], status: Int32) async throws {
    for place in [["--file", "out/pki/apiserver.crt"], ["-d", "out"], ["--trees", "."]] {
      let outcome = try await run(
        Judges.clock, ["2027-09-15 08:00:00", Pkigen.path, "check-expiration"] + place + options,
        environment: ["TZ": "UTC"], directory: directory.path)
      #expect(outcome.status == status, "\(place) \(options): \(outcome)")
    }
  }

  @Test func `a certificate that has expired is an error`() async throws {
    let outcome = try await check("--file", "out/pki/apiserver.crt", at: "2028-01-15 08:00:01")
    #expect(outcome.status == 1 && outcome.stdout.contains(" expired"))
  }

  @Test(
    arguments: [
      (["--file", "out/pki/ca.key"], 65, "out/pki/ca.key holds no certificate"),
      (["--file", "none"], 74, "cannot open none"), (["--file", "empty"], 65, "empty holds no certificate"),
      (["--file", "text"], 65, "text holds nothing that pkigen knows"),
      (["--file", "text", "-d", "out"], 64, "use one of the two"),
      (["--file", "text", "--trees", "."], 64, "use one of the two"),
      (["--percent", "0"], 64, "from 1 to 99"), (["--percent", "100"], 64, "from 1 to 99"),
      (["--percent", "5", "--warn", "5d"], 64, "use one of the two"), (["--file"], 64, "--file"),
    ] as [([String], Int32, String)])
  func `what cannot be checked is an error`(arguments: [String], status: Int32, text: String) async throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("empty"), withIntermediateDirectories: false)
    try Data("text".utf8).write(to: URL(filePath: directory.path("text")))
    let outcome = try await Pkigen.run(["check-expiration"] + arguments, directory: directory.path)
    #expect(outcome.status == status && outcome.stderr.contains(text), "\(outcome)")
  }
}
