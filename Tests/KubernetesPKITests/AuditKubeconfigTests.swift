import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees whose kubeconfigs are wrong, and trees that do not go with those of other nodes.
struct AuditKubeconfigTests {
  @Test func `a kubeconfig that trusts another CA is one finding`() throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig("admin.conf", authorities: [tree.certificate("etcd/ca")])
    #expect(try tree.expect(.kubeconfigCA).files == ["admin.conf", "pki/ca.crt"].map(tree.path))
  }

  @Test func `a kubeconfig that trusts the tree's CA and another is sound`() throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig(
      "admin.conf", authorities: [tree.certificate("etcd/ca"), tree.certificate("ca")])
    try tree.expectSoundness()
  }

  @Test func `a kubeconfig with another key is one finding`() throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig("controller-manager.conf", key: tree.key("apiserver"))
    #expect(try tree.expect(.keyMismatch).files == [tree.path("controller-manager.conf")])
  }

  @Test func `a kubeconfig without its key is one finding`() throws {
    let tree = try MadeTree()
    try tree.replace("client-key-data", in: "admin.conf", with: "nothing: x")
    #expect(try tree.expect(.malformedFile).files == [tree.path("admin.conf")])
  }

  @Test(arguments: ["https://10.0.0.99:6443", "https://[fd00::1]:6443/", "https://k8s.example.com"])
  func `a server that the API server's certificate does not name is one finding`(server: String) throws {
    let tree = try MadeTree()
    for name in ["admin.conf", "scheduler.conf"] {
      try tree.replace("server", in: name, with: "server: \(server)")
    }
    let finding = try tree.expect(.kubeconfigServerName)
    #expect(finding.files == ["admin.conf", "scheduler.conf", "pki/apiserver.crt"].map(tree.path))
  }

  @Test(arguments: ["nope.example.com", "10.0.0.99"])
  func `tls-server-name is the name that the API server's certificate has to cover`(name: String) throws {
    let tree = try MadeTree()
    let server = "server: https://10.0.0.99:6443\n    tls-server-name: "
    try tree.replace("server", in: "admin.conf", with: server + "kubernetes.default.svc")
    try tree.expectSoundness()
    try tree.replace("server", in: "admin.conf", with: "server: https://10.0.0.10:6443")
    try tree.replace("tls-server-name", in: "admin.conf", with: "tls-server-name: \(name)")
    let finding = try tree.expect(.kubeconfigServerName)
    #expect(finding.files == ["admin.conf", "pki/apiserver.crt"].map(tree.path))
  }

  @Test(arguments: [
    "https://10.0.0.10:6443/", "HTTPS://10.0.0.10:6443", "https://10.0.0.10", "https://10.0.0.11:6443",
  ])
  func `servers are compared as values`(server: String) throws {
    let tree = try MadeTree()
    try tree.replace("server", in: "scheduler.conf", with: "server: \(server)")
    let cluster = try configuration(advertiseAddress: "10.0.0.10")
    let findings = try tree.findings { $0.cluster = cluster }
    #expect(
      findings.contains { $0.code == .kubeconfigServer }
        == ["https://10.0.0.10", "https://10.0.0.11:6443"].contains(server))
  }

  @Test func `a proxy at a loopback address is right where the API server's certificate covers it`() throws {
    let tree = try MadeTree()
    let address = try #require(IPAddress("127.0.0.1"))
    try tree.replace("server", in: "kubelet.conf", with: "server: https://127.0.0.1:8443")
    let cluster = try configuration(nodeName: "cp1", advertiseAddress: "10.0.0.10")
    try tree.expect(.kubeconfigServer) { $0.cluster = cluster }
    try tree.replace("apiserver", signedBy: "ca") {
      let names = try #require(try $0.extensions.first(SubjectAlternativeName.self)).names
      try $0.set(SubjectAlternativeName(names + [.ipAddress(address)]))
    }
    try tree.expectSoundness { $0.cluster = cluster }
  }

  @Test
  func `a server that is not the one of the options is one finding, though its name is not covered either`()
    throws
  {
    let tree = try MadeTree()
    try tree.replace("server", in: "admin.conf", with: "server: https://10.0.0.99:6443")
    let cluster = try configuration(advertiseAddress: "10.0.0.10")
    #expect(try tree.expect(.kubeconfigServer) { $0.cluster = cluster }.files == [tree.path("admin.conf")])
  }

  @Test func `only administrators have to go by the load balancer`() throws {
    let tree = try MadeTree(empty: MadeTree.catalog)
    let cluster = try configuration(
      nodeName: "cp1", advertiseAddress: "10.0.0.10", endpoint: "k8s.example.com")
    try tree.complete(for: cluster)
    for name in ["kubelet.conf", "scheduler.conf"] {
      try tree.replace("server", in: name, with: "server: https://k8s.example.com:6443")
    }
    try tree.expectSoundness { $0.cluster = cluster }
    try tree.replace("server", in: "admin.conf", with: "server: https://10.0.0.10:6443")
    #expect(try tree.expect(.kubeconfigServer) { $0.cluster = cluster }.files == [tree.path("admin.conf")])
  }

  @Test func `a name that the options ask for is not missed once more for each kubeconfig`() throws {
    let tree = try MadeTree()
    for name in ["admin.conf", "super-admin.conf"] {
      try tree.replace("server", in: name, with: "server: https://k8s.example.com:6443")
    }
    let cluster = try configuration(advertiseAddress: "10.0.0.10", endpoint: "k8s.example.com")
    #expect(try tree.expect(.nameMissing) { $0.cluster = cluster }.files == [tree.path("pki/apiserver.crt")])
  }
}

