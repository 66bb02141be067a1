import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees whose certificates say something wrong, or go with the wrong key.
struct AuditContentTests {
  // Pairs

  @Test func `the key of another certificate is one finding`() throws {
    let tree = try MadeTree()
    try tree.write(tree.text("pki/front-proxy-client.key"), to: "pki/apiserver.key")
    #expect(try tree.expect(.keyMismatch).files == ["pki/apiserver.key", "pki/apiserver.crt"].map(tree.path))
  }

  @Test func `a CA key that is another's is one finding`() throws {
    let tree = try MadeTree()
    try tree.write(PrivateKey.generate(.ecdsaP256).pem(), to: "pki/ca.key")
    #expect(try tree.expect(.keyMismatch).files == ["pki/ca.key", "pki/ca.crt"].map(tree.path))
  }

  @Test func `a public key that is not that of sa_key is one finding`() throws {
    let tree = try MadeTree()
    try tree.write(PrivateKey.generate(.ecdsaP256).publicKey.pem(), to: "pki/sa.pub")
    #expect(try tree.expect(.serviceAccountKeyMismatch).files == ["pki/sa.pub", "pki/sa.key"].map(tree.path))
  }

  @Test func `a second key that verifies old tokens is none`() throws {
    let tree = try MadeTree()
    let old = try String(decoding: PrivateKey.generate(.ecdsaP256).publicKey.pem().copy, as: UTF8.self)
    try tree.write(old + tree.text("pki/sa.pub"), to: "pki/sa.pub")
    try tree.expectSoundness()
  }

  // Times

  private static let day = 86_400.0

