import FoundationEssentials
import Glibc
import Kubeconfigs
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// CAs that get new dates with the key that they have.
struct RenewalExtensionTests {
  let tree: MadeTree
  private static let kubeconfigs = [
    "admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf",
  ]
  /// Long after everything has expired.
  private static let late = MadeTree.days(3700)

  init() throws { tree = try MadeTree() }

  func plan(_ names: String..., at instant: Date = late, due: Lifetime? = nil) throws -> Plan {
    let catalog = tree.catalog.withEveryKubeconfig
    var options = RenewalOptions()
    options.keepsKeys = true
    options.skipsAbsent = names.contains("all")
    options.expiringWithin = due
    return try Plan(
      renewing: Selection.test(names, .renewable, in: catalog), of: catalog, in: tree.contents, options,
      at: instant)
  }

  private func extend(_ names: String..., at instant: Date = late) throws {
    for name in names {
      let plan = try plan(name, at: instant)
      #expect(plan.refusals.isEmpty, "\(plan.refusals)")
      try tree.carryOut(plan)
    }
  }

  private func errors(at instant: Date = late) throws -> [String] {
    try Audit(for: MadeTree.cluster(), owner: geteuid()).findings(of: tree.location, at: instant)
      .filter { $0.severity != .info }.map { "\($0.code.rawValue) \($0.message)" }
  }

  /// Puts another certificate in the place of a CA's, with just these extensions.
  private func replaceCA(_ extensions: [CertificateExtension]) throws -> Certificate {
    var template = try tree.template(tree.certificate("ca"))
    template.extensions = extensions
    template.computesKeyIdentifier = false
    try tree.write(template.selfSigned(by: tree.key("ca")).pem(), to: "pki/ca.crt")
    return try tree.certificate("ca")
  }

