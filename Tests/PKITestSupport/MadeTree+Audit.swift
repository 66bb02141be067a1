import FoundationEssentials
import Glibc
package import KubernetesPKI
package import OpenSSLX509
import TestSupport
package import Testing

extension MadeTree {
  /// The findings of an audit, so long after the tree was made.
  package func findings(after seconds: Double = 60, _ change: (inout Audit) -> Void = { _ in }) throws
    -> [Finding]
  {
    var audit = Audit(
      for: try ClusterSettings().configuration(assumingDefaults: false), owner: geteuid())
    change(&audit)
    return try audit.findings(of: location, at: Self.instant.addingTimeInterval(seconds))
  }

  /// Expects that an audit has exactly these things to say, apart from the style that it has detected.
  ///
  /// - Returns: the first of them.
  @discardableResult
  package func expect(
    _ codes: FindingCode..., after seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout Audit) -> Void = { _ in }
  ) throws -> Finding {
    let findings = try findings(after: seconds, change).filter { $0.code != .detectedStyle }
    #expect(findings.map(\.code) == codes, "\(findings.map(\.message))", sourceLocation: sourceLocation)
    return try #require(findings.first, sourceLocation: sourceLocation)
  }

  /// Expects that nothing of an audit is worse than information.
  package func expectSoundness(
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout Audit) -> Void = { _ in }
  ) throws {
    let findings = try findings(change).filter { $0.severity > .info }
    #expect(findings.isEmpty, "\(findings.map(\.message))", sourceLocation: sourceLocation)
  }

  /// A directory for a tree, with the files of another one that are to be in it from the start.
  package init(around names: [String], of other: MadeTree, as otherNames: [String]? = nil) throws {
    try self.init(empty: other.catalog)
    try FileManager.default.createDirectory(atPath: path("pki/etcd"), withIntermediateDirectories: true)
    for (name, otherName) in zip(names, otherNames ?? names) {
      try FileManager.default.copyItem(atPath: other.path("pki/\(name)"), toPath: path("pki/\(otherName)"))
    }
  }

  /// Makes a CA that signs itself, or that another has signed, and puts its pair among the tree's.
  package func makeCA(_ commonName: String, at name: String, signedBy issuer: String? = nil) throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    var template = CertificateTemplate(
      serialNumber: try .random(), subject: try DistinguishedName(commonName: commonName),
      validity: try certificate("ca").validity, publicKey: key.publicKey, extensions: [])
    try template.set(KeyUsage([.digitalSignature, .keyCertSign, .cRLSign]), isCritical: true)
    try template.set(BasicConstraints.ca(pathLength: nil), isCritical: true)
    let new =
      try issuer.map { try template.signed(by: self.key($0), issuer: certificate($0)) }
      ?? template.selfSigned(by: key)
    try write(new.pem(), to: "pki/\(name).crt")
    try write(key.pem(), to: "pki/\(name).key")
    chmod(path("pki/\(name).key"), 0o600)
  }

  /// Appends certificates to those of the client in a kubeconfig.
  package func appendToClient(_ chain: String, in name: String) throws {
    let pem = try embedded("client-certificate-data", in: name) + chain
    try replace(
      "client-certificate-data", in: name,
      with: "client-certificate-data: \(Data(pem.utf8).base64EncodedString())")
  }

  /// Runs openssl in the tree's directory, a moment before the tree was made.
  package func openssl(_ arguments: [String]) async throws {
    let outcome = try await run(
      Judges.clock, ["2027-01-15 00:00:00", Judges.openssl] + arguments, environment: ["TZ": "UTC"],
      directory: path("pki"))
    try #require(outcome.status == 0, "\(outcome.stderr)")
  }

  /// Has openssl sign a certificate for a key of the tree, with no extensions but those that are named.
  package func certify(
    _ name: String, _ subject: String, by authority: String? = nil, over hash: String = "sha256",
    _ extensions: String...
  ) async throws {
    try write("[req]\ndistinguished_name = name\n[name]\n", to: "openssl.cnf")
    let issuer = authority.map { ["-CA", "\($0).crt", "-CAkey", "\($0).key"] } ?? []
    try await openssl(
      ["req", "-x509", "-config", "../openssl.cnf", "-key", "\(name).key", "-out", "\(name).crt"]
        + ["-subj", subject, "-days", authority == nil ? "300" : "299", "-\(hash)"] + issuer
        + extensions.flatMap { ["-addext", $0] })
  }
}

extension CertificateTemplate {
  /// Takes the extension of a kind away.
  package mutating func remove(_ identifier: ObjectIdentifier) {
    extensions.removeAll { $0.identifier == identifier }
  }

  /// Puts other names in place of the server's.
  package mutating func changeNames(_ change: (GeneralName) -> GeneralName?) throws {
    let names = try #require(try extensions.first(SubjectAlternativeName.self)).names
    try set(SubjectAlternativeName(names.compactMap(change)))
  }
}
