@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Trees whose certificates say unusual things of what they are for, and for whom.
struct AuditUsageTests {
  @Test(arguments: [
    "another extended usage", "a usage that is not for servers", "a Netscape type", "the power to sign",
  ])
  func `wrong usages are one finding`(damage: String) throws {
    let tree = try MadeTree()
    try tree.replace("apiserver", signedBy: "ca") {
      switch damage {
      case "another extended usage":
        try $0.set(ExtendedKeyUsage([.clientAuth]))
      case "a usage that is not for servers":
        try $0.set(KeyUsage([.contentCommitment]), isCritical: true)
      case "a Netscape type":
        $0.extensions.append(Self.netscapeType(0x80))
      default:
        try $0.set(KeyUsage([.digitalSignature, .keyCertSign]), isCritical: true)
        try $0.set(BasicConstraints.ca(pathLength: nil), isCritical: true)
      }
    }
    #expect(try tree.expect(.wrongUsages).files == [tree.path("pki/apiserver.crt")])
  }

  /// Netscape's certificate type: 0x80 is for clients, 0x40 for servers.
  private static func netscapeType(_ bits: UInt8) -> CertificateExtension {
    CertificateExtension(
      identifier: NetscapeCertificateType.identifier, isCritical: false, value: [0x03, 0x02, 0x06, bits])
  }

  @Test(arguments: ["apiserver", "apiserver-kubelet-client"])
  func `a usage at which Go does not look is a warning`(name: String) throws {
    let tree = try MadeTree()
    try tree.replace(name, signedBy: "ca") {
      try $0.set(KeyUsage([.keyEncipherment, .dataEncipherment]), isCritical: true)
    }
    let finding = try tree.expect(.unusualUsages)
    #expect(finding.severity == .warning && finding.files == [tree.path("pki/\(name).crt")])
    #expect(finding.message.contains(name == "apiserver" ? "GnuTLS does not" : "OpenSSL does not"))
  }

  @Test(arguments: [0x40, 0x80, 0xc0] as [UInt8])
  func `a client's Netscape type is at most a warning`(bits: UInt8) throws {
    let tree = try MadeTree()
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      $0.extensions.append(Self.netscapeType(bits))
    }
    if bits == 0x40 { try tree.expect(.unusualUsages) } else { try tree.expectSoundness() }
  }

  @Test(arguments: [
    ("apiserver", "ca"), ("etcd/server", "etcd/ca"), ("front-proxy-client", "front-proxy-ca"),
  ])
  func `a certificate without extended key usages is for everything, which is worth knowing`(
    name: String, authority: String
  ) throws {
    let tree = try MadeTree()
    try tree.replace(name, signedBy: authority) { $0.remove(ExtendedKeyUsage.identifier) }
    #expect(try tree.expect(.noUsages).severity == .info)
  }

  @Test(arguments: [
    ("apiserver", "ca"), ("etcd/server", "etcd/ca"), ("etcd/peer", "etcd/ca"),
    ("etcd/healthcheck-client", "etcd/ca"), ("apiserver-etcd-client", "etcd/ca"),
  ])
  func `a subject that no component reads is worth knowing, and no more`(name: String, authority: String)
    throws
  {
    let tree = try MadeTree()
    try tree.replace(name, signedBy: authority) {
      $0.subject = try DistinguishedName(organizations: ["k8s"], commonName: "kubernetes")
    }
    #expect(try tree.expect(.unreadIdentity).files == [tree.path("pki/\(name).crt")])
  }
}
