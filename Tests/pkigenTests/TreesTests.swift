import Foundation
import TestSupport
import Testing

/// `check-expiration`, `verify` and `renew` over many trees.
@Suite(.timeLimit(.minutes(20)))
struct TreesTests {
  private let fleet: TemporaryDirectory

  /// Two clusters: prod with cp1, lab with cp1 and a copy of it as cp2.
  init() async throws {
    fleet = try TemporaryDirectory()
    let tree = try TemporaryDirectory()
    try await tree.copyTree()
    for node in ["prod/cp1", "lab/cp1", "lab/cp2"] {
      let path = fleet.path("\(node)/etc/kubernetes")
      try FileManager.default.createDirectory(
        atPath: fleet.path("\(node)/etc"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: tree.path, toPath: path)
    }
  }

  private func path(_ node: String, _ file: String) -> String {
    fleet.path("\(node)/etc/kubernetes/\(file)")
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(arguments + ["--trees", fleet.path])
  }

  /// The trees of a document, each with what the list says of it.
  private func trees(_ document: String) throws -> [[String: Any]] {
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
    #expect(object["apiVersion"] as? String == "pkigen/v1")
    return try #require(object["trees"] as? [[String: Any]])
  }
}

extension TreesTests {
  @Test func `CAs, which nodes share, are not renewed apart in many trees`() async throws {
    let before = try Data(contentsOf: URL(filePath: path("prod/cp1", "pki/ca.crt")))
    let outcome = try await pkigen("renew", "ca", "--reuse-key")
    #expect(outcome.status == 64 && outcome.stderr.contains("share ca: renew it in one tree"))
    #expect(try Data(contentsOf: URL(filePath: path("prod/cp1", "pki/ca.crt"))) == before)
  }
}

// check-expiration.
extension TreesTests {
  /// Has the certificates of a node expire after 40 days.
  private func shorten(_ node: String) async throws {
    let outcome = try await Pkigen.run(
      "renew", "apiserver", "--validity", "40d", "--no-backup", "-q", "-d", path(node, ""))
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test func `what ends first in each tree is a line, sorted by its end`() async throws {
    try await shorten("lab/cp2")
    let outcome = try await pkigen("check-expiration")
    let lines = outcome.stdout.split(separator: "\n").map { $0.split(separator: " ").prefix(3) }
    #expect(lines.prefix(2) == [["CLUSTER", "NODE", "CERTIFICATE"], ["lab", "cp2", "apiserver"]])
    #expect(lines.dropFirst(2).prefix(2).map { $0.prefix(2) } == [["lab", "cp1"], ["prod", "cp1"]])
    #expect(outcome.stdout.hasSuffix("\n\n3 trees in 2 clusters, 0 with problems.\n"))
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
  }

  @Test func `all lists every certificate, and summary the totals`() async throws {
    try await shorten("lab/cp2")
    let all = try await pkigen("check-expiration", "--all").stdout.split(separator: "\n")
    #expect(all.count == 1 + 3 * 14 + 1 && all[1].hasPrefix("lab       cp2    apiserver "))
    let summary = try await pkigen("check-expiration", "--summary").stdout
    #expect(summary.hasPrefix("3 trees in 2 clusters, 0 with problems.\n"))
    #expect(summary.contains("lab/cp2, apiserver, ") && summary.contains("within 90d              1\n"))
    #expect(summary.contains("within 365d             2\n"))
    #expect(try await pkigen("check-expiration", "--warn", "60d").status == 1)
  }

  @Test func `a tree that cannot be read is reported, and the others are listed`() async throws {
    try Data("nothing".utf8).write(to: URL(filePath: path("prod/cp1", "pki/ca.crt")))
    try FileManager.default.removeItem(atPath: path("lab/cp1", "pki/etcd/peer.crt"))
    let outcome = try await pkigen("check-expiration")
    let lines = outcome.stdout.split(separator: "\n")
    #expect(lines[1].hasPrefix("lab       cp1    !MISSING! etcd-peer"))
    #expect(lines[2].hasPrefix("prod      cp1    !UNREADABLE! ca") && lines[3].hasPrefix("lab       cp2    "))
    #expect(outcome.stderr.hasPrefix("error: prod/cp1: ") && outcome.status == 1)
  }

  @Test func `certificates without kubeconfigs are a tree of their own kind`() async throws {
    let pki = fleet.path("alone/cp1/pki")
    try FileManager.default.createDirectory(
      atPath: fleet.path("alone/cp1"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: path("lab/cp1", "pki"), toPath: pki)
    try FileManager.default.copyItem(atPath: pki, toPath: fleet.path("alone/cp2"))
    for command in ["check-expiration", "verify"] {
      let outcome = try await Pkigen.run(command, "--trees", fleet.path("alone"), "-o", "json", "--jobs", "1")
      let list = try trees(outcome.stdout)
      #expect(list.map { $0["node"] as? String } == ["cp1", "cp2"])
      #expect(!outcome.stdout.contains("admin.conf"))
    }
    let outcome = try await Pkigen.run("check-expiration", "--trees", fleet.path("alone"))
    #expect(outcome.status == 0 && outcome.stdout.contains("2 trees in 1 cluster, 0 with problems"))
  }

  @Test func `JSON and YAML are one document, with kubeadm's for each tree`() async throws {
    let outcome = try await pkigen("check-expiration", "-o", "json")
    let trees = try trees(outcome.stdout)
    #expect(trees.map { $0["cluster"] as? String } == ["lab", "lab", "prod"])
    #expect(trees.map { $0["node"] as? String } == ["cp1", "cp2", "cp1"])
    #expect(trees.allSatisfy { ($0["certificates"] as? [Any])?.count == 11 })
    #expect(trees[0]["kind"] as? String == "CertificateExpirationInfo")
    #expect(trees[0]["certificateDirectory"] as? String == path("lab/cp1", "pki"))
    let yaml = try await pkigen("check-expiration", "-o", "yaml").stdout
    #expect(yaml.hasPrefix("apiVersion: pkigen/v1\nkind: CertificateExpirationInfoList\ntrees:\n"))
  }

  @Test func `metrics have the labels cluster and node, and each metric one help`() async throws {
    let text = try await pkigen("check-expiration", "-o", "prometheus").stdout
    let lines = text.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("# HELP x509_cert_not_after ") } == 1)
    let samples = lines.filter {
      $0.hasPrefix("x509_cert_not_after{") && $0.contains("filename=\"apiserver.crt\"")
    }
    #expect(samples.count == 3 && Set(lines).count == lines.count)
    #expect(samples.filter { $0.contains("cluster=\"lab\"") && $0.contains("node=\"cp2\"") }.count == 1)
  }
}

// verify.
extension TreesTests {
  @Test func `nodes of a cluster are compared with each other, and those of another are not`() async throws {
    let outcome = try await pkigen("verify", "-o", "json")
    let codes = try trees(outcome.stdout).map { tree in
      Set((tree["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String })
    }
    #expect(codes[0].isSuperset(of: ["peer-shares-key", "peer-same-node"]))
    #expect(codes[1].isDisjoint(with: ["peer-shares-key", "peer-same-node"]) && codes[1] == codes[2])
    #expect(outcome.status == 1)
  }

  @Test func `a line per tree has the worst finding first, all shows each, and summary counts trees`()
    async throws
  {
    try FileManager.default.removeItem(atPath: path("lab/cp2", ""))
    try FileManager.default.removeItem(atPath: path("prod/cp1", "pki/apiserver.crt"))
    let outcome = try await pkigen("verify")
    let lines = outcome.stdout.split(separator: "\n")
    #expect(lines[1].hasPrefix("prod      cp1    1        0          certificate-missing  "))
    #expect(
      lines.last == "2 trees in 2 clusters, 1 with errors, 0 with warnings only." && outcome.status == 1)
    #expect(try await pkigen("verify", "-q").stdout.split(separator: "\n").count == 2)
    let all = try await pkigen("verify", "--all").stdout
    #expect(all.hasPrefix("prod/cp1:\nerror  certificate-missing") && all.contains("\nlab/cp1:\n"))
    #expect(try await pkigen("verify", "--summary").stdout.contains("error      certificate-missing   1\n"))
  }
}

// renew.
extension TreesTests {
  @Test func `renewal changes every tree, backs each up, and lists restarts by cluster`() async throws {
    let before = try Data(contentsOf: URL(filePath: path("prod/cp1", "pki/apiserver.crt")))
    let outcome = try await pkigen("renew", "all")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let lines = outcome.stdout.split(separator: "\n")
    #expect(
      lines[1].hasPrefix("lab       cp1    18         0      0         \(path("lab/cp1", "pki/.backup/"))"))
    #expect(lines.contains("3 trees in 2 clusters, 3 changed, 0 with problems."))
    #expect(
      lines.contains {
        $0.hasPrefix("next: lab: restart ") && $0.hasSuffix(" on cp1, cp2, one node after the other")
      })
    #expect(lines.contains { $0.hasPrefix("next: prod: restart ") && $0.hasSuffix(" on cp1") })
    #expect(try Data(contentsOf: URL(filePath: path("prod/cp1", "pki/apiserver.crt"))) != before)
    #expect(try await pkigen("check-expiration", "-q").status == 0)
  }

