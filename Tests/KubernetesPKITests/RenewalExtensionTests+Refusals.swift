import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What is refused.
extension RenewalExtensionTests {
  private func refusal(_ name: String = "ca", at instant: Date = MadeTree.days(10)) throws -> Finding {
    let plan = try plan(name, at: instant)
    #expect(!plan.changesSomething)
    return try #require(plan.refusals.first)
  }

  @Test func `a CA whose key is not here, or is another one`() throws {
    try tree.write(PrivateKey.generate(.ecdsaP256).pem(), to: "pki/ca.key")
    let other = try refusal()
    #expect(other.code == .keyMismatch)
    #expect(
      other.remedy.actions == [.putBackCA(certificate: tree.path("pki/ca.crt"), key: tree.path("pki/ca.key"))]
    )
    try tree.remove("pki/ca.key")
    let missing = try refusal()
    #expect(missing.code == .caKeyMissing && missing.remedy.actions == [.lendCAKey(tree.path("pki/ca.key"))])
  }

  @Test func `a CA that another one signed`() throws {
    try tree.makeCA("below", at: "front-proxy-ca", signedBy: "ca")
    let finding = try refusal("front-proxy-ca")
    #expect(finding.remedy.actions == [.haveCASignedAgain(certificate: tree.path("pki/front-proxy-ca.crt"))])
  }

  @Test func `what is no CA, is not there, or is valid later only`() throws {
    try tree.replaceAuthority("ca") { try $0.set(BasicConstraints.isEndEntity, isCritical: true) }
    #expect(try refusal().code == .notACA)
    try tree.remove("pki/front-proxy-ca.crt", "pki/front-proxy-ca.key")
    #expect(try refusal("front-proxy-ca").code == .missingFile)
    #expect(try refusal("etcd-ca", at: MadeTree.days(-10)).code == .notYetValid)
  }

  @Test func `a CA beside whose files lies one that cannot be read`() throws {
    try tree.write("torn", to: "pki/ca-next.key")
    #expect(try refusal().files == [tree.path("pki/ca-next.key")])
  }

  @Test func `a lifetime that ends earlier than before is made, with a warning`() throws {
    let catalog = tree.catalog.withEveryKubeconfig
    var options = RenewalOptions()
    options.keepsKeys = true
    options.caValidity = .days(20)
    let plan = try Plan(
      renewing: Selection.test(["ca"], .renewable, in: catalog), of: catalog, in: tree.contents, options,
      at: MadeTree.days(1))
    #expect(
      plan.warnings == [
        "\(tree.path("pki/ca.crt")) is valid until 2027-02-05T08:00:00Z, and was until 2037-01-12T08:00:00Z"
      ])
  }
}
