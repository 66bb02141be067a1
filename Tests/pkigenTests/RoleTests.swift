import FoundationEssentials
import TestSupport
import Testing

/// Commands on a worker, and `--role` for each command that has it.
@Suite(.timeLimit(.minutes(20)))
struct RoleTests {
  private let worker: TemporaryDirectory

  /// A worker: the CA's certificate and kubelet.conf.
  init() async throws {
    let node = try TemporaryDirectory()
    try await node.copyTree()
    worker = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: worker.path("pki"), withIntermediateDirectories: false)
    for name in ["pki/ca.crt", "kubelet.conf"] {
      try FileManager.default.copyItem(atPath: node.path(name), toPath: worker.path(name))
    }
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(arguments + ["-d", worker.path])
  }

  @Test func `where all is well, each command ends with 0`() async throws {
    for arguments in [["verify", "--strict"], ["check-expiration"], ["renew", "all"]] {
      for role in [[], ["--role", "worker"]] {
        let outcome = try await Pkigen.run(arguments + role + ["-d", worker.path])
        #expect(outcome.status == 0, "\(arguments) \(role): \(outcome)")
      }
    }
  }

  @Test func `renew all says why it leaves a worker's certificate`() async throws {
    let before = try Data(contentsOf: URL(filePath: worker.path("kubelet.conf")))
    let outcome = try await pkigen("renew", "all")
    #expect(
      outcome.stderr.hasPrefix("warning: kubelet.conf is valid, and not renewed here: a worker does not have")
    )
    #expect(try Data(contentsOf: URL(filePath: worker.path("kubelet.conf"))) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: worker.path("pki")) == ["ca.crt"])
  }

  @Test func `a certificate that is named, or has expired, gets a CSR and never the CA's key`() async throws {
    let named = try await pkigen("renew", "kubelet.conf")
    #expect(
      named.status == 1 && !named.stderr.contains("ca.key\nhint") && !named.stderr.contains("put the key"))
    let hint = try #require(
      named.stderr.split(separator: "\n").first { $0.hasPrefix("hint: run pkigen csr create ") })
    let words = hint.dropFirst("hint: run pkigen ".count).split(separator: " ").map(String.init)
    let request = try await Pkigen.run(words)
    #expect(request.status == 0, "\(request)")
    #expect(FileManager.default.fileExists(atPath: worker.path("kubelet.conf.csr")))
    let later = ExpiredTree.at("2040-01-01 00:00:00")
    let expired = try await run("env", later + [Pkigen.path, "renew", "all", "-d", worker.path])
    #expect(expired.status == 1 && expired.stderr.contains("error: cannot renew kubelet.conf"), "\(expired)")
  }

  @Test func `init refuses to make a control plane on a worker`() async throws {
    let outcome = try await pkigen("init", "--node-name", "w1", "--advertise-ip", "10.0.0.9")
    #expect(outcome.status == 64)
    #expect(
      outcome.stderr.hasPrefix(
        "error: \(worker.path("pki")) has the files of a worker, and pkigen init makes"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: worker.path).sorted() == ["kubelet.conf", "pki"])
  }

  @Test func `no hint on a worker asks for a CA's key`() async throws {
    let outcome = try await pkigen(
      "phase", "cert", "apiserver", "--node-name", "w1", "--advertise-ip", "10.0.0.9")
    #expect(outcome.status == 65 && outcome.stderr.contains("hint: run pkigen csr create apiserver "))
    #expect(!outcome.stderr.contains("put the key there"))
  }

  @Test func `the role that an option names counts in each command`() async throws {
    let verify = try await pkigen("verify", "--role", "control-plane", "-q")
    #expect(verify.status == 1 && verify.stdout.contains("\(worker.path("admin.conf")) is missing"))
    let etcd = try await pkigen("verify", "--role", "etcd", "-q")
    #expect(
      etcd.status == 1 && etcd.stdout.contains("etcd/server.crt") && !etcd.stdout.contains("admin.conf"))
    let expiration = try await pkigen("check-expiration", "--role", "control-plane")
    #expect(expiration.status == 1 && expiration.stdout.contains("MISSING"))
    let renewal = try await pkigen("renew", "all", "--role", "control-plane")
    #expect(renewal.status == 1 && renewal.stderr.contains("admin.conf is missing, and is not renewed"))
    let request = try await pkigen(
      "csr", "create", "all", "--role", "control-plane", "--node-name", "cp1", "--advertise-ip", "10.0.0.10",
      "--dry-run")
    #expect(request.status == 0 && request.stdout.contains("admin.conf"))
    let own = try await pkigen("csr", "create", "all", "--role", "worker", "--dry-run")
    #expect(own.status == 0 && !own.stdout.contains("admin.conf") && own.stdout.contains("kubelet.conf"))
  }

  @Test func `of a whole control plane, the role that an option names leaves its own part`() async throws {
    let tree = try TemporaryDirectory()
    try await tree.copyTree()
    try Data("x".utf8).write(to: URL(filePath: tree.path("scheduler.conf")))
    func run(_ command: String, _ role: String) async throws -> Outcome {
      try await Pkigen.run(
        command.split(separator: " ").map(String.init) + ["--role", role, "-d", tree.path])
    }
    for (role, own, others) in [
      (
        "etcd", ["etcd-server", "etcd-peer"], ["admin.conf", "front-proxy", "scheduler", "apiserver-kubelet"]
      ),
      ("worker", ["kubelet.conf"], ["admin.conf", "front-proxy", "scheduler", "etcd"]),
    ] {
      let verified = try await run("verify", role)
      #expect(verified.status == 0, "\(verified)")
      let expiry = try await run("check-expiration", role)
      #expect(expiry.status == 0 && own.allSatisfy(expiry.stdout.contains), "\(expiry)")
      #expect(!others.contains(where: expiry.stdout.contains), "\(expiry)")
      let metrics = try await run("check-expiration -o prometheus", role)
      #expect(!metrics.stdout.contains("admin.conf"))
      let errors = metrics.stdout.split(separator: "\n").filter { $0.hasPrefix("x509_cert_error{") }
      #expect(!errors.isEmpty && errors.allSatisfy { $0.hasSuffix(" 0") })
      let renewed = try await run("renew all --dry-run -o json", role)
      let names = try renewed.document(RunDocument.self).files.map(\.path)
      #expect(renewed.status == 0 && !names.isEmpty, "\(renewed)")
      #expect(
        !names.contains { name in
          others.contains(where: name.contains) && !name.contains("/etcd/")
            || name.contains("/etcd/") && role == "worker"
        })
    }
    #expect(try await run("verify", "control-plane").status == 1)
    #expect(try await run("renew all --dry-run", "control-plane").status == 1)
  }

  @Test(arguments: ["verify", "check-expiration", "renew all", "csr create all"])
  func `a role that does not exist is an error`(command: String) async throws {
    let outcome = try await Pkigen.run(
      command.split(separator: " ").map(String.init) + ["--role", "master", "-d", worker.path])
    #expect(outcome.status == 64 && outcome.stderr.contains("control-plane, etcd, worker"))
  }
}