  @Test func `where nothing is due nothing changes, and a plan writes nothing`() async throws {
    for options in [["--expiring-within", "30d"], ["--dry-run"]] {
      let outcome = try await Pkigen.run(["renew", "all", "--trees", fleet.path, "-o", "json"] + options)
      #expect(outcome.status == 0)
      #expect(try trees(outcome.stdout).allSatisfy { $0["backup"] == nil })
    }
    #expect(!FileManager.default.fileExists(atPath: path("prod/cp1", "pki/.backup")))
  }

  @Test func `what cannot be renewed in one tree is reported, and the others are renewed`() async throws {
    try Data("nothing".utf8).write(to: URL(filePath: path("prod/cp1", "pki/ca.crt")))
    try FileManager.default.createDirectory(
      atPath: path("lab/cp2", "pki/.pkigen.lock"), withIntermediateDirectories: false)
    let outcome = try await pkigen("renew", "all", "--no-backup")
    #expect(outcome.stderr.contains("error: prod/cp1: cannot renew apiserver, "))
    #expect(outcome.stderr.contains("error: lab/cp2: "))
    #expect(outcome.status == 74, "\(outcome.stderr)")
    #expect(outcome.stdout.contains("lab       cp1    18         0      0\n"))
    #expect(outcome.stdout.contains("lab       cp2                                failed\n"))
  }

