internal import CFileSystem
internal import Glibc
package import OpenSSLX509

extension FileSystem {
  /// A file in whose place another one comes.
  package struct Predecessor {
    /// Its path, without a symbolic link at its end.
    package let path: String
    /// What stands there.
    package let status: Status

    package init(path: String, status: Status) {
      self.path = path
      self.status = status
    }
  }

  /// Makes a file that must not exist, and writes it.
  ///
  /// - Parameters:
  ///   - mode: the mode that it gets, whatever the umask.
  ///   - predecessor: a file whose owner, group, access-control list and further attributes the new one gets.
  ///   - owner: a file whose owner and group the new one gets; those of `predecessor` without it.
  /// - Returns: the file, which the disk may not have yet.
  package static func create(
    _ path: String, _ content: SecretBytes, mode: UInt32, replacing predecessor: Predecessor? = nil,
    owner: Status? = nil
  ) throws(FileError) -> Unflushed {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    // 0600 whatever the file is; its final mode is set once it is open, so that the umask has no say in it.
    let file = try call("create", path) { unsafe open(path, flags, 0o600) }
    defer { close(file) }
    try unsafe content.withUnsafeBytes { (bytes) throws(FileError) in try unsafe write(bytes, to: file, path)
    }
    // The disk may begin; not every file system knows how to.
    _ = shim_begin_writing(file)
    let hasGroup = try (owner ?? predecessor?.status).map { (owner) throws(FileError) in
      try give(file, path, to: owner)
    }
    if let predecessor { try copyAttributes(of: predecessor.path, to: file, path) }
    // Another group gets what every user has.
    let mode = hasGroup == false ? mode & ~0o070 | (mode & 0o007) << 3 : mode
    _ = try call("set the mode of", path) { fchmod(file, mode) }
    // What its owner may not read cannot be opened again, so it is flushed here.
    let isClosed = mode & 0o400 == 0
    if isClosed { _ = try call("flush", path) { fsync(file) } }
    return Unflushed(path, isOnDisk: isClosed)
  }

  /// Writes to what is no regular file: a pipe, a terminal, a device.
  package static func write(_ text: String, to path: String) throws(FileError) {
    let file = try call("open", path) { unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
    defer { close(file) }
    try write(text, to: file, path)
  }

  /// Writes to an open file.
  package static func write(_ text: String, to file: Int32, _ path: String) throws(FileError) {
    let content = SecretBytes(text.utf8)
    try unsafe content.withUnsafeBytes { (bytes) throws(FileError) in try unsafe write(bytes, to: file, path)
    }
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String
  ) throws(FileError) {
    var rest = unsafe bytes
    while unsafe !rest.isEmpty {
      let step = try call("write", path) { unsafe Glibc.write(file, rest.baseAddress, rest.count) }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[step...])
    }
  }

  /// The standard output or the standard error, where it is this file.
  package static func standardStream(_ status: Status) -> Int32? {
    [STDOUT_FILENO, STDERR_FILENO].first { stream in
      var info = stat()
      return unsafe fstat(stream, &info) == 0 && UInt(info.st_dev) == status.device
        && UInt(info.st_ino) == status.inode
    }
  }

  /// Gives an open file the owner and the group of another.
  ///
  /// - Returns: whether it has both. An owner who is not a member of the group keeps the file and cannot give it the group.
  @discardableResult
  package static func give(_ file: Int32, _ path: String, to owner: Status) throws(FileError) -> Bool {
    var info = stat()
    _ = try call("look at", path) { unsafe fstat(file, &info) }
    guard info.st_uid != owner.owner || info.st_gid != owner.group else { return true }
    do throws(FileError) {
      _ = try call("set the owner of", path) { fchown(file, owner.owner, owner.group) }
      return true
    } catch {
      guard info.st_uid == owner.owner, error.systemError?.isPermission == true else { throw error }
      return false
    }
  }
}
