import FoundationEssentials
import TestSupport
import Testing

/// `pkigen verify`.
struct VerifyTests {
  private static let style =
    "info  detected-style\n"
    + "  the identities of the tree fit those of the Kubernetes documentation best, and were compared with these\n\n"

  private func damaged() async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    let manager = FileManager.default
    try manager.removeItem(atPath: directory.path("pki/apiserver.key"))
    try manager.copyItem(
      atPath: directory.path("pki/front-proxy-client.key"), toPath: directory.path("pki/apiserver.key"))
    return directory
  }

  private func open(_ name: String, in directory: TemporaryDirectory) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: directory.path(name))
  }

  // What it prints, and how it ends

  @Test func `a sound tree ends with 0 and says only what it was compared with`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    let outcome = try await Pkigen.run("verify", "-d", directory.path)
    #expect(outcome == Outcome(status: 0, stdout: Self.style + "0 errors, 0 warnings, 1 info.\n"))
    let quiet = try await Pkigen.run("verify", "-d", directory.path, "--quiet", "--strict")
    #expect(quiet == Outcome(status: 0))
  }

  @Test func `an error ends with 1, and says what it is, what it breaks and what to do`() async throws {
    let directory = try await damaged()
    let (key, certificate) = (directory.path("pki/apiserver.key"), directory.path("pki/apiserver.crt"))
    let finding = """
      error  key-mismatch  \(key)  \(certificate)
        \(key) is not the private key of \(certificate)
        breaks: The component that reads the pair does not start. A CA with such a pair cannot sign.
        fix: put back the key of \(certificate) as \(key); or move \(certificate) and \(key) away, then run pkigen phase \
      cert apiserver --node-name cp1 --advertise-ip 10.0.0.10 -d \(directory.path)


      """
    let outcome = try await Pkigen.run("verify", "-d", directory.path)
    #expect(outcome == Outcome(status: 1, stdout: finding + Self.style + "1 error, 0 warnings, 1 info.\n"))
    let quiet = try await Pkigen.run("verify", "-d", directory.path, "-q")
    #expect(quiet == Outcome(status: 1, stdout: finding))
  }

  @Test func `a warning ends with 0, and with 1 for those who are strict`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    try open("pki/sa.key", in: directory)
    let outcome = try await Pkigen.run("verify", "-d", directory.path)
    #expect(
      outcome.status == 0
        && outcome.stdout.hasPrefix("warning  key-group-readable  \(directory.path)/pki/sa.key\n"))
    #expect(outcome.stdout.hasSuffix("\n0 errors, 1 warning, 1 info.\n"))
    let quiet = try await Pkigen.run("verify", "-d", directory.path, "--quiet")
    #expect(quiet.status == 0 && quiet.stdout.hasPrefix("warning  key-group-readable"))
    #expect(!quiet.stdout.contains("detected-style"))
    let strict = try await Pkigen.run("verify", "-d", directory.path, "--strict", "--quiet")
    #expect(strict.status == 1 && strict.stdout.hasPrefix("warning  key-group-readable"))
  }

  @Test func `the worst comes first`() async throws {
    let directory = try await damaged()
    try open("pki/ca.key", in: directory)
    let lines = try await Pkigen.run("verify", "-d", directory.path).stdout.split(separator: "\n")
    #expect(
      lines.filter { !$0.hasPrefix(" ") }.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        == [
          "error key-mismatch", "warning key-group-readable", "info detected-style", "1 error,",
        ])
  }

  @Test func `nothing is changed, and no lock is asked for`() async throws {
    let directory = try await damaged()
    let before = try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted()
    _ = try await Pkigen.run("verify", "-d", directory.path)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted() == before)
  }

  // JSON

  @Test func `the JSON document has it all, and is the same every time`() async throws {
    let directory = try await damaged()
    let outcome = try await Pkigen.run("verify", "-d", directory.path, "-o", "json")
    #expect(outcome.status == 1 && outcome.stderr.isEmpty)
    #expect(try await Pkigen.run("verify", "-d", directory.path, "-o", "json", "--quiet") == outcome)
    let document = try outcome.document(AuditDocument.self)
    #expect(document.certificateDirectory == directory.path("pki"))
    #expect(document.kubeconfigDirectory == directory.path)
    #expect([document.errors, document.warnings, document.infos] == [1, 0, 1])
    #expect(document.findings.map(\.code) == ["key-mismatch", "detected-style"])
    let finding = try #require(document.findings.first)
    #expect(finding.severity == "error" && finding.files.first == directory.path("pki/apiserver.key"))
    #expect(
      !finding.message.isEmpty && finding.breaks?.hasPrefix("The component") == true
        && finding.remedy?.isEmpty == false)
  }

  // What is asked

  @Test func `the style is detected, or it is the one that was said`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--style", "kubeadm", "--kubernetes-version", "v1.30.0")
    let detected = try await Pkigen.run("verify", "-d", directory.path)
    #expect(detected.status == 0 && detected.stdout.contains("kubeadm's from v1.29 on"))
    let said = try await Pkigen.run(
      "verify", "-d", directory.path, "--style", "kubeadm", "--kubernetes-version", "v1.30.0")
    #expect(said == Outcome(status: 0, stdout: "0 errors, 0 warnings, 0 info.\n"))
    let open = try await Pkigen.run("verify", "-d", directory.path, "--style", "kubeadm")
    #expect(open == detected)
    let newer = try await Pkigen.run(
      "verify", "-d", directory.path, "--style", "kubeadm", "--kubernetes-version", "v1.36.2")
    #expect(
      newer.status == 0
        && newer.stdout.contains("info  other-version-identity  \(directory.path)/pki/apiserver-kubelet"))
  }

  @Test func `of the cluster, what was said is asked for, and nothing else`() async throws {
    let directory = try TemporaryDirectory()
    // Neither this host's name nor the usual networks and domain.
    try await directory.makeTree("--service-cidr", "10.200.0.0/16", "--service-dns-domain", "example.org")
    let codes = { (options: [String]) in
      try await Pkigen.run(["verify", "-d", directory.path, "-o", "json"] + options).stdout
        .split(separator: "\n").filter { $0.contains("\"code\"") }.map { $0.split(separator: "\"")[3] }
    }
    #expect(try await codes([]) == ["detected-style"])
    #expect(try await codes(["--node-name", "cp1", "--service-cidr", "10.200.0.0/16"]) == ["detected-style"])
    #expect(try await codes(["--service-cidr", "10.96.0.0/12"]) == ["name-missing", "detected-style"])
    #expect(
      try await codes(["--service-dns-domain", "cluster.local"]) == ["name-missing", "detected-style"])
    #expect(
      try await codes(["--advertise-ip", "10.0.0.11", "--style", "documented"]).contains("kubeconfig-server"))
    #expect(try await codes(["--control-plane-endpoint", "api"]).contains("name-missing"))
  }

  @Test func `kubeadm's configuration says it as well`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    try """
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    controlPlaneEndpoint: api.example.com:6443
    """.write(toFile: directory.path("kubeadm.yaml"), atomically: true, encoding: .utf8)
    let outcome = try await Pkigen.run(
      "verify", "-d", directory.path, "--config", directory.path("kubeadm.yaml"), "-q")
    #expect(outcome.status == 1 && outcome.stdout.contains("lacks the SAN DNS:api.example.com"))
  }

  @Test func `how soon is soon is for the caller to say`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--validity", "20d")
    let outcome = try await Pkigen.run("verify", "-d", directory.path)
    #expect(outcome.status == 0 && outcome.stdout.hasSuffix("0 errors, 1 warning, 1 info.\n"))
    #expect(outcome.stdout.contains("these 11 files expire, the first at"))
    #expect(outcome.stdout.contains("fix: run pkigen renew all -d \(directory.path)\n"))
    #expect(try await Pkigen.run("verify", "-d", directory.path, "--warn", "10d", "--strict").status == 0)
  }

  @Test func `an external etcd is not missed`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--external-etcd")
    let outcome = try await Pkigen.run("verify", "-d", directory.path)
    #expect(outcome.status == 0 && outcome.stdout.hasPrefix("info  external-etcd\n"))
    let said = try await Pkigen.run("verify", "-d", directory.path, "--external-etcd")
    #expect(said == Outcome(status: 0, stdout: Self.style + "0 errors, 0 warnings, 1 info.\n"))
  }

  @Test func `the tree's directories may be apart`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--cert-dir", directory.path("a"), "--kubeconfig-dir", directory.path("b"))
    let outcome = try await Pkigen.run(
      "verify", "--cert-dir", directory.path("a"), "--kubeconfig-dir", directory.path("b"))
    #expect(outcome.status == 0)
  }

  // Peers

  @Test func `a copy of the tree is no tree of another node`() async throws {
    let (directory, copy) = (try TemporaryDirectory(), try TemporaryDirectory())
    try await directory.copyTree()
    for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
      try FileManager.default.copyItem(atPath: directory.path(name), toPath: copy.path(name))
    }
    let outcome = try await Pkigen.run("verify", "-d", directory.path, "--peer", copy.path)
    #expect(
      outcome.status == 1 && outcome.stdout.hasPrefix("error  peer-same-node  \(directory.path)/kubelet.conf")
    )
    #expect(outcome.stdout.contains("\nwarning  peer-shares-key  \(copy.path)/pki/apiserver.key"))
    let other = try TemporaryDirectory()
    try await other.makeTree()
    let both = try await Pkigen.run(
      "verify", "-d", directory.path, "--peer", copy.path, "--peer", other.path, "-q")
    #expect(both.status == 1)
    let heads = both.stdout.split(separator: "\n").filter { $0.hasPrefix("error") }.map {
      $0.split(separator: " ")[1]
    }
    #expect(
      heads == [
        "peer-authority", "peer-authority", "peer-authority", "peer-service-account-key", "peer-same-node",
        "peer-same-node",
      ])
  }

  @Test(arguments: ["", "/nowhere"])
  func `a peer that is none is refused`(peer: String) async throws {
    let directory = try TemporaryDirectory()
    let path = peer.isEmpty ? directory.path : peer
    let outcome = try await Pkigen.run("verify", "-d", directory.path, "--peer", path)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr == "error: --peer: \"\(path)\" is not the directory of a tree: there is no pki in it\n")
  }

  @Test func `the tree is no peer of itself`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    let outcome = try await Pkigen.run("verify", "-d", directory.path, "--peer", directory.path + "/.")
    #expect(outcome.status == 64 && outcome.stderr.contains("is the tree itself"))
  }

  // Bad input

  @Test func `a place without a tree is one error`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run("verify", "-d", directory.path("nowhere"), "-q")
    #expect(outcome.status == 1)
    #expect(
      outcome.stdout.hasPrefix(
        "error  missing-file  \(directory.path)/nowhere/pki  \(directory.path)/nowhere\n"
          + "  there is no PKI of a control plane in"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }

  @Test(
    arguments: [
      (["--warn", "soon"], "--warn: \"soon\" is not a length of time"),
      (["--warn", "0d"], "--warn: \"0d\" is less than one second"),
      (["--node-name", "Bad_Name"], "--node-name: \"Bad_Name\" is not a host name"),
      (["--advertise-ip", "10.0.0.300"], "--advertise-ip: \"10.0.0.300\" is not an IP address"),
      (["--style", "cfssl"], "--style: \"cfssl\" is not a style; use documented or kubeadm"),
      (["-o", "yaml"], "The value 'yaml' is invalid for '-o <format>'"),
      (["ca.crt"], "Unexpected argument 'ca.crt'"), (["--peer"], "Missing value for '--peer <dir>'"),
      (["--peer", ""], "--peer needs the path of a directory"),
    ])
  func `bad options are refused`(options: [String], problem: String) async throws {
    let outcome = try await Pkigen.run(["verify", "-d", "/nowhere"] + options)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.contains(problem), "\(outcome.stderr)")
  }

  @Test func `the load balancer need not be named`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--control-plane-endpoint", "k8s.example.com")
    let outcome = try await Pkigen.run("verify", "-d", directory.path, "--advertise-ip", "10.0.0.10")
    #expect(outcome.status == 0, "\(outcome.stdout)")
    let named = try await Pkigen.run(
      "verify", "-d", directory.path, "--advertise-ip", "10.0.0.10", "--control-plane-endpoint", "other")
    #expect(named.status == 1 && named.stdout.contains("kubeconfig-server"))
  }
}
