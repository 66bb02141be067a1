import FoundationEssentials
import TestSupport
import Testing

/// `pkigen kubeconfig user`: what it prints, says and leaves behind.
struct KubeconfigUserTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.copyTree()
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(arguments, directory: directory.path)
  }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: directory.path(name))[.posixPermissions] as? Int
  }

  @Test func `a user's kubeconfig is printed, or written for the caller alone`() async throws {
    let user = ["kubeconfig", "user", "--client-name", "jane", "-d", ".", "--key-algorithm", "ecdsa-p256"]
    let printed = try await Pkigen.run(
      user + ["--advertise-ip", "10.0.0.10", "--bind-port", "443"], directory: directory.path)
    #expect(printed.status == 0 && printed.stderr.isEmpty)
    #expect(printed.stdout.contains("    server: https://10.0.0.10:443\n"))
    #expect(printed.stdout.contains("\ncurrent-context: jane@default-cluster\n"))
    let written = try await Pkigen.run(
      user + ["--server", "https://a", "--style", "kubeadm", "--out", "jane.conf"], directory: directory.path)
    #expect(written == Outcome(status: 0))
    #expect(try mode("jane.conf") == 0o600)
    let text = try String(contentsOfFile: directory.path("jane.conf"), encoding: .utf8)
    #expect(text.contains("\ncurrent-context: jane@kubernetes\n"))
    let again = try await Pkigen.run(
      user + ["--server", "https://a", "--out", "jane.conf"], directory: directory.path)
    #expect(again.status == 73)
  }

  @Test func `no user becomes a master by chance`() async throws {
    let arguments = [
      "kubeconfig", "user", "--client-name", "jane", "--org", "dev,system:masters", "-d", ".", "--server",
      "https://a",
      "--key-algorithm", "ecdsa-p256",
    ]
    let refused = try await Pkigen.run(arguments, directory: directory.path)
    #expect(refused.status == 64 && refused.stdout.isEmpty)
    #expect(
      refused.stderr.contains("error: --org: \"system:masters\" is ")
        && refused.stderr.contains("--insecure-masters"))
    #expect(try await Pkigen.run(arguments + ["--insecure-masters"], directory: directory.path).status == 0)
  }

  @Test func `a user's certificate does not outlive the CA, and a warning says so`() async throws {
    let outcome = try await pkigen(
      "kubeconfig", "user", "--client-name", "jane", "-d", ".", "--server", "https://a", "--validity", "20y",
      "--key-algorithm", "ecdsa-p256")
    #expect(outcome.status == 0)
    #expect(outcome.stderr.hasPrefix("warning: the certificate is valid only until 20"))
  }

  @Test(
    arguments: [
      (["--client-name", ""], 64, "--client-name"), (["--client-name", "a\u{1b}"], 64, "--client-name"),
      (["--client-name", "a", "--org", ""], 64, "--org"),
      (["--client-name", "a", "--validity", "0"], 64, "--validity"),
      ([], 64, "--client-name"), (["--client-name", "a", "--ca-cert", "pki/ca.crt"], 64, "together"),
      (["--client-name", "a", "-d", "none"], 65, "none/pki/ca.key is missing"),
    ] as [([String], Int32, String)])
  func `a user needs a name and a CA`(arguments: [String], status: Int32, word: String) async throws {
    let outcome = try await Pkigen.run(
      ["kubeconfig", "user", "-d", ".", "--server", "https://a"] + arguments, directory: directory.path)
    #expect(outcome.status == status && outcome.stdout.isEmpty && outcome.stderr.contains(word), "\(outcome)")
  }
}
