import FoundationEssentials
import Kubeconfigs
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import StructuredText
import TestSupport
import Testing

/// Certificates that another machine has signed, on their way to their places.
struct InstallationPlanTests {
  private let signer: MadeTree
  private let node: MadeTree

  init() throws {
    signer = try MadeTree(.documented)
    node = try MadeTree(withoutKeysOf: MadeTree.authorityNames, signedBy: signer)
    try node.carryOut(node.requests("all"))
  }

  private func request(_ name: String) -> String { node.path("\(name).csr") }

  /// All that the tree waits for, signed.
  private func signAll() throws -> [String] {
    try node.requestPaths.flatMap { name, requests in try signer.sign(requests, by: name) }.sorted()
  }

  @Test func `a round trip makes a sound tree, whatever the files are called`() throws {
    try node.carryOut(node.installation(signAll()))
    try node.complete()
    try node.expectSoundness { audit in
      audit.catalog = node.catalog
      audit.cluster = (try? MadeTree.cluster()) ?? audit.cluster
    }
    #expect(try node.kubeconfig("admin.conf").problems.isEmpty)
    #expect(try node.plan().steps.allSatisfy { if case .keep = $0 { true } else { false } })
  }

  @Test func `nothing but the places of the certificates is touched`() throws {
    let before = try node.state
    try node.carryOut(node.installation(signer.sign([request("pki/apiserver"), request("admin.conf")])))
    let after = try node.state
    #expect(Set(after.keys).subtracting(before.keys) == ["pki/apiserver.crt"])
    #expect(before.keys.filter { before[$0] != after[$0] } == ["admin.conf"])
  }

  @Test func `a waiting kubeconfig keeps all else that it says`() throws {
    let text = try node.text("admin.conf")
    let extra = """
      contexts:
      - context:
          cluster: other
          user: default-admin
          namespace: "1e3"
        name: other
      """
    try node.write(
      text.replacing("contexts:", with: extra) + "preferences:\n  colors: true\n", to: "admin.conf")
    let certificates = try signer.sign([request("admin.conf")])
    try node.carryOut(node.installation(certificates))
    let result = try #require(try JSONValue.documents(in: node.text("admin.conf")).first)
    #expect(result["preferences"]?["colors"] == true)
    #expect(result["contexts"]?.array?.first?["context"]?["namespace"] == "1e3")
    #expect(result["contexts"]?.array?.count == 2)
    #expect(try node.kubeconfig("admin.conf").clientCertificates.count == 1)
  }

  @Test func `a kubeconfig of kubeadm's that trusts nobody yet gets the CA`() throws {
    let lines = try node.text("admin.conf").split(separator: "\n")
    let rest = lines.filter { !$0.contains("certificate-authority-data") }
    try node.write(rest.joined(separator: "\n"), to: "admin.conf")
    try node.carryOut(node.installation(signer.sign([request("admin.conf")])))
    #expect(try node.kubeconfig("admin.conf").certificateAuthorities == [signer.certificate("ca")])
  }

  @Test func `a certificate that is there is replaced, and the same one is kept`() throws {
    let requests = [request("pki/apiserver"), request("admin.conf")]
    try node.carryOut(node.installation(signer.sign(requests)))
    let later = try signer.sign(requests, at: MadeTree.days(30))
    let plan = try node.installation(later, at: MadeTree.days(30))
    let report = try node.carryOut(plan)
    #expect(report.files.map(\.action) == [.replace, .replace])
    #expect(report.files.allSatisfy { $0.previousNotAfter?.hasPrefix("2028-01-15") == true })
    #expect(try !node.installation(later, at: MadeTree.days(30)).changesSomething)
    #expect(try node.kubeconfig("admin.conf").clientCertificates[0].validity.notAfter > MadeTree.days(390))
  }

  @Test func `what lies between comes along`() throws {
    try signer.makeCA("between", at: "between", signedBy: "ca")
    let path = try signer.certify(request("pki/apiserver"), by: "between")
    let errors = try expectRefusal(.wrongCA, of: node) { try node.installation([path]) }
    #expect(errors[0].contains("\(path) was not signed by \(node.path("pki/ca.crt"))"))
    let text = try String(contentsOfFile: path, encoding: .utf8) + signer.text("pki/between.crt")
    try Data(text.utf8).write(to: URL(filePath: path))
    try node.carryOut(node.installation([path]))
    #expect(try node.text("pki/apiserver.crt") == text)
  }

