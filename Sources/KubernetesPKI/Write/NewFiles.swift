/// Files that belong to no tree: a workload's key and request, a user's kubeconfig.
///
/// They need no journal: each is whole when it appears, and nothing that was there is replaced.
public enum NewFiles {
  /// Writes `files`, none of which may be there; when one cannot be written, none is.
  ///
  /// - Throws: ``PKIError/exists(_:)``, or what the operating system refuses.
  public static func write(_ files: [PKIFile]) throws(PKIError) {
    for file in files where try FileSystem.status(file.path) != nil { throw .exists(file.path) }
    let directories = Set(files.map { FileSystem.directory(of: $0.path) }).sorted()
    var locks: [DirectoryLock] = []
    for directory in directories {
      try FileSystem.makeDirectory(directory)
      locks.append(try DirectoryLock(directory))
    }
    try withExtendedLifetime(locks) { () throws(PKIError) in
      var moved: [String] = []
      do throws(PKIError) {
        for file in files {
          // With the lock held, only a dead run can have left one.
          try FileSystem.remove(Journal.stagedPath(file.path))
          try FileSystem.create(Journal.stagedPath(file.path), file.content, mode: file.mode)
        }
        for file in files {
          try FileSystem.moveWithoutReplacing(Journal.stagedPath(file.path), to: file.path)
          moved.append(file.path)
        }
        for directory in directories { try FileSystem.synchronize(directory: directory) }
      } catch {
        // They hold keys. Should even removing them fail, the first error is the one to be told.
        for file in files { try? FileSystem.remove(Journal.stagedPath(file.path)) }
        for path in moved { try? FileSystem.remove(path) }
        throw error
      }
    }
  }
}
