import Fleet
import FoundationEssentials
import KubernetesPKI
import TestSupport
import Testing

/// Which trees are found below a directory, and what they are called.
struct FleetTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Makes empty files, and the directories above them.
  private func make(_ paths: String...) throws {
    for path in paths {
      let url = URL(filePath: directory.path(path))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
  }

  private func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: directory.path(path), withDestinationPath: target)
  }

  private func found() throws -> Fleet { try Fleet(below: directory.path) }

  /// Each tree as its name and its directory of certificates below the directory of all.
  private func trees() throws -> [String] {
    try found().trees.map {
      "\($0.name) \($0.location.certificateDirectory.dropFirst(directory.path.count + 1))"
    }
  }

  @Test
  func `a root directory, a copy of etc kubernetes and certificates alone are trees, sorted by their names`()
    throws
  {
    try make(
      "prod/cp2/pki/ca.crt", "prod/cp2/admin.conf", "prod/cp1/etc/kubernetes/pki/ca.crt",
      "prod/cp1/etc/kubernetes/admin.conf", "lab/a/b/apiserver.crt", "cp9/pki/sa.pub")
    #expect(
      try trees() == [
        "cp9 cp9/pki", "lab/a/b lab/a/b", "prod/cp1 prod/cp1/etc/kubernetes/pki", "prod/cp2 prod/cp2/pki",
      ])
    let found = try found().trees
    #expect(found.map(\.cluster) == ["", "lab/a", "prod", "prod"])
    #expect(found.map(\.node) == ["cp9", "b", "cp1", "cp2"])
    #expect(found.map(\.location.hasKubeconfigs) == [false, false, true, true])
  }

  @Test
  func `the tree of a machine knows the root directory, so that files of kubeconfigs are looked for there`()
    throws
  {
    try make("prod/cp1/etc/kubernetes/pki/ca.crt", "prod/cp1/etc/kubernetes/kubelet.conf")
    let location = try #require(try found().trees.first?.location)
    #expect(location.rootDirectory == directory.path("prod/cp1") && location.isDefault)
    #expect(location.kubeconfigDirectory == directory.path("prod/cp1/etc/kubernetes"))
  }

  @Test func `a machine whose certificates are all gone is still a tree`() throws {
    try make("prod/cp1/etc/kubernetes/admin.conf")
    #expect(try trees() == ["prod/cp1 prod/cp1/etc/kubernetes/pki"])
  }

  @Test func `backups and the directory of etcd are part of their tree`() throws {
    try make(
      "cp1/pki/ca.crt", "cp1/pki/etcd/ca.crt", "cp1/pki/.backup/20261121T083000Z/pki/ca.crt",
      "cp1/tmp/old/ca.crt")
    #expect(try trees() == ["cp1 cp1/pki", "cp1/tmp/old cp1/tmp/old"])
  }

  @Test func `an etcd host has certificates in the directory etcd only`() throws {
    try make("prod/e1/etc/kubernetes/pki/etcd/ca.crt", "prod/e2/pki/etcd/server.crt")
    #expect(try trees() == ["prod/e1 prod/e1/etc/kubernetes/pki", "prod/e2 prod/e2/pki"])
    #expect(try found().trees.allSatisfy { !$0.isControlPlane })
  }

  @Test func `other directories called pki are none of Kubernetes'`() throws {
    try make(
      "cp1/var/lib/kubelet/pki/kubelet-client-current.pem", "vpn/pki/issued/client.crt", "x/admin.conf")
    #expect(try trees().isEmpty)
  }

  @Test func `symbolic links are not followed, out of the directory or in a circle`() throws {
    let outside = try TemporaryDirectory()
    try make("cp1/pki/ca.crt")
    try Data().write(to: URL(filePath: outside.path("ca.crt")))
    try link("cp2", to: outside.path)
    try link("cp1/again", to: "..")
    try link("cp3", to: "cp1")
    #expect(try trees() == ["cp1 cp1/pki"])
  }

  @Test func `the directory itself may be a tree, and a link`() throws {
    try make("cp1/pki/ca.crt")
    try link("node", to: "cp1")
    let fleet = try Fleet(below: directory.path("node"))
    #expect(fleet.trees.map(\.name) == ["node"])
  }

  @Test func `what is no directory is refused`() throws {
    try make("file")
    #expect(throws: (any Error).self) { try Fleet(below: directory.path("file")) }
    #expect(throws: (any Error).self) { try Fleet(below: directory.path("nothing")) }
    #expect(try found().trees.isEmpty)
  }
}
