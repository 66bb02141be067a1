import FoundationEssentials
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What follows from another address, name or load balancer of a node: servers in kubeconfigs, and identities.
struct RenewalServerTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(.documented) }

  private func plan(of tree: MadeTree? = nil, _ change: (inout ClusterSettings) -> Void) throws -> Plan {
    let tree = tree ?? self.tree
    var settings = ClusterSettings()
    change(&settings)
    return try tree.renewal("all") {
      $0.stated = try settings.configuration(assumingDefaults: false)
      $0.bindPort = settings[.bindPort].flatMap { Int($0.text) }
      $0.sans.cluster = $0.stated
      $0.sans.entries = settings.renamed(in: tree.catalog)
    }
  }

  private func setting(_ text: String) -> Setting { Setting(text, from: .option("--option")) }

  /// The servers of admin.conf, kubelet.conf, controller-manager.conf and scheduler.conf.
  private func servers() throws -> [String] {
    try ["admin", "kubelet", "controller-manager", "scheduler"].map {
      try String(tree.kubeconfig("\($0).conf").server.dropFirst("https://".count))
    }
  }

  private func point(_ names: String..., to url: String) throws {
    for name in names { try tree.replace("server", in: "\(name).conf", with: "server: \(url)") }
  }

  @Test func `kubeconfigs follow the node's address, and keep their ports`() throws {
    try point("kubelet", to: "https://10.0.0.10:7443")
    let plan = try plan { $0[.advertiseAddress] = setting("10.0.0.9") }
    #expect(plan.formerNames.map(\.name.description) == ["IP:10.0.0.10"])
    #expect(plan.formerNames.first?.owners == ["apiserver", "etcd-server", "etcd-peer"])
    let report = try tree.carryOut(plan)
    #expect(try servers() == ["10.0.0.9:6443", "10.0.0.9:7443", "10.0.0.9:6443", "10.0.0.9:6443"])
    #expect(report.files.first { $0.path == tree.path("admin.conf") }?.server == "https://10.0.0.9:6443")
    // Nothing is left to do, and so a second run changes none.
    #expect(try self.plan { $0[.advertiseAddress] = setting("10.0.0.9") }.formerNames.isEmpty)
  }

  @Test func `an address of the other family is written in brackets, and a port that is said counts`() throws
  {
    try tree.carryOut(
      plan {
        $0[.advertiseAddress] = setting("fd00::9")
        $0[.bindPort] = setting("8443")
      })
    #expect(try servers() == Array(repeating: "[fd00::9]:8443", count: 4))
    try tree.carryOut(plan { $0[.bindPort] = setting("9443") })
    #expect(try servers() == Array(repeating: "[fd00::9]:9443", count: 4))
  }

  @Test func `a load balancer stays where the node's address changes, and the reverse`() throws {
    try point("admin", to: "https://lb.example.com:8443")
    try tree.carryOut(plan { $0[.advertiseAddress] = setting("10.0.0.9") })
    let node = "10.0.0.9:6443"
    #expect(try servers() == ["lb.example.com:8443", node, node, node])
    let plan = try plan { $0[.controlPlaneEndpoint] = setting("new.example.com:443") }
    #expect(plan.formerNames.isEmpty)
    try tree.carryOut(plan)
    #expect(try servers() == ["new.example.com:443", node, node, node])
  }

  @Test func `components behind a load balancer follow it`() throws {
    try point("admin", "controller-manager", to: "https://10.0.0.100:6443")
    let plan = try plan { $0[.controlPlaneEndpoint] = setting("new.example.com") }
    try tree.carryOut(plan)
    let node = "10.0.0.10:6443"
    #expect(try servers() == ["new.example.com:6443", node, "new.example.com:6443", node])
  }

  @Test func `a server that is not known to be the node's stays, and so do all where nothing is said`() throws
  {
    try point("scheduler", to: "https://127.0.0.1:6443")
    try point("kubelet", to: "https://other.example.com:6443")
    let before = try servers()
    try tree.carryOut(plan { $0[list: .apiServerSANs] = [setting("x")] })
    #expect(try servers() == before)
    try tree.carryOut(plan { $0[.advertiseAddress] = setting("10.0.0.9") })
    #expect(
      try servers() == ["10.0.0.9:6443", "other.example.com:6443", "10.0.0.9:6443", "127.0.0.1:6443"])
  }

  @Test func `a server that cannot be edited in place is refused, and everything else is renewed`() throws {
    try point("scheduler", to: "&url https://10.0.0.10:6443")
    let plan = try plan { $0[.advertiseAddress] = setting("10.0.0.9") }
    #expect(plan.refusals.map(\.files) == [[tree.path("scheduler.conf")]])
    #expect(plan.refusals.first?.message.contains("its server is written with an anchor") == true)
    #expect(plan.replacements["controller-manager.conf"] != nil)
    #expect(try self.plan { $0[.nodeName] = setting("cp1") }.refusals.isEmpty)
  }

  @Test func `identities follow the node's name`() throws {
    let plan = try plan { $0[.nodeName] = setting("cp9") }
    #expect(plan.formerNames.map(\.name.description) == ["DNS:cp1"])
    let subject = plan.replacements["kubelet.conf"]?.specification.content.subject
    #expect(subject?.commonName == "system:node:cp9" && subject?.organizations == ["system:nodes"])
    // The documentation's certificates do not have the node's name.
    #expect(
      plan.replacements["etcd-peer"]?.specification.content.subject.commonName == "kube-etcd-peer")
  }

  @Test func `kubeadm's certificates of etcd have the node's name, unless somebody gave them another`() throws
  {
    let tree = try MadeTree(.kubeadm)
    try tree.replace("etcd/server", signedBy: "etcd/ca") {
      $0.subject = try DistinguishedName(commonName: "mine")
    }
    let plan = try plan(of: tree) { $0[.nodeName] = setting("cp9") }
    func name(_ entry: String) -> String? {
      plan.replacements[entry]?.specification.content.subject.commonName
    }
    #expect(name("etcd-peer") == "cp9" && name("etcd-server") == "mine")
  }
}
