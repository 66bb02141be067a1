import FoundationEssentials
import TestSupport
import Testing

/// `pkigen init` on a further control-plane node, to which not all was copied.
struct FurtherNodeTests {
  private static let shared = [
    "ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "etcd/ca.crt", "etcd/ca.key", "sa.key",
    "sa.pub",
  ]

  /// A node to which these were copied from the first.
  private func node(with names: [String]) async throws -> TemporaryDirectory {
    let (first, node) = (try TemporaryDirectory(), try TemporaryDirectory())
    try await first.copyTree()
    let manager = FileManager.default
    try manager.createDirectory(atPath: node.path("pki/etcd"), withIntermediateDirectories: true)
    for name in names {
      try manager.copyItem(atPath: first.path("pki/\(name)"), toPath: node.path("pki/\(name)"))
    }
    return node
  }

  private func initialize(_ node: TemporaryDirectory) async throws -> Outcome {
    try await Pkigen.run(
      "init", "-d", node.path, "--node-name", "cp2", "--advertise-ip", "10.0.0.11", "--key-algorithm",
      "ecdsa-p256")
  }

  @Test(arguments: ["ca", "front-proxy-ca", "etcd/ca", "sa"])
  func `what the nodes share is not made anew where one of it is missing`(missing: String) async throws {
    let node = try await node(with: Self.shared.filter { !$0.hasPrefix("\(missing).") })
    let before = try FileManager.default.subpathsOfDirectory(atPath: node.path).sorted()
    let outcome = try await initialize(node)
    #expect(outcome.status == 65 && outcome.stderr.contains("\(node.path)/pki/\(missing)."))
    #expect(outcome.stderr.contains("all control-plane nodes of a cluster share them"))
    #expect(outcome.stderr.contains("hint: copy "))
    #expect(try FileManager.default.subpathsOfDirectory(atPath: node.path).sorted() == before)
  }

  @Test(arguments: [
    ["sa.key", "sa.pub"], ["sa.key"], ["etcd/ca.crt", "etcd/ca.key"], ["ca.crt", "sa.key", "sa.pub"],
  ])
  func `a part of it alone is not completed`(copied: [String]) async throws {
    let node = try await node(with: copied)
    let before = try FileManager.default.subpathsOfDirectory(atPath: node.path).sorted()
    let outcome = try await initialize(node)
    #expect(outcome.status == 65 && outcome.stderr.contains("front-proxy-ca.crt"), "\(outcome)")
    #expect(outcome.stderr.contains("all control-plane nodes of a cluster share them"))
    #expect(try FileManager.default.subpathsOfDirectory(atPath: node.path).sorted() == before)
  }

  @Test(arguments: [["ca.crt"], ["ca.crt", "etcd/ca.crt"]])
  func `beside an external CA the others are made with a warning`(copied: [String]) async throws {
    let node = try await node(with: copied)
    let outcome = try await initialize(node)
    let pki = "\(node.path)/pki"
    #expect(outcome.status == 0)
    #expect(
      outcome.stderr.hasPrefix("warning: \(pki)/ca.crt is there, but \(pki)/front-proxy-ca.crt, "),
      "\(outcome)")
    #expect(outcome.stderr.contains("start again with copies of the first node's"))
    // What is there now is complete: another run has nothing to warn of.
    #expect(try await !initialize(node).stderr.contains("warning: "))
  }

  @Test func `beside a CA of an organization's name the others are made with a warning`() async throws {
    let node = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: node.path("pki"), withIntermediateDirectories: true)
    let made = try await run(
      Judges.openssl,
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-subj",
        "/CN=Example",
        "-addext", "keyUsage=critical,keyCertSign,digitalSignature", "-days", "900",
      ], directory: node.path("pki"))
    try #require(made.status == 0, "\(made.stderr)")
    let outcome = try await initialize(node)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.stderr.contains("warning: \(node.path)/pki/ca.crt is there, but "))
  }

  @Test func `with all of it the node is made`() async throws {
    let node = try await node(with: Self.shared)
    #expect(try await initialize(node).status == 0)
  }

  @Test func `the hint makes them for a new cluster`() async throws {
    let node = try await node(with: ["ca.crt", "ca.key"])
    let hint = try await initialize(node).stderr
    let command = try #require(
      hint.split(separator: "run pkigen ").last.map { $0.split(separator: " first")[0] })
    #expect(command == "phase cert front-proxy-ca etcd-ca sa -d \(node.path)")
    let made = try await Pkigen.run(command.split(separator: " ").map(String.init))
    #expect(made.status == 0, "\(made.stderr)")
    #expect(try await initialize(node).status == 0)
  }
}
