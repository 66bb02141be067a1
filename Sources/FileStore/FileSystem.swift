internal import CFileSystem
internal import Glibc
package import OpenSSLX509
internal import SystemPackage

/// The calls to the operating system that the library makes on files, each in one place.
///
/// They throw ``FileError/system(operation:path:error:)`` with the path, and repeat what a signal interrupted.
package enum FileSystem {
  /// What stands at a path, without following a symbolic link at its end.
  package struct Status {
    package let device: UInt
    package let inode: UInt
    package let mode: UInt32
    package let owner: UInt32
    package let group: UInt32
    package let size: Int
    /// Of its content, in nanoseconds since 1970.
    package let modified: Int
    /// How many names it has.
    package let links: Int

    package var identity: Identity { Identity(device: device, inode: inode, size: size, modified: modified) }
    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    package var isRegular: Bool { mode & S_IFMT == S_IFREG }
    package var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    package var permissions: UInt32 { mode & 0o7777 }
  }

  /// What distinguishes a file from another, and from itself before a change; every file that pkigen writes is a new one.
  package struct Identity: Equatable {
    package let device: UInt
    package let inode: UInt
    package let size: Int
    package let modified: Int
  }

  /// The largest file that is read: far more than any file of a PKI has.
  package static let sizeLimit = 4 << 20

  /// The number of this process.
  package static var process: Int32 { getpid() }

  /// Whether there is such a process.
  package static func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }

  /// What stands at `path`, or `nil` when nothing does.
  package static func status(_ path: String, followingLinks: Bool = false) throws(FileError) -> Status? {
    var info = stat()
    let result = unsafe followingLinks ? stat(path, &info) : lstat(path, &info)
    if result == 0 {
      return Status(
        device: UInt(info.st_dev), inode: UInt(info.st_ino), mode: info.st_mode, owner: info.st_uid,
        group: info.st_gid, size: Int(info.st_size),
        modified: info.st_mtim.tv_sec * 1_000_000_000 + info.st_mtim.tv_nsec, links: Int(info.st_nlink))
    }
    let error = SystemError.current
    if error.isAbsence { return nil }
    throw .system(operation: "look at", path: path, error: error)
  }

  /// The content of a regular file.
  ///
  /// A FIFO or a device is refused before anything is read from it.
  package static func read(_ path: String) throws(FileError) -> SecretBytes {
    // O_NONBLOCK, or opening a FIFO would wait for its writer.
    let file = try call("open", path) { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
    defer { close(file) }
    return try read(descriptor: file, path)
  }

  private static func read(descriptor file: Int32, _ path: String) throws(FileError) -> SecretBytes {
    var info = stat()
    _ = try call("look at", path) { unsafe fstat(file, &info) }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      throw .system(operation: "read", path: path, error: SystemError(EISDIR))
    }
    guard info.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
    guard info.st_size <= sizeLimit else {
      throw .system(operation: "read", path: path, error: SystemError(EFBIG))
    }
    return try unsafe SecretBytes(capacity: Int(info.st_size)) { (buffer) throws(FileError) in
      var count = 0
      while count < buffer.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let step = try call("read", path) { unsafe Glibc.read(file, rest.baseAddress, rest.count) }
        if step == 0 { break }
        count += step
      }
      return count
    }
  }

  /// Gives a file a new name that nothing has yet.
  package static func moveWithoutReplacing(_ source: String, to target: String) throws(FileError) {
    if unsafe renameat2(AT_FDCWD, source, AT_FDCWD, target, UInt32(SHIM_RENAME_NOREPLACE)) == 0 { return }
    let error = SystemError.current
    if error.isExistence {
      // A run that died between the two steps below has left the file under both names.
      guard try isSame(source, target) else { throw .wouldOverwrite(target) }
      return try remove(source)
    }
    // NFS cannot do it in one step, but in two.
    guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.code) else {
      throw .system(operation: "create", path: target, error: error)
    }
    if try status(source)?.isDirectory == true {
      _ = try call("create", target) { unsafe mkdir(target, 0o700) }
      // An empty directory is all that a rename replaces by another one.
      return try move(source, to: target)
    }
    guard try link(source, as: target) else { throw .system(operation: "create", path: target, error: error) }
    try remove(source)
  }

  /// Gives a file a second name, that nothing has yet.
  ///
  /// - Returns: whether the file system can do so.
  package static func link(_ path: String, as other: String) throws(FileError) -> Bool {
    if unsafe Glibc.link(path, other) == 0 { return true }
    let error = SystemError.current
    if error.isExistence { throw .wouldOverwrite(other) }
    guard [EPERM, ENOSYS, EOPNOTSUPP, EMLINK].contains(error.code) else {
      throw .system(operation: "create", path: other, error: error)
    }
    return false
  }

  /// Gives a file a new name, in place of the file that has it.
  package static func move(_ source: String, to target: String) throws(FileError) {
    _ = try call("replace", target) { unsafe rename(source, target) }
  }

  /// Swaps two files: each gets the other's name, in one step.
  ///
  /// - Returns: whether the file system can do so.
  package static func exchange(_ path: String, _ other: String) throws(FileError) -> Bool {
    if unsafe renameat2(AT_FDCWD, path, AT_FDCWD, other, UInt32(SHIM_RENAME_EXCHANGE)) == 0 { return true }
    let error = SystemError.current
    // EXDEV says that there are two file systems.
    guard error.isUnsupported || error.code == EXDEV else {
      throw .system(operation: "replace", path: path, error: error)
    }
    return false
  }

  /// The path from the root of the file system, of something that need not exist.
  package static func absolute(_ path: String) throws(FileError) -> String {
    guard !path.hasPrefix("/") else { return FilePath(path).lexicallyNormalized().string }
    return FilePath(Path.join(try resolved("."), path)).lexicallyNormalized().string
  }

  /// The path without symbolic links, of something that exists.
  package static func resolved(_ path: String) throws(FileError) -> String {
    guard let resolved = unsafe realpath(path, nil) else {
      throw .system(operation: "look at", path: path, error: .current)
    }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The path from the root of something in a directory that exists; a symbolic link at the path's end stays one.
  package static func anchored(_ path: String) throws(FileError) -> String {
    path.hasPrefix("/") ? path : Path.join(try resolved(Path.directory(of: path)), Path.name(of: path))
  }

  /// Where a path would lead, without symbolic links: of as much of it as exists.
  package static func destination(_ path: String) throws(FileError) -> String {
    if try status(path, followingLinks: true) != nil { return try resolved(path) }
    let parent = Path.directory(of: path)
    guard parent != path else { return path }
    // A link to nothing leads to where something may be tomorrow.
    if let target = target(ofLink: path) {
      return try destination(target.hasPrefix("/") ? target : Path.join(parent, target))
    }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let folder = try destination(parent)
    return name == ".." ? Path.directory(of: folder) : Path.join(folder, name)
  }

  /// What a symbolic link points to; `nil` for what is none.
  static func target(ofLink path: String) -> String? {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe target.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress.map { unsafe readlink(path, $0, buffer.count) } ?? -1
    }
    return count > 0 ? String(decoding: target.prefix(count), as: UTF8.self) : nil
  }

  /// Removes a file; that there is none is no error.
  package static func remove(_ path: String) throws(FileError) {
    do throws(FileError) {
      _ = try call("remove", path) { unsafe unlink(path) }
    } catch .system(_, _, let error) where error.isAbsence {}
  }

  /// Whether two paths lead to the same file or directory.
  package static func isSame(_ path: String, _ other: String) throws(FileError) -> Bool {
    guard let one = try status(path, followingLinks: true), let two = try status(other, followingLinks: true)
    else {
      return false
    }
    return one.device == two.device && one.inode == two.inode
  }

  /// Calls the C library, again as long as a signal interrupts it, and turns -1 into an error.
  package static func call<Result: SignedInteger>(
    _ operation: String, _ path: String, _ body: () -> Result
  ) throws(FileError) -> Result {
    while true {
      let result = body()
      if result != -1 { return result }
      let error = SystemError.current
      if error.code != EINTR { throw .system(operation: operation, path: path, error: error) }
    }
  }
}
