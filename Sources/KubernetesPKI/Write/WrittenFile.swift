internal import CFileSystem
internal import Glibc

/// A file that was made and is still open: the disk may not have it yet.
final class WrittenFile {
  fileprivate let path: String
  fileprivate let descriptor: Int32

  /// Takes over a descriptor.
  init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Waits until it is on the disk.
  func flush() throws(PKIError) { _ = try FileSystem.call("flush", path) { fsync(descriptor) } }
}

extension FileSystem {
  /// Waits until all of these are on the disk.
  static func flush(_ files: [WrittenFile]) throws(PKIError) {
    // Writing all of them is begun before one is waited for, so that the file system takes them in one go. It is a hint, and
    // one that not every file system knows.
    for file in files { _ = shim_begin_writing(file.descriptor) }
    for file in files { try file.flush() }
  }
}
