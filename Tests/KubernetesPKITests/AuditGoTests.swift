import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Certificates that OpenSSL accepts and Go does not, and the reverse.
struct AuditGoTests {
  @Test(arguments: [
    ("2.5.29.17", [0x30, 2, 0x87, 0] as [UInt8], "IP address of 0 octets"),
    ("2.5.29.30", [0x30, 0], "name constraints are empty"), ("1.3.6.1.5.5.7.1.1", [0x04, 0], "is malformed"),
    ("2.5.29.32", [0x30, 3, 2, 1, 1], "is malformed"),
  ])
  func `a certificate that Go cannot parse is an error with the reason`(
    identifier: String, value: [UInt8], reason: String
  ) throws {
    let tree = try MadeTree()
    try tree.replace("apiserver", signedBy: "ca") {
      let identifier = ObjectIdentifier(identifier)
      $0.remove(identifier)
      $0.extensions.append(CertificateExtension(identifier: identifier, isCritical: false, value: value))
    }
    let findings = try tree.findings().filter { $0.severity == .error }
    let finding = try #require(findings.first { $0.code == .malformedFile })
    #expect(finding.files == [tree.path("pki/apiserver.crt")] && finding.message.contains(reason))
  }

  @Test func `what follows the value of an extension is skipped, as Go and OpenSSL skip it`() throws {
    let tree = try MadeTree()
    func lengthened(_ template: inout CertificateTemplate) {
      template.extensions = template.extensions.map {
        CertificateExtension(identifier: $0.identifier, isCritical: $0.isCritical, value: $0.value + [7])
      }
    }
    try tree.replaceAuthority("front-proxy-ca", lengthened)
    for (name, ca) in [
      ("front-proxy-client", "front-proxy-ca"), ("apiserver", "ca"), ("etcd/peer", "etcd/ca"),
    ] {
      try tree.replace(name, signedBy: ca, lengthened)
    }
    try tree.expectSoundness()
    #expect(try tree.certificate("apiserver").subjectAlternativeName().dnsNames.contains("kubernetes"))
  }

  @Test func `what follows a leaf is parsed too`() throws {
    let tree = try MadeTree()
    try tree.makeCA("sub", at: "sub", signedBy: "ca")
    try tree.replace("sub", signedBy: "ca") {
      $0.extensions.append(
        CertificateExtension(
          identifier: ObjectIdentifier("2.5.29.54"), isCritical: false, value: [1, 1, 0xff]))
    }
    try tree.write(tree.text("pki/apiserver.crt") + tree.text("pki/sub.crt"), to: "pki/apiserver.crt")
    #expect(try tree.expect(.malformedFile).message.contains("\"CN = sub\""))
  }

  /// The leaf's chain stands in the wrong order, with certificates that have nothing to do with it.
  @Test func `a chain is found in any order and among others`() throws {
    let tree = try MadeTree()
    try tree.makeCA("one", at: "one", signedBy: "ca")
    try tree.makeCA("two", at: "two", signedBy: "one")
    try tree.replace("apiserver", signedBy: "two")
    let parts = ["apiserver", "front-proxy-ca", "one", "apiserver", "two"].map { "pki/\($0).crt" }
    try tree.write(parts.map(tree.text).joined(), to: "pki/apiserver.crt")
    try tree.expectSoundness()
  }

