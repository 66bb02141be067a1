import FoundationEssentials
import TestSupport
import Testing

/// A real etcd cluster on three trees that share one etcd CA.
@Suite(.timeLimit(.minutes(20)))
struct EtcdTests {
  @Test(arguments: Algorithm.quick)
  func `three members trust each other and their clients, and no others`(algorithm: Algorithm) async throws {
    let members = try await EtcdMember.three(algorithm)
    try await EtcdMember.run(members) {
      let client = EtcdClient(members: members)
      let healthy = try await client.untilHealthy()
      for member in members {
        #expect(healthy.stderr.contains("\(member.clientURL) is healthy"), "\(healthy)")
      }
      try await client.expectWork()
      try await client.expectRefusals()
    }
  }

  /// etcd reads its certificate anew for every connection, and trusts a CA and not a certificate.
  @Test
  func `clients with old and with new certificates connect while everything is renewed, and afterwards`()
    async throws
  {
    let members = try await EtcdMember.three(.ecdsaP256)
    let client = EtcdClient(members: members)
    try client.keepOldCertificates()
    try await EtcdMember.run(members) {
      try await client.untilHealthy()
      try await client.expectWork()
      for (index, member) in members.enumerated() {
        let old = try await member.servedSerial()
        let outcome = try await Pkigen.run("renew", "all", "-q", "-d", member.tree.directory.path)
        #expect(outcome == Outcome(status: 0))
        let new = try await CertificateText(member.tree.certificate("etcd/server")).serial
        #expect(try await member.servedSerial() == new && old != new)
        // The others still have what they had, and talk to the one that has not.
        for certificate in ["apiserver-etcd-client", "old/apiserver-etcd-client"] {
          try await client.expectWork(as: certificate, value: "\(certificate) \(index)")
        }
        for certificate in ["etcd/healthcheck-client", "old/healthcheck-client"] {
          try await client.untilHealthy(as: certificate)
        }
      }
      try await client.expectRefusals()
    }
    // And all of them start with what they have now.
    try await EtcdMember.run(members) {
      try await client.untilHealthy()
      for certificate in ["apiserver-etcd-client", "old/apiserver-etcd-client"] {
        try await client.expectWork(as: certificate, value: "again \(certificate)")
      }
    }
  }

  /// A new name is in the certificate that a member shows from the next connection on; the other names stay.
  @Test func `members that get names in a renewal stay healthy, and answer to old and new names`()
    async throws
  {
    let members = try await EtcdMember.three(.ecdsaP256)
    let client = EtcdClient(members: members)
    let names = ["localhost", "127.0.0.1"]
    try await EtcdMember.run(members) {
      try await client.untilHealthy()
      for member in members {
        let new = "\(member.name).etcd.example.com"
        #expect(try await !member.servedNames().contains(new))
        for role in ["server", "peer"] {
          let outcome = try await Pkigen.run(
            "renew", "etcd-\(role)", "--etcd-\(role)-san", "\(new),10.9.9.9", "-q", "-d",
            member.tree.directory.path)
          #expect(outcome == Outcome(status: 0))
        }
        let served = try await member.servedNames()
        #expect(served.isSuperset(of: names + [member.name, new, "10.9.9.9"]), "\(served)")
        try await client.untilHealthy()
        try await client.expectWork(value: "renamed \(member.name)")
      }
    }
    // The peers connect with the new certificates only after a restart.
    try await EtcdMember.run(members) {
      try await client.untilHealthy()
      try await client.expectWork(value: "again")
      try await client.expectRefusals()
    }
  }

  /// etcd reads its own certificate for each connection, and what it trusts at its start: one restart is needed.
  @Test func `etcd's CA is rotated while the members run, with one restart of each`() async throws {
    let members = try await EtcdMember.three(.ecdsaP256)
    let client = EtcdClient(members: members)
    try await EtcdMember.run(members) {
      try await client.untilHealthy()
      try await members[0].rotate("prepare")
      for member in members.dropFirst() {
        try members[0].shareSuccessor(with: member)
        try await member.rotate("prepare")
      }
      for member in members {
        try await member.rotate("switch")
        try await client.expectWork(value: "switched \(member.name)")
      }
    }
    try await EtcdMember.run(members) {
      try await client.untilHealthy()
      for member in members {
        try await member.rotate("retire")
        try await client.expectWork(value: "retired \(member.name)")
      }
    }
    try await EtcdMember.run(members) { try await client.untilHealthy() }
  }
}

