import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// The pair of service-account tokens, as kube-apiserver reads it.
struct AuditServiceAccountTests {
  @Test func `a private key in sa_pub verifies tokens, unless it is an EC key in PKCS 8`() async throws {
    let tree = try MadeTree()
    try tree.write(tree.text("pki/sa.key"), to: "pki/sa.pub")
    chmod600(tree, "pki/sa.pub")
    try tree.expectSoundness()
    try await tree.openssl(["pkcs8", "-topk8", "-nocrypt", "-in", "sa.key", "-out", "sa.pub"])
    chmod600(tree, "pki/sa.pub")
    try tree.expect(.malformedFile)
    try await tree.openssl(["genrsa", "-traditional", "-out", "sa.key", "2048"])
    try await tree.openssl(["pkcs8", "-topk8", "-nocrypt", "-in", "sa.key", "-out", "sa.pub"])
    try tree.expectSoundness()
  }

  @Test func `a certificate in sa_pub verifies tokens, beside other keys and what cannot be read`()
    async throws
  {
    let tree = try MadeTree()
    try await tree.openssl([
      "req", "-x509", "-new", "-key", "sa.key", "-subj", "/CN=sa", "-days", "100", "-out", "sa.pub",
    ])
    try tree.expectSoundness()
    let other = try PrivateKey.generate(.ecdsaP256).publicKey.pem().copy.text
    try tree.write(
      other + "-----BEGIN THING-----\nAAAA\n-----END THING-----\n" + tree.text("pki/sa.pub"), to: "pki/sa.pub"
    )
    try tree.expectSoundness()
    try tree.write(other, to: "pki/sa.pub")
    try tree.expect(.serviceAccountKeyMismatch)
  }

  @Test func `an RSA key in PKCS 1 verifies none`() async throws {
    let tree = try MadeTree()
    try await tree.openssl(["genrsa", "-traditional", "-out", "sa.key", "2048"])
    try await tree.openssl(["rsa", "-in", "sa.key", "-RSAPublicKey_out", "-out", "sa.pub"])
    #expect(try tree.expect(.malformedFile).files == [tree.path("pki/sa.pub")])
  }

  @Test func `an Ed25519 key signs no tokens, nor verifies any`() async throws {
    let tree = try MadeTree()
    let other = try tree.text("pki/sa.pub")
    try await tree.openssl(["genpkey", "-algorithm", "ed25519", "-out", "sa.key"])
    try await tree.openssl(["pkey", "-in", "sa.key", "-pubout", "-out", "sa.pub"])
    let finding = try tree.expect(.unsupportedKey)
    #expect(finding.files == [tree.path("pki/sa.key")] && finding.message.contains("ed25519"))
    try tree.write(tree.text("pki/sa.pub") + other, to: "pki/sa.pub")
    try tree.expect(.unsupportedKey)
  }

  @Test func `a lost pair is one finding, whose remedy says what another pair costs`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/sa.key", "pki/sa.pub")
    let finding = try tree.expect(.missingFile)
    #expect(finding.files == ["pki/sa.key", "pki/sa.pub"].map(tree.path))
    guard case .putBackServiceAccountPair = finding.remedy.actions.first else {
      Issue.record("\(finding.remedy)")
      return
    }
  }

  @Test func `init warns when it makes another pair, and not for a new tree`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/sa.key", "pki/sa.pub")
    let warnings = try tree.plan().warnings
    #expect(warnings.count == 1 && warnings[0].contains("tokens of the old key become invalid"))
    #expect(try MadeTree(empty: .documented).plan().warnings.isEmpty)
  }

  private func chmod600(_ tree: MadeTree, _ name: String) {
    try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: tree.path(name))
  }
}

/// Private keys in files that everybody reads.
struct AuditMisplacedKeyTests {
  @Test func `private keys in certificates' files are one finding, unless only the owner reads these`() throws
  {
    let tree = try MadeTree()
    for name in ["ca", "apiserver"] {
      try tree.write(tree.text("pki/\(name).crt") + tree.text("pki/\(name).key"), to: "pki/\(name).crt")
    }
    let finding = try tree.expect(.keyExposed)
    #expect(finding.files == ["pki/ca.crt", "pki/apiserver.crt"].map(tree.path))
    for name in finding.files {
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: name)
    }
    try tree.expectSoundness()
  }

  @Test func `so is one in sa_pub`() throws {
    let tree = try MadeTree()
    try tree.write(tree.text("pki/sa.pub") + tree.text("pki/sa.key"), to: "pki/sa.pub")
    #expect(try tree.expect(.keyExposed).files == [tree.path("pki/sa.pub")])
  }
}
