import Foundation
import TestSupport
import Testing

/// `pkigen init --inventory`.
@Suite(.timeLimit(.minutes(20)))
struct InventoryTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A cluster with etcd beside the API servers, and one with etcd hosts.
  private static let text = """
    apiVersion: pkigen/v1
    kind: Inventory
    clusters:
    - name: prod
      options:
        control-plane-endpoint: k8s.example.com:6443
        key-algorithm: ecdsa-p256
        apiserver-san: [a.example.com, 10.9.9.9]
      nodes:
      - name: cp[1-3]
        address: 10.0.0.11
      - name: w[01-03]
        roles: worker
    - name: lab
      config:
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        clusterName: lab
        encryptionAlgorithm: ECDSA-P256
      options: {style: kubeadm}
      nodes:
      - {name: cp1, address: 10.1.0.11, options: {apiserver-san: cp1.lab}}
      - {name: e1, address: 10.1.0.21, roles: [etcd]}
      - {name: x1, address: 10.1.0.31, roles: [etcd, worker]}
    """

  private func path(_ tree: String, _ file: String = "") -> String {
    directory.path("out/\(tree)/etc/kubernetes/\(file)")
  }

  private func data(_ tree: String, _ file: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path(tree, file)))
  }

  private func exists(_ tree: String, _ file: String = "") -> Bool {
    FileManager.default.fileExists(atPath: path(tree, file))
  }

  /// Has pkigen make the trees of an inventory.
  func make(_ text: String = text, _ options: String...) async throws -> Outcome {
    try Data(text.utf8).write(to: URL(filePath: directory.path("clusters.yaml")))
    return try await Pkigen.run(
      ["init", "--inventory", directory.path("clusters.yaml"), "--out", directory.path("out")] + options)
  }

  private func counts(_ outcome: Outcome) -> Substring? {
    outcome.stdout.split(separator: "\n").first { $0.contains(" trees in ") || $0.contains(" tree in ") }
  }

  @Test func `every node gets what it needs, and all nodes of a cluster the same CAs`() async throws {
    let outcome = try await make()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(counts(outcome) == "9 trees in 2 clusters, 9 changed, 0 failed.")
    for node in ["cp2", "cp3", "w01"] {
      #expect(try data("prod/\(node)", "pki/ca.crt") == data("prod/cp1", "pki/ca.crt"))
    }
    for file in ["pki/ca.key", "pki/sa.key", "pki/etcd/ca.key", "pki/front-proxy-ca.key"] {
      #expect(try data("prod/cp1", file) == data("prod/cp3", file))
    }
    #expect(try data("prod/cp1", "pki/ca.crt") != data("lab/cp1", "pki/ca.crt"))
    #expect(try data("lab/cp1", "pki/etcd/ca.crt") == data("lab/x1", "pki/etcd/ca.crt"))
    let verified = try await Pkigen.run("verify", "--trees", directory.path("out"), "--strict")
    #expect(verified.status == 0, "\(verified.stdout)")
  }

  @Test func `a worker has no key of a CA, and a control plane beside etcd hosts none of etcd's`()
    async throws
  {
    _ = try await make()
    func files(_ tree: String) throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: path(tree)).filter { $0.contains(".") }.sorted()
    }
    #expect(try files("prod/w01") == ["kubelet.conf", "pki/ca.crt"])
    #expect(
      try files("lab/x1") == [
        "kubelet.conf", "pki/ca.crt", "pki/etcd/ca.crt", "pki/etcd/ca.key", "pki/etcd/peer.crt",
        "pki/etcd/peer.key", "pki/etcd/server.crt", "pki/etcd/server.key",
      ])
    let cp = try files("lab/cp1")
    #expect(cp.contains("pki/etcd/ca.crt") && cp.contains("pki/apiserver-etcd-client.crt"))
    #expect(!cp.contains("pki/etcd/ca.key") && !cp.contains("pki/etcd/server.crt"))
    let worker = try String(contentsOfFile: path("lab/x1", "kubelet.conf"), encoding: .utf8)
    #expect(worker.contains("server: https://10.1.0.11:6443\n") && worker.contains("name: lab\n"))
    let balanced = try String(contentsOfFile: path("prod/w02", "kubelet.conf"), encoding: .utf8)
    #expect(balanced.contains("server: https://k8s.example.com:6443\n"))
  }

  @Test func `OpenSSL accepts what one node's CA signed for another, with the names of the inventory`()
    async throws
  {
    _ = try await make()
    let verified = try await run(
      Judges.openssl,
      [
        "verify", "-CAfile", path("prod/cp1", "pki/ca.crt"), "-verify_ip", "10.0.0.13",
        path("prod/cp3", "pki/apiserver.crt"),
      ])
    #expect(verified.status == 0, "\(verified.stderr)")
    let text = try await run(
      Judges.openssl,
      ["x509", "-noout", "-ext", "subjectAltName", "-in", path("prod/cp2", "pki/apiserver.crt")]
    ).stdout
    for name in ["DNS:a.example.com", "DNS:cp2", "DNS:k8s.example.com", "10.0.0.12", "10.9.9.9"] {
      #expect(text.contains(name), "\(name)")
    }
  }

  @Test
  func `a second run changes nothing, a new node gets the same CA, and one that left is named and left`()
    async throws
  {
    _ = try await make()
    let before = try data("prod/cp1", "pki/ca.crt")
    #expect(try await counts(make()) == "9 trees in 2 clusters, 0 changed, 0 failed.")
    let changed = Self.text.replacing("cp[1-3]", with: "cp[1-4]").replacing("w[01-03]", with: "w[01-02]")
    let outcome = try await make(changed)
    #expect(counts(outcome) == "9 trees in 2 clusters, 1 changed, 0 failed.")
    #expect(outcome.stdout.contains("note: prod/w03 is not in the inventory, and is left as it is\n"))
    #expect(try exists("prod/w03", "kubelet.conf") && data("prod/cp4", "pki/ca.crt") == before)
  }

  @Test func `a tree that was lost is made again from the CAs of the others`() async throws {
    _ = try await make()
    let before = try data("prod/cp1", "pki/ca.key")
    try FileManager.default.removeItem(atPath: directory.path("out/prod/cp1"))
    #expect(try await counts(make()) == "9 trees in 2 clusters, 1 changed, 0 failed.")
    #expect(try data("prod/cp1", "pki/ca.key") == before)
  }

  @Test func `what fails in one cluster leaves the others whole, and the next run finishes it`() async throws
  {
    // A run cannot lock the tree.
    try FileManager.default.createDirectory(
      atPath: path("prod/cp1", "pki/.pkigen.lock"), withIntermediateDirectories: true)
    let outcome = try await make()
    #expect(outcome.status != 0 && outcome.stderr.hasPrefix("error: prod/cp1: "), "\(outcome.stderr)")
    #expect(outcome.stdout.contains("prod      cp2    control-plane   skipped   0\n"), "\(outcome.stdout)")
    #expect(!exists("prod/cp2") && exists("lab/cp1", "admin.conf"))
    let before = try data("lab/cp1", "pki/ca.crt")
    try FileManager.default.removeItem(atPath: path("prod/cp1", "pki/.pkigen.lock"))
    #expect(try await counts(make()) == "9 trees in 2 clusters, 6 changed, 0 failed.")
    #expect(try data("lab/cp1", "pki/ca.crt") == before)
  }

  @Test func `a link in the place of a node's directory is refused, as its CAs would not be seen`()
    async throws
  {
    _ = try await make(Self.text)
    let elsewhere = try TemporaryDirectory()
    let node = directory.path("out/prod/cp1")
    try FileManager.default.moveItem(atPath: node, toPath: elsewhere.path("cp1"))
    try FileManager.default.createSymbolicLink(atPath: node, withDestinationPath: elsewhere.path("cp1"))
    let outcome = try await make(Self.text)
    #expect(outcome.status == 65 && outcome.stderr.contains("prod/cp1 is not a directory"))
  }

  @Test func `a part of the clusters and nodes can be chosen`() async throws {
    #expect(
      try await counts(make(Self.text, "--cluster", "pr*", "--node", "cp?"))
        == "3 trees in 1 cluster, 3 changed, 0 failed.")
    #expect(!exists("lab/cp1") && !exists("prod/w01"))
    #expect(try await counts(make(Self.text, "--node", "w02")) == "1 tree in 1 cluster, 1 changed, 0 failed.")
    let none = try await make(Self.text, "--node", "x*y")
    #expect(none.status == 64 && none.stderr.contains("--node: \"x*y\" is not a name in the inventory"))
  }

  @Test func `the key of a new CA has to be kept by one of the chosen nodes`() async throws {
    let outcome = try await make(Self.text, "--node", "w*")
    #expect(
      outcome.status == 64
        && outcome.stderr.contains("\"prod\" is without a chosen node that keeps the new ca.key: "))
    #expect(!FileManager.default.fileExists(atPath: directory.path("out")))
  }

  @Test func `a dry run writes nothing, and JSON has the files of every tree`() async throws {
    let outcome = try await make(Self.text, "--dry-run", "-o", "json")
    #expect(outcome.status == 0 && !FileManager.default.fileExists(atPath: directory.path("out")))
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any])
    let trees = try #require(document["trees"] as? [[String: Any]])
    #expect(
      trees.map { $0["node"] as? String } == ["cp1", "cp2", "cp3", "w01", "w02", "w03", "cp1", "e1", "x1"])
    #expect(
      (trees[3]["created"] as? [String]) == [
        path("prod/w01", "pki/ca.crt"), path("prod/w01", "kubelet.conf"),
      ])
    #expect((trees[8]["roles"] as? [String]) == ["etcd", "worker"])
  }
}

