import FoundationEssentials
import TestSupport
import Testing

/// `--new-root`, `--root-ca-cert` and `--root-ca-key`.
struct OneRootCommandTests {
  private let directory: TemporaryDirectory
  private let tree: String
  private let root: String

  init() throws {
    directory = try TemporaryDirectory()
    tree = directory.path("tree")
    root = directory.path("root")
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(arguments + ["-d", tree])
  }

  private func initialize(_ options: String...) async throws -> Outcome {
    try await Pkigen.run(
      [
        "init", "-d", tree, "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
        "ecdsa-p256",
      ]
        + options)
  }

  private func made() async throws {
    let outcome = try await initialize("--new-root", root)
    try #require(outcome.status == 0, "\(outcome.stderr)")
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(atPath: "\(tree)/\(name)") }
  }

  private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// A root of openssl's, with these extensions.
  private func makeRoot(
    _ name: String = "corporate", days: Int = 3650, constraints: String = "critical,CA:TRUE"
  ) async throws -> (certificate: String, key: String) {
    let paths = (directory.path("\(name).crt"), directory.path("\(name).key"))
    let outcome = try await run(
      Judges.openssl,
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/O=Example/CN=\(name)",
        "-days", "\(days)", "-addext", "basicConstraints=\(constraints)", "-addext",
        "keyUsage=critical,keyCertSign,cRLSign", "-keyout", paths.1, "-out", paths.0,
      ])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return paths
  }

  @Test func `a new root is made once, outside the tree, and a second run changes nothing`() async throws {
    let first = try await initialize("--new-root", root)
    #expect(first.status == 0 && first.stdout.contains("create  \(root)/root.key"))
    #expect(first.stdout.contains("next: take \(root)/root.key off this machine"))
    #expect(first.stdout.contains("*-bundle.crt, etcd/*-bundle.crt and sa.*"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: root).sorted() == ["root.crt", "root.key"])
    let again = try await initialize("--new-root", root)
    #expect(again.status == 0 && again.stdout.contains("keep  \(root)/root.crt"))
    #expect(again.stdout.contains("Files: 30 kept."))
    let without = try await initialize()
    #expect(without.status == 0 && without.stdout.contains("Files: 29 kept."))
  }

  @Test func `a dry run shows the root, and makes nothing`() async throws {
    let outcome = try await initialize("--new-root", root, "--dry-run", "-o", "json")
    #expect(outcome.status == 0 && outcome.stdout.contains("\"issuer\" : \"CN = kubernetes-root-ca\""))
    #expect(!exists(root) && !exists(tree))
  }

  @Test func `a root that is there signs, and its key is left alone`() async throws {
    let corporate = try await makeRoot()
    let outcome = try await initialize(
      "--root-ca-cert", corporate.certificate, "--root-ca-key", corporate.key)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    for name in ["ca", "front-proxy-ca", "etcd/ca"] {
      let verdict = try await run(
        Judges.openssl,
        ["verify", "-x509_strict", "-CAfile", corporate.certificate, "\(tree)/pki/\(name).crt"])
      #expect(verdict.status == 0, "\(verdict.stderr)")
    }
    // Without the key, what is there is still known to be below it.
    let again = try await initialize("--root-ca-cert", corporate.certificate)
    #expect(again.status == 0 && again.stdout.contains("Files: 30 kept."))
  }

  @Test func `a bundle that is missing is put together from what is there`() async throws {
    try await made()
    let bundle = try read("\(tree)/pki/etcd/ca-bundle.crt")
    try remove("pki/etcd/ca-bundle.crt")
    let outcome = try await initialize("--root-ca-cert", "\(root)/root.crt")
    #expect(outcome.status == 0 && outcome.stdout.contains("Files: 1 created, 29 kept."))
    #expect(try read("\(tree)/pki/etcd/ca-bundle.crt") == bundle)
  }

  @Test func `a CA below the root can be made again, with the root's key and not without`()
    async throws
  {
    try await made()
    let files = ["pki/front-proxy-ca.crt", "pki/front-proxy-ca.key", "pki/front-proxy-ca-bundle.crt"]
    for name in files + ["pki/front-proxy-client.crt", "pki/front-proxy-client.key"] { try remove(name) }
    let refused = try await initialize()
    #expect(refused.status == 65)
    #expect(
      refused.stderr.contains(
        "the CAs of this tree are below a root CA (\(tree)/pki/ca-bundle.crt), whose key"))
    #expect(refused.stderr.contains("hint: name the root CA with --root-ca-cert and --root-ca-key"))
    let unsigned = try await initialize("--root-ca-cert", "\(root)/root.crt")
    #expect(unsigned.status == 65 && unsigned.stderr.contains("the root CA's key"))
    let outcome = try await pkigen(
      "phase", "cert", "front-proxy-ca", "front-proxy-client", "--root-ca-cert", "\(root)/root.crt",
      "--root-ca-key",
      "\(root)/root.key")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(exists("\(tree)/pki/front-proxy-ca-bundle.crt"))
  }

  @Test func `CAs that sign themselves are not put below a root`() async throws {
    #expect(try await initialize().status == 0)
    let outcome = try await initialize("--new-root", root)
    #expect(outcome.status == 65 && !exists(root))
    #expect(
      outcome.stderr.contains("error: \(tree)/pki/ca.crt is there, and \(root)/root.crt did not sign it\n"))
    #expect(outcome.stderr.ranges(of: "error: ").count == 3)
  }

  @Test func `nothing outlives the root`() async throws {
    let corporate = try await makeRoot(days: 100)
    let outcome = try await initialize(
      "--root-ca-cert", corporate.certificate, "--root-ca-key", corporate.key)
    #expect(outcome.status == 0)
    #expect(outcome.stderr.contains("warning: ca, front-proxy-ca, etcd-ca will be valid only until"))
    #expect(outcome.stderr.contains("when the root CA expires"))
    let ends = try await run(
      "/bin/sh",
      [
        "-c",
        "for f in \(corporate.certificate) \(tree)/pki/ca.crt \(tree)/pki/apiserver.crt; do openssl x509 -in $f -noout -enddate; done | sort -u | wc -l",
      ])
    #expect(ends.stdout == "1\n")
  }

  @Test func `a root that can have no CA below it is refused`() async throws {
    let short = try await makeRoot("short", constraints: "critical,CA:TRUE,pathlen:0")
    let leaf = try await makeRoot("leaf", constraints: "critical,CA:FALSE")
    let namesake = try await makeRoot("namesake")
    let cases: [((certificate: String, key: String), String)] = [
      (short, "\(short.certificate) has the path length 0"),
      (leaf, "\(leaf.certificate) is not a CA certificate"),
      ((short.certificate, leaf.key), "\(leaf.key) is not the private key of \(short.certificate)"),
      ((leaf.key, leaf.key), "\(leaf.key) does not hold a certificate"),
      (
        (namesake.certificate, directory.path("none.key")),
        "the root CA's key, \(directory.path("none.key")), is missing"
      ),
      ((directory.path("none.crt"), namesake.key), "\(directory.path("none.crt")) is missing"),
    ]
    for (root, message) in cases {
      let outcome = try await initialize("--root-ca-cert", root.certificate, "--root-ca-key", root.key)
      #expect(outcome.status == 65 && outcome.stderr.contains("error: \(message)"), "\(outcome.stderr)")
      #expect(!exists(tree))
    }
  }

  @Test func `a root with the name of a CA is refused`() async throws {
    let paths = (directory.path("n.crt"), directory.path("n.key"))
    let made = try await run(
      Judges.openssl,
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/CN=etcd-ca",
        "-keyout", paths.1, "-out", paths.0,
      ])
    try #require(made.status == 0)
    let outcome = try await initialize("--root-ca-cert", paths.0, "--root-ca-key", paths.1)
    #expect(
      outcome.status == 65 && outcome.stderr.contains("\(paths.0) has the name of the CA etcd-ca"))
  }

  @Test(arguments: ["tree", "tree/pki/root", "tree/./x/../root"])
  func `a root in the tree is refused`(name: String) async throws {
    let outcome = try await initialize("--new-root", directory.path(name))
    #expect(
      outcome.status == 64
        && outcome.stderr.contains("--new-root: \"\(directory.path(name))\" is in the tree"))
    #expect(!exists(tree))
  }

  @Test func `options that exclude or need each other say so`() async throws {
    let both = try await initialize("--new-root", root, "--root-ca-cert", "x")
    #expect(both.status == 64 && both.stderr.contains("use one of the two"))
    let alone = try await initialize("--root-ca-key", "x")
    #expect(alone.status == 64 && alone.stderr.contains("--root-ca-key needs --root-ca-cert."))
    let empty = try await initialize("--new-root", "")
    #expect(empty.status == 64 && empty.stderr.contains("--new-root needs a path."))
  }

  @Test func `renewal keeps the chain, and appends it where it is missing`() async throws {
    try await made()
    let whole = try read("\(tree)/pki/apiserver.crt")
    let end = try #require(whole.ranges(of: "-----END CERTIFICATE-----\n").first).upperBound
    try String(whole[..<end]).write(toFile: "\(tree)/pki/apiserver.crt", atomically: false, encoding: .utf8)
    let outcome = try await pkigen("renew", "apiserver", "etcd-server", "admin")
    try #require(outcome.status == 0, "\(outcome.stderr)")
    #expect(try read("\(tree)/pki/apiserver.crt").hasSuffix(read("\(tree)/pki/ca.crt")))
    #expect(try read("\(tree)/pki/etcd/server.crt").hasSuffix(read("\(tree)/pki/etcd/ca.crt")))
    for name in ["apiserver", "etcd/server"] {
      let verdict = try await run(
        Judges.openssl,
        [
          "verify", "-x509_strict", "-CAfile", "\(root)/root.crt", "-untrusted", "\(tree)/pki/\(name).crt",
          "\(tree)/pki/\(name).crt",
        ])
      #expect(verdict.status == 0, "\(verdict.stderr)")
    }
  }

  @Test func `check-expiration has a row for the root`() async throws {
    try await made()
    let table = try await pkigen("check-expiration")
    #expect(table.status == 0 && table.stdout.contains("\nroot-ca "))
    let later = try await run(
      Judges.clock, ["+21 years", try Pkigen.path, "check-expiration", "-d", tree])
    #expect(later.status == 1 && later.stdout.split(separator: "\n").last?.contains("expired") == true)
  }
}