/// One member: a tree, and an etcd that uses it.
private struct EtcdMember: Sendable {
  let name: String
  let tree: Tree
  let clientURL: String
  let peerURL: String

  var log: String { tree.directory.path("etcd.log") }

  /// Three trees for cp1, cp2 and cp3, all with the CAs of the first.
  static func three(_ algorithm: Algorithm) async throws -> [EtcdMember] {
    let ports = try freePorts(6)
    var members: [EtcdMember] = []
    for (index, name) in ["cp1", "cp2", "cp3"].enumerated() {
      let directory = try TemporaryDirectory()
      if let first = members.first { try shareAuthority(of: first.tree, with: directory) }
      let tree = try await Tree(
        algorithm, in: directory, ["--node-name", name, "--advertise-ip", "127.0.0.1"])
      members.append(
        EtcdMember(
          name: name, tree: tree, clientURL: "https://127.0.0.1:\(ports[index])",
          peerURL: "https://127.0.0.1:\(ports[index + 3])"))
    }
    return members
  }

  private static func shareAuthority(of tree: Tree, with directory: TemporaryDirectory) throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("pki/etcd"), withIntermediateDirectories: true)
    let stems = ["etcd/ca", "ca", "front-proxy-ca"]
    for file in stems.flatMap({ ["\($0).crt", "\($0).key"] }) + ["sa.key", "sa.pub"] {
      let file = "pki/\(file)"
      try FileManager.default.copyItem(atPath: tree.directory.path(file), toPath: directory.path(file))
    }
  }

  /// Brings the etcd CA of the member's tree to a stage.
  func rotate(_ verb: String) async throws {
    let outcome = try await Pkigen.run("rotate", verb, "etcd-ca", "-q", "-d", tree.directory.path)
    try #require(outcome == Outcome(status: 0))
  }

  /// Copies what `rotate prepare` names to another member's tree.
  func shareSuccessor(with other: EtcdMember) throws {
    for name in ["ca.crt", "ca-next.key", "ca-cross.crt"] {
      let file = "pki/etcd/\(name)"
      try? FileManager.default.removeItem(atPath: other.tree.directory.path(file))
      try FileManager.default.copyItem(
        atPath: tree.directory.path(file), toPath: other.tree.directory.path(file))
    }
  }

  /// The serial number of the certificate that the member shows to those who connect.
  func servedSerial() async throws -> String { try await CertificateText(served()).serial }

  /// The names and addresses in that certificate.
  func servedNames() async throws -> Set<String> {
    let text = try await CertificateText(served()).extensions["Subject Alternative Name"] ?? ""
    return Set(text.split(separator: ", ").map { String($0.drop { $0 != ":" }.dropFirst()) })
  }

  /// The file of the certificate that the member shows to those who connect.
  private func served() async throws -> String {
    let served = try await TestSupport.run(
      Judges.openssl,
      [
        "s_client", "-connect", String(clientURL.trimmingPrefix("https://")), "-CAfile",
        tree.certificate("etcd/ca"), "-cert", tree.certificate("etcd/healthcheck-client"), "-key",
        tree.key("etcd/healthcheck-client"), "-verify_return_error",
      ])
    let path = tree.directory.path("served.crt")
    try served.stdout.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Runs the members while `body` does its work.
  static func run(_ members: [EtcdMember], body: () async throws -> Void) async throws {
    try await run(members[...], of: members, body: body)
  }

  private static func run(
    _ rest: ArraySlice<EtcdMember>, of members: [EtcdMember], body: () async throws -> Void
  ) async throws {
    guard let member = rest.first else { return try await body() }
    try await withServer(Judges.etcd, member.arguments(in: members), log: member.log) {
      try await run(rest.dropFirst(), of: members, body: body)
    }
  }

  private func arguments(in members: [EtcdMember]) -> [String] {
    [
      "--name", name, "--data-dir", tree.directory.path("data"), "--logger", "zap",
      "--listen-client-urls", clientURL, "--advertise-client-urls", clientURL,
      "--listen-peer-urls", peerURL, "--initial-advertise-peer-urls", peerURL,
      "--initial-cluster", members.map { "\($0.name)=\($0.peerURL)" }.joined(separator: ","),
      "--cert-file", tree.certificate("etcd/server"), "--key-file", tree.key("etcd/server"),
      "--trusted-ca-file", tree.certificate("etcd/ca"), "--client-cert-auth",
      "--peer-cert-file", tree.certificate("etcd/peer"), "--peer-key-file", tree.key("etcd/peer"),
      "--peer-trusted-ca-file", tree.certificate("etcd/ca"), "--peer-client-cert-auth",
    ]
  }
}

