import FoundationEssentials
import TestSupport
import Testing

/// The requests of kubelets: what they are taken for, and what becomes of them.
@Suite(.timeLimit(.minutes(20)))
struct KubeletRequestTests {
  private let directory: TemporaryDirectory
  private let tree: Tree

  init() async throws {
    directory = try TemporaryDirectory()
    tree = try await Trees.made(with: .ecdsaP256)
  }

  private func sign(_ object: String, _ options: String...) async throws -> Outcome {
    try await Pkigen.run(
      ["csr", "sign", "-", "-d", tree.directory.path, "--allow-cn", "system:node:*"] + options, input: object)
  }

  @Test(arguments: KubeletRequest.all)
  func `each is known, and becomes what the kubelet needs`(request: KubeletRequest) async throws {
    let object = try await request.object(in: directory)
    let shown = try await Pkigen.run("csr", "show", "-", input: object)
    #expect(shown.status == 0 && shown.stdout.contains("Kind:                \(request.kind)\n"), "\(shown)")
    #expect(shown.stdout.contains("Denial reasons:      <none>\n"))
    let signed = try await sign(object, "--allow-san", "w1,10.0.0.0/24,fd00::/64")
    try #require(signed.status == 0, "\(signed)")
    let path = directory.path("kubelet.crt")
    try Self.certificate(in: signed.stdout).write(to: URL(filePath: path))
    let certificate = try await CertificateText(path)
    #expect(certificate.subject == "O = system:nodes, CN = system:node:w1")
    #expect(
      certificate.extensions["Key Usage: critical"] == "Digital Signature"
        + (request.isRSA ? ", Key Encipherment" : ""))
    let purpose = request.isServing ? "Server" : "Client"
    #expect(certificate.extensions["Extended Key Usage"] == "TLS Web \(purpose) Authentication")
    let names = request.isServing ? "DNS:w1, IP Address:10.0.0.21, IP Address:FD00:0:0:0:0:0:0:21" : nil
    #expect(certificate.extensions["Subject Alternative Name"] == names)
    let verified = try await run(
      Judges.openssl,
      [
        "verify", "-x509_strict", "-purpose", request.isServing ? "sslserver" : "sslclient", "-CAfile",
        tree.certificate("ca"), path,
      ])
    #expect(verified.status == 0, "\(verified)")
  }

  /// A bare request says neither its signer nor its usages; its shape does.
  @Test(arguments: KubeletRequest.all)
  func `each is known without its object too`(request: KubeletRequest) async throws {
    let pem = try await request.pem(in: directory)
    let shown = try await Pkigen.run("csr", "show", "-", "-o", "json", input: pem)
    let kind = request.isServing ? "selfnodeserver" : "nodeclient"
    #expect(shown.status == 0 && shown.stdout.contains("\"kind\" : \"\(kind)\""), "\(shown)")
  }

  @Test(arguments: KubeletRequest.all)
  func `none is granted for another node's asking`(request: KubeletRequest) async throws {
    let object = try await request.object(in: directory)
      .replacing("username: \(request.username)", with: "username: system:node:w2")
    let outcome = try await sign(object, "--allow-san", "w1,10.0.0.0/24,fd00::/64")
    #expect(outcome.status == 1 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr.hasPrefix("error: standard input: wrong-requestor: \"system:node:w2\" "), "\(outcome)")
  }

  /// kube-controller-manager does not look whether a server's names are its node's; the approver has to.
  @Test func `a server has only the names that the policy knows to be its node's`() async throws {
    let outcome = try await sign(
      try await KubeletRequest.serving.object(in: directory), "--allow-san", "w1,10.0.0.22")
    #expect(outcome.status == 1 && outcome.stdout.isEmpty)
    let codes = outcome.stderr.split(separator: "\n").filter { $0.contains(": name-not-allowed: ") }
    #expect(codes.count == 2, "\(outcome)")
  }

  static func certificate(in object: String) throws -> Data {
    struct Object: Decodable {
      struct Status: Decodable { var certificate: Data }
      var status: Status
    }
    return try JSONDecoder().decode(Object.self, from: Data(object.utf8)).status.certificate
  }
}
