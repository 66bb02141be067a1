import FoundationEssentials
import TestSupport
import Testing

/// `pkigen rotate` where a step was left out, and the ways back and on from there.
@Suite(.timeLimit(.minutes(20)))
struct RotateMendTests {
  private static let ready = "--controller-manager-ready"
  private static let names = ["ca", "etcd-ca", "front-proxy-ca", "sa"]

  /// The nodes of a cluster whose kube-controller-managers sign with a file of their own.
  private func readyCluster(nodes: Int) async throws -> RotatedCluster {
    let cluster = try await RotatedCluster(nodes: nodes)
    try await cluster.shell(
      """
      sed -i 's|/ca.crt|/ca-signing.crt|' cp*/manifests/*
      for node in cp*; do cp $node/pki/ca.crt $node/pki/ca-signing.crt; done
      """)
    return cluster
  }

  private func newestBackup(_ cluster: RotatedCluster) async throws -> String {
    try await cluster.shell("ls -d cp1/pki/.backup/* | sort -V | tail -1 | tr -d '\\n'")
  }

  private func stages(_ cluster: RotatedCluster) async throws -> [String] {
    try await cluster.outcome(of: "pkigen rotate status -d cp1").stdout.split(separator: "\n").filter {
      $0.hasPrefix("  ") && !$0.hasPrefix("   ")
    }.map { $0.prefix { $0 != "," }.split(separator: " ").dropFirst().joined() }
  }

