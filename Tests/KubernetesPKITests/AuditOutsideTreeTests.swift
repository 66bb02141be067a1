import FileStore
import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees that were copied from another machine, whose kubeconfigs name files of that machine.
struct AuditOutsideTreeTests {
  private let tree: MadeTree
  private let machine: TemporaryDirectory

  /// kubelet.conf names its certificate and key by a path of the machine, where the file is.
  init() throws {
    tree = try MadeTree()
    machine = try TemporaryDirectory()
    let fields = ["client-certificate", "client-key"]
    let text = try fields.map { try tree.embedded("\($0)-data", in: "kubelet.conf") }.joined()
    try Data(text.utf8).write(to: URL(filePath: pem))
    for field in fields {
      try tree.replace("\(field)-data", in: "kubelet.conf", with: "\(field): /client.pem")
    }
  }

  private var pem: String { machine.path("client.pem") }
  private var copy: TreeLocation { TreeLocation(kubernetesDirectory: tree.directory.path) }
  private var rooted: TreeLocation {
    TreeLocation(
      certificateDirectory: tree.path("pki"), kubeconfigDirectory: tree.directory.path,
      rootDirectory: machine.path)
  }

  private func contents(_ location: TreeLocation) -> TreeContents {
    TreeContents(reading: location, catalog: tree.catalog)
  }

  private func renewal(_ location: TreeLocation, all: Bool = true) throws -> Plan {
    var options = RenewalOptions()
    options.skipsAbsent = all
    let selection = all ? Selection.everything(in: tree.catalog) : Selection([.kubelet])
    return try Plan(
      renewing: selection, of: tree.catalog, in: contents(location), options, at: MadeTree.days(366))
  }

  private func carryOut(_ plan: Plan) throws -> String? {
    let files = try Issuer(jobs: 1).issue(plan)
    return try TreeWriter(plan.tree.location).write(files, backingUp: files, at: MadeTree.days(366)).backup
  }

  private func audit(_ location: TreeLocation, _ peers: [TreeLocation] = []) throws -> [Finding] {
    var audit = try Audit(for: MadeTree.cluster(), owner: FileSystem.status(pem)?.owner ?? 0)
    audit.peers = peers
    return try audit.findings(of: location, at: MadeTree.instant).filter { $0.code != .detectedStyle }
  }

  @Test func `renew all renews everything but the file of the machine, and says so`() throws {
    let before = try String(contentsOfFile: pem, encoding: .utf8)
    let plan = try renewal(copy)
    #expect(plan.refusals.isEmpty && plan.replacements["kubelet.conf"] == nil)
    #expect(plan.replacements["admin.conf"] != nil)
    #expect(try Report(plan).outside.map(\.files) == [[tree.path("kubelet.conf")]])
    _ = try carryOut(plan)
    #expect(try String(contentsOfFile: pem, encoding: .utf8) == before)
  }

  @Test func `renew of the kubeconfig itself is refused`() throws {
    let plan = try renewal(copy, all: false)
    #expect(plan.refusals.map(\.code) == [.outsideTree] && !plan.changesSomething)
  }

  @Test func `below the root directory of the machine the file is renewed, and comes back`() throws {
    let before = try String(contentsOfFile: pem, encoding: .utf8)
    let backup = try #require(try carryOut(renewal(rooted)))
    let after = try String(contentsOfFile: pem, encoding: .utf8)
    #expect(after != before)
    let copied = try RestorePlan(restoring: backup, to: copy)
    #expect(copied.outside.map(\.files) == [["/client.pem"]])
    #expect(!copied.files.contains { $0.path.hasSuffix("client.pem") } && copied.refusals.isEmpty)
    let whole = try RestorePlan(restoring: backup, to: rooted)
    #expect(whole.outside.isEmpty && whole.files.contains { $0.path == pem })
    _ = try TreeWriter(rooted).write(whole.files)
    #expect(try String(contentsOfFile: pem, encoding: .utf8) == before)
  }

