import FileStore
import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What a renewal keeps and what it changes.
struct RenewalTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(.documented) }

  private static let leaves = [
    "apiserver", "apiserver-kubelet-client", "front-proxy-client", "etcd-server", "etcd-peer",
    "etcd-healthcheck-client", "apiserver-etcd-client",
  ]

  private static let kubeconfigs = [
    "admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf",
  ]

  @Test(arguments: [NamingStyle.documented, .kubeadm], [0, 364, 366, 3649.9])
  func `at any time every leaf and kubeconfig gets a new lifetime and a new key, and keeps all else`(
    style: NamingStyle, days: Double
  ) throws {
    let tree = try MadeTree(style)
    let instant = MadeTree.days(days)
    let plan = try tree.renewal("all", at: instant)
    let superAdmin = style == .kubeadm ? ["super-admin.conf"] : []
    #expect(Set(plan.steps.map(\.name)) == Set(Self.leaves + Self.kubeconfigs + superAdmin))
    #expect(plan.refusals.isEmpty && plan.newKeyCount == plan.steps.count)
    let files = try Issuer(jobs: 1).issue(plan)
    let certificates = files.compactMap(\.certificate)
    #expect(certificates.count == plan.steps.count)
    for (name, replacement) in plan.replacements {
      let new = try #require(certificates.first { $0.subject == replacement.previous.subject }, "\(name)")
      guard case .ca(let ca) = replacement.specification.issuer else { continue }
      let issuer = try #require(plan.tree.ca(ca)?.issuing)
      #expect(new.content == replacement.previous.content, "\(name)")
      #expect(new.publicKey != replacement.previous.publicKey && new.publicKey.type.algorithm == .ecdsaP256)
      #expect(new.serialNumber != replacement.previous.serialNumber)
      #expect(new.validity.notBefore == instant.addingTimeInterval(-300))
      let end = min(instant.addingTimeInterval(365 * 86_400), issuer.validity.notAfter)
      #expect(new.validity.notAfter == end)
      #expect(try new.verificationError(anchors: [issuer], purpose: .any, at: instant) == nil, "\(name)")
      #expect(try new.authorityKeyIdentifier() == issuer.subjectKeyIdentifier())
    }
    // One for each CA that expires before what it signs could.
    #expect(plan.warnings.count == (days > 3285 ? 3 : 0))
  }

  @Test func `CAs and the service-account pair are left alone, and so is what was not named`() throws {
    let before = try tree.state
    try tree.carryOut(tree.renewal("apiserver", "kubelet"))
    let after = try tree.state
    let changed = before.keys.filter { $0.contains(".") && before[$0] != after[$0] }
    #expect(Set(changed) == ["pki/apiserver.crt", "pki/apiserver.key", "kubelet.conf"])
    #expect(after.count == before.count)
  }

  @Test func `times from 2050 on are written, and a time that has no end`() throws {
    let plan = try tree.renewal("apiserver") { $0.validity = try Lifetime("30y") }
    #expect(plan.replacements["apiserver"]?.specification.validity.notAfter == MadeTree.days(3650))
    let long = try MadeTree(empty: .documented)
    try long.complete(for: MadeTree.cluster { $0.caCertificateValidity = try Lifetime("7900y") })
    let new = try Issuer(jobs: 1).issue(long.renewal("apiserver") { $0.validity = try Lifetime("24y") })
    #expect(new.compactMap(\.certificate).first?.validity.notAfter.rfc3339 == "2052-01-10T08:00:00Z")
  }

  @Test func `a leaf does not outlive its CA, and a warning says so`() throws {
    let plan = try tree.renewal("apiserver", "etcd-peer") { $0.validity = .days(3650) }
    #expect(
      plan.warnings == [
        "apiserver will be valid only until 2037-01-12T08:00:00Z, when the CA ca expires",
        "etcd-peer will be valid only until 2037-01-12T08:00:00Z, when the CA etcd-ca expires",
      ])
  }

  @Test func `only what expires within a time, to the second, or has expired`() throws {
    try tree.replace("etcd/peer", signedBy: "etcd/ca") {
      $0.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(20))
    }
    func due(_ text: String, at days: Double) throws -> [String] {
      let plan = try tree.renewal("all", at: MadeTree.days(days)) { $0.expiringWithin = try Lifetime(text) }
      #expect(plan.steps.count == 11 && plan.refusals.isEmpty)
      return plan.replacements.keys.sorted()
    }
    #expect(try due("20d", at: 0) == ["etcd-peer"])
    #expect(try due("1727999s", at: 0) == [])
    #expect(try due("1s", at: 21) == ["etcd-peer"])
    #expect(try due("345d", at: 20).count == 11)
    #expect(try due("344d", at: 20).count == 1)
  }

  @Test func `keys are kept on request, and nothing but the certificate is written`() throws {
    let plan = try tree.renewal("all") { $0.keepsKeys = true }
    #expect(plan.newKeyCount == 0)
    let files = try Issuer(jobs: 1).issue(plan)
    #expect(!files.contains { $0.path.hasSuffix(".key") } && files.count == 11)
    for replacement in plan.replacements.values {
      let new = files.compactMap(\.certificate).first { $0.subject == replacement.previous.subject }
      #expect(new?.publicKey == replacement.previous.publicKey)
    }
    let admin = try tree.embedded("client-key-data", in: "admin.conf")
    try tree.carryOut(plan)
    #expect(try tree.embedded("client-key-data", in: "admin.conf") == admin)
  }

  @Test(arguments: ["pki/apiserver.key"])
  func `a key that is lost, broken or another's is mended by a new one, and cannot be kept`(name: String)
    throws
  {
    let damages: [() throws -> Void] = [
      { try tree.remove(name) }, { try tree.write("nothing", to: name) },
      { try tree.copy("pki/etcd/peer.key", to: name) },
    ]
    for damage in damages {
      try damage()
      let kept = try tree.renewal("apiserver") { $0.keepsKeys = true }
      let path = tree.path("pki/apiserver.crt")
      #expect(kept.steps.isEmpty)
      #expect(
        kept.refusals.map(\.message) == [
          "cannot renew \(path) with its key: the key is missing, cannot be used, or belongs to another certificate"
        ])
      try tree.carryOut(tree.renewal("apiserver"))
      #expect(try tree.key("apiserver").isPair(of: tree.certificate("apiserver").publicKey))
    }
  }

  @Test func `another kind of key is made on request, and keyEncipherment goes with it`() throws {
    let plan = try tree.renewal("apiserver", "etcd-healthcheck-client") { $0.keyAlgorithm = .rsa2048 }
    try tree.carryOut(plan)
    let usages: KeyUsage = [.digitalSignature, .keyEncipherment]
    for name in ["apiserver", "etcd/healthcheck-client"] {
      let certificate = try tree.certificate(name)
      #expect(try certificate.publicKey.type.algorithm == .rsa2048 && certificate.keyUsage() == usages)
    }
    // As documentation has it: an RSA key that is to encipher only.
    try tree.replace("apiserver", signedBy: "ca") {
      try $0.set(KeyUsage([.keyEncipherment, .dataEncipherment]), isCritical: false)
    }
    let same = try #require(try tree.renewal("apiserver").replacements["apiserver"]).specification
    #expect(same.content.key.newAlgorithm == .rsa2048)
    #expect(
      try same.content.encodedExtensions().first(KeyUsage.self) == [.keyEncipherment, .dataEncipherment])
    let other = try tree.renewal("apiserver") { $0.keyAlgorithm = .ecdsaP384 }
    let specification = try #require(other.replacements["apiserver"]).specification
    #expect(
      try specification.content.encodedExtensions().first(KeyUsage.self) == [
        .digitalSignature, .dataEncipherment,
      ])
    #expect(
      try specification.content.encodedExtensions().first { $0.identifier == KeyUsage.identifier }?.isCritical
        == false)
  }

  @Test func `extensions and names of every kind survive, critical or not`() throws {
    let unknown = [
      CertificateExtension(identifier: ObjectIdentifier("1.2.3.4.5"), isCritical: false, value: [5, 0]),
      CertificateExtension(
        identifier: ObjectIdentifier("2.5.29.32"), isCritical: true,
        value: [0x30, 6, 0x30, 4, 6, 2, 0x2a, 3]),
    ]
    let names: [GeneralName] = [
      .uniformResourceIdentifier("spiffe://cluster/apiserver"), .dnsName("*.example.com"),
      .rfc822Name("root@example.com"), .dnsName("cp1"), .other([0x88, 3, 0x2a, 3, 4]),
    ]
    try tree.replace("apiserver", signedBy: "ca") {
      try $0.set(SubjectAlternativeName(names), isCritical: true)
      try $0.set(ExtendedKeyUsage([.serverAuth, .clientAuth, .any]))
      $0.extensions += unknown
    }
    let before = try tree.certificate("apiserver")
    try tree.carryOut(tree.renewal("apiserver"))
    let after = try tree.certificate("apiserver")
    #expect(after.content == before.content && after.content.count == 6)
    #expect(try after.subjectAlternativeName().names == names)
  }

  @Test func `what should be a leaf and is a CA is refused`() throws {
    try tree.replace("apiserver", signedBy: "ca") {
      try $0.set(BasicConstraints.ca(pathLength: nil), isCritical: true)
    }
    let plan = try tree.renewal("apiserver", "etcd-server")
    #expect(plan.steps.map(\.name) == ["etcd-server"])
    #expect(
      plan.refusals.map(\.message) == [
        "cannot renew \(tree.path("pki/apiserver.crt")): it says CA:TRUE, and its successor would be a CA again"
      ])
  }

  @Test func `a key of a kind that is not made needs one that is, or is kept`() throws {
    let key = try PrivateKey(pem: SecretBytes(Array(Self.p521.utf8)))
    try tree.replace("apiserver", signedBy: "ca") { $0.publicKey = key.publicKey }
    try tree.write(Self.p521, to: "pki/apiserver.key")
    let plan = try tree.renewal("apiserver")
    #expect(
      plan.refusals.map(\.message) == [
        "cannot renew \(tree.path("pki/apiserver.crt")): pkigen does not make keys of its kind, ecdsa-secp521r1"
      ])
    #expect(plan.refusals.map(\.remedy.actions) == [[.chooseKeyAlgorithm]])
    #expect(try tree.renewal("apiserver") { $0.keyAlgorithm = .ecdsaP384 }.refusals.isEmpty)
    try tree.carryOut(tree.renewal("apiserver") { $0.keepsKeys = true })
    #expect(try tree.certificate("apiserver").publicKey == key.publicKey)
  }

  /// A key that guards nothing.
  private static let p521 = """
    -----BEGIN EC PRIVATE KEY-----
    MIHcAgEBBEIBRLd/bH/bfCBxFuDhT45AdO6XI1sBkPuofVbpSAdqpeIqpL8TYRGE
    QeKn67wjGuEsr4HnaW1Vn9+UlZoYQ0EgNcigBwYFK4EEACOhgYkDgYYABAGVDVML
    hw29G6HkaOjqNvNhJzk/XUa0mvLCLCbTK8JSeEzsnq1imESEehptnAsb73C32NSb
    iCek8k724lVkqXr1CAF8RWXtGeXKteOL49n8RxsKq/Yhvpmr1lMmII6iioyEId0W
    k1Ufm0y+3/XIC3GHvQcZkPIEIlveP1U3jGdqcN2uCw==
    -----END EC PRIVATE KEY-----

    """

  @Test func `a chain is kept as far as it still leads upwards, with the issuer as it is now`() throws {
    let root = try (certificate: tree.certificate("front-proxy-ca"), key: tree.key("front-proxy-ca"))
    // The cluster's CA below a root, renewed in between with the same key.
    var template = try tree.template(tree.certificate("ca"))
    let old = try template.signed(by: root.key, issuer: root.certificate)
    template.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(1000))
    let now = try template.signed(by: root.key, issuer: root.certificate)
    try tree.write(now.pem(), to: "pki/ca.crt")
    let leaf = try tree.certificate("apiserver")
    let stranger = try tree.certificate("etcd/ca")
    func chain(_ rest: Certificate...) throws -> [Certificate] {
      let text = try ([leaf] + rest).map { try $0.pem().copy.text }.joined()
      try tree.write(text, to: "pki/apiserver.crt")
      try tree.carryOut(tree.renewal("apiserver", at: MadeTree.instant))
      let written = try tree.certificates(in: "pki/apiserver.crt")
      #expect(written.first?.subject == leaf.subject && written.first != leaf)
      return Array(written.dropFirst())
    }
    // A CA that does not sign itself is no use to a reader that trusts only its root, so it is always there.
    #expect(try chain() == [now])
    #expect(try chain(now) == [now])
    #expect(try chain(old) == [now])
    #expect(try chain(old, root.certificate) == [now, root.certificate])
    #expect(try chain(root.certificate, old) == [now, root.certificate])
    #expect(try chain(stranger, now, stranger) == [now])
    #expect(try chain(stranger) == [now])
  }

  @Test func `a chain in a kubeconfig is kept too`() throws {
    let (leaf, issuer) = try (
      tree.embedded("client-certificate-data", in: "admin.conf"), tree.text("pki/ca.crt")
    )
    let both = Data((leaf + issuer).utf8).base64EncodedString()
    try tree.replace("client-certificate-data", in: "admin.conf", with: "client-certificate-data: \(both)")
    try tree.carryOut(tree.renewal("admin"))
    let after = try tree.embedded("client-certificate-data", in: "admin.conf")
    #expect(after.hasSuffix(issuer) && !after.hasPrefix(leaf) && after.count > issuer.count)
  }
}