  @Test func `the backup of each stage undoes it, and one of an earlier stage is refused`() async throws {
    let cluster = try await readyCluster(nodes: 1)
    func restore(_ backup: String, status: Int32 = 0) async throws -> String {
      try await cluster.shell("pkigen renew --restore \(backup) -d cp1 --allow-new-ca", status: status)
    }
    try await cluster.shell("pkigen rotate prepare all -q -d cp1 \(Self.ready)")
    let undone = try await restore(newestBackup(cluster))
    #expect(
      undone.contains("remove   cp1/pki/ca-next.key\n") && undone.contains(", 7 removed, "), "\(undone)")
    #expect(try await stages(cluster) == ["idle", "idle", "idle", "idle"])
    try await cluster.shell("pkigen rotate prepare all -q -d cp1 && pkigen verify -q -d cp1")
    let prepared = try await newestBackup(cluster)
    try await cluster.shell("pkigen rotate switch all -q -d cp1")
    let switched = try await newestBackup(cluster)
    let refused = try await restore(prepared, status: 65)
    for name in Self.names {
      #expect(refused.contains("hint: go back one stage: pkigen rotate back \(name) -d cp1\n"), "\(refused)")
    }
    #expect(try await stages(cluster) == ["switched", "switched", "switched", "switched"])
    _ = try await restore(switched)
    #expect(try await stages(cluster) == ["prepared", "prepared", "prepared", "prepared"])
    try await cluster.shell("pkigen verify -q -d cp1 && pkigen rotate switch all -q -d cp1")
    try await cluster.shell("pkigen rotate back all -q -d cp1")
    _ = try await restore(newestBackup(cluster))
    #expect(try await stages(cluster) == ["switched", "switched", "switched", "switched"])
    try await cluster.shell("pkigen verify -q -d cp1 && pkigen rotate retire all -q -d cp1 --tokens-renewed")
    let late = try await restore(prepared, status: 65)
    #expect(late.contains("hint: restore the backups of later runs first, the newest first\n"), "\(late)")
    #expect(try await stages(cluster) == ["idle", "idle", "idle", "idle"])
  }

  @Test(arguments: names)
  func `no second successor is made beside that of another node, and none is switched to`(name: String)
    async throws
  {
    let cluster = try await readyCluster(nodes: 2)
    try await cluster.shell("pkigen rotate prepare \(name) -q -d cp1 \(Self.ready)")
    try await cluster.shell("pkigen verify -q -d cp1 --peer cp2")
    let refused = try await cluster.shell(
      "pkigen rotate prepare \(name) -d cp2 --peer cp1 \(Self.ready)", status: 65)
    let copy = try #require(refused.firstRange(of: "tar -C cp1/pki -cf - "), "\(refused)")
    let status = try await cluster.shell("pkigen rotate status -d cp1 --peer cp2", status: 1)
    #expect(
      status.contains("next: copy its files, then pkigen rotate prepare \(name) -d cp2\n")
        && status.contains("    copy      tar -C cp1/pki -cf - "), "\(status)")

    try await cluster.shell("pkigen rotate prepare \(name) -q -d cp2 \(Self.ready)")
    for (one, other) in [("cp1", "cp2"), ("cp2", "cp1")] {
      let switched = try await cluster.shell(
        "pkigen rotate switch \(name) -d \(one) --peer \(other)", status: 65)
      #expect(switched.contains("holds another successor"), "\(switched)")
    }
    let verified = try await cluster.shell("pkigen verify -d cp1 --peer cp2", status: 1)
    #expect(verified.contains("holds another \(name == "sa" ? "next key" : "successor") than cp1/pki/"))
    let astray = try await cluster.shell("pkigen rotate status -d cp1 --peer cp2", status: 1)
    #expect(
      astray.contains("has another successor than cp1/pki, next: pkigen rotate back \(name) -d cp2\n"),
      "\(astray)")

    // As printed.
    try await cluster.shell("pkigen rotate back \(name) -q -d cp2")
    let line = refused[copy.lowerBound...].prefix { $0 != ";" && $0 != "\n" }
    try await cluster.shell("\(line) && pkigen rotate prepare \(name) -q -d cp2")
    try await cluster.shell("pkigen rotate status -q -d cp1 --peer cp2 && pkigen verify -q -d cp1 --peer cp2")
    try await cluster.shell("pkigen rotate switch \(name) -q -d cp1 --peer cp2")
  }

  @Test func `a node that was left out is brought to the stage of the others by what status prints`()
    async throws
  {
    for verbs in [["prepare"], ["prepare", "switch"]] {
      let cluster = try await readyCluster(nodes: 2)
      let names = Self.names.joined(separator: " ")
      for verb in verbs {
        try await cluster.shell(
          "pkigen rotate \(verb) \(names) -q -d cp1 \(verb == "prepare" ? Self.ready : "")")
      }
      let status = try await cluster.shell("pkigen rotate status -d cp1 --peer cp2", status: 1)
      let lines = status.split(separator: "\n")
      let copies = lines.filter { $0.contains("    copy      ") }.map { line in
        line.replacing("    copy      ", with: "").replacing(
          "ssh NODE tar -C /etc/kubernetes/pki", with: "tar -C cp2/pki")
      }
      let commands = lines.compactMap { line in
        line.firstRange(of: "then ").map { String(line[$0.upperBound...]) }
      }
      #expect(copies.count == 4 && commands.count == 4, "\(status)")
      try await cluster.shell(
        (["set -e"] + copies.map { String($0) } + commands.map { "\($0) -q" }).joined(separator: "\n"))
      try await cluster.shell(
        "pkigen rotate status -q -d cp1 --peer cp2 && pkigen verify -q -d cp1 --peer cp2")
      try await cluster.shell(
        "openssl verify -CAfile cp1/pki/ca.crt -untrusted cp2/pki/apiserver.crt cp2/pki/apiserver.crt")
    }
  }

  @Test func `a CA that gets new dates between the stages takes its cross certificate along`() async throws {
    let cluster = try await readyCluster(nodes: 2)
    try await cluster.shell("pkigen rotate prepare ca etcd-ca front-proxy-ca -q -d cp1 \(Self.ready)")
    let output = try await cluster.shell("pkigen renew ca etcd-ca front-proxy-ca --reuse-key -d cp1")
    #expect(
      output.contains("workers too, and ca-signing.crt, ca-cross.crt to control-plane nodes;"), "\(output)")
    #expect(output.contains("copy etcd/ca.crt, etcd/ca-cross.crt to "))
    #expect(output.contains("copy front-proxy-ca.crt, front-proxy-ca-cross.crt to "))
    try await cluster.shell(
      "pkigen verify -q -d cp1 && pkigen rotate switch ca etcd-ca front-proxy-ca -q -d cp1")
  }
}
