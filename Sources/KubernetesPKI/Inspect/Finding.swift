/// Something that was found when a tree was looked at.
public struct Finding: Hashable, Sendable, Encodable {
  /// How bad it is.
  public enum Severity: String, Sendable, CaseIterable, Comparable, Encodable {
    /// Worth knowing.
    case info
    /// The cluster works, but something ought to be done.
    case warning
    /// Something in the cluster does not work, or not for the reason that it should.
    case error

    /// Whether one is less bad.
    public static func < (one: Severity, other: Severity) -> Bool {
      let order: [Severity] = [.info, .warning, .error]
      return (order.firstIndex(of: one) ?? 0) < (order.firstIndex(of: other) ?? 0)
    }
  }

  /// What was found; the code's name never changes.
  public let code: FindingCode
  /// The files, the one to be mended first.
  public let files: [String]
  /// One sentence.
  public let message: String
  /// What to do.
  public let remedy: String
  /// What the operating system said, where it was it that refused.
  public let cause: SystemError?

  /// How bad it is.
  public var severity: Severity { code.severity }

  private enum CodingKeys: String, CodingKey {
    case code, severity, files, message, remedy
  }

  /// Writes the finding, with its severity.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(severity, forKey: .severity)
    try container.encode(files, forKey: .files)
    try container.encode(message, forKey: .message)
    try container.encode(remedy, forKey: .remedy)
  }

  /// A finding about files.
  public init(
    _ code: FindingCode, _ files: [String], _ message: String, remedy: String, cause: SystemError? = nil
  ) {
    self.code = code
    self.files = files
    self.message = message
    self.remedy = remedy
    self.cause = cause
  }
}

/// The stable name of a kind of finding.
public enum FindingCode: String, CaseIterable, Sendable, Encodable {
  /// A file that must be there is not.
  case missingFile = "missing-file"
  /// A file cannot be opened or read.
  case unreadableFile = "unreadable-file"
  /// A file does not hold what it should: torn, empty, not PEM, not YAML.
  case malformedFile = "malformed-file"
  /// A certificate is there without its private key.
  case keyMissing = "key-missing"
  /// A private key is there without its certificate.
  case certificateMissing = "certificate-missing"
  /// A private key belongs to another certificate.
  case keyMismatch = "key-mismatch"
  /// The key of an authority that has to sign is absent.
  case authorityKeyMissing = "authority-key-missing"
  /// A certificate was signed by another authority.
  case wrongAuthority = "wrong-authority"
  /// An authority's certificate is none of an authority.
  case notAnAuthority = "not-an-authority"
  /// A certificate is no longer in force.
  case expired
  /// A certificate is not yet in force.
  case notYetValid = "not-yet-valid"
  /// A common name or organization is not that of the catalog.
  case wrongIdentity = "wrong-identity"
  /// A key usage or an extended key usage is missing.
  case wrongUsages = "wrong-usages"
  /// A certificate lacks a name by which clients reach the server.
  case nameMissing = "name-missing"
  /// A key is too short, or of a kind that Kubernetes does not take.
  case weakKey = "weak-key"
  /// sa.pub is not the public half of sa.key.
  case serviceAccountKeyMismatch = "service-account-key-mismatch"
  /// A kubeconfig trusts another authority than the tree's.
  case kubeconfigAuthority = "kubeconfig-authority"
  /// A kubeconfig points to another server than the cluster's.
  case kubeconfigServer = "kubeconfig-server"

  /// How bad such a finding is.
  public var severity: Finding.Severity { .error }
}
