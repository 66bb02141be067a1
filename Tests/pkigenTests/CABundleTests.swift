import FoundationEssentials
import TestSupport
import Testing

/// A ca.crt that holds several certificates: the first whose key is there signs, all are trusted.
@Suite(.timeLimit(.minutes(20)))
struct CABundleTests {
  private let directory: TemporaryDirectory
  private var tree: String { directory.path("tree") }

  /// A tree whose ca.crt is [other, own]; `other` is the CA of another tree, whose key is not here.
  init() async throws {
    directory = try TemporaryDirectory()
    for name in ["tree", "other"] {
      let outcome = try await Pkigen.run(
        "init", "-d", directory.path(name), "--node-name", "cp1", "--advertise-ip", "10.0.0.10",
        "--key-algorithm", "ecdsa-p256", "-q")
      try #require(outcome == Outcome(status: 0))
    }
    try write(try text("other/pki/ca.crt") + text("tree/pki/ca.crt"), to: "tree/pki/ca.crt")
    try write(text("tree/pki/ca.crt"), to: "bundle.crt")
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: directory.path(name)))
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(arguments + ["-d", tree])
  }

  /// What a kubeconfig trusts.
  private func trust(of name: String) throws -> String {
    let line = try #require(
      try text("tree/\(name)").split(separator: "\n").first { $0.contains("certificate-authority-data: ") })
    let data = try #require(line.split(separator: " ").last.flatMap { Data(base64Encoded: String($0)) })
    return String(decoding: data, as: UTF8.self)
  }

  /// Which of the two CAs signed a certificate, as openssl says.
  private func isSigned(_ name: String, by ca: String) async throws -> Bool {
    try await run(
      Judges.openssl,
      ["verify", "-CAfile", directory.path("\(ca)/own.crt"), directory.path("tree/\(name)")]
    ).status == 0
  }

  @Test func `the CA whose key is there signs, wherever it is in the file`() async throws {
    let own = try #require(
      try text("tree/pki/ca.crt").components(separatedBy: "-----BEGIN").last.map { "-----BEGIN" + $0 })
    try write(own, to: "tree/own.crt")
    try write(text("other/pki/ca.crt"), to: "other/own.crt")
    for command in [["renew", "apiserver"], ["phase", "cert", "kubelet-server", "--node-name", "cp1"]] {
      let outcome = try await Pkigen.run(command + ["-q", "-d", tree])
      #expect(outcome.status == 0, "\(outcome)")
    }
    for name in ["pki/apiserver.crt", "pki/kubelet-server.crt"] {
      #expect(try await isSigned(name, by: "tree"))
      #expect(try await !isSigned(name, by: "other"))
    }
  }

  @Test func `kubeconfigs trust all certificates, those that are renewed and those that are made`()
    async throws
  {
    try FileManager.default.removeItem(atPath: directory.path("tree/scheduler.conf"))
    let made = try await pkigen(
      "phase", "kubeconfig", "scheduler", "--advertise-ip", "10.0.0.10", "-q")
    #expect(made == Outcome(status: 0))
    #expect(try trust(of: "scheduler.conf") == text("bundle.crt"))
    #expect(try await pkigen("renew", "all", "-q").status == 0)
    for name in ["admin.conf", "controller-manager.conf", "kubelet.conf", "scheduler.conf"] {
      #expect(try trust(of: name) == text("bundle.crt"), "\(name)")
    }
  }

  @Test func `renew never cuts what a kubeconfig trusts`() async throws {
    #expect(try await pkigen("renew", "all", "-q").status == 0)
    #expect(try await pkigen("renew", "all", "-q").status == 0)
    #expect(try trust(of: "admin.conf") == text("bundle.crt"))
  }

  @Test func `ca-hash has a line for each certificate`() async throws {
    let hashes = try await pkigen("ca-hash").stdout.split(separator: "\n")
    var expected: [String] = []
    for name in ["other", "tree"] {
      let digest = try await run(
        "sh",
        [
          "-c",
          "\(Judges.openssl) pkey -in \"$1\" -pubout -outform DER | sha256sum", "sh",
          directory.path("\(name)/pki/ca.key"),
        ])
      expected.append("sha256:" + digest.stdout.prefix(64))
    }
    #expect(hashes.map(String.init) == expected)
  }

  @Test func `a peer with the same certificates in another order has the same CA`() async throws {
    let peer = directory.path("peer")
    try FileManager.default.copyItem(atPath: tree, toPath: peer)
    let certificates = try text("bundle.crt").components(separatedBy: "-----BEGIN")
    try write("-----BEGIN" + certificates[2] + "-----BEGIN" + certificates[1], to: "peer/pki/ca.crt")
    let outcome = try await pkigen("verify", "-o", "json", "--peer", peer)
    #expect(!outcome.stdout.contains("peer-authority"), "\(outcome.stdout)")
  }

  @Test func `a peer that accepts only one of the two CAs is a finding`() async throws {
    let peer = directory.path("peer")
    try FileManager.default.copyItem(atPath: tree, toPath: peer)
    try write(text("other/pki/ca.crt"), to: "peer/pki/ca.crt")
    let outcome = try await pkigen("verify", "-o", "json", "--peer", peer)
    #expect(outcome.status == 1 && outcome.stdout.contains("\"peer-"), "\(outcome.stdout)")
  }
}
