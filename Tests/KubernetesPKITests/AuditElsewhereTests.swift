import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What is said of trees with external CAs.
struct AuditElsewhereTests {
  private let signer: MadeTree
  private let node: MadeTree

  init() throws {
    signer = try MadeTree(.documented)
    node = try MadeTree(withoutKeysOf: ["ca", "etcd/ca"], signedBy: signer)
  }

  private func completion() throws -> Plan {
    var options = CompletionOptions()
    options.awaitsExternalCAs = true
    return try Plan(
      completing: .everything(in: node.catalog), of: node.catalog,
      in: TreeContents(reading: node.location, catalog: node.catalog), for: MadeTree.cluster(),
      options, at: MadeTree.instant)
  }

  @Test func `init makes what it can sign, and lists what waits`() throws {
    let plan = try completion()
    let report = try node.carryOut(plan)
    let made = report.files.filter { $0.action == .create }.map { $0.path.dropFirst(node.path("pki/").count) }
    #expect(
      made == [
        "front-proxy-ca.crt", "front-proxy-ca.key", "front-proxy-client.crt", "front-proxy-client.key",
        "sa.key",
        "sa.pub",
      ])
    let outstanding = plan.outstanding(of: node.catalog)
    #expect(outstanding.map(\.ca.id) == [.ca, .etcdCA])
    #expect(outstanding.map(\.lacksCSRs) == [true, true])
    #expect(
      outstanding[0].names.contains("admin.conf") && outstanding[1].names.contains("apiserver-etcd-client"))
  }

  @Test func `once the requests are made, init asks for nothing but their certificates`() throws {
    try node.carryOut(completion())
    try node.carryOut(node.requests("all"))
    let state = try node.state
    let plan = try completion()
    #expect(!plan.changesSomething)
    #expect(plan.outstanding(of: node.catalog).map(\.lacksCSRs) == [false, false])
    #expect(try node.state == state)
  }

  @Test func `a broken key is no key that waits`() throws {
    try node.write("nothing", to: "pki/apiserver.key")
    try expectRefusal(.malformedFile, of: node) { try completion() }
  }

  @Test func `phase says which command makes the request`() throws {
    var selection = Selection()
    selection.entries = [.apiserver]
    let errors = try #require(throws: PKIErrors.self) { _ = try node.plan(selection) }.errors
    let finding = try #require(
      errors.compactMap { if case .unsound(let finding) = $0 { finding } else { nil } }.first)
    #expect(finding.remedy.actions == [.lendCAKey(node.path("pki/ca.key")), .request([.apiserver])])
    #expect(finding.remedy.tree?.location == node.location)
  }

  @Test func `verify reports once for each CA what waits for it`() throws {
    try node.carryOut(completion())
    try node.carryOut(node.requests("all"))
    let findings = try node.findings().filter { $0.severity == .error }
    #expect(findings.map(\.code) == [.awaitingCertificate, .awaitingCertificate])
    #expect(findings[0].files.contains(node.path("scheduler.conf")))
    guard case .signAndInstall(let requests)? = findings[0].remedy.actions.first else {
      Issue.record("\(findings[0])")
      return
    }
    #expect(requests.contains(node.path("scheduler.conf.csr")))
  }

  @Test func `verify sends what is missing to csr create`() throws {
    let finding = try #require(
      try node.findings().first { $0.files == [node.path("pki/apiserver.crt")] })
    #expect(finding.remedy.actions == [.request([.apiserver])])
  }

  @Test func `the table of ends has what waits as missing, and says why`() throws {
    try node.carryOut(completion())
    try node.carryOut(node.requests("all"))
    let report = node.report()
    let entry = try #require(report.entries.first { $0.name == "scheduler.conf" })
    #expect(entry.state == .missing && entry.isExternallyManaged)
    #expect(entry.finding?.code == .awaitingCertificate)
    #expect(report.remarks.map(\.code) == [.awaitingCertificate, .awaitingCertificate])
    #expect(report.entries.first { $0.name == "front-proxy-client" }?.state == .valid)
  }

  @Test func `renewing all leaves what waits alone, and renewing it is refused`() throws {
    try node.carryOut(completion())
    try node.carryOut(node.requests("all"))
    let all = try node.renewal("all")
    #expect(all.refusals.isEmpty)
    #expect(Array(all.replacements.keys) == ["front-proxy-client"])
    #expect(all.warnings.count { $0.contains("waits for a certificate") } == 10)
    #expect(
      try node.renewal("apiserver", "admin").refusals.map(\.code) == [
        .awaitingCertificate, .awaitingCertificate,
      ])
  }

  @Test func `renewing without the CA key names the command that asks for it`() throws {
    try signer.remove("pki/ca.key")
    let refusal = try #require(try signer.renewal("apiserver", "admin").refusals.first)
    #expect(refusal.code == .caKeyMissing)
    #expect(refusal.remedy.actions.first == .request([.apiserver, .admin]))
  }
}