  @Test func `name, key and extensions stay to the byte, and the dates and the serial number are new`() throws
  {
    let (old, key) = (try tree.certificate("ca"), try tree.text("pki/ca.key"))
    let plan = try plan("ca")
    try tree.carryOut(plan)
    let new = try tree.certificate("ca")
    #expect(new.subject.der == old.subject.der && new.publicKey == old.publicKey)
    #expect(new.extensions == old.extensions && !new.extensions.isEmpty)
    #expect(new.serialNumber != old.serialNumber)
    #expect(
      new.validity
        == Validity(notBefore: Self.late - 300, notAfter: Self.late + 3650 * 86_400))
    #expect(try tree.text("pki/ca.key") == key)
    #expect(plan.warnings.isEmpty)
  }

  @Test func `a key identifier of another kind stays, and where there is none, none is made`() throws {
    let identifier = try SubjectKeyIdentifier([1, 2, 3]).encoded(isCritical: false)
    let constraints = try BasicConstraints.ca(pathLength: 0).encoded(isCritical: true)
    let usage = try KeyUsage([.keyCertSign]).encoded(isCritical: true)
    for extensions in [[identifier, constraints, usage], [usage, constraints], [constraints]] {
      let old = try replaceCA(extensions)
      try extend("ca", at: MadeTree.days(1))
      #expect(try tree.certificate("ca").extensions == extensions)
      #expect(try old.subjectKeyIdentifier() == tree.certificate("ca").subjectKeyIdentifier())
    }
  }

  @Test func `what a CA says of its own issuer does not name the certificate that is gone`() throws {
    // An authority key identifier with a key, an issuer and a serial number, as easy-rsa writes it.
    let old = try tree.certificate("ca")
    let own = try #require(old.extensions.first { $0.identifier == SubjectKeyIdentifier.identifier })
    let bound = try boundIdentifier(to: old)
    _ = try replaceCA([own, bound, BasicConstraints.ca(pathLength: nil).encoded(isCritical: true)])
    #expect(try tree.certificate("ca").isBoundToIssuerCertificate)
    try extend("ca")
    let new = try tree.certificate("ca")
    #expect(!new.isBoundToIssuerCertificate)
    #expect(try new.authorityKeyIdentifier() == old.subjectKeyIdentifier())
  }

  @Test func `an expired tree is sound again when its CAs and then its certificates are renewed`() throws {
    #expect(try errors().count == 3)
    try extend("ca", "etcd-ca", "front-proxy-ca")
    #expect(try errors().map { $0.prefix(8) } == ["expired "])
    let plan = try tree.renewal("all", at: Self.late)
    #expect(plan.refusals.isEmpty && plan.replacements.count == 12)
    try tree.carryOut(plan)
    #expect(try errors().isEmpty)
  }

  @Test func `one run renews CAs and what they sign, which ends no sooner than asked for`() throws {
    let plan = try plan("ca", "etcd-ca", "front-proxy-ca", "all")
    #expect(plan.refusals.isEmpty && plan.warnings.isEmpty)
    try tree.carryOut(plan)
    #expect(try tree.certificate("apiserver").validity.notAfter == Self.late + 365 * 86_400)
    #expect(try errors().isEmpty)
  }

  @Test func `the old certificate and the new one both do, in kubeconfigs, leaves and on other nodes`() throws
  {
    let (instant, old) = (MadeTree.days(300), try tree.text("pki/ca.crt"))
    let before = try tree.kubeconfig("admin.conf")
    try extend("ca", at: instant)
    #expect(try errors(at: instant).isEmpty)
    for name in Self.kubeconfigs {
      #expect(
        try tree.kubeconfig(name).certificateAuthorities == tree.certificates(in: "pki/ca.crt"), "\(name)")
    }
    #expect(try tree.kubeconfig("admin.conf").clientCertificates == before.clientCertificates)
    let new = try tree.text("pki/ca.crt")
    for text in [old, new + old, old + new] {
      try tree.write(text, to: "pki/ca.crt")
      let signing = text == old ? nil : new
      if let signing { try tree.write(signing, to: "pki/ca-signing.crt") }
      #expect(try errors(at: instant).isEmpty)
    }
  }

  @Test func `where the file was copied to, kubeconfigs get it and the CA stays`() throws {
    let instant = MadeTree.days(300)
    let kubeconfigs = try Self.kubeconfigs.map { try tree.text($0) }
    try extend("ca", at: instant)
    let ca = try tree.text("pki/ca.crt")
    for (name, text) in zip(Self.kubeconfigs, kubeconfigs) { try tree.write(text, to: name) }
    // A worker has no key of a CA.
    try tree.remove("pki/ca.key")
    let plan = try plan("ca", at: instant, due: .days(1))
    #expect(plan.refusals.isEmpty && plan.warnings.isEmpty)
    try tree.carryOut(plan)
    #expect(try tree.text("pki/ca.crt") == ca)
    for name in Self.kubeconfigs {
      #expect(
        try tree.kubeconfig(name).certificateAuthorities == tree.certificates(in: "pki/ca.crt"), "\(name)")
    }
    #expect(try !self.plan("ca", at: instant, due: .days(1)).changesSomething)
  }

  @Test func `what a kubeconfig trusts besides stays`() throws {
    let other = try MadeTree().certificate("etcd/ca")
    try tree.replaceKubeconfig("admin.conf", authorities: [tree.certificate("ca"), other])
    try extend("ca")
    #expect(
      try tree.kubeconfig("admin.conf").certificateAuthorities == [tree.certificate("ca"), other])
  }

  @Test func `between the stages of a rotation, the certificate of the key is replaced and the others stay`()
    throws
  {
    let instant = MadeTree.days(3600)
    for (verb, count) in [(RotationVerb.prepare, 2), (.switchOver, 2), (.retire, 1)] {
      try tree.rotate(verb, "ca", "etcd-ca")
      let (before, cross) = (
        try tree.certificates(in: "pki/ca.crt"), try? tree.certificates(in: "pki/ca-cross.crt")
      )
      let stage = try tree.stage(.ca)
      try extend("ca", "etcd-ca", at: instant)
      let after = try tree.certificates(in: "pki/ca.crt")
      #expect(after.count == count && after[0] != before[0] && after[0].isSameCA(as: before[0]), "\(verb)")
      #expect(after.dropFirst() == before.dropFirst(), "\(verb)")
      #expect(try tree.certificates(in: "pki/ca-signing.crt") == [after[0]], "\(verb)")
      #expect(try tree.stage(.ca) == stage, "\(verb)")
      let next = try? tree.certificates(in: "pki/ca-cross.crt")
      // The successor is certified again by the CA that was extended; the predecessor's key does not sign.
      #expect((next == cross) == (verb != .prepare), "\(verb)")
      for name in Self.kubeconfigs {
        #expect(try tree.kubeconfig(name).certificateAuthorities == after, "\(verb): \(name)")
      }
    }
  }

  @Test func `a cross certificate that is made again leads to the CA, and ends with the successor`() throws {
    try tree.rotate(.prepare, "ca")
    try extend("ca", at: MadeTree.days(3600))
    let cross = try tree.certificates(in: "pki/ca-cross.crt")[0]
    let trusted = try tree.certificates(in: "pki/ca.crt")
    #expect(cross.isIssued(by: trusted[0]) && cross.isSameCA(as: trusted[1]))
    #expect(try cross.subjectKeyIdentifier() == trusted[1].subjectKeyIdentifier())
    #expect(cross.validity.notAfter == trusted[1].validity.notAfter)
  }

  /// The authority key identifier of an issuer's very certificate: key, name and serial number.
  private func boundIdentifier(to issuer: Certificate) throws -> CertificateExtension {
    func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
      let count = content.count
      return [tag] + (count < 128 ? [UInt8(count)] : [0x81, UInt8(count)]) + content
    }
    let key = field(0x80, try #require(try issuer.subjectKeyIdentifier()))
    let name = field(0xa1, field(0xa4, issuer.subject.der))
    let serial = field(0x82, try #require(Self.bytes(issuer.serialNumber.decimal)))
    return CertificateExtension(
      identifier: AuthorityKeyIdentifier.identifier, isCritical: false,
      value: field(0x30, key + name + serial))
  }

  /// A number in bytes, the highest first.
  private static func bytes(_ decimal: String) -> [UInt8]? {
    var (digits, bytes) = (decimal.compactMap(\.wholeNumberValue), [UInt8]())
    while digits.contains(where: { $0 != 0 }) {
      var rest = 0
      digits = digits.map { digit in
        rest = rest * 10 + digit
        defer { rest %= 256 }
        return rest / 256
      }
      bytes.insert(UInt8(rest), at: 0)
    }
    return bytes.first.map { $0 >= 128 ? [0] + bytes : bytes }
  }
}

