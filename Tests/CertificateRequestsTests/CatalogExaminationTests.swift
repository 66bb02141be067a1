@testable import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What the machine with a CA key makes of requests for a control plane.
struct CatalogExaminationTests {
  private let signer: MadeTree
  private let node: MadeTree

  init() throws {
    signer = try MadeTree(.documented)
    node = try MadeTree(withoutKeysOf: MadeTree.authorityNames, signedBy: signer)
  }

  /// A request for a key of its own.
  private func makeRequest(
    _ subject: DistinguishedName, _ extensions: [any CertificateExtensionValue] = [], to name: String = "any"
  ) throws -> String {
    let request = try CertificateRequest(
      subject: subject, extensions: extensions.map { try $0.encoded(isCritical: false) },
      signedBy: .generate(.ecdsaP256))
    try node.write(request.pem(), to: "\(name).csr")
    return node.path("\(name).csr")
  }

  private func name(_ commonName: String, _ organizations: String...) throws -> DistinguishedName {
    try DistinguishedName(organizations: organizations, commonName: commonName)
  }

  private func codes(
    _ request: String, by authority: String = "ca", _ change: (inout ApprovalPolicy) -> Void = { _ in }
  ) throws -> [DenialCode] {
    try signer.answer(request, by: authority, change).decision.denials.map(\.code)
  }

