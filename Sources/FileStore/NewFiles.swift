/// Files that belong to no tree: a workload's key and request, a user's kubeconfig.
///
/// They need no journal: each is whole when it appears, and nothing that was there is replaced. Each appears as a second
/// name of its staged file, so that the next run can distinguish what an interrupted one has made from other files.
package enum NewFiles {
  /// Writes `files`, none of which may be there; when one cannot be written, none is.
  ///
  /// - Throws: ``FileError/exists(_:)``, or what the operating system refuses.
  package static func write(_ files: [FileChange]) throws(FileError) {
    let directories = Set(files.map { Path.directory(of: $0.path) }).sorted()
    var locks: [DirectoryLock] = []
    var made: [String] = []
    for directory in directories {
      made += try FileSystem.makeDirectory(directory)
      locks.append(try DirectoryLock(directory))
    }
    try withExtendedLifetime(locks) { () throws(FileError) in
      try forgetDeadRun(files)
      for file in files where try FileSystem.status(file.path) != nil { throw .exists(file.path) }
      var placed: [String] = []
      do throws(FileError) {
        let written = try files.map { (file) throws(FileError) in
          try FileSystem.create(Journal.stagedPath(file.path), file.content, mode: file.mode)
        }
        try FileSystem.flush(written, jobs: 1)
        for file in files {
          try place(file)
          placed.append(file.path)
        }
        for file in files { try FileSystem.remove(Journal.stagedPath(file.path)) }
        try FileSystem.flush(FileSystem.directories(of: made + files.map(\.path)), jobs: 1)
      } catch {
        // They hold keys. If even removing them fails, the first error is reported.
        for path in placed { try? FileSystem.remove(path) }
        for file in files { try? FileSystem.remove(Journal.stagedPath(file.path)) }
        throw error
      }
    }
  }

  private static func place(_ file: FileChange) throws(FileError) {
    let staged = Journal.stagedPath(file.path)
    if try !FileSystem.link(staged, as: file.path) {
      try FileSystem.moveWithoutReplacing(staged, to: file.path)
    }
  }

  /// With the locks held, only a dead run can have left staged files; unless it had placed everything, what it had placed
  /// goes too.
  private static func forgetDeadRun(_ files: [FileChange]) throws(FileError) {
    var missing = 0
    for file in files where try FileSystem.status(file.path) == nil { missing += 1 }
    for file in files {
      let staged = Journal.stagedPath(file.path)
      if missing > 0, try FileSystem.isSame(staged, file.path) { try FileSystem.remove(file.path) }
      try FileSystem.remove(staged)
    }
  }
}
