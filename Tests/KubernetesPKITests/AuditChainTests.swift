import FoundationEssentials
import Glibc
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// Trees whose CAs are the wrong ones.
struct AuditChainTests {
  @Test func `a certificate of another CA of the tree is one finding, which names that`() throws {
    let tree = try MadeTree()
    try tree.replace("apiserver", signedBy: "etcd/ca")
    let finding = try tree.expect(.wrongCA)
    #expect(finding.files == ["pki/apiserver.crt", "pki/ca.crt"].map(tree.path))
    #expect(finding.message.hasSuffix("; \(tree.path("pki/etcd/ca.crt")) signed"))
  }

  @Test func `a certificate of a foreign CA is one finding`() throws {
    let tree = try MadeTree()
    try tree.makeCA("foreign", at: "foreign")
    try tree.replaceKubeconfig("scheduler.conf", signedBy: "foreign")
    let finding = try tree.expect(.wrongCA)
    #expect(finding.files == ["scheduler.conf", "pki/ca.crt"].map(tree.path))
    #expect(finding.message.hasSuffix("nor by another CA of this tree"))
  }

  @Test func `a kubeconfig of another cluster is one finding`() throws {
    let tree = try MadeTree()
    try tree.makeCA("foreign", at: "foreign")
    try tree.replaceKubeconfig(
      "scheduler.conf", authorities: [tree.certificate("foreign")], signedBy: "foreign")
    try tree.expect(.wrongCA)
  }

  @Test func `a CA that was made again is one finding, with all that the old one signed`() throws {
    let tree = try MadeTree()
    try tree.makeCA("kubernetes", at: "ca")
    let finding = try tree.expect(.caRekeyed)
    #expect(finding.files.count == 8 && finding.files.last == tree.path("pki/ca.crt"))
  }

