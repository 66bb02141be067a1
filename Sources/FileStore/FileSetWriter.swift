internal import OpenSSLX509

/// Puts files into a tree so that a crash at any moment leaves nothing half done that the next run does not finish.
///
/// Every file is written beside its target and flushed; then a journal promises all of them; then they are moved. While a
/// writer exists, no other run can change the tree.
package struct FileSetWriter {
  package let roots: StoreRoots
  private let locks: [DirectoryLock]
  /// A directory outside the tree that files are written to as well.
  private let outerDirectory: String?
  private let jobs: Int
  /// The directories that were made for this run.
  private let made: [String]

  /// Makes the directories where they are missing, takes the right to change them, and finishes what a run that
  /// died has promised.
  ///
  /// - Parameters:
  ///   - changingKubeconfigs: whether kubeconfigs are going to be written. Their directory may be another's to write to,
  ///     and is left alone where it is not needed.
  ///   - outerDirectory: a directory outside the tree that secrets are written to as well.
  ///   - jobs: with one, files are flushed to the disk one after the other.
  /// - Throws: ``FileError/locked(directory:owner:)``, or what the operating system refuses.
  package init(
    _ roots: StoreRoots, changingKubeconfigs: Bool = true, andIn outerDirectory: String? = nil,
    jobs: Int = 1
  ) throws(FileError) {
    self.roots = roots
    self.outerDirectory = outerDirectory
    self.jobs = jobs
    let (certificates, kubeconfigs) = (roots.certificates, roots.kubeconfigs)
    var made = try FileSystem.makeDirectory(certificates)
    if changingKubeconfigs { made += try FileSystem.makeDirectory(kubeconfigs) }
    var locks = [try DirectoryLock(certificates)]
    let promise = try Self.journal(Self.journalPath(in: roots))
    let draft = try Self.journal(Journal.stagedPath(Self.journalPath(in: roots)))
    let begun = (promise?.entries ?? []) + (draft?.entries ?? [])
    if changingKubeconfigs || begun.contains(where: { $0.directory == .kubeconfigs }),
      try FileSystem.status(kubeconfigs, followingLinks: true) != nil,
      try !FileSystem.isSame(certificates, kubeconfigs)
    {
      locks.append(try DirectoryLock(kubeconfigs))
    }
    let hasKubeconfigs = locks.count > 1
    if let outerDirectory {
      made += try FileSystem.makeDirectory(outerDirectory, mode: 0o700)
      locks.append(try DirectoryLock(outerDirectory))
    }
    self.locks = locks
    self.made = made
    if let promise { _ = try fulfil(promise) }
    if let draft { discard(draft) }
    try removeLeftovers(alsoOfKubeconfigs: hasKubeconfigs)
  }

  /// Writes all `files`: those that replace take the place, the owner and the mode of what is there, the others must find
  /// nothing in theirs. A certificate and its key, where both are among them, are replaced together.
  ///
  /// - Returns: what the user should know of how it went.
  /// - Throws: ``FileError``; unless it is a failure after the promise, nothing has changed.
  package func write(_ files: [FileChange]) throws(FileError) -> [String] {
    guard !files.isEmpty else { return [] }
    let (targets, made) = try targets(of: files)
    let journal = Journal(entries: try entries(files, targets))
    let notes = try secondNames(files.filter(\.replaces).map { targets[$0.path] ?? $0.path })
    do throws(FileError) {
      let draft = try FileSystem.create(stagedJournalPath, journal.encoded(), mode: 0o600)
      try flush([draft], naming: [stagedJournalPath])
      var staged = try files.map { (file) throws(FileError) in
        try Self.stage(file, at: targets[file.path] ?? file.path)
      }
      for entry in journal.entries { staged += try entry.pair(in: roots)?.prepare() ?? [] }
      try flush(staged, naming: self.made + made + paths(of: journal))
      // The promise appears at once, after everything that it promises is on the disk.
      try FileSystem.moveWithoutReplacing(stagedJournalPath, to: journalPath)
      try flush(naming: [journalPath])
    } catch {
      // What is staged holds keys.
      discard(journal)
      throw error
    }
    return notes + (try fulfil(journal))
  }

  /// Says which of the files that are replaced have another name: under that one they live on, and who watches them misses
  /// what comes later (inotify watches inodes, and does not see that one of their names is gone).
  private func secondNames(_ paths: [String]) throws(FileError) -> [String] {
    var notes: [String] = []
    for path in paths where (try FileSystem.status(path)?.links ?? 1) > 1 {
      notes.append(
        "\(path) had a second name, a hard link, which keeps the old file: a running process that watches \(path) sees"
          + " this change and no later one, until it is restarted")
    }
    return notes
  }

  private var journalPath: String { Self.journalPath(in: roots) }
  private var stagedJournalPath: String { Journal.stagedPath(journalPath) }

  private static func journalPath(in roots: StoreRoots) -> String {
    Path.join(roots.certificates, Journal.fileName)
  }

  /// What a dead run has promised, or was going to, if one has.
  private static func journal(_ path: String) throws(FileError) -> Journal? {
    guard try FileSystem.status(path) != nil else { return nil }
    return Journal(try FileSystem.read(path))
  }

  /// Where each file goes: one that replaces goes to where a symbolic link at its path leads; and the directories that were
  /// made there.
  private func targets(
    of files: [FileChange]
  ) throws(FileError) -> (targets: [String: String], made: [String]) {
    var targets: [String: String] = [:]
    var made: [String] = []
    var paths: [String: String] = [:]
    var resolved: [String: String] = [:]
    func place(of target: String) throws(FileError) -> String {
      let (directory, name) = (Path.directory(of: target), Path.name(of: target))
      if let known = resolved[directory] { return Path.join(known, name) }
      made += try FileSystem.makeDirectory(directory)
      let found = try FileSystem.resolved(directory)
      resolved[directory] = found
      return Path.join(found, name)
    }
    for file in files {
      var target = file.path
      if file.replaces, try FileSystem.status(file.path)?.isSymbolicLink == true,
        try FileSystem.status(file.path, followingLinks: true) != nil
      {
        target = try FileSystem.resolved(file.path)
      }
      if let other = paths.updateValue(file.path, forKey: try place(of: target)) {
        throw .sameFile(other, file.path)
      }
      targets[file.path] = target
    }
    return (targets, made)
  }

  /// One entry a file, except that a key which is replaced together with its certificate belongs to the certificate's.
  private func entries(
    _ files: [FileChange], _ targets: [String: String]
  ) throws(FileError) -> [Journal.Entry] {
    let paired = Set(files.compactMap(\.keyPath))
    return try files.filter { !paired.contains($0.path) }.map { (file) throws(FileError) in
      let (target, key) = (targets[file.path] ?? file.path, file.keyPath.flatMap { targets[$0] })
      let entry = Journal.Entry(
        target, key: key, replaces: file.replaces, by: file.replacement, in: roots)
      guard entry.directory == .root else { return entry }
      return Journal.Entry(
        try FileSystem.anchored(target),
        key: try key.map { (key) throws(FileError) in try FileSystem.anchored(key) },
        replaces: file.replaces, by: file.replacement, in: roots)
    }
  }

  /// Writes a file beside its target, as what it replaces.
  private static func stage(_ file: FileChange, at target: String) throws(FileError) -> Unflushed {
    let current = try FileSystem.status(target, followingLinks: file.replaces)
    if current != nil, !file.replaces { throw .wouldOverwrite(file.path) }
    return try FileSystem.create(
      Journal.stagedPath(target), file.content, mode: current?.permissions ?? file.mode, owner: current)
  }

  private func paths(of journal: Journal) -> [String] {
    journal.entries.flatMap { $0.targets(in: roots) }
  }

  /// Waits until files, and the names that stand for these paths, are on the disk.
  private func flush(_ files: [Unflushed] = [], naming paths: [String]) throws(FileError) {
    try FileSystem.flush(files + FileSystem.directories(of: paths), jobs: jobs)
  }

  /// Moves everything that is staged to its place, and takes the promise back when all is on the disk.
  private func fulfil(_ journal: Journal) throws(FileError) -> [String] {
    var isInexact = false
    for entry in journal.entries {
      if let pair = entry.pair(in: roots) {
        isInexact = try !pair.run() || isInexact
      } else {
        for target in entry.targets(in: roots) {
          try move(Journal.stagedPath(target), to: target, replaces: entry.replaces)
        }
      }
    }
    try flush(naming: paths(of: journal))
    try FileSystem.remove(journalPath)
    try flush(naming: [journalPath])
    return isInexact
      ? [
        "this file system cannot exchange two files at once: for a moment, each key was new while its certificate was old"
      ]
      : []
  }

  /// Removes everything that is staged, as far as that can be done, and its list when nothing is left.
  private func discard(_ journal: Journal) {
    let paths = [journalPath] + journal.entries.flatMap { $0.stagedPaths(in: roots) }
    // The next run tries again.
    for path in paths { try? FileSystem.removeTree(path) }
    guard paths.allSatisfy(Self.isGone) else { return }
    try? FileSystem.remove(stagedJournalPath)
  }

  private static func isGone(_ path: String) -> Bool {
    do throws(FileError) {
      return try FileSystem.status(path) == nil
    } catch {
      // Where nothing could be made, nothing is; of a disk that fails, nobody knows.
      return error.systemError?.isUnreachable == true
    }
  }

  /// Moves a staged file to its place, unless it is there already.
  private func move(_ staged: String, to target: String, replaces: Bool) throws(FileError) {
    guard try FileSystem.status(staged) != nil else {
      guard try FileSystem.status(target) == nil else { return }
      throw .unfinished(target: target, staged: staged, journal: journalPath)
    }
    if replaces { return try FileSystem.move(staged, to: target) }
    // It may have died while the file had both names.
    if try FileSystem.isSame(staged, target) { return try FileSystem.remove(staged) }
    try FileSystem.moveWithoutReplacing(staged, to: target)
  }

  /// Removes what dead runs have left that had promised nothing yet, from the directories in which runs leave things.
  private func removeLeftovers(alsoOfKubeconfigs: Bool) throws(FileError) {
    var directories = Self.directories(of: roots)
    if alsoOfKubeconfigs { directories.insert(roots.kubeconfigs) }
    if let outerDirectory { directories.insert(outerDirectory) }
    for directory in directories.sorted() {
      for path in try Self.leftovers(in: directory) { try FileSystem.removeTree(path) }
    }
  }

  /// Whether runs have left things in a tree that nobody has promised: one that died, or could not remove them.
  package static func hasLeftovers(_ roots: StoreRoots) -> Bool {
    // What cannot be listed is told by whoever is to write there.
    directories(of: roots).union([roots.kubeconfigs]).contains { directory in
      (try? leftovers(in: directory))?.isEmpty == false
    }
  }

  private static func directories(of roots: StoreRoots) -> Set<String> {
    Set([roots.certificates, Path.join(roots.certificates, Backup.directoryName)] + roots.subdirectories)
  }

  private static func leftovers(in directory: String) throws(FileError) -> [String] {
    guard try FileSystem.status(directory, followingLinks: true)?.isDirectory == true else { return [] }
    return try FileSystem.names(in: directory).filter(Journal.isLeftover).map {
      Path.join(directory, $0)
    }
  }
}