  @Test func `a crafted backup writes no file outside of a copy`() throws {
    let backup = try #require(try carryOut(renewal(copy)))
    let index = backup + "/backup.json"
    let text = try String(contentsOfFile: index, encoding: .utf8)
    let crafted = text.replacing("\"kubeconfigs/admin.conf\"", with: "\"elsewhere\(machine.path("x"))\"")
    #expect(crafted != text)
    try Data(crafted.utf8).write(to: URL(filePath: index))
    let place = backup + "/elsewhere" + machine.path
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: backup + "/kubeconfigs/admin.conf", toPath: place + "/x")
    let plan = try RestorePlan(restoring: backup, to: copy)
    #expect(plan.outside.map(\.files) == [[machine.path("x")]])
    #expect(!plan.files.contains { $0.path == machine.path("x") })
  }

  @Test func `check-expiration has no row for it, no error in the metrics, and is sound`() throws {
    let report = ExpirationReport(of: contents(copy), catalog: tree.catalog, at: MadeTree.instant)
    #expect(report.isSound && report.remarks.isEmpty && report.outside.map(\.code) == [.outsideTree])
    #expect(!report.entries.contains { $0.name == "kubelet.conf" })
    #expect(!report.prometheusText.contains("kubelet.conf"))
    let whole = ExpirationReport(of: contents(rooted), catalog: tree.catalog, at: MadeTree.instant)
    #expect(whole.isSound && whole.outside.isEmpty)
    #expect(whole.entries.contains { $0.name == "kubelet.conf" && $0.referencedPath == pem })
  }

  @Test func `verify says it as a fact`() throws {
    let findings = try audit(copy)
    #expect(findings.map(\.code) == [.outsideTree] && findings.map(\.severity) == [.info])
    #expect(findings[0].message.contains("/client.pem"))
    #expect(try audit(rooted).filter { $0.code != .keyExposed } == [])
  }

  @Test func `copies of two nodes share no file of this machine`() throws {
    let other = try MadeTree()
    for field in ["client-certificate", "client-key"] {
      try other.replace("\(field)-data", in: "kubelet.conf", with: "\(field): \(pem)")
      try tree.replace(field, in: "kubelet.conf", with: "\(field): \(pem)")
    }
    let peer = TreeLocation(kubernetesDirectory: other.directory.path)
    let shared = try audit(copy, [peer]).filter { $0.code == .peerSharesKey }
    #expect(shared.allSatisfy { $0.files.allSatisfy { !$0.hasSuffix("kubelet.conf") } })
  }

  @Test func `init keeps the kubeconfig`() throws {
    var options = CompletionOptions()
    options.awaitsExternalCAs = true
    let plan = try Plan(
      completing: .everything(in: tree.catalog), of: tree.catalog, in: contents(copy),
      for: MadeTree.cluster(), options, at: MadeTree.instant)
    #expect(!plan.changesSomething)
  }

  @Test func `no CSR is made for it, and the others are`() throws {
    try tree.remove("pki/ca.key")
    let contents = contents(copy)
    let selection = Selection.everything(in: tree.catalog)
      .externallySigned(of: tree.catalog, in: contents).selection
    #expect(throws: PKIErrors.self) {
      try Plan(
        requesting: selection, of: tree.catalog, in: contents, for: MadeTree.cluster(), at: MadeTree.instant)
    }
  }

  @Test func `what a dead run was to write outside of a copy stays committed, and is named`() throws {
    try Data("new".utf8).write(to: URL(filePath: machine.path(".client.pem.pkigen-new")))
    let roots = rooted.roots
    let journal = Journal(entries: [Journal.Entry(pem, key: nil, .replace, in: roots)])
    #expect(journal.entries.map(\.path) == ["/client.pem"])
    try Data(journal.encoded().copy).write(to: URL(filePath: tree.path("pki/.pkigen.journal")))
    let notes = try TreeWriter(copy).write([])
    #expect(notes.count == 1 && notes[0].contains("/client.pem is outside of the tree"))
    #expect(FileManager.default.fileExists(atPath: tree.path("pki/.pkigen.journal")))
    #expect(try TreeWriter(rooted).write([]).isEmpty)
    #expect(try String(contentsOfFile: pem, encoding: .utf8) == "new")
    #expect(!FileManager.default.fileExists(atPath: tree.path("pki/.pkigen.journal")))
  }
}
