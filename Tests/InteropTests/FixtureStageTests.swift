import Foundation
import FoundationEssentials
import TestSupport
import Testing

/// Trees of every stage of a rotation as fixtures: what verifiers and pkigen say of them.
@Suite(.timeLimit(.minutes(20)))
struct FixtureStageTests {
  private static let made = Task {
    try await FixtureTree("--spec", "\(Judges.repository)/fixtures/rotation.yaml")
  }
  private static let names = ["ca", "etcd-ca", "front-proxy-ca", "sa"]

  private struct Status: Decodable {
    struct Tree: Decodable { let rotations: [Rotation] }
    struct Rotation: Decodable { let name, stage: String }
    let trees: [Tree]
  }

  @Test(arguments: [
    ("idle", ["idle", "idle", "idle", "idle"]),
    ("prepared", ["prepared", "prepared", "prepared", "prepared"]),
    ("switched", ["switched", "switched", "switched", "switched"]),
    ("back", ["prepared", "prepared", "prepared", "prepared"]),
    ("retired", ["idle", "idle", "idle", "idle"]),
    ("mixed", ["switched", "idle", "prepared", "prepared"]),
  ])
  func `a tree is at the stage that its specification names, and nothing is wrong with it`(
    cluster: String, stages: [String]
  ) async throws {
    let set = try await Self.made.value
    let directory = set.directory.path("clusters/\(cluster)")
    let status = try await Pkigen.run("rotate", "status", "-d", directory, "-o", "json")
    #expect(status.status == 0, "\(status)")
    let rotations = try status.document(Status.self).trees[0].rotations
    #expect(
      Dictionary(uniqueKeysWithValues: rotations.map { ($0.name, $0.stage) })
        == Dictionary(uniqueKeysWithValues: zip(Self.names, stages)))
    let style = cluster == "mixed" ? "kubeadm" : "documented"
    let audit = try await run(
      Judges.clock,
      [
        set.manifest.time, Pkigen.path, "verify", "-d", directory, "--node-name", "cp1", "--advertise-ip",
        "10.0.0.10", "--style", style, "-o", "json",
      ])
    let findings = try audit.document(AuditDocument.self).findings.filter { $0.severity != "info" }
    #expect(findings.map(\.code) == ["insecure-test-keys"], "\(audit)")
  }

  @Test func `Go and Python's cryptography accept every leaf by the file of its CA`() async throws {
    let set = try await Self.made.value
    try await set.ask(Judges.goVerify, []) { $0.go }
    try await set.ask(Judges.python, [Judges.pythonVerify]) { $0.python }
  }

  /// kubeadm verifies leaves by the first certificate of the CA's file alone (validateCertificateWithConfig in its
  /// phases/certs), and wants a kubeconfig's first CA to be that one (validateKubeConfig in phases/kubeconfig).
  @Test func `the first certificate of a CA's file is all that kubeadm needs`() async throws {
    let set = try await Self.made.value
    func first(_ text: String) throws -> String {
      let end = "-----END CERTIFICATE-----\n"
      return try String(text[..<#require(text.range(of: end)).upperBound])
    }
    let trust = try TemporaryDirectory()
    try await set.ask(
      Judges.goVerify, [],
      trusting: { question in
        let path = trust.path(question.authority.replacing("/", with: "_"))
        try first(text(of: set.directory.path(question.authority))).write(
          toFile: path, atomically: true, encoding: .utf8)
        return path
      }
    ) { $0.go }
    for file in set.manifest.files where file.kind == "kubeconfig" && file.path.hasPrefix("clusters/") {
      let ca = set.directory.path(file.path).split(separator: "/").dropLast().joined(separator: "/")
      let trusted = try embedded("certificate-authority-data", in: text(of: set.directory.path(file.path)))
      #expect(try first(trusted) == first(text(of: "/\(ca)/pki/ca.crt")), "\(file.path)")
    }
  }

  /// What is embedded in a field of a kubeconfig.
  private func embedded(_ field: String, in kubeconfig: String) throws -> String {
    let line = try #require(kubeconfig.split(separator: "\n").first { $0.contains("\(field): ") })
    let data = try #require(Data(base64Encoded: String(line.split(separator: " ")[1])))
    return String(decoding: data, as: UTF8.self)
  }

  @Test func `each key is used for one thing: what is made at a stage is another than before`() async throws {
    let set = try await Self.made.value
    let keys = set.manifest.files.filter {
      $0.kind == "private-key" && $0.path.hasPrefix("clusters/switched/")
    }
    #expect(Set(keys.map(\.sha256)).count == keys.count)
    let next = try #require(set.manifest.files.first { $0.path == "clusters/prepared/pki/ca-next.key" })
    let present = try #require(set.manifest.files.first { $0.path == "clusters/prepared/pki/ca.key" })
    #expect(next.sha256 != present.sha256 && next.mode == "0600")
  }

  @Test func `a user of a cluster trusts what the CA's file holds, and has the cross certificate`()
    async throws
  {
    let set = try await Self.made.value
    for (user, cluster, chain) in [("alice", "switched", 2), ("bob", "prepared", 1)] {
      let kubeconfig = try text(of: set.directory.path("users/\(user).conf"))
      let ca = try text(of: set.directory.path("clusters/\(cluster)/pki/ca.crt"))
      #expect(try embedded("certificate-authority-data", in: kubeconfig) == ca)
      let certificates = try embedded("client-certificate-data", in: kubeconfig)
      #expect(certificates.ranges(of: "BEGIN CERTIFICATE").count == chain)
      let leaf = set.directory.path("clusters/\(user).pem")
      try certificates.write(toFile: leaf, atomically: true, encoding: .utf8)
      let outcome = try await run(
        Judges.openssl,
        [
          "verify", "-x509_strict", "-no_check_time", "-CAfile",
          set.directory.path("clusters/\(cluster)/pki/ca.crt"),
          leaf,
        ])
      #expect(outcome.status == 0, "\(outcome)")
    }
  }
}
