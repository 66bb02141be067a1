import FoundationEssentials
import TestSupport
import Testing

/// `pkigen csr`: what it prints, says and leaves behind.
struct CSRTests {
  private let directory: TemporaryDirectory
  private let client = "kubernetes.io/kube-apiserver-client"

  init() throws { directory = try TemporaryDirectory() }

  private func csr(_ arguments: String..., input: String? = nil) async throws -> Outcome {
    try await Pkigen.run(["csr"] + arguments, input: input, directory: directory.path)
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  /// Makes jane's request, in the directory.
  private func makeJane(_ options: String...) async throws {
    let outcome = try await Pkigen.run(
      ["csr", "create", "--common-name", "jane", "--out", "jane"] + options, directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test func `create makes a key that only the caller reads, and a request`() async throws {
    let outcome = try await csr("create", "--common-name", "jane", "--org", "dev", "--out", "jane")
    #expect(
      outcome
        == Outcome(status: 0, stdout: "create  jane-key.pem\ncreate  jane.csr  O = dev, CN = jane\n"))
    #expect(try names() == ["jane-key.pem", "jane.csr"])
    func mode(_ name: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: directory.path(name))[.posixPermissions] as? Int
    }
    #expect(try mode("jane-key.pem") == 0o600 && mode("jane.csr") == 0o644)
    let key = try String(contentsOfFile: directory.path("jane-key.pem"), encoding: .utf8)
    #expect(key.hasPrefix("-----BEGIN EC PRIVATE KEY-----\n"))
  }

  @Test(arguments: ["jane-key.pem", "jane.csr"])
  func `create overwrites nothing`(existing: String) async throws {
    try "old".write(toFile: directory.path(existing), atomically: true, encoding: .utf8)
    let outcome = try await csr("create", "--common-name", "jane", "--out", "jane")
    #expect(
      outcome
        == Outcome(
          status: 73,
          stderr: """
            error: \(existing) is there already, and is not overwritten
            hint: move it away, or name another file

            """))
    #expect(try names() == [existing])
  }

