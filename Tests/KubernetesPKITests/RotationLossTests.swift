import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What a rotation makes again where files of its stage are lost, stale or another CA's, and what it does without.
struct RotationLossTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  private static let cas: [(id: CatalogEntry.ID, stem: String)] = [
    (.ca, "ca"), (.etcdCA, "etcd/ca"), (.frontProxyCA, "front-proxy-ca"),
  ]

  /// What verify finds that is worse than information, two days after the tree was made.
  private func findings() throws -> [FindingCode] {
    let audit = Audit(for: try MadeTree.cluster(), owner: geteuid())
    return try audit.findings(of: tree.location, at: MadeTree.days(2)).filter { $0.severity > .info }
      .map(\.code)
  }

  private func refusals(
    _ verb: RotationVerb, _ name: String, _ change: (inout RotationOptions) -> Void = { _ in }
  )
    -> [FindingCode]
  {
    do {
      _ = try tree.rotation(verb, name, at: MadeTree.days(2), change)
      return []
    } catch {
      return (error as? PKIErrors)?.findings.map(\.code) ?? []
    }
  }

  private func expectCross(_ stem: String, _ isSwitched: Bool) throws {
    let bundle = try tree.certificates(in: "pki/\(stem).crt")
    let succession = CASuccession(
      successor: bundle[isSwitched ? 0 : 1], predecessor: bundle[isSwitched ? 1 : 0])
    let cross = try tree.certificates(in: "pki/\(stem)-cross.crt")
    #expect(cross.count == 1 && succession.isCross(cross[0]))
    guard isSwitched else { return }
    let leaf = ["ca": "apiserver", "etcd/ca": "etcd/server"][stem] ?? "front-proxy-client"
    #expect(try Array(tree.certificates(in: "pki/\(leaf).crt").dropFirst()) == cross)
  }

  @Test(arguments: cas)
  func `the successor as its predecessor certifies it is missed, and made again`(
    id: CatalogEntry.ID, stem: String
  ) throws {
    let name = id.rawValue
    let foreign = stem == "ca" ? "pki/etcd/ca.crt" : "pki/ca.crt"
    try tree.rotate(.prepare, name)
    for (verb, isSwitched) in [(RotationVerb.prepare, false), (.switchOver, true)] {
      if isSwitched { try tree.rotate(.switchOver, name) }
      for isLost in [true, false] {
        if isLost {
          try tree.remove("pki/\(stem)-cross.crt")
        } else {
          try tree.write(tree.text(foreign), to: "pki/\(stem)-cross.crt")
        }
        let code = isLost ? FindingCode.crossCertificateMissing : .crossCertificateMismatch
        #expect(try findings() == [code])
        if !isSwitched { #expect(refusals(.switchOver, name) == [code]) }
        try tree.carryOut(tree.rotation(verb, name, at: MadeTree.days(2)))
        try expectCross(stem, isSwitched)
        #expect(try findings().isEmpty)
      }
      try tree.write("-----BEGIN", to: "pki/\(stem)-cross.crt")
      #expect(try findings() == [.crossCertificateMismatch])
      try tree.carryOut(tree.rotation(verb, name, at: MadeTree.days(2)))
      try expectCross(stem, isSwitched)
    }
  }

  @Test func `a switch without it is what the user wants, or is refused`() throws {
    try tree.carryOut(tree.rotation(.prepare, "ca") { $0.crossSigns = false })
    #expect(refusals(.switchOver, "ca") == [.crossCertificateMissing])
    try tree.write(tree.text("pki/etcd/ca.crt"), to: "pki/ca-cross.crt")
    let plan = try tree.rotation(.switchOver, "ca") { $0.crossSigns = false }
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("refuses what the successor signs"))
    try tree.carryOut(plan)
    #expect(try tree.contents.succession(of: .ca).cross.isAbsent && findings().isEmpty)
    #expect(try tree.certificates(in: "pki/apiserver.crt").count == 1)
    #expect(try !tree.rotation(.switchOver, "ca").changesSomething)
  }

  @Test func `what is renewed keeps the certificate that leads to the predecessor, where its file is lost`()
    throws
  {
    try tree.rotate(.prepare, "ca")
    try tree.rotate(.switchOver, "ca")
    let cross = try tree.certificates(in: "pki/ca-cross.crt")
    try tree.remove("pki/ca-cross.crt")
    try tree.carryOut(tree.renewal("apiserver", "admin", at: MadeTree.days(2)))
    #expect(try Array(tree.certificates(in: "pki/apiserver.crt").dropFirst()) == cross)
    #expect(try Array(tree.kubeconfig("admin.conf").clientCertificates.dropFirst()) == cross)
  }

  @Test func `it has the key identifier and the name of a successor that was made elsewhere`() async throws {
    let other = try MadeTree(empty: tree.catalog)
    try FileManager.default.createDirectory(atPath: other.path("pki"), withIntermediateDirectories: true)
    try await other.openssl(
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
        "-out", "ca.crt", "-days", "3000", "-subj", "/O=Example/CN=Example CA", "-addext",
        "basicConstraints=critical,CA:true,pathlen:3", "-addext", "keyUsage=critical,keyCertSign",
        "-addext", "subjectKeyIdentifier=01:02:03:04",
      ])
    let successors = TreeContents(
      reading: TreeLocation(
        certificateDirectory: other.path("pki"), kubeconfigDirectory: other.path("pki")),
      catalog: .allFiles)
    try tree.carryOut(tree.rotation(.prepare, "ca") { $0.successors = successors })
    try expectCross("ca", false)
    let cross = try tree.certificate("ca-cross")
    #expect(try cross.subjectKeyIdentifier() == [1, 2, 3, 4])
    #expect(cross.subject.description == "O = Example, CN = Example CA")
    #expect(try cross.basicConstraints() == .ca(pathLength: 3))
    #expect(try cross.authorityKeyIdentifier() == tree.certificate("ca").subjectKeyIdentifier())
    try tree.rotate(.switchOver, "ca")
    try expectCross("ca", true)
  }

  @Test(arguments: [RotationVerb.prepare, .switchOver, .retire])
  func `the file with which kube-controller-manager signs is missed, and made again`(verb: RotationVerb)
    throws
  {
    for step in [RotationVerb.prepare, .switchOver, .retire] {
      try tree.rotate(step, "ca")
      if step == verb { break }
    }
    let right = try tree.text("pki/ca-signing.crt")
    let contents: [String?] = [nil, try tree.text("pki/etcd/ca.crt"), right + right, "-----BEGIN"]
    for content in contents {
      try? tree.remove("pki/ca-signing.crt")
      if let content { try tree.write(content, to: "pki/ca-signing.crt") }
      // Of one CA that signs, kube-controller-manager may have the file itself.
      guard content != nil || verb != .retire else { continue }
      #expect(try findings() == [content == nil ? .caBundle : .signingFileMismatch], "\(content ?? "")")
      try tree.carryOut(tree.rotation(verb, "ca", at: MadeTree.days(2)))
      #expect(try tree.text("pki/ca-signing.crt") == right && findings().isEmpty)
    }
  }

  @Test(arguments: cas)
  func `a key that is lost is missed, and only what needs it is refused`(id: CatalogEntry.ID, stem: String)
    throws
  {
    let name = id.rawValue
    try tree.rotate(.prepare, name)
    let next = try tree.text("pki/\(stem)-next.key")
    try tree.remove("pki/\(stem)-next.key")
    #expect(try findings() == [.irregularRotation])
    #expect(refusals(.switchOver, name) == [.irregularRotation])
    #expect(try tree.rotation(.prepare, name).refusals.map(\.code) == [.irregularRotation])
    let back = try tree.rotation(.back, name)
    try tree.write(next, to: "pki/\(stem)-next.key")
    chmod(tree.path("pki/\(stem)-next.key"), 0o600)
    try tree.rotate(.switchOver, name)
    try tree.remove("pki/\(stem)-previous.key")
    #expect(try findings() == [.irregularRotation])
    #expect(refusals(.back, name) == [.irregularRotation])
    #expect(try !tree.rotation(.switchOver, name).changesSomething)
    try tree.rotate(.retire, name)
    #expect(try tree.stage(id) == .idle && findings().isEmpty)
    #expect(back.changesSomething)
  }

  @Test(arguments: cas)
  func `a CA whose key is lost beside that of its successor is no external CA`(
    id: CatalogEntry.ID, stem: String
  ) throws {
    let name = id.rawValue
    try tree.rotate(.prepare, name)
    try tree.remove("pki/\(stem).key")
    let audit = Audit(for: try MadeTree.cluster(), owner: geteuid())
    let found = try audit.findings(of: tree.location, at: MadeTree.days(2))
    #expect(found.filter { $0.severity == .error }.map(\.code) == [.irregularRotation])
    #expect(!found.contains { $0.code == .externalCA })
    for verb in RotationVerb.allCases { #expect(refusals(verb, name) == [.irregularRotation], "\(verb)") }
    let leaf = ["ca": "apiserver", "etcd/ca": "etcd-server"][stem] ?? "front-proxy-client"
    let refused = try tree.renewal(leaf, at: MadeTree.days(2)).refusals
    #expect(refused.map(\.code) == [.caKeyMissing])
    #expect(
      refused.first?.remedy.actions == [
        .putBackKey(tree.path("pki/\(stem).key"), of: tree.path("pki/\(stem).crt"))
      ])
  }

  @Test func `sa is retired without its previous key where the user says that its tokens were renewed`()
    throws
  {
    try tree.rotate(.prepare, "sa")
    try tree.rotate(.switchOver, "sa")
    try tree.remove("pki/sa-previous.key")
    #expect(refusals(.retire, "sa") { $0.areTokensRenewed = false } == [.predecessorInUse])
    #expect(refusals(.back, "sa") == [.irregularRotation])
    try tree.rotate(.retire, "sa")
    #expect(try tree.stage(nil) == .idle)
  }

  @Test func `a bundle that was made by hand is no rotation`() throws {
    try tree.makeCA("another", at: "other")
    try tree.write(tree.text("pki/etcd/ca.crt") + tree.text("pki/other.crt"), to: "pki/etcd/ca.crt")
    try tree.remove("pki/other.crt", "pki/other.key")
    #expect(try findings().isEmpty)
  }
}
