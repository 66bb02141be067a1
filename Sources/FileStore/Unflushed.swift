internal import CFileSystem
internal import Glibc

/// A file or a directory that is open, and that the disk may not have yet as it is now.
package final class Unflushed: @unchecked Sendable {
  // Sendable: only `failure` changes, which nobody reads before the thread that sets it has ended.
  private let path: String
  private let descriptor: Int32
  private var failure: FileError?

  /// Takes over a descriptor.
  package init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Waits until it is on the disk.
  package func flush() throws(FileError) { _ = try FileSystem.call("flush", path) { fsync(descriptor) } }

  /// Begins to write it to the disk: a hint, which not every file system knows.
  fileprivate func beginWriting() { _ = shim_begin_writing(descriptor) }

  /// Has a thread of its own wait until it is on the disk; `nil` where there are no more threads, and it is there already.
  fileprivate func flushing() -> pthread_t? {
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { file in
        if let file = unsafe file {
          unsafe Unmanaged<Unflushed>.fromOpaque(file).takeUnretainedValue().tryFlush()
        }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    if status == 0 { return thread }
    tryFlush()
    return nil
  }

  fileprivate func tryFlush() {
    do throws(FileError) {
      try flush()
    } catch {
      failure = error
    }
  }

  /// Why flushing it failed, if it did.
  fileprivate func check() throws(FileError) { if let failure { throw failure } }
}

extension FileSystem {
  /// The directories in which these files and directories have their names.
  package static func directories(of paths: [String]) throws(FileError) -> [Unflushed] {
    try Set(paths.map(Path.directory)).sorted().map { (path) throws(FileError) in
      Unflushed(try call("open", path) { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }, path)
    }
  }

  /// Waits until all of these are on the disk.
  ///
  /// The file system takes those that are waited for side by side in one go; one after the other, each waits for the disk
  /// anew. Whoever waits needs no core, so there is a thread for each file, unless one thing is to be done at a time.
  package static func flush(_ files: [Unflushed], jobs: Int) throws(FileError) {
    guard jobs > 1 else {
      for file in files { file.beginWriting() }
      for file in files { try file.flush() }
      return
    }
    let threads = files.dropFirst().compactMap { $0.flushing() }
    files.first?.tryFlush()
    for thread in threads { pthread_join(thread, nil) }
    for file in files { try file.check() }
  }
}
