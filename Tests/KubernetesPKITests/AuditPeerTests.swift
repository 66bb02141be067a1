import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees of several control-plane nodes.
struct AuditPeerTests {
  /// The tree of a second node: the CAs and the service-account pair of the first, and leaves of its own.
  private func second(
    of tree: MadeTree, without missing: String? = nil, name: String = "cp2", address: String = "10.0.0.11"
  ) throws -> MadeTree {
    let authorities: [String] = ["ca", "etcd/ca", "front-proxy-ca"].filter { $0 != missing }
    let second = try MadeTree(
      around: authorities.flatMap { name in ["\(name).crt", "\(name).key"] } + ["sa.key", "sa.pub"], of: tree)
    if let missing {
      var selection = Selection()
      selection.entries = [["ca": .ca, "etcd/ca": .etcdCA][missing] ?? .frontProxyCA]
      try second.complete(selection)
    }
    try second.complete(
      for: MadeTree.cluster {
        $0.nodeName = name
        $0.advertiseAddress = IPAddress(address)
      })
    return second
  }

  @Test func `trees that belong together are sound`() throws {
    let tree = try MadeTree()
    let (second, third) = (try second(of: tree), try second(of: tree, name: "cp3", address: "10.0.0.12"))
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

  @Test func `while a service-account key is replaced, nodes may sign with different keys that all accept`()
    throws
  {
    let tree = try MadeTree()
    let second = try second(of: tree)
    let key = try PrivateKey.generate(.ecdsaP256)
    let both = try tree.text("pki/sa.pub") + key.publicKey.pem().copy.text
    try second.write(key.pem(), to: "pki/sa.key")
    try second.write(both, to: "pki/sa.pub")
    // Tokens of the new key fail at this node.
    try tree.expect(.peerServiceAccountKey) { $0.peers = [second.location] }
    try tree.write(key.publicKey.pem().copy.text + tree.text("pki/sa.pub"), to: "pki/sa.pub")
    try tree.expectSoundness { $0.peers = [second.location] }
    // Tokens of the old key fail at the other.
    try tree.write(key.pem(), to: "pki/sa.key")
    try second.write(key.publicKey.pem(), to: "pki/sa.pub")
    try tree.expect(.peerServiceAccountKey) { $0.peers = [second.location] }
    try second.remove("pki/sa.key", "pki/sa.pub")
    try tree.expect(.peerServiceAccountKey) { $0.peers = [second.location] }
  }

  @Test func `peers are compared with each other, too`() throws {
    let tree = try MadeTree()
    let (second, third) = (try second(of: tree), try second(of: tree, name: "cp3", address: "10.0.0.12"))
    try third.write(second.text("pki/apiserver.key"), to: "pki/apiserver.key")
    let finding = try tree.expect(.peerSharesKey) { $0.peers = [second.location, third.location] }
    #expect(finding.files == [third.path("pki/apiserver.key")])
    #expect(finding.message.hasSuffix("of leaves of \(second.directory.path)"))
  }

  @Test func `bundles that share nothing but this tree's CA are strangers to each other`() throws {
    let tree = try MadeTree()
    let (second, third) = (try second(of: tree), try second(of: tree, name: "cp3", address: "10.0.0.12"))
    let old = try tree.text("pki/front-proxy-ca.crt")
    // This node trusts two new CAs, and each of the others issues with one of them.
    for (index, peer) in [second, third].enumerated() {
      try peer.makeCA("front-proxy-ca \(index)", at: "front-proxy-ca")
      try peer.write(peer.text("pki/front-proxy-ca.crt") + old, to: "pki/front-proxy-ca.crt")
    }
    let news = try [second, third].map { try String($0.text("pki/front-proxy-ca.crt").dropLast(old.count)) }
    try tree.write(old + news.joined(), to: "pki/front-proxy-ca.crt")
    let findings = try tree.findings { $0.peers = [second.location, third.location] }
    #expect(
      findings.filter { $0.code == .peerCA }.map(\.files)
        == [[third, second].map { $0.path("pki/front-proxy-ca.crt") }])
  }

