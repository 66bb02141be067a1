public import FileStore
internal import StructuredText

/// What stands between the user and the wish: a case for each thing that someone can do something about.
///
/// What is wrong with files that are already there is told as ``Finding``.
public enum PKIError: Error, Hashable, Sendable {
  /// A value that cannot be used; `problem` follows "is".
  case invalidSetting(Setting.Origin, value: String, problem: String, hint: String?)
  /// A configuration file that cannot be used, and the line, counted from one.
  case invalidConfiguration(path: String, line: Int, problem: String, hint: String?)
  /// An option that the wish needs.
  case missingSetting(String)
  /// Something of the tree that is wrong.
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
    case .missingSetting(let option): "\(option) is required"
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
    case .invalidSetting, .invalidConfiguration, .missingSetting, .denied, .encoding, .cryptography: nil
    }
  }

  /// What the operating system said, where it was it that refused.
  public var systemError: SystemError? {
    switch self {
    case .files(let error): error.systemError
    case .unsound(let finding): finding.cause
    case .invalidSetting, .invalidConfiguration, .missingSetting, .denied, .encoding, .cryptography: nil
    }
  }

  /// What to do, where that does not follow from the sentence.
  public var hint: String? {
    switch self {
    case .invalidSetting(_, _, _, let hint), .invalidConfiguration(_, _, _, let hint): hint
    case .missingSetting("--advertise-ip"):
      "--advertise-ip IP is the address on which the node's API server is reached"
    case .missingSetting("--server"):
      "--server URL is the API server's; or say --control-plane-endpoint or --advertise-ip of the cluster"
    case .missingSetting: nil
    case .unsound(let finding): finding.remedy
    case .denied(_, _, _, let hint): hint
    case .files(let error): error.hint
    case .encoding: nil
    case .cryptography: nil
    }
  }
}

/// All that stands in the way, in the order in which it was found.
public struct PKIErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// The errors; never none, and none twice.
  public let errors: [PKIError]

  /// So many errors at once.
  public init(_ errors: [PKIError]) {
    var seen: Set<PKIError> = []
    self.errors = errors.filter { seen.insert($0).inserted }
  }

  /// The sentences, one a line.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension FileError {
  /// What to do about it, where there is a usual way.
  package var hint: String? {
    switch self {
    case .wouldOverwrite: "move it away, then run the command again, which goes on where it stopped"
    case .exists: "move it away, or name another file"
    case .notADirectory: "move it away, or name another directory with -d, --cert-dir or --kubeconfig-dir"
    case .sameFile: "leave one of them out; or put a file of its own in the place of the symbolic link"
    case .notAFile: "put the file itself there, or move away what is there"
    case .system(_, _, let error): error.hint
    case .locked: "wait until that run has ended, then try again"
    case .unfinished(_, _, let journal):
      "name the directories that it was given; or remove \(journal) to give it up"
    case .notABackup(_, let root): "backups are the directories in \(root)"
    case .missingFromBackup, .damagedBackup: "restore another backup"
    case .unencodable: nil
    }
  }
}

extension SystemError {
  /// What to do about it, where there is a usual way.
  fileprivate var hint: String? {
    if isReadOnly {
      return "the file system is mounted read-only; mount it writable, or name another directory with -d"
    }
    if isPermission {
      return "run the command as the owner of the directory, with sudo, or name another directory with -d"
    }
    return isLackOfSpace ? "free some space, then run the command again" : nil
  }
}

/// The value of a call to the file store, whose errors become ``PKIError/files(_:)``.
package func files<Value>(_ body: @autoclosure () throws(FileError) -> Value) throws(PKIError) -> Value {
  do throws(FileError) {
    return try body()
  } catch {
    throw .files(error)
  }
}
