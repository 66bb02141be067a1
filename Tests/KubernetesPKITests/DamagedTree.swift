import FoundationEssentials
import Glibc
import OpenSSLX509
import TestSupport
import Testing

@testable import KubernetesPKI

/// What tests do to trees, and how they have them audited.
extension MadeTree {
  /// A whole tree of any kind, around what is in a directory already.
  init(
    around directory: TemporaryDirectory? = nil, of catalog: Catalog = catalog,
    algorithm: String = "ecdsa-p256",
    _ change: (inout ClusterRequest) -> Void = { _ in }
  ) throws {
    let directory = try directory ?? TemporaryDirectory()
    self.init(in: directory)
    var request = ClusterRequest()
    request.nodeName = Setting("cp1", from: .option("--node-name"))
    request.advertiseAddress = Setting("10.0.0.10", from: .option("--advertise-ip"))
    request.keyAlgorithm = Setting(algorithm, from: .option("--key-algorithm"))
    change(&request)
    let plan = try Plan(
      completing: .everything(in: catalog), of: catalog,
      in: TreeContents(reading: location, catalog: catalog),
      for: request.configuration(needing: []), at: Self.instant)
    _ = try TreeWriter(location).write(Issuer(jobs: 2).issue(plan))
  }

  /// The findings of an audit, so long after the tree was made.
  func findings(after seconds: Double = 60, _ change: (inout Audit) -> Void = { _ in }) throws -> [Finding] {
    var audit = Audit(
      for: try ClusterRequest().configuration(needing: [], assumingDefaults: false), owner: geteuid())
    change(&audit)
    return try audit.findings(of: location, at: Self.instant.addingTimeInterval(seconds))
  }

  /// Expects that an audit has exactly these things to say, apart from the style that it has detected.
  @discardableResult
  func expect(
    _ codes: FindingCode..., after seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout Audit) -> Void = { _ in }
  ) throws -> Finding {
    let findings = try findings(after: seconds, change).filter { $0.code != .detectedStyle }
    #expect(findings.map(\.code) == codes, "\(findings.map(\.message))", sourceLocation: sourceLocation)
    return try #require(findings.first, sourceLocation: sourceLocation)
  }

  /// Expects that nothing of an audit is worse than information.
  func expectSoundness(
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout Audit) -> Void = { _ in }
  ) throws {
    let findings = try findings(change).filter { $0.severity > .info }
    #expect(findings.isEmpty, "\(findings.map(\.message))", sourceLocation: sourceLocation)
  }

  func certificate(_ name: String) throws -> Certificate {
    try #require(try Certificate.all(pem: SecretBytes(Array(text("\(name).crt").utf8))).first)
  }

  func key(_ name: String) throws -> PrivateKey {
    try PrivateKey(pem: SecretBytes(Array(text("\(name).key").utf8)))
  }

  /// Makes an authority that signs itself, or that another has signed, and puts its pair at a path.
  func makeAuthority(_ commonName: String, at name: String, signedBy issuer: String? = nil) throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let template = CertificateTemplate(
      serialNumber: try .random(), subject: try DistinguishedName(commonName: commonName),
      validity: try certificate("pki/ca").validity, publicKey: key.publicKey,
      extensions: [
        try KeyUsage([.digitalSignature, .keyCertSign, .cRLSign]).encoded(isCritical: true),
        try BasicConstraints.isAuthority(pathLength: nil).encoded(isCritical: true),
      ])
    let new =
      try issuer.map { try template.signed(by: self.key($0), issuer: certificate($0)) }
      ?? template.selfSigned(by: key)
    try write(new.pem().text, to: "\(name).crt")
    try write(key.pem().text, to: "\(name).key")
  }

  /// Has a certificate of the tree signed again, with changes.
  func reissue(
    _ name: String, by authority: String = "pki/ca",
    _ change: (inout CertificateTemplate) throws -> Void = { _ in }
  ) throws {
    let new = try signed(certificate(name), by: authority, change)
    try write(new.text, to: "\(name).crt")
  }

  /// Makes an authority's certificate again, with changes, signed by its own key.
  func reissueAuthority(_ name: String, _ change: (inout CertificateTemplate) throws -> Void) throws {
    var template = try template(of: certificate(name))
    try change(&template)
    try write(template.selfSigned(by: key(name)).pem().text, to: "\(name).crt")
  }

  /// Has the client certificate in a kubeconfig signed again, with changes.
  func reissueClient(
    _ name: String, by authority: String = "pki/ca",
    _ change: (inout CertificateTemplate) throws -> Void = { _ in }
  ) throws {
    let pem = try embedded("client-certificate-data", in: name)
    let old = try #require(try Certificate.all(pem: SecretBytes(Array(pem.utf8))).first)
    try embed(signed(old, by: authority, change).text, as: "client-certificate-data", in: name)
  }

  /// Puts a PEM text in the place of what is embedded in a kubeconfig.
  func embed(_ pem: String, as field: String, in name: String) throws {
    try replace(field, in: name, with: "\(field): \(Data(pem.utf8).base64EncodedString())")
  }

  private func signed(
    _ old: Certificate, by authority: String, _ change: (inout CertificateTemplate) throws -> Void
  ) throws -> SecretBytes {
    var template = try template(of: old)
    try change(&template)
    return try template.signed(by: key(authority), issuer: certificate(authority)).pem()
  }

  private func template(of certificate: Certificate) throws -> CertificateTemplate {
    let added = [SubjectKeyIdentifier.identifier, AuthorityKeyIdentifier.identifier]
    return CertificateTemplate(
      serialNumber: try SerialNumber.random(), subject: certificate.subject, validity: certificate.validity,
      publicKey: certificate.publicKey,
      extensions: certificate.extensions.filter { !added.contains($0.identifier) })
  }

  /// Runs openssl in the tree's directory, a moment before the tree was made.
  func openssl(_ arguments: [String]) async throws {
    let outcome = try await run(
      Judges.faketime, ["2027-01-15 00:00:00", Judges.openssl] + arguments, environment: ["TZ": "UTC"],
      directory: directory.path)
    try #require(outcome.status == 0, "\(outcome.stderr)")
  }

  /// Has openssl sign a certificate for a key of the tree, with no extensions but those that are named.
  func certify(
    _ name: String, _ subject: String, by authority: String? = nil, over hash: String = "sha256",
    _ extensions: String...
  ) async throws {
    try write("[req]\ndistinguished_name = name\n[name]\n", to: "openssl.cnf")
    let issuer = authority.map { ["-CA", "\($0).crt", "-CAkey", "\($0).key"] } ?? []
    try await openssl(
      [
        "req", "-x509", "-config", "openssl.cnf", "-key", "\(name).key", "-out", "\(name).crt", "-subj",
        subject,
      ]
        + ["-days", "300", "-\(hash)"] + issuer + extensions.flatMap { ["-addext", $0] })
  }
}

extension CertificateTemplate {
  /// Puts an extension in the place of the one of its kind, or takes that away.
  mutating func set(_ identifier: ObjectIdentifier, _ value: CertificateExtension?) {
    extensions.removeAll { $0.identifier == identifier }
    if let value { extensions.append(value) }
  }
}

extension SecretBytes {
  /// The bytes as a text.
  var text: String { String(decoding: copy, as: UTF8.self) }
}