  @Test func `of one key for several places, the subject decides`() throws {
    for name in ["pki/etcd/server.key", "pki/etcd/peer.key"] {
      try node.write(signer.text("pki/etcd/server.key"), to: name)
    }
    try node.carryOut(node.requests("etcd-server", "etcd-peer"))
    let paths = try signer.sign([request("pki/etcd/peer"), request("pki/etcd/server")], by: "etcd/ca")
    try node.carryOut(node.installation(paths))
    #expect(try node.certificate("etcd/server").subject.commonName == "kube-etcd")
    #expect(try node.certificate("etcd/peer").subject.commonName == "kube-etcd-peer")
  }

  // MARK: what is refused

  @Test func `a certificate for no key of the tree`() throws {
    let errors = try expectRefusal(.keyMissing, of: node) {
      try node.installation([signer.path("pki/apiserver.crt")])
    }
    #expect(errors[0].contains("is for no key of this tree"))
  }

  @Test func `a certificate of another CA`() throws {
    let path = try signer.certify(request("pki/apiserver"), by: "etcd/ca")
    let errors = try expectRefusal(.wrongCA, of: node) { try node.installation([path]) }
    #expect(errors[0].contains("\(node.path("pki/etcd/ca.crt")) signed"))
  }

  @Test func `a certificate of a CA that only has the name`() throws {
    let stranger = try MadeTree(.documented)
    try stranger.makeCA("kubernetes-ca", at: "ca")
    let path = try stranger.certify(request("pki/apiserver"))
    try expectRefusal(.caRekeyed, of: node) { try node.installation([path]) }
  }

  @Test func `a certificate that is over, or not valid yet`() throws {
    let path = try signer.certify(request("pki/apiserver"))
    try expectRefusal(.expired, of: node) { try node.installation([path], at: MadeTree.days(101)) }
    try expectRefusal(.notYetValid, of: node) { try node.installation([path], at: MadeTree.days(-1)) }
  }

  @Test func `another usage, another subject, other names`() throws {
    let usage = try signer.certify(request("pki/apiserver")) { try $0.set(ExtendedKeyUsage([.clientAuth])) }
    try expectRefusal(.wrongUsages, of: node) { try node.installation([usage]) }
    let authority = try signer.certify(request("pki/apiserver")) {
      try $0.set(BasicConstraints.ca(pathLength: nil), isCritical: true)
      try $0.set(KeyUsage([.digitalSignature, .keyCertSign]), isCritical: true)
    }
    try expectRefusal(.wrongUsages, of: node) { try node.installation([authority]) }
    let subject = try signer.certify(request("admin.conf")) {
      $0.subject = try DistinguishedName(commonName: "kubernetes-admin")
    }
    try expectRefusal(.wrongIdentity, of: node) { try node.installation([subject]) }
    let names = try signer.certify(request("pki/apiserver")) {
      try $0.changeNames { $0 == .dnsName("cp1") ? nil : $0 }
    }
    let errors = try expectRefusal(.nameMissing, of: node) { try node.installation([names]) }
    #expect(errors[0].contains("lacks the SAN DNS:cp1, which the CSR asks for"))
    let none = try signer.certify(request("pki/apiserver")) { $0.remove(SubjectAlternativeName.identifier) }
    try expectRefusal(.noNames, of: node) { try node.installation([none]) }
  }

  @Test func `a subject without a request must be one that some style has`() throws {
    let path = try signer.certify(request("admin.conf")) {
      $0.subject = try DistinguishedName(organizations: ["system:masters"], commonName: "somebody")
    }
    try node.remove("admin.conf.csr")
    try expectRefusal(.wrongIdentity, of: node) { try node.installation([path]) }
  }

  @Test func `a chain without the CA certificate`() throws {
    let path = try signer.certify(request("pki/apiserver"))
    try node.remove("pki/ca.crt")
    try expectRefusal(.missingFile, of: node) { try node.installation([path]) }
  }

  @Test func `two certificates for one place`() throws {
    let paths = try [signer.certify(request("pki/apiserver")), signer.certify(request("pki/apiserver"))]
    try expectRefusal(.keyMismatch, of: node) { try node.installation(paths) }
    try node.carryOut(node.installation([paths[0], paths[0]]))
  }

  @Test func `no certificate at all, and everything that is wrong at once`() throws {
    let bad = try signer.certify(request("pki/apiserver")) { try $0.set(ExtendedKeyUsage([.clientAuth])) }
    let good = try signer.certify(request("scheduler.conf"))
    try expectRefusal(.missingFile, .malformedFile, .wrongUsages, of: node) {
      try node.installation([node.path("none.crt"), node.path("pki/apiserver.key"), bad, good])
    }
  }

  @Test func `what is in the place and cannot be read is not overwritten`() throws {
    let path = try signer.certify(request("pki/apiserver"))
    try node.write("nothing", to: "pki/apiserver.crt")
    try expectRefusal(.malformedFile, of: node) { try node.installation([path]) }
  }
}