  @Test func `a wrong name or value is one error, and prints no list`() async throws {
    for options in [["nothing"], ["all", "--expiring-within", "soon"], ["all", "--validity", "0d"]] {
      let outcome = try await Pkigen.run(["renew", "--trees", fleet.path] + options)
      #expect(outcome.status == 64 && outcome.stdout.isEmpty, "\(outcome.stderr)")
      #expect(outcome.stderr.split(separator: "\n").count { $0.hasPrefix("error: ") } == 1)
    }
  }
}

// Options.
extension TreesTests {
  @Test(arguments: [
    (["check-expiration", "-d", "x"], "--trees is for many nodes, and --kubernetes-dir is for one"),
    (["check-expiration", "--external-etcd"], "--trees is for many nodes, and --external-etcd is for one"),
    (
      ["verify", "--peer", "x", "--node-name", "y"], "and --peer, --node-name are for one: use one of the two"
    ),
    (["verify", "--role", "worker"], "--role is for one"),
    (["renew", "all", "--config", "x"], "--config is for one"),
    (["renew", "apiserver", "--apiserver-san", "x"], "--apiserver-san is for one"),
    (["renew", "apiserver", "--drop-san", "x"], "--drop-san is for one"),
    (["renew", "--restore", "x"], "--restore is for one tree"),
    (["renew", "all", "--update-user-kubeconfig"], "--update-user-kubeconfig is for one tree"),
    (["check-expiration", "--all", "--summary"], "--all and --summary exclude each other"),
    (["verify", "--all", "-o", "json"], "--all has no effect on -o json"),
    (["check-expiration", "--summary", "-o", "prometheus"], "--summary has no effect on -o prometheus"),
    (["verify", "--jobs", "0"], "--jobs needs a number of at least 1"),
  ])
  func `options for one tree, and those without effect, are refused`(arguments: [String], error: String)
    async throws
  {
    let outcome = try await Pkigen.run(arguments + ["--trees", fleet.path])
    #expect(outcome.status == 64 && outcome.stderr.contains(error), "\(outcome.stderr)")
  }

  @Test(arguments: [
    ["check-expiration", "--all"], ["verify", "--summary"], ["renew", "all", "--all"],
    ["verify", "--jobs", "2"],
  ])
  func `options of lists need trees`(arguments: [String]) async throws {
    let outcome = try await Pkigen.run(arguments)
    #expect(outcome.status == 64 && outcome.stderr.contains(" needs --trees."), "\(outcome.stderr)")
  }

  @Test func `a directory without trees is refused, and one thread finds the same as many`() async throws {
    let empty = try TemporaryDirectory()
    let outcome = try await Pkigen.run("expiry", "--trees", empty.path)
    #expect(outcome.status == 64 && outcome.stderr.contains("is without any PKI directory in it or below"))
    let nowhere = try await Pkigen.run("verify", "--trees", empty.path("nowhere"))
    #expect(nowhere.stderr.hasPrefix("error: --trees: \"\(empty.path("nowhere"))\" is not a directory"))
    #expect(try await pkigen("verify", "--jobs", "1") == pkigen("verify", "--jobs", "8"))
  }
}
