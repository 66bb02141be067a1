public import FileStore

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
    case code, severity, files, message, breaks, remedy
  }

  /// Writes the finding, with its severity and what it breaks in a cluster.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(severity, forKey: .severity)
    try container.encode(files, forKey: .files)
    try container.encode(message, forKey: .message)
    try container.encodeIfPresent(code.explanation?.breaks, forKey: .breaks)
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
