internal import FileStore

/// Something that was found in a tree.
public struct Finding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable, CaseIterable, Comparable, Encodable {
    /// Worth knowing.
    case info
    /// The cluster works, but something should be done.
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
  package let remedy: Remedy
  /// The operating system's reason, where it has one.
  package let cause: SystemError?

  /// How bad it is.
  public var severity: Severity { code.severity }

  /// A finding about files.
  package init(
    _ code: FindingCode, _ files: [String], _ message: String, remedy: Remedy, cause: SystemError? = nil
  ) {
    self.code = code
    self.files = files
    self.message = message
    self.remedy = remedy
    self.cause = cause
  }

  /// A finding about files, with things to do that need no tree.
  package init(
    _ code: FindingCode, _ files: [String], _ message: String, _ actions: Remedy.Action...,
    cause: SystemError? = nil
  ) {
    self.init(code, files, message, remedy: Remedy(actions), cause: cause)
  }
}
