import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Names that change with what is said of the cluster, and what the tree says of what is not.
struct RenewalNamesTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(.documented) }

  private var contents: TreeContents { TreeContents(reading: tree.location, catalog: tree.catalog) }

  private func request(_ change: (inout ClusterSettings) -> Void) -> ClusterSettings {
    var request = ClusterSettings()
    change(&request)
    return request
  }

  private func setting(_ text: String) -> Setting { Setting(text, from: .option("--option")) }

  /// What a renewal of everything adds and drops, by item.
  private func changes(_ change: (inout ClusterSettings) -> Void) throws -> [String: String] {
    let stated = request(change)
    let plan = try tree.renewal("all") {
      $0.renamed = stated.renamed(in: tree.catalog)
      $0.cluster = try stated.completed(from: contents).configuration(needing: [.nodeName, .advertiseAddress])
    }
    return plan.replacements.compactMapValues { replacement in
      let changes = replacement.addedSANs.map { "+\($0)" } + replacement.droppedSANs.map { "-\($0)" }
      return changes.isEmpty ? nil : changes.joined(separator: " ")
    }
  }

  @Test func `a further name is added, and to its certificate only`() throws {
    #expect(
      try changes { $0[list: .apiServerSANs] = [setting("k8s.example.com"), setting("192.0.2.1")] }
        == ["apiserver": "+DNS:k8s.example.com +IP:192.0.2.1"])
    #expect(try changes { $0[list: .etcdPeerSANs] = [setting("e1")] } == ["etcd-peer": "+DNS:e1"])
  }

  @Test func `what is said of the node changes all names of it`() throws {
    #expect(
      try changes {
        $0[.nodeName] = setting("cp9")
        $0[.advertiseAddress] = setting("10.0.0.9")
      } == [
        "apiserver": "+DNS:cp9 +IP:10.0.0.9 -DNS:cp1 -IP:10.0.0.10",
        "etcd-server": "+DNS:cp9 +IP:10.0.0.9 -DNS:cp1 -IP:10.0.0.10",
        "etcd-peer": "+DNS:cp9 +IP:10.0.0.9 -DNS:cp1 -IP:10.0.0.10",
      ])
  }

  @Test func `what is said again changes nothing`() throws {
    #expect(try changes { $0[.nodeName] = setting("cp1") } == [:])
    #expect(try changes { $0[.dnsDomain] = setting("cluster.local") } == [:])
  }

  @Test func `names that were added before are dropped where the certificate's names are said`() throws {
    for name in ["apiserver", "etcd/server"] {
      let names = try tree.certificate(name).subjectAlternativeName().names
      try tree.replace(name, signedBy: name.hasPrefix("etcd") ? "etcd/ca" : "ca") {
        try $0.set(
          SubjectAlternativeName(names + [.dnsName("old"), .uniformResourceIdentifier("spiffe://kept")]),
          isCritical: true)
      }
    }
    #expect(
      try changes { $0[list: .apiServerSANs] = [setting("new")] } == ["apiserver": "+DNS:new -DNS:old"])
    let stated = request { $0[list: .apiServerSANs] = [setting("new")] }
    let plan = try tree.renewal("apiserver") {
      $0.renamed = stated.renamed(in: tree.catalog)
      $0.cluster = try stated.completed(from: contents).configuration()
    }
    let extensions = try #require(plan.replacements["apiserver"]).specification.content.encodedExtensions()
    let names = try #require(try extensions.first(SubjectAlternativeName.self))
    #expect(names.names.last == .uniformResourceIdentifier("spiffe://kept"))
    let isCritical = extensions.first { $0.identifier == SubjectAlternativeName.identifier }?.isCritical
    #expect(isCritical == true)
  }

  @Test func `names come to a certificate that had none`() throws {
    try tree.replace("apiserver", signedBy: "ca") {
      $0.extensions.removeAll { $0.identifier == SubjectAlternativeName.identifier }
    }
    let changes = try changes { $0[.nodeName] = setting("cp1") }
    #expect(changes["apiserver"]?.split(separator: " ").count == 8)
  }

  @Test func `which certificates are concerned`() throws {
    func renamed(_ change: (inout ClusterSettings) -> Void) -> Set<CatalogEntry.ID> {
      request(change).renamed(in: .documented)
    }
    #expect(renamed { _ in } == [])
    #expect(renamed { $0[.bindPort] = setting("1") } == [])
    #expect(renamed { $0[.keyAlgorithm] = setting("ecdsa-p256") } == [])
    #expect(renamed { $0[.nodeName] = setting("x") } == [.apiserver, .etcdServer, .etcdPeer, .kubeletServer])
    #expect(
      renamed { $0[.advertiseAddress] = setting("x") } == [
        .apiserver, .etcdServer, .etcdPeer, .kubeletServer,
      ])
    #expect(renamed { $0[.controlPlaneEndpoint] = setting("x") } == [.apiserver])
    #expect(renamed { $0[.serviceSubnets] = setting("x") } == [.apiserver])
    #expect(renamed { $0[.dnsDomain] = setting("x") } == [.apiserver])
    #expect(renamed { $0[list: .etcdServerSANs] = [setting("x")] } == [.etcdServer])
    #expect(renamed { $0[list: .etcdServerSANs] = [] } == [])
  }

  @Test func `what is not said is read from the tree`() throws {
    let tree = try MadeTree(empty: .documented)
    try tree.complete(
      for: configuration(
        nodeName: "node-7", advertiseAddress: "fd00::7", bindPort: "7443", endpoint: "k8s.example.com:8443",
        serviceSubnet: "172.20.0.0/16,fd00:20::/112", dnsDomain: "my.cluster"))
    let contents = TreeContents(reading: tree.location, catalog: tree.catalog)
    let read = try ClusterSettings().completed(from: contents).configuration(needing: [.nodeName])
    #expect(read.nodeName == "node-7" && read.advertiseAddress?.description == "fd00::7")
    #expect(read.bindPort == 7443 && read.controlPlaneURL == "https://k8s.example.com:8443")
    #expect(read.dnsDomain == "my.cluster")
    #expect(read.serviceSubnets.map(\.firstAddress.description) == ["172.20.0.1", "fd00:20::1"])
    // What is said wins.
    let stated = request {
      $0[.nodeName] = setting("cp1")
      $0[.advertiseAddress] = setting("10.0.0.1")
      $0[.controlPlaneEndpoint] = setting("lb")
      $0[.serviceSubnets] = setting("10.0.0.0/16")
      $0[.dnsDomain] = setting("d")
    }
    let both = try stated.completed(from: contents).configuration()
    #expect(
      both.nodeName == "cp1" && both.advertiseAddress?.description == "10.0.0.1" && both.bindPort == 6443)
    #expect(
      both.controlPlaneURL == "https://lb:6443" && both.dnsDomain == "d" && both.serviceSubnets.count == 1)
  }

  @Test(arguments: [
    // The usual address, whatever else looks like one.
    (["10.0.0.1", "10.96.0.1", "192.168.0.17"], ["10.96.0.1"]),
    (["10.96.0.1", "fd00::1"], ["10.96.0.1", "fd00::1"]),
    // Only one that can be it.
    (["10.0.0.10", "10.43.0.1", "10.0.0.20"], ["10.43.0.1"]),
    (["10.0.0.10", "10.96.0.129"], ["10.96.0.129"]),
    (["fd00:10:96::1", "10.43.0.1"], ["fd00:10:96::1", "10.43.0.1"]),
    // The load balancer's and the node's own addresses are known, and loopback is none.
    (["10.0.0.10", "127.0.0.1", "::1", "10.43.0.1"], ["10.43.0.1"]),
    // None: the usual network.
    (["10.0.0.10"], ["10.96.0.1"]),
  ])
  func `the service's address is found among those of a certificate`(
    addresses: [String], expected: [String]
  ) throws {
    let names = addresses.compactMap { IPAddress($0).map { GeneralName.ipAddress($0) } }
    try tree.replace("apiserver", signedBy: "ca") { try $0.set(SubjectAlternativeName(names)) }
    let read = try ClusterSettings().completed(from: contents).configuration()
    #expect(read.serviceSubnets.map(\.firstAddress.description) == expected)
  }

  @Test func `where the address of the service is not clear, it has to be given`() throws {
    let names = ["10.1.0.1", "10.2.0.1"].compactMap { IPAddress($0).map { GeneralName.ipAddress($0) } }
    try tree.replace("apiserver", signedBy: "ca") { try $0.set(SubjectAlternativeName(names)) }
    let completed = ClusterSettings().completed(from: contents)
    let errors = #expect(throws: PKIErrors.self) { try completed.configuration() }
    #expect(
      errors?.description
        == #"the network of services in apiserver.crt: "10.1.0.1/28,10.2.0.1/28" is not one network,"#
        + " or one of IPv4 and one of IPv6")
    let stated = request { $0[.serviceSubnets] = setting("10.2.0.0/16") }
    #expect(throws: Never.self) { try stated.completed(from: contents).configuration() }
  }
}
