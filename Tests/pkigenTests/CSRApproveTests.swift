import FoundationEssentials
import TestSupport
import Testing

/// `pkigen csr approve`: what it prints, says and leaves behind.
struct CSRApproveTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func approve(_ arguments: String..., input: String) async throws -> Outcome {
    try await Pkigen.run(["csr", "approve", "-"] + arguments, input: input, directory: directory.path)
  }

  /// A user's request as an object of the API.
  private func object(_ user: String, name: String? = nil, status: String = "{}") async throws -> String {
    if !FileManager.default.fileExists(atPath: directory.path("\(user).csr")) {
      let made = try await Pkigen.run(
        ["csr", "create", "--common-name", user, "--out", user], directory: directory.path)
      try #require(made.status == 0, "\(made)")
    }
    let manifest = try await Pkigen.run(
      [
        "csr", "manifest", "\(user).csr", "--name", user, "--signer-name",
        "kubernetes.io/kube-apiserver-client",
      ], directory: directory.path)
    return manifest.stdout.replacing("name: \(user)\n", with: "name: \(name ?? user)\n")
      + "  username: \(user)\nstatus: \(status)\n"
  }

  @Test func `an approved object has the condition and no certificate`() async throws {
    let outcome = try await approve("--allow-cn", "jane", "-o", "yaml", input: object("jane"))
    #expect(outcome.status == 0)
    #expect(outcome.stderr == "approved: standard input: CN = jane, digital signature, client auth\n")
    #expect(outcome.stdout.hasPrefix("apiVersion: certificates.k8s.io/v1\n"))
    #expect(outcome.stdout.contains("    reason: PkigenApprove\n    status: \"True\"\n    type: Approved\n"))
    #expect(!outcome.stdout.contains("certificate:"))
    let quiet = try await approve("--allow-cn", "jane", "-q", input: object("jane"))
    #expect(quiet.status == 0 && quiet.stderr.isEmpty && quiet.stdout.hasPrefix("{"))
  }

  @Test func `no CA is asked for`() async throws {
    let outcome = try await approve("--allow-cn", "jane", "-d", "/nonexistent", input: object("jane"))
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func `the names of what is approved go to kubectl, and what is denied is an error`() async throws {
    let list = try await ["jane", "tom", "eve"].asyncMap { try await object($0) }.joined(separator: "---\n")
    let outcome = try await approve("--allow-cn", "jane,tom", "-o", "name", input: list)
    #expect(
      outcome
        == Outcome(
          status: 1, stdout: "jane\ntom\n",
          stderr: """
            approved: "jane" in standard input: CN = jane, digital signature, client auth
            approved: "tom" in standard input: CN = tom, digital signature, client auth
            error: "eve" in standard input: common-name-not-allowed: the policy does not grant the common name "eve"
            hint: --allow-cn PATTERN grants common names

            """))
  }

  @Test func `a denied object is printed only on demand`() async throws {
    let input = try await object("jane")
    let silent = try await approve("-o", "yaml", input: input)
    #expect(silent.status == 1 && silent.stdout.isEmpty)
    let denied = try await approve("-o", "yaml", "--deny-object", input: input)
    #expect(denied.status == 1 && denied.stdout.contains("    type: Denied\n"), "\(denied)")
    #expect(try await approve("-o", "name", "--deny-object", input: input).status == 64)
  }

  @Test func `of a list only what is pending is looked at`() async throws {
    let done = try await object("tom", status: "{conditions: [{type: Denied, status: \"True\"}]}")
    let open = try await object("jane")
    let outcome = try await approve("--allow-cn", "*", "-o", "name", input: done + "---\n" + open)
    #expect(outcome.status == 0 && outcome.stdout == "jane\n")
    let alone = try await approve("--allow-cn", "*", "-o", "name", input: done)
    #expect(alone.status == 1 && alone.stderr.contains("already-decided: the request is Denied already"))
    let empty = try await approve("-o", "name", input: "apiVersion: v1\nitems: []\nkind: List\n")
    #expect(empty == Outcome(status: 0, stderr: "no request is pending\n"))
  }

  /// xargs would make two names of one, and kubectl options of names.
  @Test(arguments: ["a b", "--all", "a'b", "a;b"])
  func `a name that is not one plain word goes nowhere`(name: String) async throws {
    let input = try await object("jane", name: "\"\(name)\"")
    let outcome = try await approve("--allow-cn", "*", "-o", "name", input: input)
    #expect(outcome.status == 64 && outcome.stdout.isEmpty, "\(outcome)")
    #expect(outcome.stderr.contains("is not one plain word"))
    #expect(try await approve("--allow-cn", "*", input: input).status == 0)
  }

  @Test func `a request in PEM is no object of a cluster`() async throws {
    _ = try await object("jane")
    let outcome = try await Pkigen.run(
      ["csr", "approve", "jane.csr", "--allow-cn", "*"], directory: directory.path)
    #expect(outcome.status == 65 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: jane.csr holds a request in PEM, not a Cert"), "\(outcome)")
  }

  @Test func `another signer than the one that is named is refused`() async throws {
    let outcome = try await approve(
      "--allow-cn", "*", "--signer-name", "example.com/x", input: object("jane"))
    #expect(outcome.status == 1 && outcome.stderr.contains(": signer-mismatch: "))
  }

  /// The address is that of the tree's API server, which only its certificate says.
  @Test func `a node gets a name of the API server from a pattern for it alone`() async throws {
    try await directory.makeTree()
    let input = try await serving(["DNS:w1", "IP:10.0.0.10"])
    let options = ["--allow-cn", "system:node:*", "-d", "."]
    let wide = try await Pkigen.run(
      ["csr", "approve", "-", "--allow-san", "*,10.0.0.0/24"] + options, input: input,
      directory: directory.path)
    #expect(wide.status == 1 && wide.stdout.isEmpty)
    #expect(
      wide.stderr.hasPrefix(
        "error: standard input: name-not-allowed: the name \"IP:10.0.0.10\" is an address of the API server, "
      ),
      "\(wide)")
    let exact = try await Pkigen.run(
      ["csr", "approve", "-", "--allow-san", "*,10.0.0.10"] + options, input: input, directory: directory.path
    )
    #expect(exact.status == 0, "\(exact)")
  }

  /// A kubelet's request for its serving certificate.
  private func serving(_ names: [String]) async throws -> String {
    let made = try await Pkigen.run(
      [
        "csr", "create", "--common-name", "system:node:w1", "--org", "system:nodes", "--san",
        names.map { String($0.drop { $0 != ":" }.dropFirst()) }.joined(separator: ","), "--out", "w1",
      ], directory: directory.path)
    try #require(made.status == 0, "\(made)")
    let manifest = try await Pkigen.run(
      ["csr", "manifest", "w1.csr", "--name", "w1", "--signer-name", "kubernetes.io/kubelet-serving"],
      directory: directory.path)
    return manifest.stdout + "  username: system:node:w1\n"
  }
}

extension Sequence {
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result]
  {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
