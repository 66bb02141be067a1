import FoundationEssentials
import TestSupport
import Testing

/// Requests for certificates, as openssl and Python's cryptography read them.
@Suite(.timeLimit(.minutes(20)))
struct RequestTests {
  /// What `pyrequest.py` says.
  private struct Description: Decodable, Equatable {
    var subject: [[String]]
    var key: String
    var hash: String
    var valid: Bool
    var extensions: [String: [String]]
  }

  private static let create = ["csr", "create"]

  @Test(arguments: Algorithm.quick)
  func `a server's request says all that its signer has to know`(algorithm: Algorithm) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      Self.create + [
        "--common-name", "my-svc.my-namespace.svc", "--san", "my-svc.my-namespace.svc.cluster.local", "--san",
        "10.0.34.2,fd00::2", "--usage", "server", "--key-algorithm", algorithm.rawValue, "--out",
        directory.path("server"),
      ])
    try #require(outcome.status == 0, "\(outcome)")
    let description = try await describe(directory.path("server.csr"))
    #expect(
      description
        == Description(
          subject: [["CN", "my-svc.my-namespace.svc"]], key: algorithm.rawValue,
          hash: algorithm == .ecdsaP384 ? "sha384" : "sha256", valid: true,
          extensions: [
            "keyUsage": ["critical", "digital_signature"] + (algorithm.isRSA ? ["key_encipherment"] : []),
            "extendedKeyUsage": ["serverAuth"], "basicConstraints": ["critical", "CA:FALSE"],
            "subjectAltName": [
              "DNSName:my-svc.my-namespace.svc.cluster.local", "IPAddress:10.0.34.2", "IPAddress:fd00::2",
            ],
          ]))
    let verified = try await run(
      Judges.openssl, ["req", "-in", directory.path("server.csr"), "-verify", "-noout"])
    #expect(verified.status == 0 && verified.stderr.contains("verify OK"))
    try await expectPair(directory, "server")
  }

  @Test func `by default a request is for P-256, and for what its names say`() async throws {
    let directory = try TemporaryDirectory()
    let service = try await Pkigen.run(
      Self.create + [
        "--service", "My-svc.ns", "--service-dns-domain", "k8s.example.com", "--out", directory.path("a"),
      ])
    let user = try await Pkigen.run(
      Self.create + ["--common-name", "jane", "--org", "dev", "--org", "ops", "--out", directory.path("b")])
    try #require(service.status == 0 && user.status == 0)
    #expect(service.stderr.isEmpty && user.stderr.isEmpty)
    let server = try await describe(directory.path("a.csr"))
    #expect(server.key == "ecdsa-p256" && server.subject == [["CN", "my-svc.ns.svc"]])
    #expect(server.extensions["extendedKeyUsage"] == ["serverAuth"])
    #expect(
      server.extensions["subjectAltName"] == [
        "DNSName:my-svc.ns.svc", "DNSName:my-svc.ns", "DNSName:my-svc.ns.svc.k8s.example.com",
      ])
    let client = try await describe(directory.path("b.csr"))
    #expect(client.subject.sorted { $0[1] < $1[1] } == [["O", "dev"], ["CN", "jane"], ["O", "ops"]])
    #expect(client.extensions["extendedKeyUsage"] == ["clientAuth"])
    #expect(client.extensions["subjectAltName"] == nil)
  }

  /// A workload's certificate, from its request to a connection that its client would make.
  @Test(arguments: Algorithm.quick)
  func `what is signed is a server's certificate to openssl, Go and Python`(algorithm: Algorithm) async throws
  {
    let tree = try await Trees.made(with: algorithm)
    let directory = try TemporaryDirectory()
    func pkigen(_ arguments: String...) async throws -> Outcome {
      let outcome = try await Pkigen.run(arguments)
      try #require(outcome.status == 0, "\(arguments): \(outcome)")
      return outcome
    }
    _ = try await pkigen(
      "csr", "create", "--service", "web.shop", "--san", "10.0.34.2", "--key-algorithm", algorithm.rawValue,
      "--out", directory.path("web"))
    let start = Date()
    _ = try await pkigen(
      "csr", "sign", directory.path("web.csr"), "-d", tree.directory.path, "--signer-name",
      "example.com/serving",
      "--allow-cn", "*.shop.svc", "--allow-san", "*.shop,*.shop.svc,*.shop.svc.cluster.local,10.0.0.0/16",
      "--validity", "24h", "--out", directory.path("out"))
    let certificate = try await CertificateText(directory.path("out/web.crt"))
    #expect(certificate.subject == "CN = web.shop.svc")
    #expect(certificate.extensions["Basic Constraints: critical"] == "CA:FALSE")
    #expect(certificate.extensions["Extended Key Usage"] == "TLS Web Server Authentication")
    #expect(certificate.notAfter.timeIntervalSince(certificate.notBefore) == 24 * 3600)
    // Five minutes before the run, which was between then and now; a certificate's times have whole seconds.
    #expect((start - 301...Date() - 300).contains(certificate.notBefore))
    let chain = try await run(
      Judges.openssl,
      [
        "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "web.shop.svc.cluster.local",
        "-CAfile", tree.certificate("ca"), directory.path("out/web.crt"),
      ])
    #expect(chain.status == 0, "\(chain)")
    let questions = ["web.shop.svc", "10.0.34.2"].map { name in
      Question(
        leaf: directory.path("out/web.crt"), key: directory.path("web-key.pem"), root: tree.certificate("ca"),
        name: name, usage: .server, time: Date())
    }
    try await Question.ask(questions, of: Judges.goVerify, phrases: [:])
    try await Question.ask(questions, of: Judges.python, [Judges.pythonVerify], phrases: [:])
  }

  /// A client that knows the root alone needs what is between.
  @Test func `below a root, a certificate brings its CA along`() async throws {
    let directory = try TemporaryDirectory()
    for arguments in [
      [
        "init", "-d", "out", "--new-root", "root", "--node-name", "cp1", "--advertise-ip", "10.0.0.10",
        "--key-algorithm", "ecdsa-p256", "-q",
      ],
      Self.create + ["--service", "web.shop", "--out", "web", "-q"],
      [
        "csr", "sign", "web.csr", "-d", "out", "--signer-name", "example.com/serving", "--allow-cn",
        "*.shop.svc",
        "--allow-san", "*.shop,*.shop.svc,*.shop.svc.cluster.local", "--out", ".",
      ],
    ] {
      let outcome = try await Pkigen.run(arguments, directory: directory.path)
      try #require(outcome.status == 0, "\(outcome)")
    }
    func verify(_ options: String...) async throws -> Int32 {
      let outcome = try await run(
        Judges.openssl,
        ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", directory.path("root/root.crt")]
          + options
          + [directory.path("web.crt")])
      return outcome.status
    }
    #expect(try await verify("-untrusted", directory.path("web.crt")) == 0)
    #expect(try await verify() == 2)
  }

  private func describe(_ path: String) async throws -> Description {
    let outcome = try await run(Judges.python, [Judges.pythonRequest, path])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return try outcome.document([Description].self)[0]
  }

  private func expectPair(_ directory: TemporaryDirectory, _ name: String) async throws {
    let ofKey = try await run(Judges.openssl, ["pkey", "-in", directory.path("\(name)-key.pem"), "-pubout"])
    let ofRequest = try await run(
      Judges.openssl, ["req", "-in", directory.path("\(name).csr"), "-pubkey", "-noout"])
    #expect(ofKey.status == 0 && ofKey.stdout == ofRequest.stdout)
  }
}