  @Test func `create says everything that is wrong at once, and makes nothing`() async throws {
    let outcome = try await csr(
      "create", "--common-name", "a\nb", "--org", "", "--san", "a_b,10.0.0.01,0.0.0.0,*.*.x,email:a,URI:b",
      "--service", "a.b.c", "--usage", "code signing", "--key-algorithm", "dsa", "--service-dns-domain",
      "x..y",
      "--out", "x")
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    let options = outcome.stderr.split(separator: "\n").filter { $0.hasPrefix("error: ") }
      .map { $0.dropFirst(7).prefix { $0 != ":" } }
    #expect(
      options == [
        "--service-dns-domain", "--service", "--common-name", "--org", "--san", "--san", "--san", "--san",
        "--san",
        "--san", "--usage", "--key-algorithm",
      ])
    #expect(try names().isEmpty)
  }

  @Test(arguments: [
    (["--out", "x"], "--common-name is required\nhint: or name a Service: --service"),
    (["--common-name", "a"], "--out"),
    (["--common-name", "a", "--out", ""], "--out"), (["--common-name", "a", "--out", "a/"], "--out"),
  ])
  func `create needs a subject and a place`(arguments: [String], word: String) async throws {
    let outcome = try await Pkigen.run(["csr", "create"] + arguments, directory: directory.path)
    #expect(outcome.status == 64 && outcome.stderr.contains(word), "\(outcome)")
    #expect(try names().isEmpty)
  }

  @Test func `a server without a name is warned of`() async throws {
    let outcome = try await csr("create", "--common-name", "web", "--usage", "server", "--out", "web")
    #expect(outcome.status == 0)
    #expect(
      outcome.stderr == "warning: web.csr has no --san; no client accepts a server without a SAN\n")
  }

  @Test func `manifest prints an object that kubectl applies`() async throws {
    try await makeJane()
    let outcome = try await csr(
      "manifest", "jane.csr", "--name", "jane", "--signer-name", client, "--expiration", "24h")
    let request = try Data(contentsOf: URL(filePath: directory.path("jane.csr"))).base64EncodedString()
    #expect(
      outcome
        == Outcome(
          status: 0,
          stdout: """
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata:
              name: jane
            spec:
              expirationSeconds: 86400
              request: \(request)
              signerName: \(client)
              usages:
              - digital signature
              - client auth

            """))
  }

  /// The example of the documentation: what counts are the usages of the object, not those of the request.
  @Test func `manifest takes usages in the API's words`() async throws {
    _ = try await csr("create", "--service", "my-svc.my-namespace", "--san", "10.0.34.2", "--out", "server")
    let outcome = try await csr(
      "manifest", "server.csr", "--name", "my-svc.my-namespace", "--signer-name", client, "--usage",
      "digital signature", "--usage", "key encipherment,client", "-o", "json")
    #expect(outcome.status == 0, "\(outcome)")
    let usages = "\"digital signature\",\n      \"key encipherment\",\n      \"client auth\""
    #expect(outcome.stdout.contains(usages), "\(outcome.stdout)")
  }

  @Test func `manifest refuses what the signer would`() async throws {
    try await makeJane("--org", "system:masters", "--usage", "server")
    let outcome = try await csr(
      "manifest", "jane.csr", "--name", "x", "--signer-name", client, "--usage", "server auth")
    #expect(
      outcome
        == Outcome(
          status: 1,
          stderr: """
            error: jane.csr: privileged-organization: the subject has the organization "system:masters", which \
            bypasses authorization
            error: jane.csr: usage-missing: the usage "client auth" is missing, and \(client) demands it
            hint: give the usages of a CSR in PEM with --usage USAGE
            error: jane.csr: usage-not-allowed: the usage "server auth" is not granted by \(client)

            """))
  }

  @Test func `manifest says everything that is wrong with the options at once`() async throws {
    try await makeJane()
    let outcome = try await csr(
      "manifest", "jane.csr", "--name", "a/b", "--signer-name", "kubernetes.io/legacy-unknown",
      "--expiration", "5m",
      "--usage", "Client Auth")
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    for option in ["--name", "--signer-name", "--expiration", "--usage"] {
      #expect(outcome.stderr.contains("error: \(option): "), "\(outcome.stderr)")
    }
  }

  @Test func `manifest makes one object of one bare request`() async throws {
    try await makeJane()
    let pem = try String(contentsOfFile: directory.path("jane.csr"), encoding: .utf8)
    let options = ["csr", "manifest", "-", "--name", "x", "--signer-name", client]
    let object = try await Pkigen.run(options, input: pem, directory: directory.path)
    #expect(object.status == 0)
    for (input, word) in [
      (object.stdout, "holds an object already, not a request in PEM"),
      (pem + pem, "holds more than one request"),
    ] {
      let outcome = try await Pkigen.run(options, input: input, directory: directory.path)
      #expect(
        outcome
          == Outcome(
            status: 65,
            stderr: """
              error: standard input \(word)
              hint: give one request in PEM, as pkigen csr create makes it

              """))
    }
  }

  @Test func `show says what an approver must review`() async throws {
    try await makeJane("--org", "dev")
    let manifest = try await csr(
      "manifest", "jane.csr", "--name", "jane-1", "--signer-name", client, "--expiration", "1h")
    let object = manifest.stdout.replacing(
      "spec:\n", with: "spec:\n  username: tom\n  groups: [ops, system:authenticated]\n")
    let outcome = try await csr("show", "-", input: object)
    let text = outcome.stdout.replacing(#/SHA-256 [0-9a-f]{64}/#, with: "SHA-256 HEX")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    #expect(
      text == """
        Name:                jane-1
        Requesting User:     tom, groups ops, system:authenticated
        Signer:              \(client)
        Requested Duration:  3600 s
        Status:              Pending
        Subject:             O = dev, CN = jane
        Alternative Names:   <none>
        Key:                 ecdsa-p256, SHA-256 HEX
        Signature:           ecdsa-with-SHA256, valid
        Usages:              digital signature
                             client auth
        Extensions:          X509v3 Key Usage
                             X509v3 Extended Key Usage
                             X509v3 Basic Constraints
        Kind:                apiserver-client
        Review:              the holder of the key is the user "jane" in the groups "dev" to the API server
                             the user "tom" asks, not "jane" itself
                             "tom" asks for groups without being in them: "dev"
        Denial reasons:      <none>

        """)
  }

  @Test func `show has a document for programs`() async throws {
    try await makeJane()
    let outcome = try await csr("show", "jane.csr", "jane.csr", "-o", "json")
    struct Document: Decodable {
      struct Request: Decodable {
        let commonName, kind, state, subject: String
        let signatureValid: Bool
        let refusals: [String]
      }
      let requests: [Request]
    }
    let document = try outcome.document(Document.self)
    #expect(document.requests.count == 2)
    let request = try #require(document.requests.first)
    #expect(request.commonName == "jane" && request.subject == "CN = jane" && request.state == "Pending")
    #expect(request.kind == "apiserver-client" && request.signatureValid && request.refusals.isEmpty)
  }

  @Test func `show is silent on demand, and knows a signer's name`() async throws {
    try await makeJane()
    #expect(try await csr("show", "jane.csr", "-q") == Outcome(status: 0))
    let outcome = try await csr("show", "jane.csr", "--signer-name", "x")
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("error: --signer-name: \"x\" is not the name of a signer"))
  }

  @Test func `what is no request is an unusable file`() async throws {
    try "kind: Pod\n".write(toFile: directory.path("pod.yaml"), atomically: true, encoding: .utf8)
    for command in [["show"], ["sign"], ["manifest", "--name", "x", "--signer-name", client]] {
      let outcome = try await Pkigen.run(
        ["csr"] + command + ["pod.yaml"], directory: directory.path)
      #expect(outcome.status == 65 && outcome.stdout.isEmpty, "\(outcome)")
      #expect(
        outcome.stderr.hasPrefix(
          "error: pod.yaml does not hold a certificate signing request that can be used: its kind is \"Pod\"")
      )
    }
    #expect(try await csr("show", "none.csr").status == 74)
  }

  @Test(arguments: [
    ["csr"], ["csr", "create"], ["csr", "manifest"], ["csr", "show"], ["csr", "approve"], ["csr", "sign"],
    ["csr", "install"],
  ])
  func `every help page has an example that fits a terminal`(command: [String]) async throws {
    let outcome = try await Pkigen.run(command + ["--help"])
    let examples = outcome.stdout.split(separator: "EXAMPLES\n")
    try #require(outcome.status == 0 && examples.count == 2)
    let lines = examples[1].split(separator: "\n\nUSAGE")[0].split(separator: "\n")
    #expect(
      lines.contains { $0.contains("pkigen ") } && lines.allSatisfy { $0.count <= 80 && $0.hasPrefix("  ") })
  }
}
