import ArgumentParser
import FoundationEssentials
import TestSupport
import Testing

@testable import pkigen

/// What the user may have meant.
struct MistakeTests {
  @Test(arguments: [
    (["nope"], "'nope' is not a command of pkigen", "the commands are init, phase, "),
    (["innit"], "'innit' is not a command of pkigen", "did you mean 'pkigen init'?"),
    (["verfy", "-d", "x"], "'verfy' is not a command of pkigen", "did you mean 'pkigen verify'?"),
    (["sign"], "'sign' is not a command of pkigen", "did you mean 'pkigen csr sign'?"),
    (["token"], "'token' is not a command of pkigen", "did you mean 'pkigen bootstrap token'?"),
    (
      ["phase", "kubeconfigs"], "'kubeconfigs' is not a command of pkigen phase",
      "did you mean 'pkigen phase kubeconfig'?"
    ),
    (["phase", "etcd"], "'etcd' is not a command of pkigen phase", "the commands are cert, kubeconfig"),
    (["certs"], "'certs' is not a command of pkigen", "pkigen renew is kubeadm's certs renew; "),
    (
      ["certs", "certificate-key"], "'certs' is not a command of pkigen",
      "pkigen renew is kubeadm's certs renew; "
    ),
    (["csr", "sgin"], "'sgin' is not a command of pkigen csr", "did you mean 'pkigen csr sign'?"),
    (["aprove"], "'aprove' is not a command of pkigen", "did you mean 'pkigen csr approve'?"),
    (["reset"], "'reset' is not a command of pkigen", "pkigen does not clear a node, kubeadm reset does"),
    (
      ["join", "10.0.0.1:6443"], "'join' is not a command of pkigen",
      "pkigen does not join nodes, kubeadm join does"
    ),
    (["upgrade", "plan"], "'upgrade' is not a command of pkigen", "pkigen does not upgrade a cluster, "),
    (["version"], "'version' is not a command of pkigen", "did you mean 'pkigen --version'?"),
    (["token", "create"], "'token' is not a command of pkigen", "did you mean 'pkigen bootstrap token'?"),
    (["token", "list"], "'token' is not a command of pkigen", "pkigen does not look into a cluster, "),
    (["config", "print"], "'config' is not a command of pkigen", "kubeadm config prints and migrates"),
    (
      ["init", "phase", "kubelet-start"], "2 unexpected arguments: 'phase', 'kubelet-start'",
      "pkigen makes certificates and kubeconfigs only: "
    ),
    (
      ["init", "phase", "bootstrap-token", "--config", "x"],
      "2 unexpected arguments: 'phase', 'bootstrap-token'",
      "pkigen bootstrap token and pkigen bootstrap rbac print"
    ),
    (
      ["help", "init", "phase", "etcd"], "'phase' is not a command of pkigen init",
      "pkigen makes certificates and kubeconfigs only: "
    ),
    (["help", "reset"], "'reset' is not a command of pkigen", "pkigen does not clear a node"),
    (
      ["help", "renew", "foo"], "'foo' is not a command of pkigen renew",
      "pkigen renew has no commands; did you mean 'pkigen help renew'?"
    ),
    (
      ["help", "csr", "sign", "foo"], "'foo' is not a command of pkigen csr sign",
      "pkigen csr sign has no commands; did you mean 'pkigen help csr sign'?"
    ),
    (["help", "nope"], "'nope' is not a command of pkigen", "the commands are init, phase, "),
    (
      ["help", "phase", "certt"], "'certt' is not a command of pkigen phase",
      "did you mean 'pkigen phase cert'?"
    ),
  ])
  func `an unknown command ends with 64 and a suggestion`(
    arguments: [String], message: String, hint: String
  ) async throws {
    let outcome = try await Pkigen.run(arguments)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: \(message)\nhint: \(hint)"), "\(outcome.stderr)")
  }

  @Test(arguments: [
    (
      ["verify", "--validity", "5d"], "Unknown option '--validity'",
      "pkigen verify does not use it; --validity is"
    ),
    (["renew", "all", "--csr-only"], "Unknown option '--csr-only'", "pkigen csr create makes keys and CSRs"),
    (
      ["init", "--nodename", "a"], "Unknown option '--nodename'. Did you mean '--node-name'?",
      "see 'pkigen init --help'"
    ),
    (
      ["init", "--frobnicate"], "Unknown option '--frobnicate'",
      "see 'pkigen init --help' for more information."
    ),
    (
      ["--advertise-ip", "10.0.0.10"], "Unknown option '--advertise-ip'",
      "an option follows its command: pkigen init "
    ),
  ])
  func `an unknown option ends with 64 and a suggestion`(
    arguments: [String], message: String, hint: String
  ) async throws {
    let outcome = try await Pkigen.run(arguments)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: \(message)\nhint: \(hint)"), "\(outcome.stderr)")
  }

  @Test(arguments: KubeadmWords.commands.map(\.kubeadm))
  func `kubeadm's words are a command's`(words: [String]) async throws {
    let outcome = try await Pkigen.run(words + ["--help"])
    let pkigen = KubeadmWords.translated(words).filter { $0 != "all" }.joined(separator: " ")
    #expect(outcome.status == 0 && outcome.stdout.contains("USAGE: pkigen \(pkigen) "))
  }

  @Test func `certs renew renews, and certs check-expiration reports`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree()
    let renewed = try await Pkigen.run("certs", "renew", "apiserver", "-d", directory.path)
    #expect(renewed.status == 0 && renewed.stdout.contains("replace"))
    let report = try await Pkigen.run("certs", "check-expiration", "-d", directory.path)
    #expect(report.status == 0 && report.stdout.contains("apiserver"))
    let phase = try await Pkigen.run(
      "init", "phase", "certs", "apiserver", "--apiserver-advertise-address", "10.0.0.10",
      "--apiserver-bind-port", "6443", "--node-name", "cp1", "-d", directory.path)
    #expect(phase.status == 0, "\(phase.stderr)")
  }

  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("verfy", "verify", 1), ("ab", "ba", 1),
    ("sgin", "sign", 1), ("abc", "ca", 3),
  ])
  func `the distance of texts is counted`(one: String, other: String, distance: Int) {
    #expect(one.distance(to: other) == distance && other.distance(to: one) == distance)
  }

  @Test func `options of a command are read from its page`() {
    #expect(
      CommandPath(["rbac"]).options == [
        "--kubernetes-dir", "--cert-dir", "--kubeconfig-dir", "--rootfs", "--style",
        "--kubernetes-version", "--output", "--version", "--help",
      ])
  }

  @Test func `a hint names only options that the command has`() async throws {
    let directory = try TemporaryDirectory()
    let made = try await run(
      "env",
      ExpiredTree.at("2010-01-15 08:00:00") + [
        try Pkigen.path, "phase", "cert", "ca", "-d", directory.path, "--key-algorithm", "ecdsa-p256",
      ])
    try #require(made.status == 0, "\(made.stderr)")
    let hash = try await Pkigen.run("ca-hash", "-d", directory.path).stderr
    #expect(hash.contains("name another CA with --ca-cert, or"), "\(hash)")
    let user = try await Pkigen.run(
      "kubeconfig", "user", "--client-name", "j", "--server", "https://a", "-d", directory.path
    ).stderr
    #expect(user.contains("name another CA with --ca-cert and --ca-key, or"), "\(user)")
  }
}
