internal import OpenSSLX509

/// Puts files into a tree so that a crash at any moment leaves nothing half done that the next run does not finish.
///
/// Every file is written beside its target and flushed; then a journal promises all of them; then they are moved. While a
/// writer exists, no other run can change the tree.
public struct TreeWriter {
  let location: TreeLocation
  private let locks: [DirectoryLock]

  /// Makes the certificate directory where it is missing, takes the right to change the tree, and finishes what a run that
  /// died has promised.
  ///
  /// - Throws: ``PKIError/locked(directory:owner:)``, or what the operating system refuses.
  public init(_ location: TreeLocation) throws(PKIError) {
    self.location = location
    try FileSystem.makeDirectory(location.certificateDirectory)
    var locks = [try DirectoryLock(location.certificateDirectory)]
    // A directory that is missing is made with the first file in it, and holds nothing yet that a run could change.
    if let status = try FileSystem.status(location.kubeconfigDirectory, followingLinks: true) {
      guard status.isDirectory else { throw .notADirectory(location.kubeconfigDirectory) }
      if try !FileSystem.isSame(location.certificateDirectory, location.kubeconfigDirectory) {
        locks.append(try DirectoryLock(location.kubeconfigDirectory))
      }
    }
    self.locks = locks
    try recover()
  }

  /// Writes all `files`: those that replace take the place, the owner and the mode of what is there, the others must find
  /// nothing in theirs. A certificate and its key, where both are among them, are replaced in the same moment.
  ///
  /// - Returns: what the user should know of how it went.
  /// - Throws: ``PKIError``; unless it is a failure after the promise, nothing has changed.
  public func write(_ files: [PKIFile]) throws(PKIError) -> [String] {
    guard !files.isEmpty else { return [] }
    let targets = try targets(of: files)
    let journal = Journal(entries: try entries(files, targets))
    do throws(PKIError) {
      try FileSystem.create(stagedJournalPath, journal.encoded(), mode: 0o600)
      try FileSystem.synchronize(directory: location.certificateDirectory)
      for file in files { try stage(file, at: targets[file.path] ?? file.path) }
      for entry in journal.entries { try entry.pair(in: location)?.prepare() }
      try promise(journal)
    } catch {
      // What is staged holds keys. Should even removing it fail, the first error is the one to be told.
      try? discard(journal)
      throw error
    }
    return try fulfil(journal)
  }

  private var journalPath: String { TreeLocation.join(location.certificateDirectory, Journal.fileName) }
  private var stagedJournalPath: String { Journal.stagedPath(journalPath) }

  /// Where each file goes: one that replaces goes to where a symbolic link at its path leads.
  private func targets(of files: [PKIFile]) throws(PKIError) -> [String: String] {
    var targets: [String: String] = [:]
    var paths: [String: String] = [:]
    for file in files {
      var target = file.path
      if file.replaces, try FileSystem.status(file.path)?.isSymbolicLink == true,
        try FileSystem.status(file.path, followingLinks: true) != nil
      {
        target = try FileSystem.resolved(file.path)
      }
      let directory = FileSystem.directory(of: target)
      try FileSystem.makeDirectory(directory)
      let place = TreeLocation.join(try FileSystem.resolved(directory), FileSystem.name(of: target))
      if let other = paths.updateValue(file.path, forKey: place) { throw .sameFile(other, file.path) }
      targets[file.path] = target
    }
    return targets
  }

  /// One entry a file, except that a key which is replaced together with its certificate belongs to the certificate's.
  private func entries(
    _ files: [PKIFile], _ targets: [String: String]
  ) throws(PKIError) -> [Journal.Entry] {
    let paired = Set(files.compactMap(\.keyPath))
    return try files.filter { !paired.contains($0.path) }.map { (file) throws(PKIError) in
      try Journal.Entry(
        targets[file.path] ?? file.path, key: file.keyPath.flatMap { targets[$0] }, replaces: file.replaces,
        in: location)
    }
  }

  /// Writes a file beside its target, as what it replaces.
  private func stage(_ file: PKIFile, at target: String) throws(PKIError) {
    let current = try FileSystem.status(target)
    if current != nil, !file.replaces { throw .wouldOverwrite(file.path) }
    try FileSystem.create(
      Journal.stagedPath(target), file.content, mode: current?.permissions ?? file.mode, owner: current)
  }

  /// Makes the journal appear at once, after everything that it promises is on the disk.
  private func promise(_ journal: Journal) throws(PKIError) {
    try synchronizeDirectories(of: journal)
    try FileSystem.moveWithoutReplacing(stagedJournalPath, to: journalPath)
    try FileSystem.synchronize(directory: location.certificateDirectory)
  }

  /// Moves everything that is staged to its place, and takes the promise back when all is on the disk.
  private func fulfil(_ journal: Journal) throws(PKIError) -> [String] {
    var isInexact = false
    for entry in journal.entries {
      let target = entry.target(in: location)
      if let pair = entry.pair(in: location) {
        isInexact = try !pair.run() || isInexact
      } else if try FileSystem.status(Journal.stagedPath(target)) != nil {
        if entry.replaces {
          try FileSystem.move(Journal.stagedPath(target), to: target)
        } else {
          try FileSystem.moveWithoutReplacing(Journal.stagedPath(target), to: target)
        }
      }
    }
    try synchronizeDirectories(of: journal)
    try FileSystem.remove(journalPath)
    try FileSystem.synchronize(directory: location.certificateDirectory)
    return isInexact
      ? [
        "this file system cannot exchange two files at once: for a moment, each key was new while its certificate was old"
      ]
      : []
  }

  /// Removes everything that is staged, as far as that can be done, and its list when nothing is left.
  private func discard(_ journal: Journal) throws(PKIError) {
    var failure: PKIError?
    for path in [journalPath] + journal.entries.flatMap({ $0.stagedPaths(in: location) }) {
      do throws(PKIError) {
        try FileSystem.removeTree(path)
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    try FileSystem.remove(stagedJournalPath)
  }

  private func synchronizeDirectories(of journal: Journal) throws(PKIError) {
    let targets = journal.entries.flatMap { $0.targets(in: location) }
    for directory in Set(targets.map(FileSystem.directory)).sorted() {
      try FileSystem.synchronize(directory: directory)
    }
  }

  /// Finishes what a dead run has promised, and removes what one has left that had promised nothing yet.
  private func recover() throws(PKIError) {
    if let journal = try journal(journalPath) { _ = try fulfil(journal) }
    if let journal = try journal(stagedJournalPath) { try discard(journal) }
    let directories =
      [location.certificateDirectory, location.kubeconfigDirectory]
      + (try FileSystem.directories(in: location.certificateDirectory))
    for directory in directories where try FileSystem.status(directory, followingLinks: true) != nil {
      for name in try FileSystem.names(in: directory) where Journal.isLeftover(name) {
        try FileSystem.removeTree(TreeLocation.join(directory, name))
      }
    }
  }

  /// The journal at a path, where there is one.
  private func journal(_ path: String) throws(PKIError) -> Journal? {
    guard try FileSystem.status(path) != nil else { return nil }
    return Journal(try FileSystem.read(path))
  }
}
