import FoundationEssentials
import TestSupport
import Testing

/// What `pkigen check-expiration` says of trees of several makers, and what Prometheus says of its metrics.
@Suite(.timeLimit(.minutes(20)))
struct ExpirationTests {
  @Test(arguments: [Algorithm.rsa2048, .ecdsaP256])
  func `the ends of pkigen's certificates are those that openssl reads`(algorithm: Algorithm) async throws {
    try await expectEnds(of: Trees.made(with: algorithm).directory)
  }

  @Test(arguments: OpenSSLTree.allCases)
  func `the ends of certificates made with openssl are those that openssl reads`(kind: OpenSSLTree)
    async throws
  {
    try await expectEnds(of: kind.make())
  }

  @Test(arguments: OpenSSLTree.allCases)
  func `time passes for a tree made with openssl too`(kind: OpenSSLTree) async throws {
    let tree = try await kind.make()
    func states(after time: String, _ options: String...) async throws -> (Set<String>, status: Int32) {
      let outcome = try await check(tree, ["-o", "json"] + options, after: time)
      let report = try outcome.document(ExpirationDocument.self)
      return (Set((report.certificates + report.certificateAuthorities).map(\.state)), outcome.status)
    }
    try await #expect(states(after: "+364 days") == (["valid"], 0))
    try await #expect(states(after: "+364 days", "--warn", "2d") == (["valid", "expiring"], 1))
    try await #expect(states(after: "+366 days") == (["valid", "expired"], 1))
    try await #expect(states(after: "+10 years") == (["expired"], 1))
  }

  @Test func `ends from 2050 on, which are written otherwise, are read`() async throws {
    let directory = try TemporaryDirectory()
    let arguments = [
      "init", "-d", directory.path, "--key-algorithm", "ecdsa-p256", "--node-name", "cp1", "--advertise-ip",
      "10.0.0.10",
    ]
    let made = try await run(Judges.clock, ["2049-06-01 12:00:00", Pkigen.path] + arguments)
    try #require(made.status == 0, "\(made.stderr)")
    try await expectEnds(of: directory, at: "2049-12-31 12:00:00")
    let outcome = try await run(
      Judges.clock,
      ["2050-01-01 06:00:00", Pkigen.path, "expiry", "-d", directory.path, "--warn", "150d"],
      environment: ["TZ": "UTC"])
    #expect(outcome.stdout.contains("Jun 01, 2050 12:00 UTC   151d "))
    #expect(outcome.status == 0)
  }

  @Test func `Prometheus accepts the metrics, of a whole tree, of a damaged one and of none`() async throws {
    let whole = try await Trees.made(with: .ecdsaP256).directory
    try await expectAccepted(check(whole, ["-o", "prometheus"]).stdout)

    let damaged = try await OpenSSLTree.asScripted.make()
    try FileManager.default.removeItem(atPath: damaged.path("pki/apiserver.crt"))
    let name = try text(of: damaged.path("admin.conf")).replacing("default-admin", with: #""a\"b\\c\nd,e}f""#)
    try name.write(toFile: damaged.path("admin.conf"), atomically: true, encoding: .utf8)
    let authorities = try text(of: damaged.path("pki/ca.crt")) + text(of: damaged.path("pki/ca.crt"))
    try authorities.write(toFile: damaged.path("pki/ca.crt"), atomically: true, encoding: .utf8)
    let metrics = try await check(damaged, ["-o", "prometheus"]).stdout
    #expect(metrics.contains(#"embedded_key="a\"b\\c\nd,e}f""#))
    try await expectAccepted(metrics)

    try await expectAccepted(check(TemporaryDirectory(), ["-o", "prometheus"]).stdout)
  }

  private func expectAccepted(_ metrics: String) async throws {
    try #require(metrics.hasPrefix("# HELP "))
    let outcome = try await run(Judges.promtool, ["check", "metrics"], input: metrics)
    #expect(outcome == Outcome(status: 0), "\(metrics)")
  }

  /// Expects of all certificates with files of their own that their ends are reported as openssl shows them.
  private func expectEnds(of tree: TemporaryDirectory, at time: String? = nil) async throws {
    let outcome = try await check(tree, ["-o", "json"], after: time)
    #expect(outcome.status == 0)
    let report = try outcome.document(ExpirationDocument.self)
    let entries = report.certificates + report.certificateAuthorities
    #expect(entries.count == 14)
    for entry in entries where entry.path.hasSuffix(".crt") {
      let certificate = try await CertificateText(entry.path)
      #expect(entry.expirationDate == certificate.notAfter.formatted(.iso8601), "\(entry.path)")
      #expect(entry.notBefore == certificate.notBefore.formatted(.iso8601), "\(entry.path)")
      #expect(entry.serialNumber?.uppercased() == certificate.serial.uppercased(), "\(entry.path)")
    }
  }

  private func check(
    _ tree: TemporaryDirectory, _ options: [String], after time: String? = nil
  ) async throws -> Outcome {
    let arguments = ["check-expiration", "-d", tree.path] + options
    guard let time else { return try await Pkigen.run(arguments) }
    return try await run(Judges.clock, [time, Pkigen.path] + arguments)
  }

}
