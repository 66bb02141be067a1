@testable import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What is signed, and for how long: as kube-controller-manager does.
struct GrantTests {
  private static let instant = MadeTree.instant
  private static let hour = 3600

  /// From the instant of the signature, in seconds.
  @Test(
    arguments: [
      // Without a wish: the longest that is granted.
      (nil, 365 * 24 * hour, 365 * 24 * hour - 300), (nil, hour, hour), (nil, 8 * hour, 8 * hour - 300),
      // Eight hours and more count from the beginning, five minutes before; less from the instant.
      (8 * hour, 365 * 24 * hour, 8 * hour - 300), (8 * hour - 1, 365 * 24 * hour, 8 * hour - 1),
      (24 * hour, 365 * 24 * hour, 24 * hour - 300), (600, 365 * 24 * hour, 600),
      (3601, 365 * 24 * hour, 3601),
      // No longer than what is granted at most.
      (48 * hour, 24 * hour, 24 * hour - 300), (24 * hour, hour, hour), (.some(Int(Int32.max)), hour, hour),
    ] as [(Int?, Int, Int)])
  func `lifetimes are kube-controller-manager's`(asked: Int?, longest: Int, end: Int) throws {
    let grant = try granted(CSRFixture(expirationSeconds: asked), longest: longest)
    let validity = try grant.specification(under: authority(), at: Self.instant).validity
    #expect(validity.notBefore == Self.instant.addingTimeInterval(-300))
    #expect(validity.notAfter == Self.instant.addingTimeInterval(Double(end)))
  }

  @Test func `nothing outlives its CA`() throws {
    let authority = try authority()
    let late = authority.issuing.validity.notAfter.addingTimeInterval(-1000)
    let grant = try granted(CSRFixture(expirationSeconds: 3600), longest: 24 * Self.hour)
    let validity = try grant.specification(under: authority, at: late).validity
    #expect(validity.notAfter == authority.issuing.validity.notAfter)
  }

  @Test func `a certificate has what was granted and nothing else`() throws {
    let fixture = CSRFixture(
      organizations: ["ops", "dev"], names: [.dnsName("A.Example.com"), address("10.0.0.1")],
      keyUsage: [.digitalSignature, .keyAgreement], purposes: [.serverAuth, .clientAuth],
      usages: ["digital signature", "key encipherment", "client auth"], expirationSeconds: 3600)
    let request = try fixture.made()
    let certificate = try issued(request)
    #expect(certificate.publicKey == request.request.publicKey)
    #expect(
      Set(certificate.subject.organizations) == ["ops", "dev"] && certificate.subject.commonName == "jane")
    #expect(try certificate.keyUsage() == .digitalSignature)
    #expect(try certificate.purposes() == [.clientAuth])
    #expect(try certificate.basicConstraints() == .isEndEntity)
    #expect(
      try certificate.subjectAlternativeName().names == [.dnsName("a.example.com"), address("10.0.0.1")])
    #expect(certificate.extensions.count == 6)
    #expect(
      certificate.extensions.filter(\.isCritical).map(\.identifier.dotted) == ["2.5.29.15", "2.5.29.19"])
  }

  @Test func `the usages are those of the object, sorted as Go sorts them`() throws {
    let fixture = CSRFixture(
      signerName: "example.com/x",
      usages: [
        "timestamping", "client auth", "s/mime", "email protection", "server auth", "content commitment",
        "signing",
      ])
    let certificate = try issued(fixture.made())
    #expect(try certificate.keyUsage() == [.digitalSignature, .contentCommitment])
    #expect(
      try certificate.purposes().map(\.description) == [
        "serverAuth", "clientAuth", "emailProtection", "timeStamping",
      ])
  }

  @Test(
    arguments: [(KeyAlgorithm.rsa2048, KeyUsage([.keyEncipherment, .dataEncipherment])), (.ecdsaP256, nil)]
      as [(KeyAlgorithm, KeyUsage?)])
  func `only RSA keys encipher, and without a usage there is no extension`(
    algorithm: KeyAlgorithm, usage: KeyUsage?
  ) throws {
    let fixture = CSRFixture(
      signerName: "example.com/x", usages: ["key encipherment", "data encipherment", "client auth"],
      algorithm: algorithm)
    #expect(try issued(fixture.made()).keyUsage() == usage)
  }

  @Test func `a denied request has no certificate, and every reason`() throws {
    let fixture = CSRFixture(organizations: ["system:masters"])
    let decision = try CSRExamination(fixture.made()).decision(under: ApprovalPolicy())
    let signed = try Issuer(jobs: 1).sign(decision, by: authority(), at: Self.instant)
    #expect(
      decision.denials.map(\.code) == [
        .privilegedOrganization, .commonNameNotAllowed, .organizationNotAllowed,
      ])
    #expect(signed.pem == nil && signed.certificate == nil && signed.object == nil)
  }

  private func granted(_ fixture: CSRFixture, longest: Int) throws -> Grant {
    var policy = ApprovalPolicy(cn: ["jane"])
    policy.longestLifetime = Lifetime(seconds: longest)
    return try #require(CSRExamination(fixture.made()).decision(under: policy).grant)
  }

  private func issued(_ request: CertificateSigningRequest) throws -> Certificate {
    let policy = ApprovalPolicy(cn: ["*"], org: ["*"], san: ["*.example.com", "0.0.0.0/0"])
    let decision = CSRExamination(request).decision(under: policy)
    #expect(decision.denials == [])
    let pem = try #require(Issuer(jobs: 1).sign(decision, by: authority(), at: Self.instant).pem)
    return try Certificate.all(pem: SecretBytes(pem.utf8))[0]
  }

  private func authority() throws -> CertificateAuthority {
    let location = try Self.tree.get().location
    return try CertificateAuthority(of: location, signs: true, at: Self.instant)
  }

  private static let tree = Result { try MadeTree() }
}
