import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Keys and CSRs for certificates of external CAs.
struct RequestPlanTests {
  private let signer: MadeTree
  private let node: MadeTree

  init() throws {
    signer = try MadeTree(.documented)
    node = try MadeTree(withoutKeysOf: MadeTree.authorityNames, signedBy: signer)
  }

  private func request(_ path: String) throws -> CertificateRequest {
    try CertificateRequest(pem: SecretBytes(Data(contentsOf: URL(filePath: path))))
  }

  @Test(arguments: 0..<8) func `any of the CAs can be external`(_ subset: Int) throws {
    let names = MadeTree.authorityNames.enumerated().filter { subset & (1 << $0.offset) != 0 }.map(\.element)
    let node = try MadeTree(withoutKeysOf: names, signedBy: signer)
    guard !names.isEmpty else {
      #expect(try node.requests("all").steps.isEmpty)
      return
    }
    let made = try Issuer(jobs: 1).issue(node.requests("all")).filter { $0.kind == .certificateRequest }
    #expect(made.map(\.path).sorted() == names.flatMap { node.requestPaths[$0] ?? [] }.sorted())
  }

  @Test func `a request asks for all that the certificate would have`() throws {
    try node.carryOut(node.requests("all"))
    for path in node.requestPaths.values.flatMap(\.self) where path.contains("/pki/") {
      let name = String(path.dropFirst(node.path("pki/").count).dropLast(4))
      let (request, certificate) = (try request(path), try signer.certificate(name))
      #expect(request.subject == certificate.subject)
      #expect(Set(request.extensions) == Set(certificate.content), "\(name)")
      #expect(request.isSignedByItsKey)
      #expect(try node.key(name).isPair(of: request.publicKey))
    }
  }

  @Test func `a kubeconfig waits with its key and its CA`() throws {
    try node.carryOut(node.requests("admin"))
    let kubeconfig = try node.kubeconfig("admin.conf")
    #expect(kubeconfig.isAwaitingCertificate)
    #expect(kubeconfig.certificateAuthorities == [try signer.certificate("ca")])
    #expect(kubeconfig.server == "https://10.0.0.10:6443")
    let request = try request(node.path("admin.conf.csr"))
    #expect(try #require(kubeconfig.clientKey).isPair(of: request.publicKey))
    #expect(try !node.text("admin.conf").contains("client-certificate"))
  }

  @Test func `keys are used again, and a second run changes nothing`() throws {
    try node.carryOut(node.requests("all"))
    let state = try node.state
    let second = try node.requests("all")
    #expect(!second.changesSomething)
    #expect(try Issuer(jobs: 1).issue(second).isEmpty)
    #expect(try node.state == state)
  }

  @Test func `another name is another request, for the same key`() throws {
    try node.carryOut(node.requests("apiserver", "scheduler"))
    let key = try node.text("pki/apiserver.key")
    let name = GeneralName.dnsName("api.example.com")
    let plan = try node.requests(
      "apiserver", "scheduler", for: MadeTree.cluster { $0.extraNames = [.apiServer: [name]] })
    let report = try node.carryOut(plan)
    #expect(report.files.map(\.action) == [.keep, .replace, .keep, .keep])
    #expect(try node.text("pki/apiserver.key") == key)
    let names = try #require(
      try request(node.path("pki/apiserver.csr")).extensions.first(SubjectAlternativeName.self)
    )
    #expect(names.names.contains(name))
  }

  @Test func `what has its certificate is requested again for the same key`() throws {
    try FileManager.default.removeItem(atPath: signer.path("pki/ca.key"))
    let key = try signer.key("apiserver")
    let report = try signer.carryOut(signer.requests("apiserver", "admin"))
    #expect(report.files.map(\.action) == [.keep, .create, .keep, .create])
    #expect(try key.isPair(of: request(signer.path("pki/apiserver.csr")).publicKey))
  }

  @Test func `files have the modes of what they hold`() throws {
    try node.carryOut(node.requests("apiserver", "admin"))
    for (name, mode) in [
      ("pki/apiserver.key", 0o600), ("pki/apiserver.csr", 0o644), ("admin.conf", 0o600),
      ("admin.conf.csr", 0o644),
    ] {
      let attributes = try FileManager.default.attributesOfItem(atPath: node.path(name))
      #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
    }
  }

  // MARK: what is refused

  @Test(arguments: ["apiserve", "ca", "sa"])
  func `only leaves and kubeconfigs are requested`(_ name: String) throws {
    let error = try #require(throws: Selection.UnknownName.self) { _ = try node.requests(name) }
    #expect(error.name == name)
  }

  @Test func `what is signed here needs no request`() throws {
    let error = try #require(throws: NeedlessCSR.self) { _ = try signer.requests("apiserver", "admin") }
    #expect(error == .caKeyIsHere(.ca, path: signer.path("pki/ca.crt")))
  }

  @Test func `without the CA certificate there is no CA to ask`() throws {
    try node.remove("pki/ca.crt")
    let error = try #require(throws: NeedlessCSR.self) { _ = try node.requests("apiserver") }
    #expect(error == .caMissing(.ca, path: node.path("pki/ca.crt")))
  }

  @Test func `a CA that is over is asked for nothing`() throws {
    try expectRefusal(.expired, of: node) {
      try node.requests("apiserver", "admin", at: MadeTree.days(3651))
    }
  }

  @Test func `a leaf's certificate is no CA's`() throws {
    try node.write(signer.text("pki/apiserver.crt"), to: "pki/ca.crt")
    try expectRefusal(.notACA, of: node) { try node.requests("apiserver") }
  }

  @Test func `a certificate that has lost its key gets no other`() throws {
    try node.write(signer.text("pki/apiserver.crt"), to: "pki/apiserver.crt")
    try expectRefusal(.keyMissing, of: node) { try node.requests("apiserver") }
  }

  @Test func `a key that does not belong to the certificate is not used`() throws {
    try node.write(signer.text("pki/apiserver.crt"), to: "pki/apiserver.crt")
    try node.write(signer.text("pki/front-proxy-client.key"), to: "pki/apiserver.key")
    try expectRefusal(.keyMismatch, of: node) { try node.requests("apiserver") }
  }

  @Test func `a key that is none, of another kind or too short is not used`() async throws {
    try node.write(signer.text("pki/apiserver.crt"), to: "pki/apiserver.key")
    try expectRefusal(.malformedFile, of: node) { try node.requests("apiserver") }
    for (arguments, code) in [
      (["-algorithm", "ed448"], FindingCode.malformedFile),
      (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], .weakKey),
    ] {
      try await node.openssl(["genpkey", "-out", "apiserver.key"] + arguments)
      try expectRefusal(code, of: node) { try node.requests("apiserver") }
    }
  }

  @Test func `a kubeconfig that cannot be used is not completed`() throws {
    try node.write("kind: Pod\n", to: "admin.conf")
    try expectRefusal(.malformedFile, of: node) { try node.requests("admin") }
    try node.carryOut(node.requests("scheduler"))
    try node.replace("client-key-data", in: "scheduler.conf", with: "client-key-data: bm8=")
    try expectRefusal(.malformedFile, of: node) { try node.requests("scheduler") }
  }
}
