internal import OpenSSLX509

/// Puts files into a tree so that a crash at any moment leaves nothing half done that the next run does not finish.
///
/// Every file is written beside its target and flushed; then a journal promises all of them; then they are moved. While a
/// writer exists, no other run can change the tree.
public struct TreeWriter {
  private let location: TreeLocation
  private let locks: [DirectoryLock]

  /// Makes the directories of a tree where they are missing, takes the right to change them, and finishes what a run that
  /// died has promised.
  ///
  /// - Throws: ``PKIError/locked(directory:owner:)``, or what the operating system refuses.
  public init(_ location: TreeLocation) throws(PKIError) {
    self.location = location
    try FileSystem.makeDirectory(location.certificateDirectory)
    try FileSystem.makeDirectory(location.kubeconfigDirectory)
    var locks = [try DirectoryLock(location.certificateDirectory)]
    if try !FileSystem.isSame(location.certificateDirectory, location.kubeconfigDirectory) {
      locks.append(try DirectoryLock(location.kubeconfigDirectory))
    }
    self.locks = locks
    try recover()
  }

  /// Writes all `files`, none of which may be there.
  ///
  /// - Throws: ``PKIError``; unless it is a failure after the promise, nothing has changed.
  public func create(_ files: [PKIFile]) throws(PKIError) {
    let entries = files.map { Journal.Entry($0.path, replaces: false, in: location) }
    do throws(PKIError) {
      for directory in Set(files.map { Self.directory(of: $0.path) }).sorted() {
        try FileSystem.makeDirectory(directory)
      }
      for file in files {
        if try FileSystem.status(file.path) != nil { throw .wouldOverwrite(file.path) }
        try FileSystem.create(Journal.stagedPath(file.path), file.content, mode: file.mode)
      }
      try promise(Journal(entries: entries))
    } catch {
      // What is staged holds keys. Should even removing it fail, the first error is the one to be told.
      for file in files { try? FileSystem.remove(Journal.stagedPath(file.path)) }
      throw error
    }
    try fulfil(Journal(entries: entries))
  }

  private var journalPath: String { TreeLocation.join(location.certificateDirectory, Journal.fileName) }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the journal appear whole or not at all, after everything that it promises is on the disk.
  private func promise(_ journal: Journal) throws(PKIError) {
    for directory in Set(journal.entries.map { Self.directory(of: $0.target(in: location)) }).sorted() {
      try FileSystem.synchronize(directory: directory)
    }
    let staged = Journal.stagedPath(journalPath)
    do throws(PKIError) {
      try FileSystem.create(staged, journal.encoded(), mode: 0o600)
      try FileSystem.moveWithoutReplacing(staged, to: journalPath)
    } catch {
      try? FileSystem.remove(staged)
      throw error
    }
    try FileSystem.synchronize(directory: location.certificateDirectory)
  }

  /// Moves every staged file that is still there to its target, and takes the promise back when all is on the disk.
  private func fulfil(_ journal: Journal) throws(PKIError) {
    for entry in journal.entries {
      let target = entry.target(in: location)
      let staged = Journal.stagedPath(target)
      guard try FileSystem.status(staged) != nil else { continue }
      try FileSystem.moveWithoutReplacing(staged, to: target)
    }
    for directory in Set(journal.entries.map { Self.directory(of: $0.target(in: location)) }).sorted() {
      try FileSystem.synchronize(directory: directory)
    }
    try FileSystem.remove(journalPath)
    try FileSystem.synchronize(directory: location.certificateDirectory)
  }

  /// Finishes what a dead run has promised, and removes what one has left that had promised nothing yet.
  private func recover() throws(PKIError) {
    if try FileSystem.status(journalPath) != nil, let journal = Journal(try FileSystem.read(journalPath)) {
      try fulfil(journal)
    }
    let directories =
      [location.certificateDirectory, location.kubeconfigDirectory]
      + (try FileSystem.directories(in: location.certificateDirectory))
    for directory in directories {
      for name in try FileSystem.names(in: directory) where Journal.isLeftover(name) {
        try FileSystem.remove(TreeLocation.join(directory, name))
      }
    }
  }
}