extension RenewalExtensionTests {
  @Test func `a certificate that names its CA by serial number is renewed too, with its key`() throws {
    let ca = try tree.certificate("ca")
    // The same CA to its leaves, without the key identifier of which the signing makes another one.
    var bare = try tree.template(ca)
    bare.computesKeyIdentifier = false
    let (issuer, key) = (try bare.selfSigned(by: tree.key("ca")), try tree.key("ca"))
    func bound(_ certificate: Certificate) throws -> Certificate {
      var template = try tree.template(certificate)
      template.extensions.append(try boundIdentifier(to: ca))
      return try template.signed(by: key, issuer: issuer)
    }
    try tree.write(bound(tree.certificate("apiserver")).pem(), to: "pki/apiserver.crt")
    let old = try tree.kubeconfig("admin.conf")
    let admin = Kubeconfig(
      clusterName: old.clusterName, userName: old.userName, contextName: old.contextName, server: old.server,
      certificateAuthorities: old.certificateAuthorities,
      clientCertificates: [try bound(old.clientCertificates[0])], clientKey: try #require(old.clientKey))
    try tree.write(admin.encoded(), to: "admin.conf")
    #expect(try tree.certificate("apiserver").isBoundToIssuerCertificate)
    try expectBoundAreRenewed()
  }

  private func expectBoundAreRenewed() throws {
    let (key, kubelet) = (
      try tree.text("pki/apiserver.key"), try tree.text("pki/apiserver-kubelet-client.crt")
    )
    let adminKey = try tree.kubeconfig("admin.conf").clientKey?.publicKey
    let plan = try plan("ca", at: MadeTree.days(100))
    #expect(plan.refusals.isEmpty && Set(plan.replacements.keys) == ["apiserver", "admin.conf"])
    #expect(plan.warnings.count == 1 && plan.warnings[0].hasPrefix("apiserver, admin.conf: renewed too, "))
    try tree.carryOut(plan)
    let leaf = try tree.certificate("apiserver")
    #expect(try !leaf.isBoundToIssuerCertificate && leaf.isIssued(by: tree.certificate("ca")))
    #expect(try tree.text("pki/apiserver.key") == key)
    let admin = try tree.kubeconfig("admin.conf")
    #expect(!admin.clientCertificates[0].isBoundToIssuerCertificate && admin.clientKey?.publicKey == adminKey)
    #expect(try admin.certificateAuthorities == [tree.certificate("ca")])
    #expect(try tree.text("pki/apiserver-kubelet-client.crt") == kubelet)
  }
}
