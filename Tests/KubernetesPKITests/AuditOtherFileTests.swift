import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// Private keys in files that are no part of the PKI.
struct AuditOtherFileTests {
  @Test func `keys in files that are none of the tree's are found, too`() throws {
    let tree = try MadeTree()
    let key = try tree.text("pki/ca.key")
    let names = [
      "pki/ca.crt.old", "pki/old-key.pem", "pki/old/2025/ca.key", "pki/other.crt", "other.conf",
    ]
    try tree.write(tree.text("pki/ca.crt") + key, to: "pki/other.crt")
    try tree.write(key, to: "pki/old-key.pem")
    try tree.write(key, to: "pki/ca.crt.old")
    try tree.write(tree.text("admin.conf"), to: "other.conf")
    try FileManager.default.createDirectory(
      atPath: tree.path("pki/old/2025"), withIntermediateDirectories: true)
    try tree.write(key, to: "pki/old/2025/ca.key")
    // What has no key, and what its owner alone can read.
    try tree.write(tree.text("pki/ca.crt"), to: "pki/old.crt")
    try tree.write(
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", to: "pki/x.pem")
    try tree.write("client-key-data: $(base64 -w0 key)\n", to: "make-tree.sh")
    for name in names + ["pki/old.crt", "pki/x.pem", "make-tree.sh"] { chmod(tree.path(name), 0o644) }
    try tree.write(key, to: "pki/closed.pem")
    chmod(tree.path("pki/closed.pem"), 0o600)
    let finding = try tree.expect(.keyExposed)
    #expect(Set(finding.files) == Set(names.map(tree.path)))
    for name in names { chmod(tree.path(name), 0o640) }
    #expect(Set(try tree.expect(.keyGroupReadable).files) == Set(names.map(tree.path)))
  }

  @Test func `a kubeconfig that the style does not have is no less a secret`() throws {
    let tree = try MadeTree(.documented)
    try tree.write(tree.text("admin.conf"), to: "super-admin.conf")
    chmod(tree.path("super-admin.conf"), 0o644)
    #expect(try tree.expect(.keyExposed).files == [tree.path("super-admin.conf")])
  }
}
