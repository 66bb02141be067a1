import TestSupport
import Testing

/// What pkigen says of trees that others have made.
@Suite(.timeLimit(.minutes(20)))
struct VerifyTests {
  @Test(arguments: OpenSSLTree.allCases)
  func `a tree of openssl's is sound, for the cluster that it was made for too`(kind: OpenSSLTree)
    async throws
  {
    let directory = try await kind.make()
    let outcome = try await Pkigen.run("verify", "-d", directory.path, "--strict")
    #expect(outcome.status == 0 && outcome.stdout.hasSuffix("0 errors, 0 warnings, 1 info.\n"), "\(outcome)")
    let specific = try await Pkigen.run(
      "verify", "-d", directory.path, "--strict", "--style", "documented", "--node-name", Leaf.nodeName,
      "--advertise-ip", Leaf.advertiseAddress, "--service-cidr", "10.96.0.0/12", "--service-dns-domain",
      "cluster.local")
    #expect(specific.status == 0, "\(specific)")
  }

  @Test(arguments: Algorithm.quick)
  func `pkigen's own tree is sound`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    let outcome = try await Pkigen.run("verify", "-d", tree.directory.path, "--strict")
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func `a tree is sound until its certificates end, and not a second longer`() async throws {
    let tree = try await Trees.made(with: .ecdsaP256)
    for (days, status) in [(364, 0), (366, 1), (3651, 1)] {
      let outcome = try await run(
        Judges.clock, ["+\(days) days", Pkigen.path, "verify", "-d", tree.directory.path])
      #expect(outcome.status == Int32(status), "\(days): \(outcome)")
      let leaf = try await run(
        Judges.clock,
        [
          "+\(days) days", Judges.openssl, "verify", "-CAfile", tree.certificate("ca"),
          tree.certificate("apiserver"),
        ])
      #expect((leaf.status == 0) == (status == 0), "\(days): \(leaf)")
    }
  }
}
