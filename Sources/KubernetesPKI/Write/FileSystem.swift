internal import CFileSystem
internal import Glibc
internal import OpenSSLX509
internal import SystemPackage

/// The calls to the operating system that the library makes on files, each in one place.
///
/// They throw ``PKIError/system(operation:path:error:)`` with the path, and repeat what a signal interrupted.
enum FileSystem {
  /// What stands at a path, without following a symbolic link at its end.
  struct Status {
    let device: UInt
    let inode: UInt
    let mode: UInt32
    let owner: UInt32
    let group: UInt32
    let size: Int

    var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    var isRegular: Bool { mode & S_IFMT == S_IFREG }
    var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    var permissions: UInt32 { mode & 0o7777 }
  }

  /// The largest file that is read: far more than any file of a PKI has.
  static let sizeLimit = 4 << 20

  /// What stands at `path`, or `nil` when nothing does.
  static func status(_ path: String, followingLinks: Bool = false) throws(PKIError) -> Status? {
    var info = stat()
    let result = unsafe followingLinks ? stat(path, &info) : lstat(path, &info)
    if result == 0 {
      return Status(
        device: UInt(info.st_dev), inode: UInt(info.st_ino), mode: info.st_mode, owner: info.st_uid,
        group: info.st_gid, size: Int(info.st_size))
    }
    let error = SystemError.current
    if error.isAbsence { return nil }
    throw .system(operation: "look at", path: path, error: error)
  }

  /// The content of a regular file.
  ///
  /// A FIFO or a device is refused before anything is read from it.
  static func read(_ path: String) throws(PKIError) -> SecretBytes {
    // O_NONBLOCK, or opening a FIFO would wait for its writer.
    let file = try call("open", path) { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
    defer { close(file) }
    return try read(descriptor: file, path)
  }

  /// What standard input holds until its end.
  static func readStandardInput() throws(PKIError) -> SecretBytes {
    let path = "standard input"
    var length = 0
    let buffer = try unsafe SecretBytes(capacity: sizeLimit + 1) { (buffer) throws(PKIError) in
      while length < buffer.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
        let step = try call("read", path) { unsafe Glibc.read(STDIN_FILENO, rest.baseAddress, rest.count) }
        if step == 0 { break }
        length += step
      }
      return length
    }
    guard length <= sizeLimit else { throw .system(operation: "read", path: path, error: SystemError(EFBIG)) }
    return buffer
  }

  private static func read(descriptor file: Int32, _ path: String) throws(PKIError) -> SecretBytes {
    var info = stat()
    _ = try call("look at", path) { unsafe fstat(file, &info) }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .system(
        operation: "read", path: path, error: SystemError(info.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL))
    }
    guard info.st_size <= sizeLimit else {
      throw .system(operation: "read", path: path, error: SystemError(EFBIG))
    }
    return try unsafe SecretBytes(capacity: Int(info.st_size)) { (buffer) throws(PKIError) in
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

  /// Makes a file that must not exist, writes it and waits until it is on the disk.
  static func create(_ path: String, _ content: SecretBytes, mode: UInt32) throws(PKIError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    // 0600 whatever the file is; its final mode is set once it is open, so that the umask has no say in it.
    let file = try call("create", path) { unsafe open(path, flags, 0o600) }
    defer { close(file) }
    try unsafe content.withUnsafeBytes { (bytes) throws(PKIError) in
      var rest = unsafe bytes
      while unsafe !rest.isEmpty {
        let step = try call("write", path) { unsafe write(file, rest.baseAddress, rest.count) }
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[step...])
      }
    }
    if mode != 0o600 { _ = try call("set the mode of", path) { fchmod(file, mode) } }
    _ = try call("flush", path) { fsync(file) }
  }

  /// Waits until the entries of a directory are on the disk.
  static func synchronize(directory path: String) throws(PKIError) {
    let file = try call("open", path) { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { close(file) }
    _ = try call("flush", path) { fsync(file) }
  }

  /// Gives a file a new name that nothing has yet.
  static func moveWithoutReplacing(_ source: String, to target: String) throws(PKIError) {
    do throws(PKIError) {
      _ = try call("create", target) {
        unsafe renameat2(AT_FDCWD, source, AT_FDCWD, target, UInt32(SHIM_RENAME_NOREPLACE))
      }
    } catch .system(_, _, let error) where error.isExistence {
      throw .wouldOverwrite(target)
    }
  }

  /// Gives a file a new name, in place of the file that has it.
  static func move(_ source: String, to target: String) throws(PKIError) {
    _ = try call("replace", target) { unsafe rename(source, target) }
  }

  /// Removes a file; that there is none is no error.
  static func remove(_ path: String) throws(PKIError) {
    do throws(PKIError) {
      _ = try call("remove", path) { unsafe unlink(path) }
    } catch .system(_, _, let error) where error.isAbsence {}
  }

  /// Makes a directory of mode 0755, whatever the umask, and those above it that are missing.
  ///
  /// - Returns: the directories that were made, the topmost first.
  @discardableResult
  static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(PKIError) -> [String] {
    if let status = try status(path, followingLinks: true) {
      guard status.isDirectory else { throw .notADirectory(path) }
      return []
    }
    let parent = FilePath(path).removingLastComponent()
    let above = parent.isEmpty ? [] : try makeDirectory(parent.string)
    if unsafe mkdir(path, mode_t(mode)) != 0 {
      let error = SystemError.current
      if error.isExistence { return above }
      throw .system(operation: "create", path: path, error: error)
    }
    _ = try call("set the mode of", path) { unsafe chmod(path, mode_t(mode)) }
    try synchronize(directory: parent.isEmpty ? "." : parent.string)
    return above + [path]
  }

  /// The names in a directory, sorted, without `.` and `..`.
  static func names(in directory: String) throws(PKIError) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      throw .system(operation: "list", path: directory, error: .current)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The directories in a directory, sorted, without following symbolic links.
  static func directories(in directory: String) throws(PKIError) -> [String] {
    var paths: [String] = []
    for name in try names(in: directory) {
      let path = TreeLocation.join(directory, name)
      if try status(path)?.isDirectory == true { paths.append(path) }
    }
    return paths
  }

  /// Whether two paths lead to the same file or directory.
  static func isSame(_ path: String, _ other: String) throws(PKIError) -> Bool {
    guard let one = try status(path, followingLinks: true), let two = try status(other, followingLinks: true)
    else {
      return false
    }
    return one.device == two.device && one.inode == two.inode
  }

  /// Calls the C library, again as long as a signal interrupts it, and turns -1 into an error.
  static func call<Result: SignedInteger>(
    _ operation: String, _ path: String, _ body: () -> Result
  ) throws(PKIError) -> Result {
    while true {
      let result = body()
      if result != -1 { return result }
      let error = SystemError.current
      if error.code != EINTR { throw .system(operation: operation, path: path, error: error) }
    }
  }
}
