import FoundationEssentials
import TestSupport
import Testing

/// Who accepts what at each stage of a rotation: OpenSSL, GnuTLS, Go and Python's cryptography.
@Suite(.timeLimit(.minutes(20)))
struct RotationTests {
  /// The CAs that a client may trust: the old one, the new one, both in one order or the other.
  private enum Trust: String, CaseIterable {
    case old, new, both, reversed
  }

  /// A CA that is rotated.
  enum OldCA: CaseIterable {
    /// As pkigen makes it.
    case pkigen
    /// Without a subject key identifier, as Go's library made CAs before 2020.
    case withoutIdentifier
    /// One that may have no CA below it.
    case withoutRoom
    /// One that ends in a month.
    case short
  }

  struct Case: CustomTestStringConvertible {
    let ca: OldCA
    let algorithm: Algorithm
    var crosses = true
    var testDescription: String { "\(ca), \(algorithm)\(crosses ? "" : ", without a cross certificate")" }

    /// Whether the old CA certifies the new one.
    fileprivate var hasCross: Bool { crosses && ca != .withoutRoom }
  }

  private static let cases =
    Algorithm.quick.map { Case(ca: .pkigen, algorithm: $0) }
    + [Algorithm.rsa2048, .ecdsaP256].flatMap { algorithm in
      [
        Case(ca: .pkigen, algorithm: algorithm, crosses: false),
        Case(ca: .withoutIdentifier, algorithm: algorithm),
        Case(ca: .withoutIdentifier, algorithm: algorithm, crosses: false),
      ]
    } + [Case(ca: .withoutRoom, algorithm: .ecdsaP256), Case(ca: .short, algorithm: .ecdsaP256)]

  @Test(arguments: cases)
  func `whoever trusts the old CA, the new one or both accepts what each stage says`(test: Case) async throws
  {
    let tree = try await Self.tree(test)
    let crossing = test.crosses ? [] : ["--no-cross-sign"]
    try await rotate(
      "prepare", tree, options: ["--controller-manager-ready"] + crossing,
      warns: test.ca == .withoutRoom)
    #expect(FileManager.default.fileExists(atPath: tree.certificate("ca-cross")) == test.hasCross)
    try writeTrust(of: tree)
    let (old, new): (Set<Trust>, Set<Trust>) = ([.old, .both, .reversed], [.new, .both, .reversed])
    try await expect(tree, old, test)
    try await rotate("switch", tree, options: crossing)
    try await expect(tree, test.hasCross ? new.union(old) : new, test)
    try await rotate("back", tree)
    try await expect(tree, old, test)
    try await rotate("switch", tree, options: crossing)
    if test.ca == .short {
      try await expect(tree, new, test, at: Date(timeIntervalSinceNow: 60 * 86_400))
    }
    try await rotate("retire", tree)
    try await expect(tree, new, test)
  }

