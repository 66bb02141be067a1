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
