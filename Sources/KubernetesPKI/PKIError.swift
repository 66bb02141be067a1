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
  /// A file that would have to be overwritten.
  case wouldOverwrite(String)
  /// A request for a certificate that gets none; `origin` is where it was read.
  case denied(Denial, origin: String)
  /// A file that the wish would make is there already.
  case exists(String)
  /// A path that cannot be a directory because it is something else.
  case notADirectory(String)
  /// Two paths that lead to the same file, which can be replaced by one only.
  case sameFile(String, String)
  /// A path that cannot be read because it is a FIFO, a device or a socket.
  case notAFile(String)
  /// The operating system refused `operation` ("write") on a path.
  case system(operation: String, path: String, error: SystemError)
  /// Another run of pkigen is at work on the directory.
  case locked(directory: String, owner: String)
  /// OpenSSL refused; `subject` is what it was for.
  case cryptography(subject: String, reason: String)
}

extension PKIError: CustomStringConvertible {
  /// One sentence: what is wrong, with the option or the file.
  public var description: String {
    switch self {
    case .invalidSetting(let origin, let value, let problem, _):
      "\(origin): \(Self.quote(value)) is \(problem)"
    case .invalidConfiguration(let path, let line, let problem, _): "\(path):\(line): \(problem)"
    case .missingSetting(let option): "\(option) is required"
    case .unsound(let finding): finding.message
    case .wouldOverwrite(let path): "\(path) appeared while pkigen ran, and is not overwritten"
    case .denied(let denial, let origin): "\(origin): \(denial.code.rawValue): \(denial.message)"
    case .exists(let path): "\(path) is there already, and is not overwritten"
    case .notADirectory(let path): "\(path) is not a directory"
    case .sameFile(let path, let other):
      "\(path) and \(other) lead to the same file, and would overwrite each other"
    case .notAFile(let path): "\(path) is not a regular file"
    case .system(let operation, let path, let error): "cannot \(operation) \(path): \(error)"
    case .locked(let directory, let owner): "\(directory) is in use by \(owner)"
    case .cryptography(let subject, let reason): "\(subject): \(reason)"
    }
  }

  /// The file or directory that is at fault, where it is a single one.
  var path: String? {
    switch self {
    case .wouldOverwrite(let path), .exists(let path), .notADirectory(let path), .notAFile(let path),
      .system(_, let path, _):
      path
    case .locked(let directory, _): directory
    case .unsound(let finding): finding.files.first
    default: nil
    }
  }

  /// What the operating system said, where it was it that refused.
  public var systemError: SystemError? {
    switch self {
    case .system(_, _, let error): error
    case .unsound(let finding): finding.cause
    case .notADirectory: .notADirectory
    default: nil
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
    case .wouldOverwrite: "move it away, then run the command again, which goes on where it stopped"
    case .denied(let denial, _): denial.code.remedy
    case .exists: "move it away, or name another file"
    case .notADirectory: "move it away, or name another directory with -d, --cert-dir or --kubeconfig-dir"
    case .sameFile: "leave one of them out; or put a file of its own in the place of the symbolic link"
    case .notAFile: "put the file itself there, or move away what is there"
    case .system(_, _, let error): error.hint
    case .locked: "wait until that run has ended, then try again"
    case .cryptography: nil
    }
  }

  /// The value in quotes, shortened, with what a terminal would act upon escaped.
  static func quote(_ value: String) -> String {
    let shortened = value.unicodeScalars.count > 80 ? String(value.unicodeScalars.prefix(80)) + "…" : value
    return shortened.debugDescription
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
