import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees with which nothing is wrong.
struct SoundTreeTests {
  @Test(arguments: ["documented", "v1.18.0", "v1.27.0", "v1.30.0", "v1.33.12", "v1.36.2"])
  func `a tree of any style is sound, whatever is said of its style and its cluster`(style: String) throws {
    let catalog = KubernetesVersion(style).map { .kubeadm($0) } ?? Catalog.documented
    let cluster = try configuration(
      nodeName: "cp1", advertiseAddress: "10.0.0.10", endpoint: "k8s.example.com:8443",
      serviceSubnet: "10.96.0.0/12,fd00::/108", dnsDomain: "example.org",
      extra: [.apiServer: ["*.example.com"]])
    let tree = try MadeTree(empty: catalog)
    try tree.complete(for: cluster)
    try tree.expectSoundness()
    try tree.expectSoundness { $0.catalog = catalog }
    try tree.expectSoundness { $0.cluster = cluster }
    try tree.expectSoundness { ($0.cluster, $0.catalog) = (cluster, catalog) }
  }

  @Test(arguments: [KeyAlgorithm.ecdsaP256, .ecdsaP384, .rsa2048])
  func `a tree of any algorithm is sound`(algorithm: KeyAlgorithm) throws {
    let tree = try MadeTree(empty: .documented)
    try tree.complete(for: MadeTree.cluster { $0.keyAlgorithm = algorithm })
    try tree.expectSoundness()
  }

  @Test func `super-admin_conf, which only the first node has, is not missed`() throws {
    let tree = try MadeTree()
    try tree.remove("super-admin.conf")
    try tree.expectSoundness()
  }

  @Test func `a CA without its key is worth knowing, and no more`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/ca.key")
    let finding = try tree.expect(.externalCA)
    #expect(finding.files == [tree.path("pki/ca.crt")])
  }

  @Test(arguments: [false, true])
  func `a tree without an etcd member has an external etcd`(hasClient: Bool) throws {
    let tree = try MadeTree()
    try tree.remove(
      "pki/etcd/server.crt", "pki/etcd/server.key", "pki/etcd/peer.crt", "pki/etcd/peer.key",
      "pki/etcd/healthcheck-client.crt", "pki/etcd/healthcheck-client.key")
    if hasClient {
      try tree.makeCA("their etcd", at: "etcd/ca")
      // The operator of that etcd has named its client.
      try tree.replace("apiserver-etcd-client", signedBy: "etcd/ca") {
        $0.subject = try DistinguishedName(organizations: ["clients"], commonName: "api")
      }
      try tree.remove("pki/etcd/ca.key")
      try tree.expect(.externalEtcd)
    } else {
      try tree.remove(
        "pki/etcd/ca.crt", "pki/etcd/ca.key", "pki/apiserver-etcd-client.crt", "pki/apiserver-etcd-client.key"
      )
      try tree.expect(.externalEtcd)
    }
  }

  @Test func `a certificate whose chain is in its file is sound`() throws {
    let tree = try MadeTree()
    try tree.makeCA("intermediate", at: "intermediate", signedBy: "ca")
    let chain = try tree.text("pki/intermediate.crt")
    try tree.replace("apiserver", signedBy: "intermediate")
    try tree.write(tree.text("pki/apiserver.crt") + chain, to: "pki/apiserver.crt")
    try tree.replaceKubeconfig("scheduler.conf", signedBy: "intermediate")
    try tree.appendToClient(chain, in: "scheduler.conf")
    try tree.expectSoundness()
  }

  @Test func `CAs below one root are sound`() throws {
    let source = try MadeTree()
    try source.makeCA("root", at: "root")
    let names = ["ca", "etcd/ca", "front-proxy-ca"]
    for name in names { try source.makeCA(name, at: name, signedBy: "root") }
    let tree = try MadeTree(around: names.flatMap { ["\($0).crt", "\($0).key"] }, of: source)
    try tree.complete()
    try tree.expectSoundness()
  }

  @Test func `what an upgrade of kubeadm leaves is worth knowing, and no more`() throws {
    let tree = try MadeTree()
    for (name, authority) in [("apiserver-kubelet-client", "ca"), ("apiserver-etcd-client", "etcd/ca")] {
      try tree.replace(name, signedBy: authority) {
        $0.subject = try DistinguishedName(organizations: ["system:masters"], commonName: "kube-\(name)")
      }
    }
    try tree.expect(.otherVersionIdentity, .otherVersionIdentity)
    // The version of the cluster need not be that of the kubeadm that made the files.
    try tree.expect(.otherVersionIdentity, .otherVersionIdentity) { $0.catalog = .kubeadm(.newestKnown) }
    try tree.expect(.otherVersionIdentity, .otherVersionIdentity) { $0.style = .kubeadm }
  }

  @Test func `a run that is alive leaves nothing behind`() throws {
    let tree = try MadeTree()
    try tree.write("", to: "pki/.apiserver.crt.pkigen-new")
    try tree.write("pkigen, process \(getpid())\n", to: "pki/.pkigen.lock")
    try tree.expectSoundness()
  }
}
