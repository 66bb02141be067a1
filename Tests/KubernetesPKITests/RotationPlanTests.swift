import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What a rotation does, and what it refuses.
struct RotationPlanTests {
  private let tree: MadeTree
  private static let kubeconfigs = [
    "admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf",
  ]

  init() throws { tree = try MadeTree() }

  private func refusals(_ body: () throws -> Plan) -> [FindingCode] {
    do {
      _ = try body()
      return []
    } catch {
      return (error as? PKIErrors)?.findings.map(\.code) ?? []
    }
  }

  @Test func `kubeconfigs trust what the file of the CA holds, in its order, at every stage`() throws {
    for verb in [RotationVerb.prepare, .switchOver, .back, .switchOver, .retire] {
      try tree.rotate(verb, "ca")
      let trusted = try tree.certificates(in: "pki/ca.crt")
      for name in Self.kubeconfigs {
        #expect(try tree.kubeconfig(name).certificateAuthorities == trusted, "\(verb): \(name)")
      }
    }
  }

  @Test func `a tree has no errors at any stage, and the present signer makes and renews`() throws {
    for verb in [RotationVerb.prepare, .switchOver, .retire] {
      try tree.rotate(verb, "ca", "etcd-ca", "front-proxy-ca", "sa")
      #expect(
        try tree.certificates(in: "pki/ca-signing.crt") == [tree.certificates(in: "pki/ca.crt")[0]], "\(verb)"
      )
      let audit = Audit(for: try MadeTree.cluster(), owner: geteuid())
      let errors = try audit.findings(of: tree.location, at: MadeTree.days(2)).filter {
        $0.severity == .error
      }
      #expect(errors.isEmpty, "\(verb): \(errors.map(\.message))")
      try tree.remove("pki/apiserver.crt", "pki/apiserver.key", "scheduler.conf")
      try tree.complete(at: MadeTree.days(2))
      try tree.carryOut(tree.renewal("admin", "etcd-server", at: MadeTree.days(2)))
      let issuing = try tree.certificates(in: "pki/ca.crt")[0]
      let chain = verb == .switchOver ? try tree.certificates(in: "pki/ca-cross.crt") : []
      let leaf = try tree.certificates(in: "pki/apiserver.crt")
      #expect(leaf[0].isIssued(by: issuing) && Array(leaf.dropFirst()) == chain, "\(verb)")
      for name in ["admin.conf", "scheduler.conf"] {
        let kubeconfig = try tree.kubeconfig(name)
        #expect(Array(kubeconfig.clientCertificates.dropFirst()) == chain, "\(verb): \(name)")
        #expect(
          try kubeconfig.certificateAuthorities == tree.certificates(in: "pki/ca.crt"), "\(verb): \(name)")
      }
    }
  }

  @Test func `prepare needs the key, a sound tree and a signing file of its own`() throws {
    let plan = try tree.rotation(.prepare, "ca") { $0.signingFile = .unknown }
    #expect(plan.refusals.map(\.code) == [.signingFileShared])
    try tree.carryOut(plan)
    #expect(try tree.text("pki/ca-signing.crt") == tree.text("pki/ca.crt"))
    #expect(try tree.stage(.ca) == .idle)
    let again = try tree.rotation(.prepare, "ca") {
      $0.signingFile = .shared(file: "/etc/kubernetes/pki/ca.crt", manifest: "x.yaml")
    }
    #expect(again.refusals.map(\.code) == [.signingFileShared] && !again.changesSomething)
    let key = try tree.text("pki/etcd/server.key")
    try tree.write(tree.text("pki/apiserver.key"), to: "pki/etcd/server.key")
    #expect(refusals { try tree.rotation(.prepare, "etcd-ca") } == [.keyMismatch])
    try tree.write(key, to: "pki/etcd/server.key")
    try tree.remove("pki/etcd/ca.key")
    #expect(refusals { try tree.rotation(.prepare, "etcd-ca") } == [.caKeyMissing])
  }

  @Test func `switch waits for other nodes, and retire for what the predecessor has signed`() throws {
    let peer = try MadeTree()
    for name in ["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub"] {
      try peer.write(tree.text("pki/\(name)"), to: "pki/\(name)")
    }
    try tree.rotate(.prepare, "ca", "sa")
    for name in ["ca", "sa"] {
      #expect(
        refusals { try tree.rotation(.switchOver, name) { $0.peers = [peer.contents] } }
          == [.successorNotTrusted], "\(name)")
    }
    try peer.write(tree.text("pki/ca.crt"), to: "pki/ca.crt")
    #expect(refusals { try tree.rotation(.switchOver, "ca") { $0.peers = [peer.contents] } }.isEmpty)
    try tree.rotate(.switchOver, "ca", "sa")
    #expect(
      refusals { try tree.rotation(.retire, "ca") { $0.peers = [peer.contents] } }
        == [.predecessorInUse, .predecessorInUse])
    let old = try peer.text("pki/apiserver.crt")
    let new = try tree.text("pki/apiserver.crt")
    try tree.write(old, to: "pki/apiserver.crt")
    #expect(refusals { try tree.rotation(.retire, "ca") } == [.predecessorInUse])
    try tree.write(new, to: "pki/apiserver.crt")
    #expect(
      refusals { try tree.rotation(.retire, "sa", at: Date.now) { $0.areTokensRenewed = false } }
        == [.predecessorInUse])
    try tree.rotate(.retire, "ca", "sa")
  }

  @Test func `nothing of a key is lost: what signs next or signed before is beside it, then in the backup`()
    throws
  {
    let (ca, sa) = try (tree.text("pki/ca.key"), tree.text("pki/sa.key"))
    try tree.rotate(.prepare, "ca", "sa")
    try tree.rotate(.switchOver, "ca", "sa")
    #expect(try tree.text("pki/ca-previous.key") == ca && tree.text("pki/sa-previous.key") == sa)
    let plan = try tree.rotation(.retire, "ca")
    let files = try Issuer(jobs: 1).issue(plan)
    let backup = try #require(
      try TreeWriter(tree.location).write(files, backingUp: files, at: MadeTree.days(3)).backup)
    #expect(try String(contentsOfFile: "\(backup)/pki/ca-previous.key", encoding: .utf8) == ca)
  }

  @Test func `a CA without room for another below it certifies none, and says so`() throws {
    let key = try PrivateKey(pem: SecretBytes(Array(tree.text("pki/ca.key").utf8)))
    let content = try CertificateContent(ca: "kubernetes", pathLength: 0, key: .existing(key))
    let validity = Validity(notBefore: MadeTree.days(-1), notAfter: MadeTree.days(3000))
    let certificate = try RandomSource.openSSL.certificate(
      CertificateSpecification(content, validity: validity, issuer: .itself), of: key.publicKey, for: "ca",
      by: key, issuer: nil)
    try tree.write(String(decoding: [certificate].pem().copy, as: UTF8.self), to: "pki/ca.crt")
    let plan = try tree.rotation(.prepare, "ca")
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("may certify no CA"))
    try tree.carryOut(plan)
    #expect(try tree.stage(.ca) == .prepared && tree.contents.succession(of: .ca).cross.isAbsent)
  }
}
