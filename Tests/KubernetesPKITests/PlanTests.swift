import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What a run is going to do, for each state of the disk in which nothing is wrong.
struct PlanTests {
  static let items = [
    "ca", "apiserver", "apiserver-kubelet-client", "front-proxy-ca", "front-proxy-client", "etcd-ca",
    "etcd-server",
    "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client", "sa", "admin.conf", "kubelet.conf",
    "controller-manager.conf", "scheduler.conf",
  ]

  @Test func `in an empty directory everything is created, CAs before what they sign`() throws {
    let plan = try MadeTree(empty: .documented).plan()
    #expect(plan.steps.map(\.name) == Self.items && plan.steps.allSatisfy { !$0.isKept })
    #expect(plan.newKeyCount == 15 && plan.changesSomething && plan.warnings.isEmpty)
  }

  @Test(arguments: [Catalog.documented, .kubeadm(.newestKnown), .kubeadm(KubernetesVersion(1, 28, 0))])
  func `a whole tree is kept`(catalog: Catalog) throws {
    let tree = try MadeTree(empty: catalog)
    try tree.complete()
    let plan = try tree.plan()
    #expect(plan.steps.count == 11 + catalog.kubeconfigs.count && plan.steps.allSatisfy(\.isKept))
    #expect(plan.newKeyCount == 0 && !plan.changesSomething && plan.warnings.isEmpty)
  }

  @Test func `what is missing is created and all else is kept`() throws {
    let tree = try MadeTree(.documented)
    for (item, files) in [
      ("apiserver", ["pki/apiserver.crt", "pki/apiserver.key"]),
      ("etcd-peer", ["pki/etcd/peer.crt", "pki/etcd/peer.key"]),
      ("front-proxy-client", ["pki/front-proxy-client.crt", "pki/front-proxy-client.key"]),
      ("sa", ["pki/sa.key", "pki/sa.pub"]), ("kubelet.conf", ["kubelet.conf"]),
    ] {
      for file in files { try tree.remove(file) }
      let plan = try tree.plan()
      #expect(plan.steps.filter { !$0.isKept }.map(\.name) == [item] && plan.newKeyCount == 1)
      try tree.complete()
      #expect(try !tree.plan().changesSomething)
    }
  }

  @Test func `a public key is derived again from the private one`() throws {
    let tree = try MadeTree(.documented)
    let before = try tree.state
    try tree.remove("pki/sa.pub")
    let plan = try tree.plan()
    #expect(plan.newKeyCount == 0 && plan.changesSomething)
    guard case .derivePublicKey = plan.steps[10] else {
      Issue.record("\(plan.steps[10])")
      return
    }
    try tree.complete()
    #expect(try tree.text("pki/sa.pub") == tree.key("sa").publicKey.pem().copy.text)
    #expect(try tree.state["pki/sa.key"] == before["pki/sa.key"])
  }

  @Test func `a CA without its key is kept as long as it has nothing to sign`() throws {
    let tree = try MadeTree(.documented)
    try tree.remove("pki/ca.key", "pki/etcd/ca.key", "pki/front-proxy-ca.key")
    #expect(try !tree.plan().changesSomething)
    try tree.remove("pki/sa.key", "pki/sa.pub")
    try tree.complete()
    #expect(try tree.names.count { $0.hasSuffix(".key") } == 8)
  }