  /// A tree of the CA of a case, which another program has made where pkigen does not make such ones.
  private static func tree(_ test: Case) async throws -> Tree {
    guard test.ca != .pkigen else { return try await Tree(test.algorithm) }
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path("pki"), withIntermediateDirectories: false)
    let identifier = test.ca == .withoutIdentifier ? "none" : "hash"
    let key =
      test.algorithm.isRSA
      ? ["-newkey", "rsa:2048"] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    let configuration = """
      [req]
      distinguished_name = subject
      x509_extensions = extensions
      [subject]
      [extensions]
      basicConstraints = critical, CA:TRUE\(test.ca == .withoutRoom ? ", pathlen:0" : "")
      keyUsage = critical, digitalSignature, keyEncipherment, keyCertSign
      subjectKeyIdentifier = \(identifier)
      authorityKeyIdentifier = none

      """
    try configuration.write(toFile: directory.path("ca.cnf"), atomically: true, encoding: .utf8)
    let made = try await run(
      Judges.openssl,
      ["req", "-x509", "-nodes", "-config", directory.path("ca.cnf"), "-subj", "/CN=kubernetes-ca"] + key + [
        "-days", test.ca == .short ? "30" : "3650", "-keyout", directory.path("pki/ca.key"), "-out",
        directory.path("pki/ca.crt"),
      ])
    try #require(made.status == 0, "\(made.stderr)")
    let others = try await Pkigen.run(
      "phase", "cert", "front-proxy-ca", "etcd-ca", "sa", "-d", directory.path, "--key-algorithm",
      test.algorithm.rawValue, "-q")
    try #require(others == Outcome(status: 0))
    return try await Tree(
      test.algorithm, in: directory, ["--node-name", Leaf.nodeName, "--advertise-ip", Leaf.advertiseAddress])
  }

  private func rotate(_ verb: String, _ tree: Tree, options: [String] = [], warns: Bool = false) async throws
  {
    let outcome = try await Pkigen.run(["rotate", verb, "ca", "-q", "-d", tree.directory.path] + options)
    try #require(outcome.status == 0 && outcome.stdout.isEmpty, "\(outcome)")
    // Of certificates that end with the short CA there are warnings, too.
    if warns { #expect(outcome.stderr.contains("may certify no CA"), "\(outcome)") }
  }

  /// Writes what clients trust from a ca.crt that holds both.
  private func writeTrust(of tree: Tree) throws {
    let both = try text(of: tree.certificate("ca"))
    let certificates = both.components(separatedBy: "-----BEGIN").dropFirst().map { "-----BEGIN" + $0 }
    try #require(certificates.count == 2)
    let reversed = certificates[1] + certificates[0]
    for (trust, text) in [
      (Trust.old, certificates[0]), (.new, certificates[1]), (.both, both), (.reversed, reversed),
    ] {
      try text.write(toFile: path(trust, tree), atomically: true, encoding: .utf8)
    }
  }

  private func path(_ trust: Trust, _ tree: Tree) -> String { tree.directory.path("\(trust).pem") }

  private func expect(_ tree: Tree, _ accepting: Set<Trust>, _ test: Case, at moment: Date = Date())
    async throws
  {
    let leaf = tree.certificate("apiserver")
    var questions: [Question] = []
    // Strictly, OpenSSL wants key identifiers.
    let strictness = test.ca == .withoutIdentifier ? [] : ["-x509_strict"]
    for trust in Trust.allCases {
      let isAccepted = accepting.contains(trust)
      let openssl = try await run(
        "env",
        clock(moment) + [Judges.openssl, "verify"] + strictness + [
          "-CAfile", path(trust, tree), "-untrusted", leaf, "-purpose", "sslserver", leaf,
        ])
      #expect((openssl.status == 0) == isAccepted, "OpenSSL, \(trust): \(openssl)")
      let gnutls = try await run(
        "env",
        clock(moment) + [
          Judges.certtool, "--verify", "--load-ca-certificate", path(trust, tree), "--infile", leaf,
          "--verify-profile", "medium",
        ])
      #expect((gnutls.status == 0) == isAccepted, "GnuTLS, \(trust): \(gnutls)")
      questions.append(
        Question(
          leaf: leaf, key: tree.key("apiserver"), root: path(trust, tree), name: "kubernetes.default",
          usage: .server, time: moment, flaw: isAccepted ? nil : .authority))
    }
    try await Question.ask(
      questions, of: Judges.goVerify,
      phrases: [.authority: moment > Date() ? "certificate" : "unknown authority"])
    // Python's cryptography accepts nothing that was signed by a CA without an identifier, and says so first.
    if test.ca == .withoutIdentifier {
      questions.removeAll { !accepting.contains(.new) || $0.flaw == nil && $0.root == path(.old, tree) }
    }
    guard !questions.isEmpty else { return }
    try await Question.ask(
      questions, of: Judges.python, [Judges.pythonVerify], phrases: [.authority: "candidates exhausted"])
  }
}