  @Test(arguments: ["CA:FALSE", "no basic constraints", "no keyCertSign"])
  func `a CA that is none is one finding`(damage: String) throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("front-proxy-ca") {
      switch damage {
      case "CA:FALSE":
        try $0.set(BasicConstraints.isEndEntity, isCritical: true)
      case "no basic constraints": $0.remove(BasicConstraints.identifier)
      default: try $0.set(KeyUsage([.digitalSignature]), isCritical: true)
      }
    }
    #expect(try tree.expect(.notACA).files == [tree.path("pki/front-proxy-ca.crt")])
  }

  @Test func `a chain that verifiers refuse is one finding, with the reason`() throws {
    let tree = try MadeTree()
    let unknown = CertificateExtension(
      identifier: ObjectIdentifier("1.2.3.4"), isCritical: true, value: [0x05, 0x00])
    try tree.replace("apiserver", signedBy: "ca") { $0.extensions.append(unknown) }
    let finding = try tree.expect(.chainRefused)
    #expect(finding.files == ["pki/apiserver.crt", "pki/ca.crt"].map(tree.path))
    #expect(finding.message.hasSuffix("it has the critical extension 1.2.3.4, which Go does not handle"))
  }

  @Test func `a CA on a path that is too long is one finding`() throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("front-proxy-ca") {
      try $0.set(BasicConstraints.ca(pathLength: 0), isCritical: true)
    }
    try tree.makeCA("intermediate", at: "intermediate", signedBy: "front-proxy-ca")
    try tree.replace("front-proxy-client", signedBy: "intermediate")
    try tree.write(
      tree.text("pki/front-proxy-client.crt") + tree.text("pki/intermediate.crt"),
      to: "pki/front-proxy-client.crt")
    #expect(try tree.expect(.chainRefused).message.hasSuffix("allows 0 CAs below it, and there are 1"))
  }

  @Test func `a CA for servers only, of clients, is one finding`() throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("front-proxy-ca") {
      try $0.set(ExtendedKeyUsage([.serverAuth]), isCritical: false)
    }
    let finding = try tree.expect(.chainRefused)
    #expect(finding.files == ["pki/front-proxy-client.crt", "pki/front-proxy-ca.crt"].map(tree.path))
  }

  // CAs that have something to do with each other

  /// A tree around copies of one CA.
  private func tree(sharing authority: [String]) throws -> MadeTree {
    let tree = try MadeTree(
      around: authority.flatMap { _ in ["ca.crt", "ca.key"] }, of: MadeTree(),
      as: authority.flatMap { ["\($0).crt", "\($0).key"] })
    try tree.complete()
    return tree
  }

  @Test func `a front-proxy CA that is the clients' is one finding`() throws {
    let finding = try tree(sharing: ["ca", "front-proxy-ca"]).expect(.frontProxyShared)
    #expect(finding.message.contains("has the key of"))
  }

  @Test func `a front-proxy CA with the clients' key is one finding`() throws {
    let tree = try MadeTree()
    try tree.write(tree.text("pki/ca.key"), to: "pki/front-proxy-ca.key")
    let key = try tree.key("ca")
    try tree.replaceAuthority("front-proxy-ca") { $0.publicKey = key.publicKey }
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca")
    try tree.expect(.frontProxyShared)
  }

  @Test func `a front-proxy CA that accepts clients by way of a bundle is one finding`() throws {
    let tree = try MadeTree()
    try tree.makeCA("sub", at: "sub", signedBy: "front-proxy-ca")
    try tree.write(tree.text("pki/ca.crt") + tree.text("pki/sub.crt"), to: "pki/ca.crt")
    try tree.replaceKubeconfig("admin.conf", signedBy: "sub")
    try tree.appendToClient(tree.text("pki/sub.crt"), in: "admin.conf")
    let findings = try tree.findings().filter { $0.severity > .info }
    #expect(findings.map(\.code) == [.frontProxyShared, .caBundle])
    #expect(findings.first?.files.last == tree.path("admin.conf"))
  }

  @Test func `an etcd CA that is the clients' is one finding`() throws {
    let tree = try tree(sharing: ["ca", "etcd/ca"])
    #expect(try tree.expect(.casShareKey).files == ["pki/ca.crt", "pki/etcd/ca.crt"].map(tree.path))
  }

  @Test func `one CA for everything is both findings`() throws {
    let tree = try tree(sharing: ["ca", "front-proxy-ca", "etcd/ca"])
    try tree.expect(.frontProxyShared, .casShareKey)
  }

  @Test func `namesakes without key identifiers are one finding, and with them none`() async throws {
    let tree = try MadeTree(around: [], of: MadeTree())
    for name in ["ca", "etcd/ca"] {
      try tree.write(PrivateKey.generate(.ecdsaP256).pem(), to: "pki/\(name).key")
      chmod(tree.path("pki/\(name).key"), 0o600)
      try await tree.certify(
        name, "/CN=ca", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign",
        "subjectKeyIdentifier=none", "authorityKeyIdentifier=none")
    }
    try tree.complete()
    let finding = try tree.expect(.noKeyIdentifiers)
    #expect(finding.files.prefix(2) == [tree.path("pki/ca.crt"), tree.path("pki/etcd/ca.crt")])

    let source = try MadeTree()
    try source.makeCA("etcd-ca", at: "ca")
    let marked = try MadeTree(around: ["ca.crt", "ca.key", "etcd/ca.crt", "etcd/ca.key"], of: source)
    try marked.complete()
    try marked.expectSoundness()
  }

  @Test func `a bundle where kube-controller-manager needs one certificate is one finding`() throws {
    let tree = try MadeTree()
    try tree.makeCA("old", at: "old")
    try tree.write(tree.text("pki/ca.crt") + tree.text("pki/old.crt"), to: "pki/ca.crt")
    #expect(try tree.expect(.caBundle).files == [tree.path("pki/ca.crt")])
    // Where it cannot sign, it needs none; and the other CAs' files are for readers alone.
    try tree.remove("pki/ca.key")
    try tree.makeCA("older", at: "older")
    try tree.write(tree.text("pki/etcd/ca.crt") + tree.text("pki/older.crt"), to: "pki/etcd/ca.crt")
    try tree.expect(.externalCA)
  }

  @Test(arguments: [
    "admin.conf", "kubelet.conf", "pki/apiserver", "pki/apiserver-kubelet-client", "pki/etcd/server",
  ])
  func `a leaf of another cluster is one finding, whatever it says`(name: String) throws {
    let tree = try MadeTree()
    let other = try MadeTree(empty: .documented)
    try other.complete(
      for: MadeTree.cluster {
        $0.nodeName = "cp9"
        $0.advertiseAddress = IPAddress("10.0.9.9")
      })
    let files = name.hasSuffix(".conf") ? [name] : ["\(name).crt", "\(name).key"]
    for file in files { try tree.write(other.text(file), to: file) }
    let cluster = try MadeTree.cluster()
    let findings = try tree.findings {
      $0.catalog = tree.catalog
      $0.cluster = cluster
    }.filter { $0.severity > .info }
    #expect(
      findings.count == 1 && [.wrongCA, .caRekeyed].contains(findings.first?.code),
      "\(findings.map(\.message))")
    // The CA has signed others, so it is the leaf that goes; what it says is no fact of this node.
    let remedy = try #require(findings.first?.remedy)
    let id = try #require(
      tree.catalog.entries.first { tree.location.path(of: $0) == tree.path(files[0]) }?.id)
    #expect(remedy.actions == [.makeAgain([id], files: files.map(tree.path))])
    #expect(remedy.tree?.nodeName != "cp9" && remedy.tree?.advertiseAddress == IPAddress("10.0.0.10"))
  }

  @Test func `where a CA is another, what it should have signed stays as it is`() throws {
    let tree = try MadeTree()
    try tree.makeCA("front-proxy-ca", at: "front-proxy-ca")
    let finding = try tree.expect(.caRekeyed)
    #expect(
      finding.remedy.actions.first
        == .putBackCA(
          certificate: tree.path("pki/front-proxy-ca.crt"), key: tree.path("pki/front-proxy-ca.key")))
  }
}