  @Test func `a CA of another name, algorithm and maker is kept and signs`() throws {
    let tree = try MadeTree(empty: .documented)
    try FileManager.default.createDirectory(atPath: tree.path("pki"), withIntermediateDirectories: false)
    let (root, key) = (try PrivateKey.generate(.ecdsaP384), try PrivateKey.generate(.rsa2048))
    let authority: [CertificateExtension] = [
      try BasicConstraints.ca(pathLength: nil).encoded(isCritical: true),
      try KeyUsage([.keyCertSign]).encoded(isCritical: true),
    ]
    let validity = Validity(
      notBefore: MadeTree.instant.addingTimeInterval(-1),
      notAfter: MadeTree.instant.addingTimeInterval(86_400))
    func template(_ name: String, _ key: PrivateKey) throws -> CertificateTemplate {
      CertificateTemplate(
        serialNumber: try .random(), subject: try DistinguishedName(organizations: ["Ä"], commonName: name),
        validity: validity, publicKey: key.publicKey, extensions: authority)
    }
    let rootCertificate = try template("root", root).selfSigned(by: root)
    let certificate = try template("intermediate", key).signed(by: root, issuer: rootCertificate)
    try tree.write(certificate.pem(), to: "pki/ca.crt")
    try tree.write(key.pem(), to: "pki/ca.key")
    try tree.complete()
    let plan = try tree.plan()
    #expect(!plan.changesSomething)
    let leaf = try tree.certificate("apiserver")
    #expect(leaf.issuer == certificate.subject && leaf.validity.notAfter == validity.notAfter)
    #expect(leaf.signatureAlgorithm.longName == "sha256WithRSAEncryption")
    #expect(try leaf.authorityKeyIdentifier() == certificate.subjectKeyIdentifier())
    #expect(
      try leaf.verificationError(anchors: [certificate], purpose: .server, at: MadeTree.instant) == nil)
  }

  @Test func `a selection makes its own files and no others`() throws {
    let tree = try MadeTree(empty: .documented)
    var selection = try Selection.test(["ca", "etcd-ca"], .pairs, in: .documented)
    try tree.complete(selection)
    #expect(
      try tree.names == ["pki", "pki/ca.crt", "pki/ca.key", "pki/etcd", "pki/etcd/ca.crt", "pki/etcd/ca.key"])
    selection = try Selection.test(["admin.conf"], .kubeconfigs, in: .documented)
    try tree.complete(selection)
    #expect(try tree.names.first == "admin.conf" && tree.names.count == 7)
    selection = try Selection.test(["apiserver", "sa"], .pairs, in: .documented)
    #expect(try tree.plan(selection).steps.map(\.name) == ["apiserver", "sa"])
    selection = try Selection.test(["all"], .pairs, in: .documented)
    #expect(try tree.plan(selection).steps.map(\.name) == Array(Self.items.prefix(11)))
  }

  @Test func `a new CA is refused where an older one has signed what is there`() throws {
    let tree = try MadeTree(.documented)
    try tree.remove("pki/ca.crt", "pki/ca.key")
    let authority = try Selection.test(["ca"], .pairs, in: .documented)
    let errors = try #require(throws: PKIErrors.self) { try tree.plan(authority) }
    #expect(errors.errors.count == 6, "two certificates and four kubeconfigs")
    // Certificates alone have nothing to do with the kubeconfigs in the usual place.
    let otherDirectory = TreeLocation(
      certificateDirectory: tree.path("new"), kubeconfigDirectory: tree.directory.path,
      hasKubeconfigs: false)
    let plan = try Plan(
      completing: .pairs(in: .documented), of: .documented,
      in: TreeContents(reading: otherDirectory, catalog: .documented), for: MadeTree.cluster(),
      at: MadeTree.instant)
    #expect(plan.newKeyCount == 11)
  }

  @Test func `names of a selection are kubeadm's, and others are refused all at once`() throws {
    let names = Self.items.map { $0.replacing(".conf", with: "") }
    let certificates = try Selection.test(Array(names.prefix(11)), .pairs, in: .documented)
    #expect(certificates == .pairs(in: .documented) && !certificates.hasKubeconfigs(in: .documented))
    for names in [Array(names.suffix(4)), Array(Self.items.suffix(4)), ["all"]] {
      let selection = try Selection.test(names, .kubeconfigs, in: .documented)
      #expect(
        selection.entries.count == 4 && !selection.serviceAccountKey)
    }
    let (_, unknown) = Selection.named(["ca", "x", "admin", "all", "../y"], .pairs, in: .documented)
    #expect(unknown.map(\.name) == ["x", "admin", "../y"])
    #expect(Selection.named(["super-admin"], .kubeconfigs, in: .documented).unknown.count == 1)
    let kubeadm = Catalog.kubeadm(.newestKnown)
    #expect(try Selection.test(["super-admin.conf"], .kubeconfigs, in: kubeadm).entries == [.superAdmin])
  }

  // MARK: Lifetimes

  @Test func `lifetimes count from one instant, five minutes after they begin`() throws {
    let instant = MadeTree.instant.addingTimeInterval(0.75)
    for specification in Self.specifications(try MadeTree(empty: .documented).plan(at: instant)) {
      let days: Double = specification.issuer == .itself ? 3650 : 365
      #expect(specification.validity.notBefore == MadeTree.instant.addingTimeInterval(-300))
      #expect(specification.validity.notAfter == MadeTree.instant.addingTimeInterval(days * 86_400))
    }
  }

  @Test func `what would outlive its CA is clamped, with a warning for each CA`() throws {
    let cluster = try MadeTree.cluster {
      $0.caCertificateValidity = .days(90)
      $0.certificateValidity = .days(91)
    }
    let plan = try MadeTree(empty: .documented).plan(for: cluster)
    let end = MadeTree.instant.addingTimeInterval(90 * 86_400)
    #expect(Self.specifications(plan).allSatisfy { $0.validity.notAfter == end })
    #expect(
      plan.warnings == [
        "apiserver, apiserver-kubelet-client, admin.conf, kubelet.conf, controller-manager.conf, scheduler.conf"
          + " will be valid only until 2027-04-15T08:00:00Z, when the CA ca expires",
        "front-proxy-client will be valid only until 2027-04-15T08:00:00Z, when the CA front-proxy-ca expires",
        "etcd-server, etcd-peer, etcd-healthcheck-client, apiserver-etcd-client will be valid only until"
          + " 2027-04-15T08:00:00Z, when the CA etcd-ca expires",
      ])
  }

  @Test func `what ends with its CA to the second is not clamped`() throws {
    let cluster = try MadeTree.cluster {
      $0.caCertificateValidity = .days(90)
      $0.certificateValidity = .days(90)
    }
    #expect(
      try MadeTree(empty: .documented).plan(for: cluster, at: MadeTree.instant.addingTimeInterval(0.5))
        .warnings.isEmpty)
  }

  @Test func `a leaf is clamped to a CA that is there`() throws {
    let tree = try MadeTree(.documented)
    try tree.remove("scheduler.conf")
    let late = MadeTree.instant.addingTimeInterval(3640 * 86_400)
    let selection = try Selection.test(["scheduler"], .kubeconfigs, in: .documented)
    let plan = try tree.plan(selection, at: late)
    #expect(
      plan.warnings == [
        "scheduler.conf will be valid only until 2037-01-12T08:00:00Z, when the CA ca expires"
      ])
    #expect(
      Self.specifications(plan).map(\.validity.notAfter) == [try tree.certificate("ca").validity.notAfter])
  }

  @Test func `nothing is valid after the year 9999`() throws {
    let cluster = try MadeTree.cluster {
      $0.caCertificateValidity = try Lifetime("7999y")
      $0.certificateValidity = try Lifetime("7998y")
    }
    let tree = try MadeTree(empty: .documented)
    try tree.complete(for: cluster)
    #expect(try tree.certificate("ca").validity.notAfter == Validity.endOfTime)
    #expect(try tree.certificate("apiserver").validity.notAfter == Validity.endOfTime)
    #expect(try !tree.plan(for: cluster).changesSomething)
  }

  static func specifications(_ plan: Plan) -> [CertificateSpecification] {
    plan.steps.compactMap { if case .create(_, let specification) = $0 { specification } else { nil } }
  }
}

extension Plan.Step {
  /// Whether what is there stays.
  fileprivate var isKept: Bool {
    if case .keep = self { true } else { false }
  }
}
