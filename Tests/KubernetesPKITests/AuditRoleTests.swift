import FileStore
import FoundationEssentials
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// Workers, etcd hosts and damaged control-plane nodes.
struct AuditRoleTests {
  private static let worker = ["pki/ca.crt", "kubelet.conf"]
  private static let etcd = ["ca.crt", "server.crt", "server.key", "peer.crt", "peer.key"].map {
    "pki/etcd/\($0)"
  }

  /// A tree of which only these files are there.
  private func tree(_ names: [String]) throws -> MadeTree {
    let whole = try MadeTree()
    let part = try MadeTree(empty: whole.catalog)
    for name in names {
      try FileManager.default.createDirectory(
        atPath: URL(filePath: part.path(name)).deletingLastPathComponent().path,
        withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: whole.path(name), toPath: part.path(name))
    }
    return part
  }

  private func contents(_ tree: MadeTree) -> TreeContents {
    TreeContents(reading: tree.location, catalog: .allFiles)
  }

  private func findings(_ tree: MadeTree, _ role: NodeRole? = nil) throws -> [Finding] {
    var audit = try Audit(for: MadeTree.cluster(), owner: FileSystem.status(tree.directory.path)?.owner ?? 0)
    audit.role = role
    return try audit.findings(of: tree.location, at: MadeTree.instant).filter { $0.code != .detectedStyle }
  }

  @Test(arguments: [worker, ["kubelet.conf"]])
  func `a worker is known by its files`(names: [String]) throws {
    #expect(try contents(tree(names)).role == .worker)
  }

  @Test(arguments: [
    etcd, etcd + ["pki/etcd/ca.key"],
    etcd + ["pki/etcd/healthcheck-client.crt", "pki/etcd/healthcheck-client.key"],
    etcd + ["pki/apiserver-etcd-client.crt", "pki/apiserver-etcd-client.key"], etcd + worker,
  ])
  func `an etcd host is known by its files`(names: [String]) throws {
    let tree = try tree(names)
    #expect(contents(tree).role == .etcd)
    #expect(try findings(tree).allSatisfy { $0.severity == .info })
    #expect(ExpirationReport(of: contents(tree), at: MadeTree.instant).isSound)
  }

  @Test(arguments: [
    ["admin.conf"], ["pki/ca.key"], ["pki/sa.pub"], ["scheduler.conf"], ["pki/front-proxy-ca.crt"],
    ["pki/apiserver.key"],
  ])
  func `a damaged control-plane node is not taken for a worker`(rest: [String]) throws {
    let tree = try tree(Self.worker + rest)
    #expect(contents(tree).role == .controlPlane)
    #expect(try findings(tree).contains { $0.code == .missingFile })
  }

  @Test func `manifests show a control-plane node`() throws {
    let tree = try tree(Self.worker)
    try FileManager.default.createDirectory(
      atPath: tree.path("manifests"), withIntermediateDirectories: false)
    try tree.write("", to: "manifests/registry.yaml")
    #expect(contents(tree).role == .worker)
    try tree.write("", to: "manifests/kube-apiserver.yaml")
    #expect(contents(tree).role == .controlPlane)
  }

  @Test func `a CA alone and an empty place are no worker's`() throws {
    #expect(try contents(tree(["pki/ca.crt"])).role == .controlPlane)
    #expect(try contents(tree([])).role == .controlPlane)
    #expect(try contents(MadeTree()).role == .controlPlane)
  }

  @Test func `a whole worker is sound, and nothing of a control plane is missed`() throws {
    let tree = try tree(Self.worker)
    #expect(try findings(tree).map(\.code) == [.detectedRole])
    #expect(try findings(tree, .worker).isEmpty)
    let report = ExpirationReport(of: contents(tree), at: MadeTree.instant)
    #expect(report.isSound && report.entries.map(\.name) == ["kubelet.conf", "ca"])
    #expect(!report.prometheusText.contains(/x509_cert_error\{.*\} 1\n/))
  }

  @Test func `a worker's serving certificate is checked where it is there`() throws {
    let signer = try MadeTree()
    try signer.complete(Selection([.kubeletServer]))
    let tree = try tree(Self.worker)
    for name in ["pki/ca.crt", "kubelet.conf"] {
      try FileManager.default.removeItem(atPath: tree.path(name))
      try FileManager.default.copyItem(atPath: signer.path(name), toPath: tree.path(name))
    }
    for name in ["pki/kubelet-server.crt", "pki/kubelet-server.key"] {
      try FileManager.default.copyItem(atPath: signer.path(name), toPath: tree.path(name))
    }
    #expect(
      contents(tree).role == .worker && ExpirationReport(of: contents(tree), at: MadeTree.instant).isSound)
    try tree.remove("pki/kubelet-server.key")
    #expect(try findings(tree).first?.code == .keyMissing)
  }

  @Test func `a worker whose CA file is a bundle is sound`() throws {
    let tree = try tree(Self.worker)
    let other = try MadeTree(.documented)
    try tree.write(tree.text("pki/ca.crt") + other.text("pki/ca.crt"), to: "pki/ca.crt")
    #expect(try findings(tree).allSatisfy { $0.severity == .info })
  }

  @Test func `no remedy makes a CA on a worker`() throws {
    let tree = try tree(["kubelet.conf"])
    let missing = try #require(try findings(tree).first)
    #expect(missing.code == .missingFile && missing.files.first == tree.path("pki/ca.crt"))
    for finding in try findings(tree) {
      for action in finding.remedy.actions {
        if case .make = action { Issue.record("\(finding)") }
        if case .putBackCA = action { Issue.record("\(finding)") }
      }
    }
  }

  @Test func `the role that is said counts`() throws {
    let tree = try tree(Self.worker)
    #expect(try findings(tree, .controlPlane).contains { $0.files.first == tree.path("pki/apiserver.crt") })
    #expect(try findings(tree, .etcd).contains { $0.files.contains(tree.path("pki/etcd/server.crt")) })
  }

  @Test func `csr create all asks for what a worker has`() throws {
    let contents = try contents(tree(Self.worker))
    let all = Selection.everything(in: .allFiles, for: contents.role)
    #expect(all.entries == [.ca, .kubelet] && !all.serviceAccountKey)
    #expect(all.externallySigned(of: .allFiles, in: contents).selection.entries == [.kubelet])
  }

  @Test func `every entry is needed or had by some role, and all of them by a control-plane node`() {
    for entry in Catalog.allFiles.entries + Catalog.documented.entries {
      #expect(entry.roles.contains(.controlPlane) && entry.roles.isDisjoint(with: entry.otherRoles))
    }
  }
}