/// Trees of several control-plane nodes.
struct AuditPeerTests {
  /// The tree of a second node: the CAs and the service-account pair of the first, and leaves of its own.
  private func second(of tree: MadeTree, without missing: String? = nil) throws -> MadeTree {
    let authorities: [String] = ["ca", "etcd/ca", "front-proxy-ca"].filter { $0 != missing }
    let second = try MadeTree(
      around: authorities.flatMap { name in ["\(name).crt", "\(name).key"] } + ["sa.key", "sa.pub"], of: tree)
    try second.complete(for: MadeTree.cluster { $0.nodeName = "cp2" })
    return second
  }

  @Test func `trees that belong together are sound`() throws {
    let tree = try MadeTree()
    let (second, third) = (try second(of: tree), try second(of: tree))
    try tree.expectSoundness { $0.peers = [second.location, third.location] }
    try second.expectSoundness { $0.peers = [tree.location] }
  }

  @Test(arguments: ["ca", "etcd/ca", "front-proxy-ca"])
  func `another CA is one finding`(name: String) throws {
    let tree = try MadeTree()
    let second = try second(of: tree, without: name)
    let finding = try tree.expect(.peerCA) { $0.peers = [second.location] }
    #expect(finding.files == [second.path("pki/\(name).crt"), tree.path("pki/\(name).crt")])
  }

  @Test func `a CA that is not there is one finding, and one that cannot be read another`() throws {
    let tree = try MadeTree()
    let second = try second(of: tree)
    try second.remove("pki/front-proxy-ca.crt")
    #expect(try tree.expect(.peerCA) { $0.peers = [second.location] }.message.contains("is missing"))
    try second.write("", to: "pki/front-proxy-ca.crt")
    try tree.expect(.malformedFile) { $0.peers = [second.location] }
  }

  @Test func `a CA certificate that was renewed with its key is the same CA`() throws {
    let tree = try MadeTree()
    let second = try second(of: tree)
    try second.replaceAuthority("ca") { $0.serialNumber = try .random() }
    try tree.expectSoundness { $0.peers = [second.location] }
  }

  @Test(arguments: [["sa.key", "sa.pub"], ["sa.pub"]])
  func `another service-account pair is one finding`(other: [String]) throws {
    let tree = try MadeTree()
    let second = try second(of: tree)
    let key = try PrivateKey.generate(.ecdsaP256)
    if other.contains("sa.key") { try second.write(key.pem(), to: "pki/sa.key") }
    try second.write(key.publicKey.pem(), to: "pki/sa.pub")
    try tree.expect(.peerServiceAccountKey) { $0.peers = [second.location] }
  }

  @Test func `leaves that were copied are one finding`() throws {
    let tree = try MadeTree()
    let second = try second(of: tree)
    for name in ["pki/etcd/server.crt", "pki/etcd/server.key", "scheduler.conf"] {
      try second.write(tree.text(name), to: name)
    }
    let finding = try tree.expect(.peerSharesKey) { $0.peers = [second.location] }
    #expect(finding.files == ["pki/etcd/server.key", "scheduler.conf"].map(second.path))
  }

  @Test func `peers that are no other trees are refused, all of them`() throws {
    let tree = try MadeTree()
    let nowhere = TreeLocation(certificateDirectory: "/nowhere/pki", kubeconfigDirectory: "/nowhere")
    let errors = try #require(throws: PKIErrors.self) {
      try tree.findings { $0.peers = [tree.location, nowhere] }
    }
    #expect(
      errors.errors.map(\.description) == [
        "peer: \"\(tree.directory.path)\" is the tree itself; a peer is the tree of another node",
        "peer: \"/nowhere\" is not the directory of a tree: there is no pki in it",
      ])
  }
}
