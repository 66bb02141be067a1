public import FileStore
internal import StructuredText

/// Why files cannot be read, written or replaced.
public typealias FileError = FileStore.FileError

/// Why the operating system refused something.
public typealias SystemError = FileStore.SystemError

/// Errors that the user can act on.
///
/// What is wrong with files of the tree is a ``Finding``.
public enum PKIError: Error, Hashable, Sendable {
  /// A value that cannot be used; `problem` follows "is".
  case invalidSetting(Setting.Origin, value: String, problem: String, hint: String?)
  /// A configuration file that cannot be used, and the line, counted from one.
  case invalidConfiguration(path: String, line: Int, problem: String, hint: String?)
  /// A setting that is needed and not given, by the name of its field: `advertise-ip`.
  case missingSetting(String)
  /// Something that is wrong with the tree.
  case unsound(Finding)
  /// A certificate signing request that gets no certificate; `origin` is where it was read, and `code` the stable name of
  /// the reason.
  case denied(origin: String, code: String, message: String, hint: String?)
  /// Files cannot be read, written or replaced.
  case files(FileError)
  /// Something cannot be written as the text that it has to become.
  case encoding(subject: String, reason: String)
  /// OpenSSL refused; `subject` is what it was for.
  case cryptography(subject: String, reason: String)
}

extension PKIError: CustomStringConvertible {
  /// One sentence: what is wrong, with the option or the file.
  public var description: String {
    switch self {
    case .invalidSetting(let origin, let value, let problem, _):
      "\(origin): \(value.quoted) is \(problem)"
    case .invalidConfiguration(let path, let line, let problem, _): "\(path):\(line): \(problem)"
    case .missingSetting(let field): "\(field) is required"
    case .unsound(let finding): finding.message
    case .denied(let origin, let code, let message, _): "\(origin): \(code): \(message)"
    case .files(let error): error.description
    case .encoding(let subject, let reason): "\(subject): \(reason)"
    case .cryptography(let subject, let reason): "\(subject): \(reason)"
    }
  }

  /// The file or directory that is at fault, where it is a single one.
  package var path: String? {
    switch self {
    case .files(let error): error.path
    case .unsound(let finding): finding.files.first
    case .invalidConfiguration(let path, _, _, _): path
    case .invalidSetting, .missingSetting, .denied, .encoding, .cryptography: nil
    }
  }

  /// The operating system's reason, where it has one.
  public var systemError: SystemError? {
    switch self {
    case .files(let error): error.systemError
    case .unsound(let finding): finding.cause
    case .invalidSetting, .invalidConfiguration, .missingSetting, .denied, .encoding, .cryptography: nil
    }
  }
}

/// All errors of a run, in the order in which they were found.
public struct PKIErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// The errors; never none, and none twice.
  public let errors: [PKIError]

  /// Several errors.
  public init(_ errors: [PKIError]) {
    var seen: Set<PKIError> = []
    self.errors = errors.filter { seen.insert($0).inserted }
  }

  /// The sentences, one a line.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// The value of a call to the file store, whose errors become ``PKIError/files(_:)``.
package func files<Value>(_ body: @autoclosure () throws(FileError) -> Value) throws(PKIError) -> Value {
  do throws(FileError) {
    return try body()
  } catch {
    throw .files(error)
  }
}