  @Test func `where this tree lacks what is compared, the others are compared with each other`() throws {
    let tree = try MadeTree()
    let (second, third) = (
      try second(of: tree, without: "etcd/ca"), try self.second(of: tree, name: "cp3", address: "10.0.0.12")
    )
    let key = try PrivateKey.generate(.ecdsaP256)
    try third.write(key.pem(), to: "pki/sa.key")
    try third.write(key.publicKey.pem(), to: "pki/sa.pub")
    for name in ["etcd/ca.crt", "etcd/ca.key", "sa.key"] { try tree.remove("pki/\(name)") }
    let peers = [second.location, third.location]
    let findings = try tree.findings { $0.peers = peers }
    #expect(
      findings.filter { $0.code == .peerCA }.map(\.files)
        == [[third, second].map { $0.path("pki/etcd/ca.crt") }])
    #expect(
      findings.filter { $0.code == .peerServiceAccountKey }.map(\.files)
        == [[third.path("pki/sa.key"), third.path("pki/sa.pub"), second.path("pki/sa.key")]])
    try third.remove("pki/etcd/ca.crt")
    let missing = try tree.findings { $0.peers = peers.reversed() }.filter { $0.code == .peerCA }
    #expect(missing.map(\.files) == [[third, second].map { $0.path("pki/etcd/ca.crt") }])
  }

  @Test func `a CA that one node alone accepts is one finding, until it has expired`() throws {
    let tree = try MadeTree()
    let second = try second(of: tree)
    let old = try second.text("pki/front-proxy-ca.crt")
    try second.makeCA("Users", at: "users")
    try second.write(old + second.text("pki/users.crt"), to: "pki/front-proxy-ca.crt")
    try second.remove("pki/users.crt", "pki/users.key", "pki/front-proxy-ca.key")
    let finding = try tree.expect(.peerCA) { $0.peers = [second.location] }
    let paths = [tree, second].map { $0.path("pki/front-proxy-ca.crt") }
    #expect(finding.files == paths)
    #expect(
      finding.message.hasPrefix("\(paths[1]) accepts the CA \"CN = Users\", and \(paths[0]) does not: "),
      "\(finding)")
    // The same for a third node: one finding for all.
    let third = try self.second(of: tree, name: "cp3", address: "10.0.0.12")
    let all = try third.expect(.peerCA) { $0.peers = [tree.location, second.location] }
    #expect(all.files == [third, tree, second].map { $0.path("pki/front-proxy-ca.crt") })
    let later = 40 * 365 * 86_400.0
    #expect(
      try tree.findings(after: later) { $0.peers = [second.location] }.allSatisfy { $0.code != .peerCA })
  }

  @Test func `nodes of one name are one finding, and nodes of one address another`() throws {
    let tree = try MadeTree()
    let sameName = try second(of: tree, name: "cp1", address: "10.0.0.12")
    let sameAddress = try second(of: tree, name: "cp3", address: "10.0.0.10")
    let finding = try tree.expect(.peerSameNode) { $0.peers = [sameName.location] }
    #expect(finding.files == [tree, sameName].map { $0.path("kubelet.conf") })
    let other = try tree.expect(.peerSameNode) { $0.peers = [sameAddress.location] }
    #expect(other.message.contains("2 nodes have the advertise address 10.0.0.10"))
    try tree.expect(.peerSameNode, .peerSameNode) { $0.peers = [sameAddress.location, sameName.location] }
  }

  @Test func `a load balancer that all controllers connect to is no node's address`() throws {
    let tree = try MadeTree()
    let second = try second(of: tree)
    for tree in [tree, second] {
      for name in ["controller-manager.conf", "scheduler.conf"] {
        try tree.replace("server", in: name, with: "server: https://10.0.0.99:6443")
      }
    }
    let findings = try tree.findings { $0.peers = [second.location] }
    #expect(findings.allSatisfy { $0.code != .peerSameNode })
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
