import FoundationEssentials
import TestSupport
import Testing

/// pkilint's verdict on certificates: is each as RFC 5280 wants it?
@Suite(.timeLimit(.minutes(20)))
struct PkilintTests {
  private struct Finding: Decodable, Hashable {
    var file: String
    var code: String
    var message: String
  }

  /// Kubernetes demands names of one label, and RFC 5280's preferred name syntax demands a dot.
  @Test(arguments: Algorithm.allCases)
  func `every certificate is clean but for the names without a dot`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    let excused = Leaf.all.flatMap { leaf in
      leaf.hosts.filter { !$0.contains(".") }.map { host in
        Finding(
          file: tree.certificate(leaf.name), code: "pkix.invalid_domain_name_syntax",
          message: "Invalid domain name syntax: \"\(host)\"")
      }
    }
    let findings = try await lint(tree.certificates)
    #expect(Set(findings).subtracting(excused).isEmpty)
    #expect(findings.count == excused.count)
  }

  @Test func `the linter finds what is wrong`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("bad.crt")
    let made = try await run(
      Judges.openssl,
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        "/dev/null",
        "-subj", "/CN=bad", "-addext", "keyUsage=keyCertSign", "-out", path,
      ])
    try #require(made.status == 0, "\(made.stderr)")
    #expect(try await lint([path]).map(\.code) == ["pkix.key_usage_extension_not_critical"])
  }

  private func lint(_ certificates: [String]) async throws -> [Finding] {
    let outcome = try await run(Judges.python, [Judges.lint] + certificates)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return try outcome.document([Finding].self)
  }
}
