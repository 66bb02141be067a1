import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import StructuredText
import TestSupport
import Testing

/// Which certificates a report shows beside those that sign and those that are presented, and what each does.
struct ExpirationRoleTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  private func report(at instant: Date = MadeTree.days(2), margin: ExpiryMargin? = nil) -> ExpirationReport {
    let catalog = tree.catalog.withEveryKubeconfig
    return ExpirationReport(of: tree.contents, catalog: catalog, at: instant, margin: margin)
  }

  private func entry(_ name: String, in report: ExpirationReport? = nil) throws -> ExpirationReport.Entry {
    try #require((report ?? self.report()).entries.first { $0.name == name })
  }

  @Test func `a CA alone signs, and has no others`() throws {
    let ca = try entry("ca")
    #expect(ca.role == .signs && ca.others.isEmpty)
    try tree.remove("pki/ca.key")
    #expect(try entry("ca").role == .trusted)
    #expect(try entry("apiserver").role == nil)
  }

  @Test func `during a rotation, each certificate of the bundle and the cross certificate has a role`() throws
  {
    for (verb, roles) in [
      (RotationVerb.prepare, ["next", "cross"]), (.switchOver, ["previous", "cross"]), (.retire, []),
    ] {
      try tree.rotate(verb, "ca")
      let bundle = try tree.certificates(in: "pki/ca.crt")
      let ca = try entry("ca")
      #expect(ca.role == .signs && ca.certificate == bundle[0])
      #expect(ca.others.map(\.role.rawValue) == roles, "\(verb)")
      #expect(ca.others.filter { $0.role != .cross }.map(\.certificate) == Array(bundle.dropFirst()))
      // The leaves' cross certificate is the CA's own.
      #expect(try entry("apiserver").others.isEmpty && report().isSound)
      guard verb == .switchOver else { continue }
      #expect(ca.others.last?.path == tree.path("pki/ca-cross.crt"))
      let key = try tree.text("pki/ca-previous.key")
      try tree.remove("pki/ca-previous.key")
      #expect(try entry("ca").others.map(\.role) == [.trusted, .cross])
      try tree.write(key, to: "pki/ca-previous.key")
    }
  }

  @Test func `the document has the others, with their roles`() throws {
    try tree.rotate(.prepare, "front-proxy-ca")
    struct Document: Decodable {
      struct Entry: Decodable {
        struct Other: Decodable {
          let role, path, expirationDate, state, subject: String
        }
        let name: String
        let role: String?
        let otherCertificates: [Other]?
      }
      let certificateAuthorities: [Entry]
    }
    let document = try JSONDecoder().decode(Document.self, from: JSONEncoder().encode(report()))
    let others = document.certificateAuthorities.map(\.otherCertificates)
    #expect(document.certificateAuthorities.map(\.role) == ["signs", "signs", "signs"])
    #expect(others[0] == nil && others[1] == nil && others[2]?.map(\.role) == ["next", "cross"])
    #expect(others[2]?[0].subject == "CN = front-proxy-ca-20270116")
    #expect(others[2]?[1].expirationDate == "2037-01-12T08:00:00Z" && others[2]?[1].state == "valid")
  }

  @Test func `an old certificate before a good one of the same key does not count`() throws {
    let old = try tree.text("pki/ca.crt")
    try tree.replaceAuthority("ca") {
      $0.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(4000))
    }
    let good = try tree.certificate("ca")
    try tree.write(old + tree.text("pki/ca.crt"), to: "pki/ca.crt")
    let report = report(at: MadeTree.days(3700))
    let ca = try entry("ca", in: report)
    #expect(ca.state == .valid && ca.certificate == good)
    #expect(ca.others.map(\.role) == [.trusted] && ca.others.map(\.state) == [.expired])
    #expect(ca.isSound)
  }

  @Test func `an intermediate that ends before its leaf is told, unless it is the CA's own certificate`()
    throws
  {
    try tree.makeCA("issuing", at: "front-proxy-ca", signedBy: "etcd/ca")
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca")
    let leaf = try tree.text("pki/front-proxy-client.crt")
    try tree.write(leaf + tree.text("pki/front-proxy-ca.crt"), to: "pki/front-proxy-client.crt")
    #expect(try entry("front-proxy-client").others.isEmpty)
    // The CA was signed again; the leaf brings along the certificate of before.
    try tree.replace("front-proxy-ca", signedBy: "etcd/ca") {
      $0.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(90))
    }
    let short = try tree.text("pki/front-proxy-ca.crt")
    try tree.replace("front-proxy-ca", signedBy: "etcd/ca") {
      $0.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(3000))
    }
    try tree.write(leaf + short, to: "pki/front-proxy-client.crt")
    let (calm, warned) = (report(at: MadeTree.days(70)), report(at: MadeTree.days(70), margin: .days(30)))
    #expect(calm.isSound)
    let entry = try entry("front-proxy-client", in: warned)
    #expect(entry.state == .valid && entry.others.map(\.role) == [.intermediate])
    #expect(entry.others.map(\.state) == [.expiring] && !entry.isSound && !warned.isSound)
  }
}
