import FoundationEssentials
import TestSupport
import Testing

/// Whole sessions at the terminal, compared with recorded ones.
@Suite(.timeLimit(.minutes(20)))
struct TranscriptTests {
  private static let node = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10"]

  @Test func `a tree is made, and a second run keeps it`() async throws {
    var transcript = try Transcript()
    for _ in 1...2 {
      try await transcript.run(
        "init", "-d", "out", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
        "ecdsa-p256")
    }
    try await transcript.list()
    try transcript.expect("init")
  }

  @Test func `the same as JSON, before, while and after`() async throws {
    var transcript = try Transcript()
    for option in ["--dry-run", "--quiet", "--dry-run"] {
      try await transcript.run(
        "phase", "cert", "ca", "apiserver", "sa", "-d", "out", "--node-name", "cp1", "--advertise-ip",
        "10.0.0.10",
        "--key-algorithm", "ecdsa-p256", "-o", "json", option)
    }
    try await transcript.run(
      "phase", "kubeconfig", "admin", "-d", "out", "--advertise-ip", "10.0.0.10", "--control-plane-endpoint",
      "api.example.com", "--key-algorithm", "ecdsa-p256", "-o", "json")
    try await transcript.list()
    try transcript.expect("json")
  }

  @Test func `pieces are made one by one`() async throws {
    var transcript = try Transcript()
    try await transcript.run(
      "phase", "cert", "apiserver", "-d", "out", "--node-name", "cp1", "--advertise-ip", "10.0.0.10")
    try await transcript.run(
      "phase", "kubeconfig", "all", "-d", "out", "--node-name", "cp1", "--advertise-ip", "10.0.0.10")
    try await transcript.run("phase", "cert", "ca", "sa", "-d", "out", "--key-algorithm", "ECDSA-P256")
    try await transcript.run(
      "phase", "cert", "apiserver", "-d", "out", "--node-name", "CP1", "--advertise-ip", "fd00::10",
      "--service-cidr",
      "fd00:10:96::/112", "--apiserver-san", "*.example.com,192.0.2.1", "--apiserver-cert-extra-sans", "a",
      "--key-algorithm", "ecdsa-p384", "--validity", "1h30m")
    try await transcript.run(
      "phase", "kubeconfig", "admin.conf", "scheduler", "-d", "out", "--advertise-ip", "fd00::10",
      "--control-plane-endpoint", "api.example.com:443", "--key-algorithm", "ecdsa-p256", "--validity", "11y")
    try FileManager.default.removeItem(atPath: transcript.directory.path("out/pki/sa.pub"))
    try await transcript.run("phase", "cert", "sa", "-d", "out")
    try FileManager.default.removeItem(atPath: transcript.directory.path("out/pki/ca.key"))
    try await transcript.run("phase", "cert", "ca", "apiserver-kubelet-client", "-d", "out")
    try await transcript.run("phase", "cert", "ca", "-d", "out", "--quiet")
    try await transcript.list()
    try transcript.expect("phase")
  }

  @Test func `what is wrong with a tree is said at once, and nothing is touched`() async throws {
    var transcript = try Transcript()
    let here = transcript.directory
    _ = try await Pkigen.run(
      ["init", "-d", here.path("out"), "--key-algorithm", "ecdsa-p256"] + Self.node)
    func replace(_ name: String, with text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: here.path("out/" + name)))
    }
    try replace("pki/apiserver.crt", with: "")
    try replace("pki/etcd/peer.crt", with: "-----BEGIN CERTIFICATE-----\nMII")
    try replace(
      "pki/etcd/server.key", with: String(contentsOfFile: here.path("out/pki/ca.key"), encoding: .utf8))
    try replace("scheduler.conf", with: "kind: [")
    for name in ["pki/front-proxy-client.key", "pki/sa.key"] {
      try FileManager.default.removeItem(atPath: here.path("out/" + name))
    }
    try await transcript.run(
      "init", "-d", "out", "--node-name", "cp2", "--advertise-ip", "10.0.0.11", "--validity", "30d")
    try await transcript.list()
    try transcript.expect("damage")
  }

  @Test func `bad input is refused with everything that is wrong`() async throws {
    var transcript = try Transcript()
    try await transcript.run("init", "-d", "out", "--node-name", "cp1")
    try await transcript.run(
      "init", "-d", "out", "--node-name=-cp1.", "--advertise-ip", "010.0.0.1", "--bind-port", "65536",
      "--control-plane-endpoint", "https://api:6443", "--service-cidr", "10.96.0.0/29,10.97.0.0/16",
      "--service-dns-domain", "cluster_local", "--apiserver-san", "a.*.b,,*.x", "--etcd-server-san",
      "fe80::1%eth0",
      "--etcd-peer-san", "0.0.0.0,224.0.0.1", "--key-algorithm", "rsa-1024", "--validity", "0",
      "--ca-validity", "-1y")
    try await transcript.run(
      "init", "-d", "out", "--node-name", "etcd-ca", "--advertise-ip", "fe80::1", "--validity",
      "99999999999y",
      "--service-cidr", "10.96.0.0/16,10.97.0.0/16")
    try await transcript.run("phase", "cert", "apiserver", "ca", "nope", "super-admin", "-d", "out")
    try await transcript.run("phase", "kubeconfig", "super-admin", "root.conf", "-d", "out")
    for arguments in [
      ["init", "--jobs", "0"], ["init", "--jobs", "many"], ["init", "-o", "yaml"], ["init", "--output"],
      ["init", "-d", ""], ["init", "--cert-dir", "", "--kubeconfig-dir", ""], ["init", "extra"],
      ["init", "--nope"],
      ["init", "--dry-run=no"], ["phase", "cert"], ["phase", "nope"], ["nope"],
      ["--advertise-ip", "10.0.0.10"],
    ] {
      try await transcript.run(arguments)
    }
    try await transcript.list()
    try transcript.expect("bad-input")
  }
}
