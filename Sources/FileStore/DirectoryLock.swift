internal import Glibc
internal import OpenSSLX509

/// The right to change a directory, held by one run at a time.
///
/// It is an advisory lock on a file in the directory, which the kernel gives back when the run ends, however it ends; so
/// a file that an interrupted run has left blocks no other run. The file names its owner, for the others' error.
package final class DirectoryLock {
  /// The name of the lock file.
  package static let fileName = ".pkigen.lock"

  private let path: String
  private let file: Int32

  /// Takes the lock, or says who has it.
  ///
  /// - Throws: ``FileError/locked(directory:owner:)``, or what the operating system refuses.
  package init(_ directory: String) throws(FileError) {
    let path = Path.join(directory, Self.fileName)
    self.path = path
    while true {
      let file = try FileSystem.call("lock", path) {
        unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      }
      do throws(FileError) {
        if try Self.acquire(file, path, directory) {
          self.file = file
          break
        }
        close(file)
      } catch {
        close(file)
        throw error
      }
    }
    writeOwner()
    // After root's run has died, the owner of the directory must be able to lock it.
    if let owner = try? FileSystem.ownerToFollow(directory) {
      _ = try? FileSystem.give(file, path, to: owner)
    }
  }

  deinit {
    // Removed while it is held, so that no other run can have opened it and think it free; see `acquire`.
    _ = unsafe unlink(path)
    close(file)
  }

  /// Whether the lock was got on the file that still has the path; its last owner may have removed it in between.
  private static func acquire(_ file: Int32, _ path: String, _ directory: String) throws(FileError) -> Bool {
    if flock(file, LOCK_EX | LOCK_NB) != 0 {
      let error = SystemError.current
      guard error.code == EWOULDBLOCK else { throw .system(operation: "lock", path: path, error: error) }
      throw .locked(directory: directory, owner: owner(path))
    }
    var info = stat()
    _ = try FileSystem.call("look at", path) { unsafe fstat(file, &info) }
    return try FileSystem.status(path)?.inode == UInt(info.st_ino)
  }

  /// Whether a run that is still alive has the right to change a directory, by what it wrote into the file.
  ///
  /// Asking the kernel would take the lock for a moment, in which a run that wants it would be refused.
  package static func isHeld(_ directory: String) -> Bool {
    let words = owner(Path.join(directory, fileName)).split(separator: " ")
    guard let process = words.last.flatMap({ Int32($0) }), process > 0 else { return false }
    return FileSystem.isAlive(process)
  }

  /// Whether a run died that had the right to change a directory: no other run leaves the file.
  package static func isLeft(_ directory: String) -> Bool {
    // A directory that cannot be looked at is reported where its files are missing.
    let status = try? FileSystem.status(Path.join(directory, fileName))
    return status.flatMap(\.self) != nil && !isHeld(directory)
  }

  private static func owner(_ path: String) -> String {
    // It may be gone by now, or not yet written.
    let content = (try? FileSystem.read(path))?.copy ?? []
    let owner = String(decoding: content.prefix(80).prefix { $0 >= 0x20 && $0 < 0x7f }, as: UTF8.self)
    return owner.isEmpty ? "another run of pkigen" : owner
  }

  /// The owner's name is a courtesy: that it cannot be written, on a full disk, stops nothing.
  private func writeOwner() {
    let owner = Array("pkigen, process \(getpid())\n".utf8)
    _ = ftruncate(file, 0)
    _ = unsafe owner.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
  }
}
