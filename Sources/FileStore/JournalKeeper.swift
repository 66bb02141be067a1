/// The journal of a tree as it lies on the disk: drafted, committed, and carried out.
///
/// The caller holds the locks of the tree.
struct JournalKeeper {
  /// An entry of a journal whose files could not be moved to their places.
  struct Failure {
    let entry: Journal.Entry
    let error: FileError
  }

  let roots: StoreRoots
  let jobs: Int
  /// Who gets the files that the run makes for itself; `nil` for the caller.
  let owner: FileSystem.Status?

  private var path: String { Path.join(roots.certificates, Journal.fileName) }
  private var stagedPath: String { Journal.stagedPath(path) }

  /// What interrupted runs have committed, or were going to.
  func begun() throws(FileError) -> [Journal.Entry] {
    (try read(path)?.entries ?? []) + (try read(stagedPath)?.entries ?? [])
  }

  /// Removes what an interrupted run had staged and not committed, and puts in place what it has committed.
  ///
  /// - Returns: what could not be put in place, and stays committed.
  func recover() throws(FileError) -> [Failure] {
    let committed = try read(path)
    if let draft = try read(stagedPath) { discard(draft, sparing: committed?.entries ?? []) }
    guard let committed else { return [] }
    let failures = try carryOut(committed.entries).failures
    for failure in failures {
      switch failure.error {
      case .system, .outsideTree: continue
      default: throw failure.error
      }
    }
    if failures.count < committed.entries.count { try settle(on: failures.map(\.entry)) }
    return failures
  }

  /// Everything that may lie in the tree until these entries are kept, the journal itself included.
  func paths(of entries: [Journal.Entry]) -> Set<String> {
    entries.isEmpty ? [] : Set([path] + entries.flatMap { $0.stagedPaths(in: roots) })
  }

  /// Writes the list of what is about to be staged.
  func draft(_ journal: Journal) throws(FileError) {
    let file = try FileSystem.create(stagedPath, journal.encoded(), mode: 0o600, owner: owner)
    try flush([file], naming: [stagedPath])
  }

  /// Turns the draft into the journal.
  func commit() throws(FileError) {
    // Where there is one, the draft has its entries too.
    if try FileSystem.status(path) != nil {
      try FileSystem.move(stagedPath, to: path)
    } else {
      try FileSystem.moveWithoutReplacing(stagedPath, to: path)
    }
    try flush(naming: [path])
  }

  /// Carries out the journal: moves everything that is staged to its place, and removes the journal when all is on the disk.
  ///
  /// - Parameter others: what stays committed.
  /// - Returns: what the user should know of how it went.
  func keep(_ entries: [Journal.Entry], beside others: [Journal.Entry]) throws(FileError) -> [String] {
    let (isInexact, failures) = try carryOut(entries)
    try settle(on: others + failures.map(\.entry))
    if let failure = failures.first {
      guard case .system(_, let path, let error) = failure.error else { throw failure.error }
      let targets = entries.flatMap { $0.targets(in: roots) }
      let waiting = entries.flatMap { $0.waitingTargets(in: roots) }.count
      throw .halfDone(path: path, placed: targets.count - waiting, total: targets.count, error: error)
    }
    return isInexact
      ? [
        "this file system cannot exchange two files at once: for a moment, each key was new while its certificate was old"
      ]
      : []
  }

  /// Takes back a draft, or a journal of which it is not known whether the disk has it, before anything was moved.
  ///
  /// - Parameter others: what stays committed.
  func retract(_ entries: [Journal.Entry], backup: String?, keeping others: [Journal.Entry]) {
    // What fails here the next run tries again: as long as the journal lists a file, it must be there.
    if others.isEmpty {
      try? FileSystem.remove(path)
      guard Self.isGone(path) else { return }
    } else if Self.isGone(stagedPath) {
      guard (try? settle(on: others)) != nil else { return }
    }
    discard(Journal(entries: entries, backup: backup), sparing: others)
  }

  private func read(_ path: String) throws(FileError) -> Journal? {
    guard try FileSystem.status(path) != nil else { return nil }
    return Journal(try FileSystem.read(path))
  }

  /// Waits until files, and the names that stand for these paths, are on the disk.
  private func flush(_ files: [Unflushed] = [], naming paths: [String]) throws(FileError) {
    try FileSystem.flush(files + FileSystem.directories(of: paths), jobs: jobs)
  }

  /// Moves what is staged for each entry to its place; one that cannot be moved keeps no other from it.
  private func carryOut(
    _ entries: [Journal.Entry]
  ) throws(FileError) -> (isInexact: Bool, failures: [Failure]) {
    var isInexact = false
    var failures: [Failure] = []
    for entry in entries {
      do throws(FileError) {
        if let path = entry.pathOutside(roots) { throw .outsideTree(path) }
        if let pair = entry.pair(in: roots) {
          isInexact = try !pair.run() || isInexact
        } else if entry.removes == true {
          for target in entry.targets(in: roots) { try FileSystem.remove(target) }
        } else {
          for target in entry.targets(in: roots) { try move(to: target, replaces: entry.replaces) }
        }
      } catch {
        failures.append(Failure(entry: entry, error: error))
      }
    }
    try flush(naming: entries.flatMap { $0.targets(in: roots) })
    return (isInexact, failures)
  }

  /// Moves a staged file to its place, unless it is there already.
  private func move(to target: String, replaces: Bool) throws(FileError) {
    let staged = Journal.stagedPath(target)
    guard try FileSystem.status(staged) != nil else {
      guard try FileSystem.status(target) == nil else { return }
      throw .unfinished(target: target, staged: staged, journal: path)
    }
    if replaces { return try FileSystem.move(staged, to: target) }
    // It may have died while the file had both names.
    if try FileSystem.isSame(staged, target) { return try FileSystem.remove(staged) }
    try FileSystem.moveWithoutReplacing(staged, to: target)
  }

  /// Reduces the journal to these entries; without any, the journal is removed.
  private func settle(on entries: [Journal.Entry]) throws(FileError) {
    guard !entries.isEmpty else {
      try FileSystem.remove(path)
      return try flush(naming: [path])
    }
    try FileSystem.remove(stagedPath)
    try draft(Journal(entries: entries))
    try commit()
  }

  /// Removes everything that is staged, as far as that can be done, and its list when nothing is left.
  private func discard(_ journal: Journal, sparing others: [Journal.Entry]) {
    let entries = journal.entries.filter { !others.contains($0) }
    let backup = journal.backup.flatMap { try? Backup.path(of: $0, in: roots) }
    let paths = entries.flatMap { $0.stagedPaths(in: roots) } + [backup].compactMap(\.self)
    // The next run tries again.
    for path in paths { try? FileSystem.removeTree(path) }
    if let backup { FileSystem.removeIfEmpty(Path.directory(of: backup)) }
    guard paths.allSatisfy(Self.isGone) else { return }
    try? FileSystem.remove(stagedPath)
  }

  private static func isGone(_ path: String) -> Bool {
    do throws(FileError) {
      return try FileSystem.status(path) == nil
    } catch {
      // Where nothing could be made, nothing is; of a disk that fails, nothing is known.
      return error.systemError?.isUnreachable == true
    }
  }
}