  @Test func `a leaf that is expired is one finding`() throws {
    let tree = try MadeTree()
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      $0.validity = Validity(notBefore: $0.validity.notBefore, notAfter: MadeTree.instant + 5 * Self.day)
    }
    #expect(try tree.expect(.expired, after: 6 * Self.day).files == [tree.path("pki/front-proxy-client.crt")])
  }

  @Test func `a CA that is expired is one finding, whatever it has signed`() throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("etcd/ca") {
      $0.validity = Validity(notBefore: $0.validity.notBefore, notAfter: MadeTree.instant + 5 * Self.day)
    }
    #expect(try tree.expect(.expired, after: 6 * Self.day).files == [tree.path("pki/etcd/ca.crt")])
  }

  @Test func `a certificate that is not yet valid is one finding`() throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig("scheduler.conf") {
      $0.validity = Validity(notBefore: MadeTree.instant + Self.day, notAfter: $0.validity.notAfter)
    }
    #expect(try tree.expect(.notYetValid).files == [tree.path("scheduler.conf")])
  }

  @Test func `leaves that outlive their CA are one finding`() throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("etcd/ca") {
      $0.validity = Validity(notBefore: $0.validity.notBefore, notAfter: MadeTree.instant + 100 * Self.day)
    }
    let finding = try tree.expect(.outlivesCA)
    #expect(
      finding.files
        == ["server", "peer", "healthcheck-client"].map { tree.path("pki/etcd/\($0).crt") }
        + [tree.path("pki/apiserver-etcd-client.crt"), tree.path("pki/etcd/ca.crt")])
  }

  @Test func `a certificate that ends soon is one finding, and how soon is for the caller to say`() throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig("admin.conf") {
      $0.validity = Validity(notBefore: $0.validity.notBefore, notAfter: MadeTree.instant + 20 * Self.day)
    }
    #expect(try tree.expect(.expiringSoon).files == [tree.path("admin.conf")])
    try tree.expectSoundness { $0.expiryMargin = .days(19) }
    try tree.expect(.expiringSoon) { $0.expiryMargin = .days(21) }
  }

  // Identities and usages

  @Test(arguments: ["a common name", "no common name", "an organization", "no organization"])
  func `a client with another identity is one finding`(damage: String) throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig("super-admin.conf") {
      $0.subject = try DistinguishedName(
        organizations: damage == "no organization"
          ? [] : damage == "an organization" ? ["system:masters", "system:nodes"] : ["system:masters"],
        commonName: damage == "a common name"
          ? "root" : damage == "no common name" ? nil : "kubernetes-super-admin")
    }
    #expect(try tree.expect(.wrongIdentity).files == [tree.path("super-admin.conf")])
  }

  @Test func `a certificate with another identity is one finding`() throws {
    let tree = try MadeTree()
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      $0.subject = try DistinguishedName(commonName: "admin")
    }
    #expect(try tree.expect(.wrongIdentity).files == [tree.path("pki/front-proxy-client.crt")])
  }

  @Test func `a kubelet of whatever name is a node, but one of another name than was said is not`() throws {
    let tree = try MadeTree()
    let cluster = try request(nodeName: "cp2")
    let findings = try tree.findings { $0.cluster = cluster }.filter { $0.code == .wrongIdentity }
    #expect(findings.flatMap(\.files).contains(tree.path("kubelet.conf")))
    try tree.replaceKubeconfig("kubelet.conf") {
      $0.subject = try DistinguishedName(organizations: ["system:nodes"], commonName: "system:node:")
    }
    #expect(try tree.expect(.wrongIdentity).files == [tree.path("kubelet.conf")])
  }

  // Names

  private func request(
    nodeName: String? = nil, endpoint: String? = nil, dnsDomain: String? = nil
  ) throws -> ClusterConfiguration {
    var request = ClusterSettings()
    request[.nodeName] = nodeName.map { Setting($0, from: .option("--node-name")) }
    request[.controlPlaneEndpoint] = endpoint.map { Setting($0, from: .option("--control-plane-endpoint")) }
    request[.dnsDomain] = dnsDomain.map { Setting($0, from: .option("--service-dns-domain")) }
    return try request.configuration(assumingDefaults: false)
  }

  @Test(arguments: [("apiserver", "kubernetes.default.svc"), ("etcd/server", "localhost")])
  func `a name that every tree needs is one finding where it is missing`(name: String, host: String) throws {
    let tree = try MadeTree()
    try tree.replace(name, signedBy: name.hasPrefix("etcd") ? "etcd/ca" : "ca") {
      try $0.changeNames { $0 == .dnsName(host) ? nil : $0 }
    }
    #expect(try tree.expect(.nameMissing).message.hasSuffix("lacks the SAN DNS:\(host)"))
  }

  @Test func `an address that is written as a host name is missing`() throws {
    let tree = try MadeTree()
    try tree.replace("etcd/peer", signedBy: "etcd/ca") {
      try $0.set(SubjectAlternativeName([.dnsName("localhost"), .dnsName("127.0.0.1")]))
    }
    #expect(try tree.expect(.nameMissing).message.hasSuffix("lacks the SAN IP:127.0.0.1"))
  }

  @Test func `names that only the cluster's options ask for are missed with these alone`() throws {
    let tree = try MadeTree()
    try tree.expectSoundness()
    let cluster = try request(dnsDomain: "example.org")
    let finding = try tree.expect(.nameMissing) { $0.cluster = cluster }
    #expect(finding.message.hasSuffix("lacks the SAN DNS:kubernetes.default.svc.example.org"))
  }

  @Test func `a wildcard covers the names that it covers for clients`() throws {
    let tree = try MadeTree(empty: .documented)
    try tree.complete(
      for: configuration(
        nodeName: "cp1", advertiseAddress: "10.0.0.10", endpoint: "api.example.com"))
    try tree.replace("apiserver", signedBy: "ca") {
      try $0.changeNames { $0 == .dnsName("api.example.com") ? .dnsName("*.Example.com") : $0 }
    }
    let (one, other) = (try request(endpoint: "api.example.com"), try request(endpoint: "api.eu.example.com"))
    try tree.expectSoundness()
    #expect(try tree.findings { $0.cluster = one }.allSatisfy { $0.code != .nameMissing })
    #expect(try tree.findings { $0.cluster = other }.contains { $0.code == .nameMissing })
  }

  @Test func `a documented tree needs neither IPv6's loopback address nor a truncated domain`() throws {
    let tree = try MadeTree(.documented)
    let address = try #require(IPAddress("127.0.0.1"))
    try tree.replace("etcd/server", signedBy: "etcd/ca") {
      try $0.set(SubjectAlternativeName([.dnsName("localhost"), .ipAddress(address)]))
    }
    try tree.replace("apiserver", signedBy: "ca") {
      try $0.changeNames { $0 == .dnsName("kubernetes.default.svc.cluster") ? nil : $0 }
    }
    let cluster = try request(dnsDomain: "cluster.local")
    try tree.expectSoundness { $0.cluster = cluster }
  }

  @Test func `a server without names is one finding`() throws {
    let tree = try MadeTree()
    try tree.replace("apiserver", signedBy: "ca") { $0.remove(SubjectAlternativeName.identifier) }
    #expect(try tree.expect(.noNames).files == [tree.path("pki/apiserver.crt")])
  }

  // Strength

  @Test func `a weak key is one finding`() async throws {
    let tree = try MadeTree()
    try await tree.openssl(["genrsa", "-traditional", "-out", "apiserver-kubelet-client.key", "1024"])
    let key = try tree.key("apiserver-kubelet-client")
    try tree.replace("apiserver-kubelet-client", signedBy: "ca") { $0.publicKey = key.publicKey }
    #expect(try tree.expect(.weakKey).files == [tree.path("pki/apiserver-kubelet-client.crt")])
  }

  @Test func `a weak key for service-account tokens is one finding`() async throws {
    let tree = try MadeTree()
    try await tree.openssl(["genrsa", "-traditional", "-out", "sa.key", "1024"])
    try tree.write(tree.key("sa").publicKey.pem(), to: "pki/sa.pub")
    #expect(try tree.expect(.weakKey).files == [tree.path("pki/sa.key")])
  }

  @Test func `a key on a curve that Go does not know is one finding, whether it is here or not`() async throws
  {
    let tree = try MadeTree()
    try await tree.openssl([
      "ecparam", "-genkey", "-noout", "-name", "brainpoolP256r1", "-out", "front-proxy-ca.key",
    ])
    try await tree.certify("front-proxy-ca", "/CN=front-proxy-ca", "basicConstraints=critical,CA:TRUE")
    try await tree.certify(
      "front-proxy-client", "/CN=front-proxy-client", by: "front-proxy-ca",
      "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=clientAuth")
    try tree.expect(.malformedFile)
    try tree.remove("pki/front-proxy-ca.key")
    try tree.expect(.unsupportedKey, .externalCA)
  }

  @Test(arguments: ["sha1", "md5"])
  func `a weak signature is one finding`(hash: String) async throws {
    let tree = try MadeTree()
    // ECDSA has no name for MD5.
    for name in ["front-proxy-ca", "front-proxy-client"] {
      try await tree.openssl(["genrsa", "-out", "\(name).key", "2048"])
    }
    try await tree.certify("front-proxy-ca", "/CN=front-proxy-ca", "basicConstraints=critical,CA:TRUE")
    try await tree.certify(
      "front-proxy-client", "/CN=front-proxy-client", by: "front-proxy-ca", over: hash,
      "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=clientAuth")
    let finding = try tree.expect(.weakSignature)
    #expect(finding.files == [tree.path("pki/front-proxy-client.crt")])
    #expect(finding.message.contains(hash.uppercased()))
  }

  @Test func `a root's weak signature of itself is worth knowing, and no more`() async throws {
    let tree = try MadeTree()
    try await tree.certify(
      "front-proxy-ca", "/CN=front-proxy-ca", over: "sha1", "basicConstraints=critical,CA:TRUE")
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      $0.validity = Validity(notBefore: $0.validity.notBefore, notAfter: MadeTree.instant + 99 * Self.day)
    }
    #expect(try tree.expect(.weakSelfSignature).files == [tree.path("pki/front-proxy-ca.crt")])
  }
}
