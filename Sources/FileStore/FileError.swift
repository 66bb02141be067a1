/// What keeps files from being read, written or replaced.
public enum FileError: Error, Hashable, Sendable {
  /// What keeps a file from being replaced.
  public enum Obstacle: Hashable, Sendable {
    /// The attribute that `chattr +i` sets.
    case immutable
    /// The attribute that `chattr +a` sets.
    case appendOnly
    /// Something that is mounted on the file.
    case mount
  }

  /// A file that would have to be overwritten.
  case wouldOverwrite(String)
  /// A new file whose name is taken.
  case exists(String)
  /// A path that cannot be a directory because it is something else.
  case notADirectory(String)
  /// A path that cannot be read because it is a FIFO, a device or a socket.
  case notAFile(String)
  /// Two paths that lead to the same file, which can be replaced by one only.
  case sameFile(String, String)
  /// The operating system refused `operation` ("write") on a path.
  case system(operation: String, path: String, error: SystemError)
  /// A file that cannot be replaced; nothing has changed.
  case irreplaceable(String, Obstacle)
  /// A file that could not be replaced when others already were; `placed` of `total` files are in their places.
  case halfDone(path: String, placed: Int, total: Int, error: SystemError)
  /// A file of an interrupted run that is outside of the tree, by the path that the tree's machine has for it.
  case outsideTree(String)
  /// Another run holds the lock of a directory.
  case locked(directory: String, owner: String)
  /// A dead run was to put `target` in place, and the file that it staged for it is gone.
  case unfinished(target: String, staged: String, journal: String)
  /// A directory that is no backup; `root` has the backups.
  case notABackup(String, root: String)
  /// A file that its backup lists and does not have.
  case missingFromBackup(String)
  /// A file of a backup that is not what was copied.
  case damagedBackup(String)
  /// A file whose content cannot be put together, and OpenSSL's reason.
  case unencodable(path: String, reason: String)
}

extension FileError.Obstacle: CustomStringConvertible {
  /// What it is, in words that follow "cannot be replaced: ".
  public var description: String {
    switch self {
    case .immutable: "it is immutable (chattr +i)"
    case .appendOnly: "it is append-only (chattr +a)"
    case .mount: "something is mounted on it"
    }
  }

  /// The system's error for it.
  package var error: SystemError {
    switch self {
    case .immutable, .appendOnly: .notPermitted
    case .mount: .busy
    }
  }
}

extension FileError: CustomStringConvertible {
  /// One sentence with the path.
  public var description: String {
    switch self {
    case .wouldOverwrite(let path): "\(path) appeared while pkigen ran, and is not overwritten"
    case .exists(let path): "\(path) is there already, and is not overwritten"
    case .notADirectory(let path): "\(path) is not a directory"
    case .notAFile(let path): "\(path) is not a regular file"
    case .sameFile(let path, let other):
      "\(path) and \(other) lead to the same file, and would overwrite each other"
    case .system(let operation, let path, let error): "cannot \(operation) \(path): \(error)"
    case .irreplaceable(let path, let obstacle): "\(path) cannot be replaced: \(obstacle)"
    case .halfDone(let path, let placed, let total, let error):
      "cannot replace \(path): \(error); half of the run is done: \(placed) of \(total) files are in place"
    case .outsideTree(let path): "\(path) is outside of the tree, and is not written"
    case .locked(let directory, let owner): "\(directory) is in use by \(owner)"
    case .unfinished(let target, _, _):
      "a run that died was to put \(target) in place, and what it had made for it is not there"
    case .notABackup(let path, _): "\(path) is not a backup of pkigen's"
    case .missingFromBackup(let path): "\(path) is missing from the backup"
    case .damagedBackup(let path): "\(path) is damaged: it is not what was copied"
    case .unencodable(let path, let reason): "\(path): \(reason)"
    }
  }

  /// The file or directory that is at fault.
  public var path: String {
    switch self {
    case .wouldOverwrite(let path), .exists(let path), .notADirectory(let path), .notAFile(let path),
      .sameFile(let path, _), .system(_, let path, _), .irreplaceable(let path, _),
      .halfDone(let path, _, _, _), .outsideTree(let path), .locked(let path, _), .unfinished(_, let path, _),
      .notABackup(let path, _), .missingFromBackup(let path), .damagedBackup(let path),
      .unencodable(let path, _):
      path
    }
  }

  /// The operating system's reason, where it has one.
  public var systemError: SystemError? {
    switch self {
    case .system(_, _, let error), .halfDone(_, _, _, let error): error
    case .irreplaceable(_, let obstacle): obstacle.error
    case .notADirectory: .notADirectory
    default: nil
    }
  }
}