// What is wrong.
extension InventoryTests {
  @Test func `all problems of all clusters are reported before anything is written`() async throws {
    let text = Self.text.replacing("k8s.example.com:6443", with: "k8s.example.com:99999")
      .replacing("address: 10.1.0.11, ", with: "").replacing("10.1.0.21", with: "10.1.0.999")
    let outcome = try await make(text)
    #expect(outcome.status == 78 && outcome.stdout.isEmpty)
    let file = directory.path("clusters.yaml")
    #expect(outcome.stderr.contains("error: \(file):6: control-plane-endpoint in options of prod: \"k8s"))
    #expect(outcome.stderr.contains("error: \(file):22: lab/cp1: \"cp1\" is without an address"))
    #expect(outcome.stderr.contains("error: \(file):23: address of lab/e1: \"10.1.0.999\" is "))
    #expect(outcome.stderr.contains("error: \(file):24: lab/x1: \"x1\" is without an API server: "))
    #expect(outcome.stderr.split(separator: "\n").count { $0.hasPrefix("error: ") } == 4, "\(outcome.stderr)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("out")))
  }

  @Test func `two CAs in one cluster are refused, and so is a service-account key that is gone`() async throws
  {
    _ = try await make()
    let key = try data("prod/cp2", "pki/ca.crt")
    try FileManager.default.removeItem(atPath: path("prod/cp2", "pki/ca.crt"))
    try FileManager.default.copyItem(
      atPath: path("lab/cp1", "pki/ca.crt"), toPath: path("prod/cp2", "pki/ca.crt"))
    let outcome = try await make()
    #expect(
      outcome.status == 65
        && outcome.stderr.contains("/out/prod/cp2/etc/kubernetes/pki/ca.crt is not the same as "))
    try key.write(to: URL(filePath: path("prod/cp2", "pki/ca.crt")))
    for node in ["cp1", "cp2", "cp3"] {
      for file in ["sa.key", "sa.pub"] {
        try FileManager.default.removeItem(atPath: path("prod/\(node)", "pki/\(file)"))
      }
    }
    let gone = try await make()
    #expect(
      gone.status == 65 && gone.stderr.contains("but no tree of the cluster has sa.key"), "\(gone.stderr)")
    #expect(!exists("prod/cp1", "pki/sa.key"))
  }

  @Test(arguments: [
    (["--node-name", "x"], "write what --node-name says there"),
    (["-d", "x"], "write what --kubernetes-dir says there"),
    (["--bind-port", "1", "--new-root", "r"], "write what --new-root says there"),
    (
      ["--kubelet-server-san", "x", "--advertise-ip", "y"],
      "write what --advertise-ip, --kubelet-server-san say there"
    ),
  ])
  func `options of one node are refused`(options: [String], error: String) async throws {
    let outcome = try await Pkigen.run(["init", "--inventory", "x", "--out", "y"] + options)
    #expect(outcome.status == 64 && outcome.stderr.contains(error), "\(outcome.stderr)")
  }

  @Test func `options of the cluster hold for all clusters`() async throws {
    let outcome = try await make(
      Self.text, "--apiserver-san", "b.example.com", "--validity", "90d")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    for cluster in ["prod", "lab"] {
      let text = try await run(
        Judges.openssl,
        ["x509", "-noout", "-ext", "subjectAltName", "-in", path("\(cluster)/cp1", "pki/apiserver.crt")]
      ).stdout
      #expect(text.contains("DNS:b.example.com") && text.contains("DNS:a.example.com") == (cluster == "prod"))
    }
  }

  @Test(arguments: [
    (["--inventory", "x"], "--inventory needs --out"), (["--out", "x"], "--out needs --inventory"),
    (["--cluster", "x"], "--cluster needs --inventory"),
  ])
  func `options of an inventory need each other`(options: [String], error: String) async throws {
    let outcome = try await Pkigen.run(["init"] + options)
    #expect(outcome.status == 64 && outcome.stderr.contains(error), "\(outcome.stderr)")
  }
}