/// What etcdctl says to clients with this or that certificate of the first tree.
private struct EtcdClient {
  let members: [EtcdMember]

  private var tree: Tree { members[0].tree }

  /// Asks until all members are healthy; a member that is not there yet is refused at once or after a second.
  @discardableResult
  func untilHealthy(as certificate: String = "etcd/healthcheck-client") async throws -> Outcome {
    let outcome = try await untilDone { try await health(certificate) }
    let logs = try members.map { try text(of: $0.log).suffix(2000) }
    try #require(outcome.status == 0, "\(outcome.stderr)\n\(logs.joined(separator: "\n"))")
    return outcome
  }

  /// Members on a busy machine lose their leader for a moment, and then refuse all clients; so what has to work is asked again.
  private func untilDone(_ ask: () async throws -> Outcome) async throws -> Outcome {
    var outcome = try await ask()
    for _ in 1..<60 where outcome.status != 0 { outcome = try await ask() }
    return outcome
  }

  /// The API server's client certificate writes through one member and reads through another.
  func expectWork(as certificate: String = "apiserver-etcd-client", value: String = "value") async throws {
    let written = try await untilDone {
      try await etcdctl(certificate, members[0].clientURL, "put", "key", value)
    }
    #expect(written.stdout == "OK\n", "\(written)")
    let read = try await untilDone { try await etcdctl(certificate, members[2].clientURL, "get", "key") }
    #expect(read.stdout == "key\n\(value)\n", "\(read)")
  }

  /// Copies the pairs of the clients to where a renewal does not find them.
  func keepOldCertificates() throws {
    try FileManager.default.createDirectory(
      atPath: tree.directory.path("pki/old"), withIntermediateDirectories: false)
    for (name, old) in [
      ("apiserver-etcd-client", "apiserver-etcd-client"), ("etcd/healthcheck-client", "healthcheck-client"),
    ] {
      try FileManager.default.copyItem(
        atPath: tree.certificate(name), toPath: tree.certificate("old/\(old)"))
      try FileManager.default.copyItem(atPath: tree.key(name), toPath: tree.key("old/\(old)"))
    }
  }

  /// Without a certificate, or with one of another CA, there is no getting in, and the member says why.
  func expectRefusals() async throws {
    try await expectRefusal(loggedIn: members[0].log, because: "client didn't provide a certificate") {
      try await health(nil, at: members[0].clientURL)
    }
    for name in ["apiserver-kubelet-client", "admin.conf", "front-proxy-client"] {
      try await expectRefusal(loggedIn: members[0].log, because: "certificate signed by unknown authority") {
        try await health(name, at: members[0].clientURL)
      }
    }
  }

  /// Asks whether one member is healthy, or all are.
  func health(_ certificate: String?, at endpoint: String? = nil) async throws -> Outcome {
    let endpoints = endpoint ?? members.map(\.clientURL).joined(separator: ",")
    return try await etcdctl(certificate, endpoints, "endpoint", "health")
  }

  private func etcdctl(_ certificate: String?, _ endpoints: String, _ command: String...) async throws
    -> Outcome
  {
    let identity = certificate.map { ["--cert", tree.certificate($0), "--key", tree.key($0)] } ?? []
    return try await run(
      Judges.etcdctl,
      ["--dial-timeout", "1s", "--command-timeout", "1s", "--cacert", tree.certificate("etcd/ca")]
        + ["--endpoints", endpoints] + identity + command, environment: ["ETCDCTL_API": "3"])
  }
}
