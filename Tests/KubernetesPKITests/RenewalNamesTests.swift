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
    try changes(change) { _ in }
  }

  private func changes(
    _ change: (inout ClusterSettings) -> Void, _ sans: (inout SANChanges) -> Void
  ) throws -> [String: String] {
    let stated = request(change)
    let plan = try tree.renewal("all") {
      $0.sans.entries = stated.renamed(in: tree.catalog)
      sans(&$0.sans)
      $0.sans.cluster =
        $0.sans.replaces
        ? try stated.completed(from: contents).configuration(needing: [.nodeName, .advertiseAddress])
        : try stated.configuration(assumingDefaults: false)
    }
    return plan.replacements.compactMapValues { replacement in
      let changes = replacement.addedSANs.map { "+\($0)" } + replacement.droppedSANs.map { "-\($0)" }
      return changes.isEmpty ? nil : changes.joined(separator: " ")
    }
  }

  @Test func `an extra SAN is added, and to its certificate only`() throws {
    #expect(
      try changes { $0[list: .apiServerSANs] = [setting("k8s.example.com"), setting("192.0.2.1")] }
        == ["apiserver": "+DNS:k8s.example.com +IP:192.0.2.1"])
    #expect(try changes { $0[list: .etcdPeerSANs] = [setting("e1")] } == ["etcd-peer": "+DNS:e1"])
  }

  @Test func `what is said of the node adds its names, and the old ones stay`() throws {
    #expect(
      try changes {
        $0[.nodeName] = setting("cp9")
        $0[.advertiseAddress] = setting("10.0.0.9")
      } == [
        "apiserver": "+DNS:cp9 +IP:10.0.0.9", "etcd-server": "+DNS:cp9 +IP:10.0.0.9",
        "etcd-peer": "+DNS:cp9 +IP:10.0.0.9",
      ])
  }

  @Test func `what is said again changes nothing`() throws {
    #expect(try changes { $0[.nodeName] = setting("cp1") } == [:])
    #expect(try changes { $0[.dnsDomain] = setting("cluster.local") } == [:])
    #expect(try changes { $0[list: .apiServerSANs] = [setting("CP1"), setting("10.0.0.10")] } == [:])
  }

  /// Gives two certificates SANs that no setting makes.
  private func addSANs() throws {
    for name in ["apiserver", "etcd/server"] {
      let names = try tree.certificate(name).subjectAlternativeName().names
      try tree.replace(name, signedBy: name.hasPrefix("etcd") ? "etcd/ca" : "ca") {
        try $0.set(
          SubjectAlternativeName(
            [.dnsName("Old.example.com")] + names
              + [.dnsName("old"), .uniformResourceIdentifier("spiffe://kept")]), isCritical: true)
      }
    }
  }

  @Test func `SANs that no setting makes stay, in their order, before those that are added`() throws {
    try addSANs()
    let stated = request {
      $0[list: .apiServerSANs] = [setting("new"), setting("192.0.2.1"), setting("old.example.com")]
    }
    let plan = try tree.renewal("apiserver") {
      $0.sans.entries = stated.renamed(in: tree.catalog)
      $0.sans.cluster = try stated.configuration(assumingDefaults: false)
    }
    let replacement = try #require(plan.replacements["apiserver"])
    #expect(replacement.addedSANs.map(\.description) == ["DNS:new", "IP:192.0.2.1"])
    #expect(replacement.droppedSANs.isEmpty)
    let extensions = try replacement.specification.content.encodedExtensions()
    let names = try #require(try extensions.first(SubjectAlternativeName.self)).names
    #expect(names.first == .dnsName("Old.example.com"))
    #expect(names.last == .uniformResourceIdentifier("spiffe://kept"))
    let isCritical = extensions.first { $0.identifier == SubjectAlternativeName.identifier }?.isCritical
    #expect(isCritical == true)
  }

  @Test(arguments: [
    ("old", "-DNS:old"), ("OLD", "-DNS:old"), ("DNS:old", "-DNS:old"), ("10.0.0.10", "-IP:10.0.0.10"),
    ("old.example.com", "-DNS:Old.example.com"), ("URI:spiffe://kept", "-URI:spiffe://kept"),
    ("spiffe://kept", "-URI:spiffe://kept"),
  ])
  func `a SAN goes where its name is given`(text: String, change: String) throws {
    try addSANs()
    let changes = try changes({ _ in }) { $0.dropped = [setting(text)] }
    #expect(changes["apiserver"] == change && changes["etcd-server"] == change)
    #expect(changes.count == (text == "10.0.0.10" ? 3 : 2))
  }

  @Test(arguments: ["10.0.0.99", "example.com", "", "IP:old"])
  func `a SAN to drop that no certificate has is an error`(text: String) throws {
    let errors = #expect(throws: PKIErrors.self) {
      try changes({ _ in }) { $0.dropped = [setting(text)] }
    }
    #expect(
      errors?.description == "--option: \(text.debugDescription) is no SAN of the selected certificates")
  }

  @Test func `a SAN cannot be added and dropped in one run`() throws {
    let errors = #expect(throws: PKIErrors.self) {
      try changes({ $0[.nodeName] = setting("cp1") }) { $0.dropped = [setting("cp1")] }
    }
    #expect(errors?.description == #"--option: "cp1" is to be added and dropped in one run"#)
  }

  @Test func `with replacement, host names and addresses are those of the cluster alone`() throws {
    try addSANs()
    #expect(
      try changes({ $0[list: .apiServerSANs] = [setting("new")] }) { $0.replaces = true }
        == ["apiserver": "+DNS:new -DNS:Old.example.com -DNS:old"])
    #expect(
      try changes({
        $0[.nodeName] = setting("cp9")
        $0[.advertiseAddress] = setting("10.0.0.9")
      }) { $0.replaces = true }["etcd-peer"] == "+DNS:cp9 +IP:10.0.0.9 -DNS:cp1 -IP:10.0.0.10")
  }

  @Test func `names come to a certificate that had none`() throws {
    try tree.replace("apiserver", signedBy: "ca") {
      $0.extensions.removeAll { $0.identifier == SubjectAlternativeName.identifier }
    }
    let changes = try changes { $0[.nodeName] = setting("cp1") }
    #expect(
      changes["apiserver"] == "+DNS:cp1 +DNS:kubernetes +DNS:kubernetes.default +DNS:kubernetes.default.svc")
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
      both.nodeName == "cp1" && both.advertiseAddress?.description == "10.0.0.1" && both.bindPort == 7443)
    #expect(
      both.controlPlaneURL == "https://lb:7443" && both.dnsDomain == "d" && both.serviceSubnets.count == 1)
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