  @Test(arguments: [NamingStyle.documented, .kubeadm])
  func `what csr create makes is granted as what it is for`(_ style: NamingStyle) throws {
    let signer = try MadeTree(style)
    let node = try MadeTree(withoutKeysOf: MadeTree.authorityNames, signedBy: signer)
    let plan = try node.requests("all")
    try node.carryOut(plan)
    var items: Set<String> = []
    for (authority, requests) in node.requestPaths {
      for request in requests {
        let answer = try signer.answer(request, by: authority)
        #expect(answer.decision.denials.isEmpty, "\(request): \(answer.decision.denials)")
        items.insert(try #require(answer.decision.item))
        let blocks = try Certificate.all(pem: SecretBytes(try #require(answer.pem).utf8))
        let asked = try CertificateRequest(pem: SecretBytes(Data(contentsOf: URL(filePath: request))))
        #expect(Set(blocks[0].content) == Set(asked.extensions), "\(request)")
      }
    }
    // In kubeadm's style, etcd's server and its peer cannot be distinguished, and are the same.
    let peer: Set = style == .kubeadm ? ["etcd-peer"] : []
    #expect(items == Set(plan.steps.map(\.name)).subtracting(peer))
  }

  @Test func `kubeadm's older identities are granted too`() throws {
    for groups in [["kubeadm:cluster-admins"], ["system:masters"]] {
      let subject = try DistinguishedName(organizations: groups, commonName: "kube-apiserver-kubelet-client")
      let answer = try signer.answer(makeRequest(subject))
      #expect(answer.decision.item == "apiserver-kubelet-client")
    }
  }

  @Test func `a request that says nothing of usages gets those of its row`() throws {
    let answer = try signer.answer(makeRequest(name("system:kube-scheduler")))
    #expect(answer.decision.item == "scheduler.conf")
    #expect(answer.certificate?.usages == ["digitalSignature", "clientAuth"])
  }

  @Test func `a node's name is distinguished by what is asked for`() throws {
    let subject = try name("system:node:w1", "system:nodes")
    #expect(
      try signer.answer(makeRequest(subject, [ExtendedKeyUsage([.clientAuth])])).decision.item
        == "kubelet.conf")
    let names = SubjectAlternativeName([.dnsName("w1")])
    let server = try makeRequest(subject, [ExtendedKeyUsage([.serverAuth]), names])
    #expect(try signer.answer(server).decision.item == "kubelet-server")
  }

  @Test func `a subject that no control plane has is refused, unless it is meant so`() throws {
    let names = SubjectAlternativeName([.dnsName("web.example.com")])
    let request = try makeRequest(name("web"), [ExtendedKeyUsage([.serverAuth]), names])
    #expect(try codes(request) == [.unknownSubject])
    let answer = try signer.answer(request) { $0.allowsAnySubject = true }
    #expect(answer.decision.denials.isEmpty && answer.decision.item == nil)
    #expect(answer.certificate?.names == ["DNS:web.example.com"])
    #expect(answer.certificate?.usages.contains("serverAuth") == true)
  }

  @Test func `one subject too many or too few is another subject`() throws {
    for subject in try [
      name("kubernetes-admin"), name("kubernetes-admin", "system:masters", "dev"), name("kubernetes-Admin"),
      name("system:node:", "system:nodes"), name("system:node:w1"), name("kube-apiserver", "system:masters"),
    ] {
      #expect(try codes(makeRequest(subject)).contains(.unknownSubject), "\(subject)")
    }
  }

  @Test func `what the row does not have is refused`() throws {
    let kube = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"].map { GeneralName.dnsName($0) }
    let apiserver = try name("kube-apiserver")
    #expect(
      try codes(makeRequest(apiserver, [SubjectAlternativeName(Array(kube.dropLast()))])) == [.nameRequired])
    let mail = SubjectAlternativeName(kube + [.rfc822Name("a@example.com")])
    #expect(try codes(makeRequest(apiserver, [mail])) == [.nameKindNotAllowed])
    let both = ExtendedKeyUsage([.serverAuth, .clientAuth])
    #expect(try codes(makeRequest(apiserver, [SubjectAlternativeName(kube), both])) == [.usageNotAllowed])
    let server = ExtendedKeyUsage([.serverAuth])
    let scheduler = try name("system:kube-scheduler")
    #expect(try codes(makeRequest(scheduler, [server])) == [.usageNotAllowed, .usageMissing])
    let names = SubjectAlternativeName([.dnsName("a")])
    #expect(try codes(makeRequest(scheduler, [names])) == [.nameKindNotAllowed])
    #expect(try codes(makeRequest(scheduler, [names])) { $0.allowsAnySubject = true } == [])
  }

  @Test func `a CA signs only what is its own`() throws {
    let request = try makeRequest(name("front-proxy-client"))
    #expect(try codes(request) == [.caMismatch])
    #expect(try codes(request, by: "front-proxy-ca") == [])
    try signer.makeCA("Example Issuing CA 7", at: "own")
    #expect(try codes(request, by: "own") == [])
    #expect(try codes(request) { $0.allowsAnySubject = true } == [])
  }

  @Test func `no wish makes a CA or a member of system-masters`() throws {
    let authority = try makeRequest(name("any"), [BasicConstraints.ca(pathLength: nil)])
    let masters = try makeRequest(
      name("jane", "system:masters"), [ExtendedKeyUsage([.clientAuth])], to: "jane")
    let signing = try makeRequest(
      name("any"), [KeyUsage([.keyCertSign]), ExtendedKeyUsage([.clientAuth])], to: "signing")
    for (request, code) in [
      (authority, DenialCode.caRequested), (masters, .privilegedOrganization),
      (signing, .usageNotAllowed),
    ] {
      let (strict, lenient) = (try codes(request), try codes(request) { $0.allowsAnySubject = true })
      #expect(strict.contains(code) && lenient.contains(code))
    }
  }

  @Test func `a request whose signature is not of its key is refused`() throws {
    let path = try makeRequest(name("system:kube-scheduler"))
    let pem = try SecretBytes(Data(contentsOf: URL(filePath: path)))
    var der = try #require(PEMBlock.blocks(in: pem).first).der.copy
    der[der.count - 1] ^= 1
    let broken = try CertificateRequest(der: der)
    try node.write(broken.pem(), to: "broken.csr")
    let lenient = try codes(node.path("broken.csr")) { $0.allowsAnySubject = true }
    #expect(lenient.contains(.signatureInvalid))
  }

  @Test func `a certificate does not outlive its CA`() throws {
    let request = try makeRequest(name("system:kube-scheduler"))
    let answer = try signer.answer(request, at: MadeTree.days(3600))
    let certificate = try Certificate.all(pem: SecretBytes(try #require(answer.pem).utf8))[0]
    #expect(try certificate.validity.notAfter == signer.certificate("ca").validity.notAfter)
  }
}
