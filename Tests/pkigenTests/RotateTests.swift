import FoundationEssentials
import TestSupport
import Testing

/// `pkigen rotate`, from outside.
@Suite(.timeLimit(.minutes(20)))
struct RotateTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", directory.path("cp1"), "--node-name", "cp1", "--advertise-ip", "10.0.0.10",
      "--key-algorithm", "ecdsa-p256", "--style", "kubeadm", "-q")
    try #require(outcome == Outcome(status: 0))
  }

  private func rotate(_ arguments: String..., node: String = "cp1") async throws -> Outcome {
    try await Pkigen.run(["rotate"] + arguments + ["-d", directory.path(node)])
  }

  private func copy(_ name: String, to node: String) throws {
    let target = directory.path("\(node)/\(name)")
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.copyItem(atPath: directory.path("cp1/\(name)"), toPath: target)
  }

  @Test(arguments: ["ca", "etcd-ca", "sa"])
  func `another cluster's CA or key is no successor, and not to be copied over the one here`(_ name: String)
    async throws
  {
    let other = try await Pkigen.run(
      "init", "-d", directory.path("cp9"), "--node-name", "cp9", "--advertise-ip", "10.0.0.19",
      "--key-algorithm", "ecdsa-p256", "--style", "kubeadm", "-q")
    try #require(other.status == 0)
    let outcome = try await rotate(
      "prepare", name, "--controller-manager-ready", "--peer", directory.path("cp9"))
    #expect(outcome.status == 65 && outcome.stderr.contains("it is of another cluster, or its "))
    #expect(
      outcome.stderr.contains("hint: name a node of the same cluster") && !outcome.stderr.contains("tar "))
  }

  @Test func `without a manifest, kube-controller-manager's file is made first, and nothing else`()
    async throws
  {
    let outcome = try await rotate("prepare", "ca")
    let path = directory.path("cp1/pki/ca-signing.crt")
    #expect(outcome.status == 1 && outcome.stdout.contains("create  \(path)  CN = kubernetes, "))
    #expect(outcome.stdout.contains("\nFiles: 1 created, 0 kept.\n") && !outcome.stdout.contains("next:"))
    #expect(
      outcome.stderr.contains("--cluster-signing-cert-file=/etc/kubernetes/pki/ca-signing.crt "),
      "\(outcome.stderr)")
    #expect(try await rotate("prepare", "ca", "--controller-manager-ready", "-q") == Outcome(status: 0))
  }

  @Test func `a manifest says whether kube-controller-manager is ready`() async throws {
    let manifests = directory.path("cp1/manifests")
    try FileManager.default.createDirectory(atPath: manifests, withIntermediateDirectories: false)
    func write(_ file: String) throws {
      let text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: kube-controller-manager}
        spec:
          containers:
          - name: kube-controller-manager
            command: [kube-controller-manager, --cluster-signing-cert-file=/etc/kubernetes/pki/\(file)]

        """
      try Data(text.utf8).write(to: URL(filePath: "\(manifests)/kube-controller-manager.yaml"))
    }
    try write("ca.crt")
    let refused = try await rotate("prepare", "ca", "-q")
    #expect(refused.status == 1 && refused.stderr.contains("sign with /etc/kubernetes/pki/ca.crt"))
    try write("ca-signing.crt")
    #expect(try await rotate("prepare", "ca", "-q") == Outcome(status: 0))
  }

  @Test func `a worker trusts what is copied to it, and its steps concern its kubelet alone`() async throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("w1/pki"), withIntermediateDirectories: true)
    try copy("kubelet.conf", to: "w1")
    for verb in ["prepare", "switch", "retire"] {
      // By now the kubelet has a certificate of the new CA.
      if verb == "retire" { try copy("kubelet.conf", to: "w1") }
      let options = verb == "prepare" ? ["--controller-manager-ready"] : []
      let made = try await Pkigen.run(["rotate", verb, "ca", "-q", "-d", directory.path("cp1")] + options)
      try #require(made == Outcome(status: 0))
      try copy("pki/ca.crt", to: "w1")
      let outcome = try await rotate(verb, "ca", node: "w1")
      let steps = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("next: ") }
      #expect(
        outcome.status == 0 && !steps.isEmpty && steps.allSatisfy { $0.contains("kubelet") },
        "\(verb): \(outcome)")
      let lines = try String(contentsOfFile: directory.path("w1/kubelet.conf"), encoding: .utf8)
        .split(separator: "\n")
      let field = try #require(lines.first { $0.contains("certificate-authority-data: ") })
      let trust = try #require(field.split(separator: " ").last.flatMap { Data(base64Encoded: String($0)) })
      #expect(trust == FileManager.default.contents(atPath: directory.path("w1/pki/ca.crt")), "\(verb)")
    }
  }

  @Test func `a dry run writes nothing and lists what a run changes`() async throws {
    let planned = try await rotate("prepare", "all", "--controller-manager-ready", "--dry-run")
    #expect(planned.status == 0 && planned.stdout.contains("Dry run, nothing was written; files: "))
    #expect(try await rotate("status").stdout.contains("ca              idle\n"))
    let made = try await rotate("prepare", "all", "--controller-manager-ready")
    func changes(_ outcome: Outcome) -> [String] {
      outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("create ") || $0.hasPrefix("replace ") }
        .map { $0.split(separator: " ").prefix(2).joined(separator: " ") }.sorted()
    }
    #expect(changes(planned) == changes(made) && !changes(made).isEmpty)
  }

  @Test func `status shows the stage, who signs, and what lags behind`() async throws {
    #expect(try await rotate("prepare", "ca", "--controller-manager-ready", "-q").status == 0)
    let old = directory.path("old.conf")
    try FileManager.default.copyItem(atPath: directory.path("cp1/scheduler.conf"), toPath: old)
    #expect(try await rotate("switch", "ca", "-q").status == 0)
    let outcome = try await rotate("status")
    #expect(
      outcome.status == 0
        && outcome.stdout.contains("switched, next: pkigen rotate retire ca -d \(directory.path("cp1"))\n"))
    try? FileManager.default.removeItem(atPath: directory.path("cp1/scheduler.conf"))
    try FileManager.default.copyItem(atPath: old, toPath: directory.path("cp1/scheduler.conf"))
    let behind = try await rotate("status")
    #expect(behind.status == 1)
    #expect(behind.stdout.contains("behind    \(directory.path("cp1/scheduler.conf"))\n"), "\(behind)")
  }

  @Test func `the output lists every file that is made, kube-controller-manager's too`() async throws {
    let before = try FileManager.default.subpathsOfDirectory(atPath: directory.path("cp1/pki"))
    let outcome = try await rotate("prepare", "all", "--controller-manager-ready")
    let made = try FileManager.default.subpathsOfDirectory(atPath: directory.path("cp1/pki"))
      .filter { !before.contains($0) && !$0.hasPrefix(".") }
    let listed = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("create ") }
    #expect(made.count == 8 && listed.count == made.count, "\(made), \(listed)")
    for name in made { #expect(listed.contains { $0.contains("/pki/\(name)") }, "\(name)") }
  }

  @Test func `the backup of retire brings the stage before it back`() async throws {
    for (verb, options) in [
      ("prepare", ["--controller-manager-ready"]), ("switch", []), ("retire", ["--tokens-renewed"]),
    ] {
      let arguments = ["rotate", verb, "all", "-q", "-d", directory.path("cp1")] + options
      try #require(try await Pkigen.run(arguments) == Outcome(status: 0), "\(verb)")
    }
    let backups = directory.path("cp1/pki/.backup")
    let names = try FileManager.default.contentsOfDirectory(atPath: backups).sorted()
    func restore(_ name: String) async throws -> Outcome {
      try await Pkigen.run(["renew", "--restore", "\(backups)/\(name)", "-q", "-d", directory.path("cp1")])
    }
    let first = try await restore(names[0])
    #expect(
      first.status == 65 && first.stderr.contains("ca.crt is not signed by") && first.stdout.isEmpty,
      "\(first)"
    )
    #expect(try await restore(names[2]) == Outcome(status: 0))
    let status = try await rotate("status")
    #expect(status.stdout.components(separatedBy: "switched, next: ").count == 5, "\(status)")
    #expect(try await Pkigen.run(["verify", "-q", "-d", directory.path("cp1")]).status == 0)
  }

  @Test(arguments: ["prepare", "switch", "retire", "back"])
  func `without sa.key its rotation is refused`(verb: String) async throws {
    try #require(try await rotate("prepare", "sa", "-q").status == 0)
    try FileManager.default.removeItem(atPath: directory.path("cp1/pki/sa.key"))
    let outcome = try await rotate(verb, "sa")
    #expect(outcome.status == 65 && outcome.stdout.isEmpty, "\(outcome)")
    #expect(
      outcome.stderr.contains("its private key \(directory.path("cp1/pki/sa.key")) is not"), "\(outcome)")
  }
}
