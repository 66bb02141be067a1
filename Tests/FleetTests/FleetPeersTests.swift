import Fleet
import FoundationEssentials
import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// Which nodes are peers without being named.
struct FleetPeersTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A control-plane node with these files as its ca.crt, one after the other.
  private func makeNode(_ name: String, trusting trees: MadeTree...) throws {
    let pki = directory.path("\(name)/pki")
    try FileManager.default.createDirectory(atPath: pki, withIntermediateDirectories: true)
    let text = try trees.map { try String(contentsOfFile: $0.path("pki/ca.crt"), encoding: .utf8) }.joined()
    try Data(text.utf8).write(to: URL(filePath: pki + "/ca.crt"))
    try Data().write(to: URL(filePath: pki + "/sa.pub"))
  }

  private func peers() throws -> [[String]] {
    let fleet = try Fleet(below: directory.path)
    return fleet.peers(jobs: 2).map { $0.map { fleet.trees[$0].name } }
  }

  @Test
  func `nodes of one cluster that share a certificate of ca.crt are peers, also while the CA is replaced`()
    throws
  {
    let (old, new) = (try MadeTree(.documented), try MadeTree(.kubeadm))
    try makeNode("a/cp1", trusting: old)
    try makeNode("a/cp2", trusting: new)
    try makeNode("a/cp3", trusting: old, new)
    try makeNode("b/cp1", trusting: old)
    try makeNode("b/cp2", trusting: new)
    #expect(try peers() == [["a/cp1", "a/cp2", "a/cp3"]])
  }

  @Test func `copies in different directories are of different clusters`() throws {
    let tree = try MadeTree()
    try makeNode("monday/cp1", trusting: tree)
    try makeNode("tuesday/cp1", trusting: tree)
    #expect(try peers().isEmpty)
  }

  @Test func `workers, and trees whose ca.crt cannot be read, are peers of none`() throws {
    let tree = try MadeTree()
    try makeNode("a/cp1", trusting: tree)
    try makeNode("a/cp2")
    try makeNode("a/w1", trusting: tree)
    try FileManager.default.removeItem(atPath: directory.path("a/w1/pki/sa.pub"))
    #expect(try peers().isEmpty)
  }
}
