import FoundationEssentials
import TestSupport
import Testing

/// Tokens of service accounts, signed with the old and the new key, at each stage of the rotation of sa.
@Suite(.timeLimit(.minutes(20)))
struct RotationTokenTests {
  private struct Question: Encodable {
    let key, keys: String
  }

  @Test(arguments: [
    (Algorithm.rsa2048, Algorithm.rsa2048), (.ecdsaP256, .ecdsaP256), (.ecdsaP384, .rsa2048),
    (.rsa2048, .ecdsaP256),
  ])
  func `tokens of a key are accepted from its preparation until it is retired`(
    algorithm: Algorithm, next: Algorithm
  ) async throws {
    let tree = try await Tree(algorithm)
    let (old, new) = (tree.directory.path("old.key"), tree.directory.path("new.key"))
    let present = tree.key("sa")
    try FileManager.default.copyItem(atPath: present, toPath: old)
    try await rotate("prepare", tree, "--key-algorithm", next.rawValue)
    try FileManager.default.copyItem(atPath: tree.key("sa-next"), toPath: new)
    try await expect([old, new], signing: old, in: tree)
    try await rotate("switch", tree)
    try await expect([old, new], signing: new, in: tree)
    try await rotate("back", tree)
    try await expect([old, new], signing: old, in: tree)
    try await rotate("switch", tree)
    try await rotate("retire", tree, "--tokens-renewed")
    try await expect([new], signing: new, in: tree)
    #expect(try await verdicts(of: [old], in: tree) == ["no key of that name"])
  }

  @Test func `what goes back to the beginning accepts the old key alone`() async throws {
    let tree = try await Tree(.ecdsaP256)
    let old = tree.directory.path("old.key")
    try FileManager.default.copyItem(atPath: tree.key("sa"), toPath: old)
    try await rotate("prepare", tree)
    let new = tree.directory.path("new.key")
    try FileManager.default.copyItem(atPath: tree.key("sa-next"), toPath: new)
    try await rotate("back", tree)
    try await expect([old], signing: old, in: tree)
    #expect(try await verdicts(of: [new], in: tree) == ["no key of that name"])
  }

  private func rotate(_ verb: String, _ tree: Tree, _ options: String...) async throws {
    let outcome = try await Pkigen.run(["rotate", verb, "sa", "-q", "-d", tree.directory.path] + options)
    try #require(outcome == Outcome(status: 0))
  }

  /// Expects that tokens of these keys are accepted, and that one of them is the key that signs.
  private func expect(_ keys: [String], signing: String, in tree: Tree) async throws {
    #expect(try await verdicts(of: keys, in: tree) == keys.map { _ in "" })
    #expect(try text(of: tree.key("sa")) == text(of: signing))
    // kubeadm takes the first of the file for the key's.
    let published = try await run(
      Judges.openssl, ["pkey", "-pubin", "-in", tree.directory.path("pki/sa.pub")])
    let own = try await run(Judges.openssl, ["pkey", "-pubout", "-in", tree.key("sa")])
    #expect(published.status == 0 && published.stdout == own.stdout, "\(published)")
  }

  private func verdicts(of keys: [String], in tree: Tree) async throws -> [String] {
    let questions = keys.map { Question(key: $0, keys: tree.directory.path("pki/sa.pub")) }
    let input = String(decoding: try JSONEncoder().encode(questions), as: UTF8.self)
    let outcome = try await run(Judges.python, [Judges.tokens], input: input)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return try outcome.document([String].self)
  }
}
