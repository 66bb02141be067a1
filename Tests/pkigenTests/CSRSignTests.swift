import FoundationEssentials
import TestSupport
import Testing

/// `pkigen csr sign`: what it prints, says and leaves behind.
struct CSRSignTests {
  private let directory: TemporaryDirectory
  private let client = "kubernetes.io/kube-apiserver-client"

  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.copyTree()
    let outcome = try await Pkigen.run(
      ["csr", "create", "--common-name", "jane", "--org", "dev", "--out", "jane"], directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }

  private func sign(_ arguments: String..., input: String? = nil) async throws -> Outcome {
    try await Pkigen.run(["csr", "sign"] + arguments, input: input, directory: directory.path)
  }

  /// jane's request as an object of the API, from this user.
  private func object(username: String = "jane", status: String = "{}") async throws -> String {
    let manifest = try await Pkigen.run(
      ["csr", "manifest", "jane.csr", "--name", "jane", "--signer-name", client], directory: directory.path)
    return manifest.stdout + "  username: \(username)\nstatus: \(status)\n"
  }

  @Test func `a bare request becomes a certificate on standard output`() async throws {
    let outcome = try await sign(
      "jane.csr", "-d", ".", "--signer-name", client, "--allow-cn", "jane", "--allow-org", "dev")
    #expect(outcome.status == 0)
    #expect(outcome.stdout.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    #expect(outcome.stdout.hasSuffix("-----END CERTIFICATE-----\n"))
    #expect(
      outcome.stderr.hasPrefix(
        "granted: jane.csr: O = dev, CN = jane, digitalSignature, clientAuth, until 20"),
      "\(outcome.stderr)")
    let quiet = try await sign(
      "jane.csr", "-d", ".", "--signer-name", client, "--allow-cn", "j*", "--allow-org", "*", "-q")
    #expect(quiet.status == 0 && quiet.stderr.isEmpty && !quiet.stdout.isEmpty)
  }

  @Test func `nothing is granted that no option lets through`() async throws {
    let outcome = try await sign("jane.csr", "-d", ".", "--signer-name", client)
    #expect(
      outcome
        == Outcome(
          status: 1,
          stderr: """
            error: jane.csr: common-name-not-allowed: the policy does not grant the common name "jane"
            hint: --allow-cn PATTERN grants common names
            error: jane.csr: organization-not-allowed: the policy does not grant the organization "dev"
            hint: --allow-org PATTERN grants organizations

            """))
  }

  @Test func `the CA may be in another place`() async throws {
    let outcome = try await sign(
      "jane.csr", "--ca-cert", "pki/front-proxy-ca.crt", "--ca-key", "pki/front-proxy-ca.key",
      "--signer-name",
      client, "--allow-cn", "jane", "--allow-org", "dev")
    #expect(outcome.status == 0 && outcome.stdout.contains("BEGIN CERTIFICATE"))
    let unpaired = try await sign(
      "jane.csr", "--ca-cert", "pki/ca.crt", "--ca-key", "pki/front-proxy-ca.key", "--signer-name", client)
    #expect(unpaired.status == 65)
    #expect(unpaired.stderr.hasPrefix("error: pki/front-proxy-ca.key is not the private key of pki/ca.crt\n"))
    let leaf = try await sign(
      "jane.csr", "--ca-cert", "pki/apiserver.crt", "--ca-key", "pki/apiserver.key", "--signer-name", client)
    #expect(leaf.status == 65)
    #expect(leaf.stderr.hasPrefix("error: pki/apiserver.crt is not a CA certificate"))
    let absent = try await sign("jane.csr", "-d", "none", "--signer-name", client)
    #expect(absent.status == 65)
    #expect(absent.stderr.contains("error: none/pki/ca.crt is missing\n"))
    #expect(absent.stderr.contains("error: none/pki/ca.key is missing\n"))
    #expect(try await sign("jane.csr", "--ca-cert", "pki/ca.crt", "--signer-name", client).status == 64)
  }

  @Test func `an object comes back with its approval and its certificate`() async throws {
    let input = try await object()
    let outcome = try await sign("-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", input: input)
    #expect(outcome.status == 0, "\(outcome)")
    struct Object: Decodable {
      struct Condition: Decodable { let type, status, reason: String }
      struct Status: Decodable {
        let certificate: Data
        let conditions: [Condition]
      }
      let kind: String
      let status: Status
    }
    let object = try outcome.document(Object.self)
    #expect(
      object.kind == "CertificateSigningRequest" && object.status.conditions.map(\.type) == ["Approved"])
    #expect(
      String(decoding: object.status.certificate, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----"))
    let yaml = try await sign(
      "-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", "-o", "yaml", input: input)
    #expect(yaml.stdout.hasPrefix("apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\n"))
  }

  @Test func `a denied object is printed only on demand`() async throws {
    let input = try await object(username: "system:node:w1")
    let silent = try await sign("-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", input: input)
    #expect(
      silent
        == Outcome(
          status: 1,
          stderr: """
            error: standard input: wrong-requestor: "system:node:w1" is a node and asks for "jane", not for itself

            """))
    let denied = try await sign(
      "-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", "--deny-object", "-o", "yaml", input: input)
    #expect(denied.status == 1 && denied.stderr == silent.stderr)
    #expect(denied.stdout.contains("    reason: PkigenDeny\n    status: \"True\"\n    type: Denied\n"))
    #expect(denied.stdout.contains("wrong-requestor: ") && !denied.stdout.contains("certificate:"))
  }

  @Test func `what a list has decided upon is left alone, and what stands alone is reported`() async throws {
    let done = try await object(status: "{conditions: [{type: Denied, status: \"True\"}]}")
    let alone = try await sign("-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", input: done)
    #expect(alone.status == 1 && alone.stderr.contains("already-decided: the request is Denied already"))
    let open = try await object().replacing("name: jane", with: "name: jane-2")
    let both = try await sign(
      "-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", "-o", "yaml", input: done + "---\n" + open)
    #expect(both.status == 0 && both.stdout.contains("name: jane-2\n"), "\(both)")
    #expect(both.stdout.components(separatedBy: "kind:").count == 2)
  }

  @Test func `without a CSR there is nothing to do`() async throws {
    let empty = "apiVersion: v1\nitems: []\nkind: List\n"
    #expect(
      try await sign("-", "-d", ".", input: empty)
        == Outcome(status: 0, stderr: "no request is pending\n"))
    #expect(try await sign("-", "-d", ".", "-q", input: empty) == Outcome(status: 0))
    let done = try await object(status: "{conditions: [{type: Denied, status: \"True\"}]}")
    let list = try await sign("-", "-d", ".", input: done + "---\n" + done)
    #expect(list == Outcome(status: 0, stderr: "no request is pending\n"))
    let show = try await Pkigen.run("csr", "show", "-", input: empty)
    #expect(show == Outcome(status: 0))
    let manifest = try await Pkigen.run(
      "csr", "manifest", "-", "--name", "x", "--signer-name", client, input: empty)
    #expect(manifest.status == 65 && manifest.stderr.hasPrefix("error: standard input holds no request\n"))
  }

  @Test func `one of several is granted, the other is reported, and both have their files`() async throws {
    let other = try await Pkigen.run(
      ["csr", "create", "--common-name", "tom", "--out", "tom"], directory: directory.path)
    try #require(other.status == 0)
    let arguments = [
      "csr", "sign", "jane.csr", "tom.csr", "-d", ".", "--signer-name", client, "--allow-cn", "tom", "--out",
      "out",
    ]
    let outcome = try await Pkigen.run(arguments, directory: directory.path)
    #expect(outcome.status == 1 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.contains("granted: tom.csr: ") && outcome.stderr.contains("error: jane.csr: "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("out")) == ["tom.crt"])
    let again = try await Pkigen.run(arguments, directory: directory.path)
    #expect(again.status == 73 && again.stderr.contains("out/tom.crt is there already"))
  }

  @Test func `two that would have one file have none`() async throws {
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(
        atPath: directory.path(name), withIntermediateDirectories: false)
      try FileManager.default.copyItem(
        atPath: directory.path("jane.csr"), toPath: directory.path("\(name)/web.csr"))
    }
    let outcome = try await sign(
      "a/web.csr", "b/web.csr", "-d", ".", "--signer-name", client, "--allow-cn", "jane", "--allow-org",
      "dev",
      "--out", "out")
    #expect(
      outcome
        == Outcome(
          status: 64,
          stderr: """
            error: --out: "out" is no place for both a/web.csr and b/web.csr: each would be out/web.crt
            hint: sign them one after the other, each into its own directory

            """))
    #expect(!FileManager.default.fileExists(atPath: directory.path("out")))
  }

  @Test func `a request from a pipe has a file too`() async throws {
    let request = try String(contentsOfFile: directory.path("jane.csr"), encoding: .utf8)
    let outcome = try await sign(
      "-", "-d", ".", "--signer-name", client, "--allow-cn", "jane", "--allow-org", "dev", "--out", "out",
      "-q",
      input: request)
    #expect(outcome == Outcome(status: 0))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("out")) == ["request.crt"])
  }

  /// An object that no API server has kept proves nothing of who asked.
  @Test func `the one who may have asked has to be noted in an object`() async throws {
    let input = try await object().replacing("  username: jane\n", with: "")
    let options = ["-d", ".", "--allow-cn", "jane", "--allow-org", "dev", "--requestor", "jane"]
    let outcome = try await Pkigen.run(
      ["csr", "sign", "-"] + options, input: input, directory: directory.path)
    #expect(outcome.status == 1 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr.hasPrefix("error: standard input: wrong-requestor: the object does not say who asked"))
    let noted = try await Pkigen.run(
      ["csr", "sign", "-"] + options, input: try await object(), directory: directory.path)
    #expect(noted.status == 0)
  }

  @Test func `no certificate outlives its CA, and a warning says so`() async throws {
    let options = ["-d", ".", "--signer-name", client, "--allow-cn", "jane", "--allow-org", "dev"]
    let outcome = try await Pkigen.run(
      ["csr", "sign", "jane.csr", "--validity", "20y"] + options, directory: directory.path)
    #expect(outcome.status == 0)
    #expect(
      outcome.stderr.hasSuffix(
        "warning: jane.csr: the certificate is valid only until its CA expires\n"), "\(outcome.stderr)"
    )
    let shorter = try await Pkigen.run(
      ["csr", "sign", "jane.csr", "--validity", "9y"] + options, directory: directory.path)
    #expect(shorter.status == 0 && !shorter.stderr.contains("warning"))
  }

  @Test(
    arguments: [
      (["jane.csr"], 1, "unknown-subject"),
      (["jane.csr", "--allow-cn", "jane"], 64, "--signer-name is required"),
      (["jane.csr", "--signer-name", "example.com/x", "--allow-san", "10.0.0.0/40"], 64, "--allow-san"),
      (["jane.csr", "--signer-name", "x"], 64, "--signer-name"),
      (["jane.csr", "--signer-name", "example.com/x", "--validity", "0"], 64, "--validity"), ([], 64, "file"),
      (["jane.csr", "--signer-name", "example.com/x", "--usage", "x"], 64, "--usage"),
    ] as [([String], Int32, String)])
  func `the command line is checked first`(arguments: [String], status: Int32, word: String) async throws {
    let outcome = try await Pkigen.run(["csr", "sign", "-d", "."] + arguments, directory: directory.path)
    #expect(outcome.status == status && outcome.stdout.isEmpty && outcome.stderr.contains(word), "\(outcome)")
  }

  @Test func `the lifetime is what is asked for, up to what is granted`() async throws {
    func hours(_ options: String...) async throws -> Double {
      let outcome = try await Pkigen.run(
        ["csr", "sign", "-", "-d", ".", "--allow-cn", "jane", "--allow-org", "dev", "--out", "life"]
          + options,
        input: try await object().replacing("spec:\n", with: "spec:\n  expirationSeconds: 7200\n"),
        directory: directory.path)
      let end = try #require(outcome.stderr.split(separator: " ").last, "\(outcome)").dropLast()
      let date = try Date(String(end), strategy: .iso8601)
      try FileManager.default.removeItem(atPath: directory.path("life"))
      return (date.timeIntervalSinceNow / 3600 * 10).rounded() / 10
    }
    #expect(try await hours() == 2)
    #expect(try await hours("--validity", "1h") == 1)
    #expect(try await hours("--validity", "10y") == 2)
  }
}
