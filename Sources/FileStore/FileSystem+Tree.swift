internal import Glibc

extension FileSystem {
  /// Makes a directory of this mode, whatever the umask, and those above it that are missing.
  ///
  /// - Parameter owner: who gets them; the caller without it.
  /// - Returns: the directories that were made, the topmost first; the disk may not have their names yet.
  @discardableResult
  package static func makeDirectory(
    _ path: String, mode: UInt32 = 0o755, owner: Status? = nil
  ) throws(FileError) -> [String] {
    if let status = try status(path, followingLinks: true) {
      guard status.isDirectory else { throw .notADirectory(path) }
      return []
    }
    let parent = Path.directory(of: path)
    let above = try makeDirectory(parent, mode: mode, owner: owner)
    if unsafe mkdir(path, mode_t(mode)) != 0 {
      let error = SystemError.current
      guard error.isExistence else { throw .system(operation: "create", path: path, error: error) }
      // Another run was faster; or it is a link to nothing.
      try checkDirectory(path)
      return above
    }
    _ = try call("set the mode of", path) { unsafe chmod(path, mode_t(mode)) }
    if let owner { try giveDirectory(path, to: owner) }
    return above + [path]
  }

  /// The owner of a directory, where the caller can make files of other owners: root.
  static func ownerToFollow(_ directory: String) throws(FileError) -> Status? {
    geteuid() == 0 ? try status(directory, followingLinks: true) : nil
  }

  /// Gives a directory to an owner: the directory itself, never what a link leads to that has taken its place.
  private static func giveDirectory(_ path: String, to owner: Status) throws(FileError) {
    let file = try call("open", path) {
      unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    defer { close(file) }
    try give(file, path, to: owner)
  }

  /// Refuses a path at which no directory can be: it, or one above it, is something else or is closed to the caller.
  package static func checkDirectory(_ path: String) throws(FileError) {
    do throws(FileError) {
      if let status = try status(path, followingLinks: true) {
        guard status.isDirectory else { throw FileError.notADirectory(path) }
        _ = try call("search", path) { unsafe access(path, X_OK) }
        return
      }
    } catch .system(_, _, let error) where error == .notADirectory || error.isPermission {
      // The fault is in a directory above, or in this one.
      if Path.directory(of: path) != path { try checkDirectory(Path.directory(of: path)) }
      throw .system(operation: "search", path: path, error: error)
    }
    if let status = try status(path) {
      // A link to nothing; or another run has made the directory since.
      guard status.isDirectory else { throw .notADirectory(path) }
      return
    }
    if Path.directory(of: path) != path { try checkDirectory(Path.directory(of: path)) }
  }

  /// The names in a directory, sorted, without `.` and `..`.
  package static func names(in directory: String) throws(FileError) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      throw .system(operation: "list", path: directory, error: .current)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      // Only errno distinguishes a list that has ended from one that cannot be read on.
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw .system(operation: "list", path: directory, error: .current) }
    return names.sorted()
  }

  /// The directories in a directory, sorted, without following symbolic links.
  package static func directories(in directory: String) throws(FileError) -> [String] {
    var paths: [String] = []
    for name in try names(in: directory) {
      let path = Path.join(directory, name)
      if try status(path)?.isDirectory == true { paths.append(path) }
    }
    return paths
  }

  /// The regular files below a directory, sorted, without following symbolic links.
  package static func files(below directory: String) throws(FileError) -> [String] {
    var paths: [String] = []
    for name in try names(in: directory) {
      let path = Path.join(directory, name)
      guard let status = try status(path) else { continue }
      if status.isDirectory {
        paths += try files(below: path)
      } else if status.isRegular {
        paths.append(path)
      }
    }
    return paths
  }

  /// Removes a directory in which nothing is; any other stays.
  package static func removeIfEmpty(_ directory: String) { _ = unsafe rmdir(directory) }

  /// Removes a file, or a directory with everything in it; that there is nothing is no error.
  package static func removeTree(_ path: String) throws(FileError) {
    guard let status = try status(path) else { return }
    guard status.isDirectory else { return try remove(path) }
    for name in try names(in: path) { try removeTree(Path.join(path, name)) }
    _ = try call("remove", path) { unsafe rmdir(path) }
  }
}
