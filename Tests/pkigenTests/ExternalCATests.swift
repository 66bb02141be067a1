import FoundationEssentials
import TestSupport
import Testing

/// `csr create NAME`, `csr sign` without a signer and `csr install`: the machine with the CAs' keys is `signer`, the
/// one without is `node`.
@Suite(.timeLimit(.minutes(20)))
struct ExternalCATests {
  private let directory: TemporaryDirectory
  private static let node = [
    "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256",
  ]
  private static let authorities = ["ca", "front-proxy-ca", "etcd/ca"]

  init() async throws {
    directory = try TemporaryDirectory()
    try await makeSigner(in: directory)
    try copyAuthorities(in: directory)
  }

  private func makeSigner(in directory: TemporaryDirectory, _ options: String...) async throws {
    let arguments = ["init", "-q", "-d", "signer"] + Self.node + options
    let outcome = try await Pkigen.run(arguments, directory: directory.path)
    try #require(outcome.status == 0, "\(outcome.stderr)")
  }

  private func copyAuthorities(in directory: TemporaryDirectory, _ names: [String] = authorities) throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("node/pki/etcd"), withIntermediateDirectories: true)
    for name in names {
      try FileManager.default.copyItem(
        atPath: directory.path("signer/pki/\(name).crt"), toPath: directory.path("node/pki/\(name).crt"))
    }
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(arguments, directory: directory.path)
  }

  private func create(_ names: String...) async throws {
    let arguments = ["csr", "create", "-q", "-d", "node"] + names + Self.node
    let outcome = try await Pkigen.run(arguments, directory: directory.path)
    try #require(outcome == Outcome(status: 0), "\(outcome.stderr)")
  }

  /// Runs `csr sign` with a CA of the signer's.
  private func sign(
    _ requests: [String], by authority: String = "ca", to out: String = "signed", _ options: String...
  ) async throws -> Outcome {
    let key = "signer/pki/\(authority)"
    return try await Pkigen.run(
      ["csr", "sign"] + requests + ["--ca-cert", "\(key).crt", "--ca-key", "\(key).key", "--out", out]
        + options,
      directory: directory.path)
  }

  private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: directory.path(name)) }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  /// The requests of the node, by the CA that has to sign them.
  private static let requests = [
    (
      "ca",
      [
        "pki/apiserver", "pki/apiserver-kubelet-client", "admin.conf", "kubelet.conf",
        "controller-manager.conf",
        "scheduler.conf",
      ]
    ),
    ("front-proxy-ca", ["pki/front-proxy-client"]),
    (
      "etcd/ca",
      ["pki/etcd/server", "pki/etcd/peer", "pki/etcd/healthcheck-client", "pki/apiserver-etcd-client"]
    ),
  ].map { ($0, $1.map { "node/\($0).csr" }) }

  /// Signs all that the node has asked for, and puts it in place.
  private func roundTrip() async throws -> Outcome {
    try await create("all")
    for (authority, requests) in Self.requests {
      let outcome = try await sign(requests, by: authority)
      try #require(outcome.status == 0, "\(outcome.stderr)")
    }
    let signed = try FileManager.default.contentsOfDirectory(atPath: directory.path("signed")).sorted()
    return try await Pkigen.run(
      ["csr", "install", "-d", "node"] + signed.map { "signed/\($0)" }, directory: directory.path)
  }

  // MARK: what is done

  @Test func `a control plane without its CAs' keys`() async throws {
    var transcript = try Transcript()
    try await makeSigner(in: transcript.directory)
    try copyAuthorities(in: transcript.directory)
    try await transcript.run(["init", "-d", "node"] + Self.node)
    try await transcript.run(["csr", "create", "all", "-d", "node"] + Self.node)
    for (authority, requests) in Self.requests {
      try await transcript.run(
        ["csr", "sign"] + requests
          + [
            "--ca-cert", "signer/pki/\(authority).crt", "--ca-key", "signer/pki/\(authority).key", "--out",
            "signed",
          ])
    }
    let signed = try FileManager.default.contentsOfDirectory(atPath: transcript.directory.path("signed"))
      .sorted()
    try await transcript.run(["csr", "install", "-d", "node"] + signed.map { "signed/\($0)" })
    try await transcript.run("verify", "-d", "node")
    try await transcript.run("renew", "all", "-d", "node")
    try await transcript.list()
    try transcript.expect("external-cas")
  }

  @Test func `after a round trip the tree is whole, and each command finds it so`() async throws {
    let installed = try await roundTrip()
    #expect(installed.status == 0 && installed.stderr.isEmpty, "\(installed.stderr)")
    for arguments in [["init", "-d", "node"] + Self.node, ["verify", "-d", "node"] + Self.node.dropLast(2)] {
      let outcome = try await Pkigen.run(arguments, directory: directory.path)
      #expect(outcome.status == 0, "\(outcome.stdout)\(outcome.stderr)")
    }
    let table = try await pkigen("check-expiration", "-d", "node")
    #expect(table.status == 0 && !table.stdout.contains("MISSING"))
  }

  @Test(arguments: [["ca"], ["etcd/ca"], ["front-proxy-ca", "etcd/ca"]])
  func `only certificates of external CAs are waited for`(_ names: [String]) async throws {
    let directory = try TemporaryDirectory()
    try await makeSigner(in: directory)
    try copyAuthorities(in: directory, names)
    let made = try await Pkigen.run(["init", "-d", "node"] + Self.node, directory: directory.path)
    #expect(made.status == 0, "\(made.stderr)")
    let waiting = Self.requests.filter { names.contains($0.0) }.reduce(0) { $0 + $1.1.count }
    #expect(made.stdout.contains("\(waiting) waiting."), "\(made.stdout)")
    let keys = Set(Self.authorities).subtracting(names)
    for name in Self.authorities {
      let path = directory.path("node/pki/\(name).key")
      #expect(FileManager.default.fileExists(atPath: path) == keys.contains(name))
    }
  }

  @Test func `below one root the chain comes along`() async throws {
    let directory = try TemporaryDirectory()
    let other = try await ExternalCATests(below: directory.path("root"), in: directory)
    for name in ["pki/ca", "pki/front-proxy-ca", "pki/etcd/ca"] {
      try FileManager.default.copyItem(
        atPath: directory.path("signer/\(name)-bundle.crt"), toPath: directory.path("node/\(name)-bundle.crt")
      )
    }
    let outcome = try await other.roundTrip()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try other.text("node/pki/apiserver.crt").hasSuffix(other.text("node/pki/ca.crt")))
    for options in [[], ["--root-ca-cert", "root/root.crt"]] {
      let arguments = ["init", "-d", "node"] + Self.node + options
      let made = try await Pkigen.run(arguments, directory: directory.path)
      #expect(made.status == 0, "\(made.stderr)")
    }
    let verified = try await Pkigen.run(
      ["verify", "-d", "node"] + Self.node.dropLast(2), directory: directory.path)
    #expect(verified.status == 0 && verified.stdout.contains("0 errors, 0 warnings"), "\(verified.stdout)")
  }

  private init(below root: String, in directory: TemporaryDirectory) async throws {
    self.directory = directory
    try await makeSigner(in: directory, "--new-root", root)
    try copyAuthorities(in: directory)
  }

  @Test func `a successor is put in place after a backup, which can be put back`() async throws {
    _ = try await roundTrip()
    let before = try (text("node/pki/apiserver.crt"), text("node/admin.conf"))
    try await create("apiserver", "admin.conf")
    let requests = ["node/pki/apiserver.csr", "node/admin.conf.csr"]
    #expect(try await sign(requests, to: "next", "--validity", "30d").status == 0)
    let outcome = try await pkigen(
      "csr", "install", "-d", "node", "next/apiserver.crt", "next/admin.conf.crt")
    #expect(
      outcome.stderr == """
        warning: apiserver, admin.conf: valid for 30 days from now, where the present certificates had a lifetime of 365 days; to keep it, have the CSR signed with a longer validity, with pkigen: pkigen csr sign --validity 365d

        """)
    #expect(outcome.stdout.contains("Files: 2 replaced, 0 kept.") && !outcome.stdout.contains("restart"))
    #expect(try text("node/pki/apiserver.crt") != before.0)
    let line = try #require(outcome.stdout.split(separator: "\n").first { $0.contains("files is in ") })
    let backup = String(try #require(line.split(separator: " ").last))
    let restored = try await pkigen("renew", "-d", "node", "--restore", backup)
    #expect(restored.status == 0, "\(restored.stderr)")
    #expect(try (text("node/pki/apiserver.crt"), text("node/admin.conf")) == before)
  }

  @Test func `a dry run writes nothing`() async throws {
    let made = try await Pkigen.run(
      ["csr", "create", "all", "-d", "node", "--dry-run"] + Self.node, directory: directory.path)
    #expect(
      made.status == 0 && made.stdout.contains("Dry run, nothing was written; files: 22 created, 0 kept."))
    #expect(!exists("node/admin.conf") && !exists("node/pki/apiserver.key"))
    try await create("scheduler")
    _ = try await sign(["node/scheduler.conf.csr"])
    let before = try text("node/scheduler.conf")
    let installed = try await pkigen("csr", "install", "-d", "node", "--dry-run", "signed/scheduler.conf.crt")
    #expect(installed.status == 0 && installed.stdout.hasPrefix("replace"))
    #expect(try text("node/scheduler.conf") == before)
  }

  @Test func `the document says what is asked for`() async throws {
    let outcome = try await Pkigen.run(
      ["csr", "create", "etcd-server", "-d", "node", "-o", "json"] + Self.node, directory: directory.path)
    #expect(outcome.stdout.contains(#""subject" : "CN = kube-etcd""#))
    #expect(outcome.stdout.contains(#""path" : "node/pki/etcd/server.csr""#))
    #expect(outcome.stdout.contains(#""DNS:cp1","#) && outcome.stdout.contains("pkigen csr install"))
  }

  // MARK: what is refused

  @Test(arguments: [
    (["csr", "create"], "Name certificates of the control plane, or all"),
    (["csr", "create", "apiserver", "--out", "x"], "apiserver is a certificate of the control plane"),
    (["csr", "create", "--common-name", "a", "--out", "x", "--node-name", "cp1"], "--out is for a workload"),
    (["csr", "create", "all", "--validity", "1d", "--node-name", "cp1"], "Unknown option '--validity'"),
    (["csr", "create", "apiserver", "-d", "node", "--node-name", "cp1"], "--advertise-ip is required"),
    (["csr", "create", "ca", "-d", "node"], "a CA: nothing in the cluster trusts a CA with a new key"),
    (
      ["csr", "create", "apiserver", "-d", "signer", "--advertise-ip", "10.0.0.10"],
      "the key of signer/pki/ca.crt is in"
    ),
    (
      ["csr", "create", "all", "-d", "empty", "--advertise-ip", "10.0.0.10"],
      "has no CA whose key is missing"
    ),
    (
      ["csr", "sign", "a.csr", "--allow-any-subject", "--signer-name", "a.b/c"], "--allow-any-subject is for"
    ),
    (["csr", "install"], "Missing expected argument"),
  ]) func `a command line that makes no sense`(_ arguments: [String], _ message: String) async throws {
    let outcome = try await Pkigen.run(arguments, directory: directory.path)
    #expect(outcome.status == 64 && outcome.stderr.contains(message), "\(outcome.stderr)")
    #expect(!exists("x.csr") && !exists("empty") && !exists("node/pki/apiserver.key"))
  }

  @Test func `what does not fit is refused with its code, and --allow-any-subject overrules that`()
    async throws
  {
    let made = try await pkigen("csr", "create", "--common-name", "jane", "--org", "dev", "--out", "jane")
    #expect(made.status == 0)
    let refused = try await sign(["jane.csr"])
    #expect(refused.status == 1 && !exists("signed/jane.crt"))
    #expect(
      refused.stderr.contains(
        "error: jane.csr: unknown-subject: no certificate of a control plane has the subject"))
    #expect(refused.stderr.contains("hint: ") && refused.stderr.contains("--allow-any-subject"))
    let granted = try await sign(["jane.csr"], "--allow-any-subject")
    #expect(granted.status == 0 && granted.stderr.hasPrefix("granted: jane.csr: O = dev, CN = jane, "))
  }

  @Test func `a CA that is none, is over or has another key signs nothing`() async throws {
    try await create("apiserver")
    let request = "node/pki/apiserver.csr"
    for (certificate, key) in [
      ("signer/pki/ca.crt", "signer/pki/etcd/ca.key"),
      ("signer/pki/apiserver.crt", "signer/pki/apiserver.key"),
      ("none.crt", "signer/pki/ca.key"), (request, "signer/pki/ca.key"),
    ] {
      let outcome = try await pkigen(
        "csr", "sign", request, "--ca-cert", certificate, "--ca-key", key, "--out", "signed")
      #expect(outcome.status == 65 && outcome.stderr.hasPrefix("error: "), "\(outcome.stderr)")
    }
    #expect(!exists("signed"))
  }

  @Test func `requests of one name from two nodes do not overwrite each other`() async throws {
    try await create("apiserver")
    try FileManager.default.copyItem(
      atPath: directory.path("node/pki/apiserver.csr"), toPath: directory.path("apiserver.csr"))
    let outcome = try await sign(["node/pki/apiserver.csr", "apiserver.csr"])
    let message = "no place for both node/pki/apiserver.csr and apiserver.csr"
    #expect(outcome.status == 64 && outcome.stderr.contains(message), "\(outcome.stderr)")
    #expect(!exists("signed/apiserver.crt"))
  }

  @Test func `when one certificate is refused, none is put in place`() async throws {
    try await create("apiserver", "scheduler")
    _ = try await sign(["node/pki/apiserver.csr", "node/scheduler.conf.csr"])
    let before = try text("node/scheduler.conf")
    let outcome = try await pkigen(
      "csr", "install", "-d", "node", "signed/apiserver.crt", "signed/scheduler.conf.crt",
      "signer/pki/etcd/peer.crt",
      "none.crt")
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr.contains(
        "error: signer/pki/etcd/peer.crt, a certificate of \"CN = kube-etcd-peer\", is for no key"))
    #expect(outcome.stderr.contains("error: none.crt is missing"))
    #expect(!exists("node/pki/apiserver.crt"))
    #expect(try text("node/scheduler.conf") == before)
  }
}
