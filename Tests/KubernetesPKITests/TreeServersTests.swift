@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What a tree says of where its API servers are, and what it leaves open.
struct TreeServersTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(.documented) }

  /// What the tree says of address, port and endpoint; `-` for what it leaves open.
  private func said() -> String {
    let contents = TreeContents(reading: tree.location, catalog: tree.catalog)
    let settings = ClusterSettings().completed(from: contents)
    return [ClusterField.advertiseAddress, .bindPort, .controlPlaneEndpoint]
      .map { settings[$0]?.text ?? "-" }.joined(separator: " ")
  }

  private func point(_ names: [String], to url: String) throws {
    for name in names { try tree.replace("server", in: "\(name).conf", with: "server: \(url)") }
  }

  private let all = ["admin", "kubelet", "controller-manager", "scheduler"]

  private func removeEtcd() throws {
    for name in ["server", "peer"] { try tree.remove("pki/etcd/\(name).crt", "pki/etcd/\(name).key") }
  }

  /// Gives apiserver.crt the address of a load balancer, too.
  private func serve(_ address: String) throws {
    let names = try tree.certificate("apiserver").subjectAlternativeName().names
    try tree.replace("apiserver", signedBy: "ca") {
      try $0.set(SubjectAlternativeName(names + [.ipAddress(#require(IPAddress(address)))]))
    }
  }

  @Test func `one node without a load balancer`() throws {
    #expect(said() == "10.0.0.10 6443 -")
    try removeEtcd()
    #expect(said() == "10.0.0.10 6443 -")
    try point(all, to: "https://10.0.0.10")
    #expect(said() == "10.0.0.10 443 -")
  }

  @Test func `a load balancer with a name, in front of the components too`() throws {
    try point(["admin"], to: "https://lb.example.com:8443/")
    #expect(said() == "10.0.0.10 6443 lb.example.com:8443")
    try point(all, to: "https://lb.example.com")
    #expect(said() == "10.0.0.10 - lb.example.com:443")
    try removeEtcd()
    #expect(said() == "- - lb.example.com:443")
  }

  @Test func `a load balancer with an address is not the node`() throws {
    try point(all, to: "https://10.0.0.100:6443")
    try serve("10.0.0.100")
    #expect(said() == "10.0.0.10 - 10.0.0.100:6443")
    // Nothing says which of the two addresses in apiserver.crt is the node's.
    try removeEtcd()
    #expect(said() == "- - -")
    try point(["controller-manager"], to: "https://10.0.0.10:6443")
    #expect(said() == "10.0.0.10 6443 10.0.0.100:6443")
  }

  @Test(arguments: ["https://127.0.0.1:6443", "https://localhost:6443", "https://[::1]:6443"])
  func `a loopback address says nothing`(url: String) throws {
    try point(all, to: url)
    #expect(said() == "10.0.0.10 - -")
    try removeEtcd()
    #expect(said() == "- - -")
  }

  @Test func `the scheduler's server counts where the controller manager's is the load balancer's`() throws {
    try point(["admin", "controller-manager"], to: "https://10.0.0.100:6443")
    try point(["scheduler"], to: "https://10.0.0.10:7443")
    #expect(said() == "10.0.0.10 7443 10.0.0.100:6443")
  }

  @Test func `without kubeconfigs the address is that of etcd's certificates, unless they have several`()
    throws
  {
    try tree.remove("admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf")
    #expect(said() == "10.0.0.10 - -")
    let names = try tree.certificate("etcd/peer").subjectAlternativeName().names
    try tree.replace("etcd/peer", signedBy: "etcd/ca") {
      try $0.set(SubjectAlternativeName(names + [.ipAddress(#require(IPAddress("10.0.0.11")))]))
    }
    #expect(said() == "- - -")
  }
}
