package import CertificateRequests
package import FoundationEssentials
package import KubernetesPKI
package import OpenSSLX509
package import Testing

/// Two machines: one that has the CAs' keys, and one that must do without.
extension MadeTree {
  /// The certificates of all CAs, without `.crt`.
  package static let authorityNames = ["ca", "front-proxy-ca", "etcd/ca"]

  /// A tree that has these CAs' certificates of another one, and no key.
  package init(withoutKeysOf names: [String] = authorityNames, signedBy signer: MadeTree) throws {
    try self.init(around: names.map { "\($0).crt" }, of: signer)
  }

  /// The plan that makes requests.
  package func requests(
    _ names: String..., for cluster: ClusterConfiguration? = nil, at instant: Date = instant
  ) throws -> Plan {
    let tree = TreeContents(reading: location, catalog: catalog)
    return try Plan(
      requesting: Selection.test(requesting: names, of: catalog, in: tree), of: catalog, in: tree,
      for: cluster ?? Self.cluster(), at: instant)
  }

  /// The plan that puts certificates in place.
  package func installation(_ paths: [String], at instant: Date = instant) throws -> Plan {
    try Plan(
      installing: paths, of: .allFiles, in: TreeContents(reading: location, catalog: .allFiles), at: instant)
  }

  /// The CA of this tree, which can sign.
  package func authority(_ name: String = "ca", at instant: Date = instant) throws -> CertificateAuthority {
    try CertificateAuthority(
      certificatePath: path("pki/\(name).crt"), keyPath: path("pki/\(name).key"), at: instant)
  }

  /// What becomes of another tree's request.
  package func answer(
    _ path: String, by name: String = "ca", at instant: Date = instant,
    _ change: (inout ApprovalPolicy) -> Void = { _ in }
  ) throws -> SignedCSR {
    var policy = ApprovalPolicy()
    change(&policy)
    let request = try #require(CertificateSigningRequest.read(path).first)
    let authority = try authority(name, at: instant)
    let decision = CSRExamination(request).decision(under: policy, by: authority.issuing)
    return try Issuer(jobs: 1).sign(decision, by: authority, at: instant)
  }

  /// Has requests of another tree signed, each by its CA, into files whose names say nothing.
  ///
  /// - Returns: the paths of the files.
  package func sign(_ requests: [String], by name: String = "ca", at instant: Date = instant) throws
    -> [String]
  {
    try requests.map { request in
      let answer = try answer(request, by: name, at: instant)
      let path = self.path("\(UUID().uuidString).crt")
      try Data(#require(answer.pem, "\(answer.decision.denials)").utf8).write(to: URL(filePath: path))
      return path
    }
  }

  /// Signs a certificate for a request of another tree by hand, with whatever is changed.
  package func certify(
    _ request: String, by name: String = "ca", _ change: (inout CertificateTemplate) throws -> Void = { _ in }
  ) throws -> String {
    let request = try CertificateRequest(pem: SecretBytes(Data(contentsOf: URL(filePath: request))))
    var template = CertificateTemplate(
      serialNumber: try .random(), subject: request.subject,
      validity: Validity(notBefore: Self.instant, notAfter: Self.days(100)), publicKey: request.publicKey,
      extensions: request.extensions)
    try change(&template)
    let path = path("\(UUID().uuidString).crt")
    let certificate = try template.signed(by: key(name), issuer: certificate(name))
    try Data(certificate.pem().copy).write(to: URL(filePath: path))
    return path
  }

  /// The requests in a tree, by who has to sign them.
  package var requestPaths: [String: [String]] {
    let kubeconfigs = catalog.kubeconfigs.map(\.name)
    let names: [String: [String]] = [
      "ca": ["pki/apiserver", "pki/apiserver-kubelet-client"] + kubeconfigs,
      "front-proxy-ca": ["pki/front-proxy-client"],
      "etcd/ca": ["server", "peer", "healthcheck-client"].map { "pki/etcd/\($0)" }
        + ["pki/apiserver-etcd-client"],
    ]
    return names.mapValues { names in names.map { path("\($0).csr") } }
  }
}

/// Expects that something is refused because of one thing that was found, and that nothing changed.
@discardableResult
package func expectRefusal(
  _ codes: FindingCode..., of tree: MadeTree, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Plan
) throws -> [String] {
  let state = try tree.state
  let errors = try #require(throws: PKIErrors.self, sourceLocation: sourceLocation) { _ = try body() }
    .errors
  let findings = errors.compactMap { if case .unsound(let finding) = $0 { finding } else { nil } }
  #expect(findings.map(\.code) == codes, "\(errors)", sourceLocation: sourceLocation)
  #expect(try tree.state == state, sourceLocation: sourceLocation)
  return errors.map(\.description)
}
