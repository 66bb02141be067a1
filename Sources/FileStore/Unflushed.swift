internal import Glibc
internal import Synchronization

/// A file or a directory that the disk may not have yet as it is now.
///
/// It is a path and no descriptor, so that a run may have any number of them, whatever its limit of open files.
package struct Unflushed: Sendable {
  private let path: String
  private let isOnDisk: Bool

  /// What stands at this path.
  ///
  /// - Parameter isOnDisk: whether it is on the disk already.
  package init(_ path: String, isOnDisk: Bool = false) {
    self.path = path
    self.isOnDisk = isOnDisk
  }

  /// Waits until it is on the disk.
  package func flush() throws(FileError) {
    if isOnDisk { return }
    let file = try FileSystem.call("open", path) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
    defer { close(file) }
    _ = try FileSystem.call("flush", path) { fsync(file) }
  }
}

extension FileSystem {
  /// The directories in which these files and directories have their names.
  package static func directories(of paths: [String]) -> [Unflushed] {
    Set(paths.map(Path.directory)).sorted().map { Unflushed($0) }
  }

  /// Waits until all of these are on the disk.
  ///
  /// The file system takes those that are waited for side by side in one go; one after the other, each waits for the disk
  /// anew. Waiting needs no core, so there are many threads, unless one thing is to be done at a time.
  package static func flush(_ files: [Unflushed], jobs: Int) throws(FileError) {
    let failures = Mutex([FileError?](repeating: nil, count: files.count))
    Threads.forEach(upTo: files.count, limit: jobs > 1 ? waitingThreads : 1) { index in
      do throws(FileError) {
        try files[index].flush()
      } catch {
        failures.withLock { $0[index] = error }
      }
    }
    for (file, failure) in zip(files, failures.withLock({ $0 })) {
      guard let failure else { continue }
      // Too many of them had a file open at once; now none has.
      guard failure.systemError?.isLackOfDescriptors == true else { throw failure }
      try file.flush()
    }
  }

  /// How many threads wait for the disk at once.
  private static let waitingThreads = 64
}