  @Test(arguments: [-1.0, 1])
  func `an intermediate that is expired or not yet valid is an error`(sign: Double) throws {
    let tree = try MadeTree()
    try tree.makeCA("sub", at: "sub", signedBy: "ca")
    try tree.replace("sub", signedBy: "ca") {
      let (start, end) = ($0.validity.notBefore, $0.validity.notAfter)
      $0.validity =
        sign < 0
        ? Validity(notBefore: start.addingTimeInterval(-9e6), notAfter: start.addingTimeInterval(-1e6))
        : Validity(notBefore: start.addingTimeInterval(1e6), notAfter: end)
    }
    try tree.replace("apiserver", signedBy: "sub")
    try tree.write(tree.text("pki/apiserver.crt") + tree.text("pki/sub.crt"), to: "pki/apiserver.crt")
    #expect(
      try tree.expect(.chainRefused).message.contains("CN = sub is \(sign < 0 ? "expired" : "not valid yet")")
    )
  }

  @Test func `one chain has to be valid and to serve the purpose`() throws {
    let tree = try MadeTree()
    try tree.makeCA("sub", at: "sub", signedBy: "ca")
    let good = try tree.text("pki/sub.crt")
    try tree.replace("sub", signedBy: "ca") {
      let start = $0.validity.notBefore
      $0.validity = Validity(
        notBefore: start.addingTimeInterval(-9e6), notAfter: start.addingTimeInterval(-1e6))
    }
    let expired = try tree.text("pki/sub.crt")
    try tree.write(good, to: "pki/sub.crt")
    try tree.replace("sub", signedBy: "ca") { try $0.set(ExtendedKeyUsage([.clientAuth])) }
    try tree.replace("apiserver", signedBy: "sub")
    let leaf = try tree.text("pki/apiserver.crt")
    try tree.write(leaf + tree.text("pki/sub.crt") + good, to: "pki/apiserver.crt")
    try tree.expectSoundness()
    try tree.write(leaf + tree.text("pki/sub.crt") + expired, to: "pki/apiserver.crt")
    #expect(try tree.expect(.chainRefused).message.contains("do not allow serverAuth"))
  }

  @Test func `an old expired CA before the one that signs is no error`() throws {
    let tree = try MadeTree()
    let new = try tree.text("pki/front-proxy-ca.crt")
    try tree.replaceAuthority("front-proxy-ca") {
      let start = $0.validity.notBefore
      $0.validity = Validity(
        notBefore: start.addingTimeInterval(-9e6), notAfter: start.addingTimeInterval(-1e6))
    }
    try tree.write(tree.text("pki/front-proxy-ca.crt") + new, to: "pki/front-proxy-ca.crt")
    try tree.expectSoundness()
  }

  /// Go's TLS does not have the curve, and verifies what a key on it has signed.
  @Test func `a CA on P-224 is sound, and a leaf is not`() async throws {
    let tree = try MadeTree()
    let key = try await run(Judges.openssl, ["ecparam", "-name", "secp224r1", "-genkey", "-noout"]).stdout
    for name in ["front-proxy-ca", "front-proxy-client"] {
      try tree.write(key, to: "pki/\(name).key")
      if name == "front-proxy-ca" {
        try tree.replaceAuthority(name) { $0.publicKey = try tree.key(name).publicKey }
        try tree.replace("front-proxy-client", signedBy: name)
        try tree.expectSoundness()
      } else {
        try tree.replace(name, signedBy: "front-proxy-ca") { $0.publicKey = try tree.key(name).publicKey }
        #expect(
          try tree.findings().contains {
            $0.code == .unsupportedKey && $0.files[0] == tree.path("pki/\(name).crt")
          })
      }
    }
  }

  @Test func `a CA that was signed again with its key is the same CA to kubeconfigs and leaves`() throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("ca") {
      $0.validity = Validity(
        notBefore: $0.validity.notBefore, notAfter: $0.validity.notAfter.addingTimeInterval(1e8))
    }
    try tree.expectSoundness()
  }

  @Test func `renew makes no copy that no component would accept`() throws {
    let tree = try MadeTree()
    try tree.replace("apiserver", signedBy: "ca") {
      $0.extensions.append(
        CertificateExtension(identifier: ObjectIdentifier("1.2.3.4"), isCritical: true, value: [5, 0]))
    }
    let plan = try tree.renewal("apiserver")
    #expect(plan.steps.isEmpty && plan.refusals.count == 1)
    #expect(plan.refusals.first?.message.hasSuffix("1.2.3.4, which Go does not handle") == true)
  }
}
