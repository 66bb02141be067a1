import FoundationEssentials
import Glibc
import OpenSSLX509
import TestSupport
import Testing

@testable import KubernetesPKI

/// Trees with which nothing is wrong.
struct SoundTreeTests {
  @Test(arguments: ["documented", "v1.18.0", "v1.27.0", "v1.30.0", "v1.33.12", "v1.36.2"])
  func `a tree of any style is sound, whatever is said of its style and its cluster`(style: String) throws {
    func describe(_ request: inout ClusterRequest) {
      request.nodeName = Setting("cp1", from: .option("--node-name"))
      request.advertiseAddress = Setting("10.0.0.10", from: .option("--advertise-ip"))
      request.controlPlaneEndpoint = Setting(
        "k8s.example.com:8443", from: .option("--control-plane-endpoint"))
      request.serviceSubnet = Setting("10.96.0.0/12,fd00::/108", from: .option("--service-cidr"))
      request.dnsDomain = Setting("example.org", from: .option("--service-dns-domain"))
      request.extraNames[.apiServer] = [Setting("*.example.com", from: .option("--apiserver-san"))]
    }
    let catalog = KubernetesVersion(style).map { .kubeadm($0) } ?? Catalog.documented
    let tree = try MadeTree(of: catalog, describe)
    var request = ClusterRequest()
    describe(&request)
    let cluster = try request.configuration(needing: [], assumingDefaults: false)
    try tree.expectSoundness()
    try tree.expectSoundness { $0.catalog = catalog }
    try tree.expectSoundness { $0.cluster = cluster }
    try tree.expectSoundness { ($0.cluster, $0.catalog) = (cluster, catalog) }
  }

  @Test(arguments: ["ecdsa-p384", "rsa-2048"])
  func `a tree of any algorithm is sound`(algorithm: String) throws {
    try MadeTree(of: .documented, algorithm: algorithm).expectSoundness()
  }

  @Test func `super-admin_conf, which only the first node has, is not missed`() throws {
    let tree = try MadeTree()
    try tree.remove("super-admin.conf")
    try tree.expectSoundness()
  }

  @Test func `an authority without its key is worth knowing, and no more`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/ca.key")
    let finding = try tree.expect(.externalAuthority)
    #expect(finding.files == [tree.path("pki/ca.crt")])
  }

  @Test(arguments: [false, true])
  func `a tree without an etcd member has its etcd elsewhere`(hasClient: Bool) throws {
    let tree = try MadeTree()
    try tree.remove(
      "pki/etcd/server.crt", "pki/etcd/server.key", "pki/etcd/peer.crt", "pki/etcd/peer.key",
      "pki/etcd/healthcheck-client.crt", "pki/etcd/healthcheck-client.key")
    if hasClient {
      try tree.makeAuthority("their etcd", at: "pki/etcd/ca")
      // Whoever runs that etcd has named its client.
      try tree.reissue("pki/apiserver-etcd-client", by: "pki/etcd/ca") {
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
    try tree.makeAuthority("intermediate", at: "intermediate", signedBy: "pki/ca")
    try tree.reissue("pki/apiserver", by: "intermediate")
    try tree.write(tree.text("pki/apiserver.crt") + tree.text("intermediate.crt"), to: "pki/apiserver.crt")
    try tree.reissueClient("scheduler.conf", by: "intermediate")
    let client = try tree.embedded("client-certificate-data", in: "scheduler.conf")
    try tree.embed(
      client + tree.text("intermediate.crt"), as: "client-certificate-data", in: "scheduler.conf")
    try tree.expectSoundness()
  }

  @Test func `authorities below one root are sound`() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path("pki/etcd"), withIntermediateDirectories: true)
    let original = try MadeTree()
    try original.makeAuthority("root", at: "root")
    for name in ["ca", "etcd/ca", "front-proxy-ca"] {
      try original.makeAuthority(name, at: "pki/\(name)", signedBy: "root")
      for ending in ["crt", "key"] {
        try FileManager.default.copyItem(
          atPath: original.path("pki/\(name).\(ending)"), toPath: directory.path("pki/\(name).\(ending)"))
      }
    }
    try MadeTree(around: directory).expectSoundness()
  }

  @Test func `what an upgrade of kubeadm leaves is worth knowing, and no more`() throws {
    let tree = try MadeTree()
    for name in ["pki/apiserver-kubelet-client", "pki/apiserver-etcd-client"] {
      try tree.reissue(name, by: name.contains("etcd") ? "pki/etcd/ca" : "pki/ca") {
        $0.subject = try DistinguishedName(
          organizations: ["system:masters"],
          commonName: String(name.dropFirst("pki/".count)).withPrefix("kube-"))
      }
    }
    try tree.expect(.otherVersionIdentity, .otherVersionIdentity)
    // Who names the version wants that version.
    try tree.expect(.wrongIdentity, .wrongIdentity) { $0.catalog = .kubeadm(.newestKnown) }
  }

  @Test func `a run that is alive leaves nothing behind`() throws {
    let tree = try MadeTree()
    try tree.write("", to: "pki/.apiserver.crt.pkigen-new")
    try tree.write("pkigen, process \(getpid())\n", to: "pki/.pkigen.lock")
    try tree.expectSoundness()
  }
}

extension String {
  fileprivate func withPrefix(_ prefix: String) -> String { prefix + self }
}
