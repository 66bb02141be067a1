internal import OpenSSLX509

/// What a run does, or would do, file by file: for people and for programs.
public struct Report: Sendable {
  /// One file of the tree.
  public struct File: Sendable, Encodable {
    /// What happens to a file.
    public enum Action: String, Sendable, Encodable {
      /// It is made.
      case create
      /// It was there and stays.
      case keep
    }

    /// What happens to it.
    public let action: Action
    /// Where it is.
    public let path: String
    /// What it is: `certificate`, `private-key`, `public-key`, `kubeconfig`.
    public let kind: String
    /// What the certificate in it says, where there is one.
    public let certificate: CertificateSummary?
    /// The name of a kubeconfig's user entry.
    public let user: String?
    /// The API server's URL in a kubeconfig.
    public let server: String?
  }

  /// The files, in the order of the plan.
  public let files: [File]
  /// What the user should know although it stopped nothing.
  public let warnings: [String]

  /// The report of a plan; where its files were made already, they are described as they are.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a certificate cannot be described.
  public init(_ plan: Plan, issued: [PKIFile] = []) throws(PKIError) {
    let made = Dictionary(issued.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    var files: [File] = []
    for step in plan.steps {
      do throws(OpenSSLError) {
        files += try Describer(plan: plan, made: made).files(step)
      } catch {
        throw .cryptography(subject: step.name, reason: error.description)
      }
    }
    self.files = files
    warnings = plan.warnings
  }
}

/// What a certificate says, in words.
public struct CertificateSummary: Sendable, Encodable {
  /// The subject's name.
  public let subject: String
  /// The issuer's name.
  public let issuer: String
  /// The subject alternative names: `DNS:cp1`, `IP:10.0.0.10`.
  public let names: [String]
  /// The key usages and extended key usages.
  public let usages: [String]
  /// The first second in which it is in force, RFC 3339.
  public let notBefore: String
  /// The last one.
  public let notAfter: String
  /// The SHA-256 of the certificate in hexadecimal; a plan does not know it yet.
  public let sha256Fingerprint: String?

  enum CodingKeys: String, CodingKey {
    case subject, issuer, names, usages, notBefore, notAfter
    case sha256Fingerprint = "sha256"
  }

  init(_ certificate: Certificate) throws(OpenSSLError) {
    try self.init(
      subject: certificate.subject, issuer: certificate.issuer.description, validity: certificate.validity,
      extensions: certificate.extensions, fingerprint: certificate.fingerprint().hexadecimal)
  }

  init(_ specification: CertificateSpecification, issuer: String) throws(OpenSSLError) {
    try self.init(
      subject: specification.subject, issuer: issuer, validity: specification.validity,
      extensions: specification.extensions, fingerprint: nil)
  }

  private init(
    subject: DistinguishedName, issuer: String, validity: Validity, extensions: [CertificateExtension],
    fingerprint: String?
  ) throws(OpenSSLError) {
    self.subject = subject.description
    self.issuer = issuer
    names = try extensions.first(SubjectAlternativeName.self)?.names.map(\.description) ?? []
    usages =
      (try extensions.first(KeyUsage.self)?.names ?? [])
      + (try extensions.first(ExtendedKeyUsage.self)?.purposes.map(\.description) ?? [])
    notBefore = validity.notBefore.rfc3339
    notAfter = validity.notAfter.rfc3339
    sha256Fingerprint = fingerprint
  }
}

/// Describes the files of steps.
private struct Describer {
  let plan: Plan
  let made: [String: PKIFile]

  func files(_ step: Plan.Step) throws(OpenSSLError) -> [Report.File] {
    let location = plan.tree.location
    switch step.item {
    case .certificate(let profile):
      let paths = (location.certificate(profile), location.key(profile))
      let summary = try summary(
        step.action, at: paths.0, kept: plan.tree.certificates[profile.id]?.value?.first)
      let certificate = file(step.action.isKeep, paths.0, .certificate, summary)
      // An authority's key may be elsewhere.
      let hasKey = !step.action.isKeep || plan.tree.keys[profile.id]?.value != nil
      return hasKey ? [certificate, file(step.action.isKeep, paths.1, .privateKey)] : [certificate]
    case .serviceAccountKey:
      let keepsPrivateKey = plan.tree.serviceAccountPrivateKey.value != nil
      return [
        file(keepsPrivateKey, location.serviceAccountPrivateKey, .privateKey),
        file(step.action.isKeep, location.serviceAccountPublicKey, .publicKey),
      ]
    case .kubeconfig(let profile):
      let path = location.kubeconfig(profile)
      let kept = plan.tree.kubeconfigs[profile.id]?.value
      let user = kept?.userName ?? profile.credentialName ?? profile.commonName.resolved(in: plan.cluster)
      return [
        Report.File(
          action: step.action.isKeep ? .keep : .create, path: path, kind: PKIFile.Kind.kubeconfig.rawValue,
          certificate: try summary(step.action, at: path, kept: kept?.clientCertificates.first),
          user: user, server: kept?.server ?? profile.serverURL(in: plan.cluster))
      ]
    }
  }

  private func file(
    _ isKept: Bool, _ path: String, _ kind: PKIFile.Kind, _ summary: CertificateSummary? = nil
  ) -> Report.File {
    Report.File(
      action: isKept ? .keep : .create, path: path, kind: kind.rawValue, certificate: summary, user: nil,
      server: nil)
  }

  private func summary(
    _ action: Plan.Step.Action, at path: String, kept: Certificate?
  ) throws(OpenSSLError) -> CertificateSummary? {
    if let certificate = made[path]?.certificate { return try CertificateSummary(certificate) }
    if case .create(let specification) = action {
      return try CertificateSummary(specification, issuer: issuerName(specification))
    }
    return try kept.map { (certificate) throws(OpenSSLError) in try CertificateSummary(certificate) }
  }

  private func issuerName(_ specification: CertificateSpecification) -> String {
    guard let authority = specification.authority else { return specification.subject.description }
    if let kept = plan.tree.certificates[authority]?.value?.first { return kept.subject.description }
    for case .certificate(let profile) in plan.steps.map(\.item) where profile.id == authority {
      return profile.commonName.resolved(in: plan.cluster).map { "CN = \($0)" } ?? ""
    }
    return ""
  }
}

extension Plan.Step.Action {
  var isKeep: Bool {
    if case .keep = self { true } else { false }
  }
}
