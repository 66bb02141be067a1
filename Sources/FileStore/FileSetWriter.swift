internal import OpenSSLX509

/// Puts files into a tree so that a crash at any moment leaves nothing half done that the next run does not finish.
///
/// Every file is written beside its target and flushed; then a journal commits all of them; then they are moved. While a
/// writer exists, no other run can change the tree.
package struct FileSetWriter {
  package let roots: StoreRoots
  private let locks: [DirectoryLock]
  /// A directory outside the tree that files are written to as well.
  private let outerDirectory: String?
  private let jobs: Int
  /// The directories that were made for this run.
  private let made: [String]
  private let keeper: JournalKeeper
  /// What an interrupted run has committed and cannot be put in place, and why.
  private let unfinished: [JournalKeeper.Failure]

  /// Makes the directories where they are missing, takes the right to change them, and finishes what a run that
  /// died has committed, as far as that can be done.
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
    let roots = roots.including([outerDirectory].compactMap(\.self))
    self.roots = roots
    self.outerDirectory = outerDirectory
    self.jobs = jobs
    let (certificates, kubeconfigs) = (roots.certificates, roots.kubeconfigs)
    for directory in [certificates] + (changingKubeconfigs ? [kubeconfigs].compactMap(\.self) : [])
    where roots.reach.place(ofDirectory: directory) == nil { throw .outsideTree(directory) }
    let owner = try Self.owner(of: roots)
    var made = try FileSystem.makeDirectory(certificates, owner: owner)
    if changingKubeconfigs, let kubeconfigs {
      made += try FileSystem.makeDirectory(kubeconfigs, owner: owner)
    }
    var locks = [try DirectoryLock(certificates)]
    let keeper = JournalKeeper(roots: roots, jobs: jobs, owner: owner)
    let begun = try keeper.begun()
    if let kubeconfigs, changingKubeconfigs || begun.contains(where: { $0.directory == .kubeconfigs }),
      try FileSystem.status(kubeconfigs, followingLinks: true) != nil,
      try !FileSystem.isSame(certificates, kubeconfigs)
    {
      locks.append(try DirectoryLock(kubeconfigs))
    }
    var directories = Self.directories(of: roots)
    if locks.count > 1, let kubeconfigs { directories.insert(kubeconfigs) }
    if let outerDirectory {
      made += try FileSystem.makeDirectory(outerDirectory, mode: 0o700)
      locks.append(try DirectoryLock(outerDirectory))
      directories.insert(outerDirectory)
    }
    self.locks = locks
    self.made = made
    self.keeper = keeper
    unfinished = try keeper.recover()
    try Self.removeLeftovers(
      in: directories, within: roots.reach, sparing: keeper.paths(of: unfinished.map(\.entry)))
  }

  /// Writes all `files`: those that replace take the place, the owner, the mode and the attributes of what is there, those
  /// that remove leave nothing there, the others must find nothing in theirs. A certificate and its key, where both are among them, are replaced together.
  ///
  /// - Parameters:
  ///   - request: what is copied to a backup first.
  ///   - keepsModes: whether a secret that replaces one that every user can read keeps that mode.
  /// - Returns: what the user should know of how it went, and the backup's directory where there was something to copy.
  /// - Throws: ``FileError``; unless it is ``FileError/halfDone(path:placed:total:error:)`` or another failure after the
  ///   commit, nothing has changed, and there is no backup.
  package func write(
    _ files: [FileChange], backingUp request: Backup.Request? = nil, keepsModes: Bool = false
  ) throws(FileError) -> (notes: [String], backup: String?) {
    var notes = unfinished.map { "what a run that died was to put in place is not: \($0.error)" }
    guard !files.isEmpty else { return (notes, nil) }
    let (targets, made) = try targets(of: files)
    let entries = try entries(files, targets)
    try check(entries)
    notes += try secondNames(files.filter { $0.effect == .replace }.map { targets[$0.path] ?? $0.path })
    let name = try request.map { (request) throws(FileError) in
      try Backup.freeName(in: roots, at: request.instant)
    }
    var backup: String?
    do throws(FileError) {
      try keeper.draft(Journal(entries: unfinished.map(\.entry) + entries, backup: name))
      if let name, var request {
        request.places = targets
        backup = try Backup.make(of: request, in: roots, named: name, owner: keeper.owner, jobs: jobs)
      }
      var (staged, warnings) = try Self.stage(files, at: targets, keepsModes: keepsModes)
      notes += warnings
      for entry in entries { staged += try entry.pair(in: roots)?.prepare() ?? [] }
      try FileSystem.flush(
        staged + FileSystem.directories(of: self.made + made + entries.flatMap { $0.targets(in: roots) }),
        jobs: jobs)
      // The journal appears at once, after everything that it lists is on the disk.
      try keeper.commit()
    } catch {
      // What is staged holds keys, and so does a backup of a run that has changed nothing.
      keeper.retract(entries, backup: name, keeping: unfinished.map(\.entry))
      throw error
    }
    return (notes + (try keeper.keep(entries, beside: unfinished.map(\.entry))), backup)
  }

  /// Who owns the tree, where root writes to it: what is made in it is the owner's, who can renew it later.
  private static func owner(of roots: StoreRoots) throws(FileError) -> FileSystem.Status? {
    if let owner = try FileSystem.ownerToFollow(roots.certificates) { return owner }
    guard let kubeconfigs = roots.kubeconfigs, Path.relative(roots.certificates, to: kubeconfigs) != nil
    else {
      return nil
    }
    return try FileSystem.ownerToFollow(kubeconfigs)
  }

  /// Refuses what cannot be put in place, as far as that can be known before anything has changed.
  private func check(_ entries: [Journal.Entry]) throws(FileError) {
    for entry in entries {
      for target in entry.targets(in: roots) {
        if entry.replaces, let obstacle = FileSystem.obstacle(target) {
          throw .irreplaceable(target, obstacle)
        }
        if let failure = unfinished.first(where: { $0.entry.targets(in: roots).contains(target) }) {
          throw failure.error
        }
      }
    }
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

  /// Where each file goes: one that replaces goes to where a symbolic link at its path leads; and the directories that were
  /// made there.
  private func targets(
    of files: [FileChange]
  ) throws(FileError) -> (targets: [String: String], made: [String]) {
    var targets: [String: String] = [:]
    var made: [String] = []
    var paths: [String: String] = [:]
    var resolved: [String: String] = [:]
    func place(of path: String) throws(FileError) -> String {
      let (directory, name) = (Path.directory(of: path), Path.name(of: path))
      if let known = resolved[directory] { return Path.join(known, name) }
      guard let folder = roots.reach.directory(of: path) else { throw .outsideTree(path) }
      made += try FileSystem.makeDirectory(folder, owner: keeper.owner)
      let found = try FileSystem.resolved(folder)
      resolved[directory] = found
      return Path.join(found, name)
    }
    for file in files {
      let place = try place(of: file.path)
      let target = try file.effect == .replace ? replaced(file.path, at: place) : nil
      if let other = paths.updateValue(file.path, forKey: target ?? place) {
        throw .sameFile(other, file.path)
      }
      // Where no link leads elsewhere, a file is known by the path that the caller has for it.
      let isPlain = roots.reach.directory(of: file.path) == Path.directory(of: file.path)
      targets[file.path] = target ?? (isPlain ? file.path : place)
    }
    return (targets, made)
  }

  /// The file to which a symbolic link leads in whose place a file is to come; `nil` where there is no link to a file.
  private func replaced(_ path: String, at place: String) throws(FileError) -> String? {
    guard try FileSystem.status(place)?.isSymbolicLink == true else { return nil }
    guard let target = roots.reach.place(ofRelative: path) else { throw .outsideTree(path) }
    guard try FileSystem.status(target, followingLinks: true) != nil else { return nil }
    return try FileSystem.resolved(target)
  }

  /// One entry a file, except that a key which is replaced together with its certificate belongs to the certificate's.
  private func entries(
    _ files: [FileChange], _ targets: [String: String]
  ) throws(FileError) -> [Journal.Entry] {
    let paired = Set(files.compactMap(\.keyPath))
    return try files.filter { !paired.contains($0.path) }.map { (file) throws(FileError) in
      let (target, key) = (targets[file.path] ?? file.path, file.keyPath.flatMap { targets[$0] })
      let entry = Journal.Entry(
        target, key: key, file.effect, by: file.replacement, in: roots)
      guard entry.directory == .root else { return entry }
      return Journal.Entry(
        try FileSystem.anchored(target),
        key: try key.map { (key) throws(FileError) in try FileSystem.anchored(key) },
        file.effect, by: file.replacement, in: roots)
    }
  }

  /// Writes files beside their targets.
  ///
  /// - Returns: the files, and what the user should know of them.
  private static func stage(
    _ files: [FileChange], at targets: [String: String], keepsModes: Bool
  ) throws(FileError) -> (files: [Unflushed], notes: [String]) {
    var (staged, notes): ([Unflushed], [String]) = ([], [])
    var regrouped: [String] = []
    for file in files where file.effect != .remove {
      let target = targets[file.path] ?? file.path
      let (written, note) = try stage(file, at: target, keepsMode: keepsModes || !file.isSecret)
      staged.append(written)
      notes += note
      if let old = try FileSystem.status(target, followingLinks: true),
        try FileSystem.status(Journal.stagedPath(target))?.group != old.group
      {
        regrouped.append("\(file.path) (group \(old.group))")
      }
    }
    if !regrouped.isEmpty {
      notes.append(
        "\(regrouped.joined(separator: ", ")): the caller is not a member of the group, so that the new"
          + " \(regrouped.count == 1 ? "file has" : "files have") the caller's group, with the rights of every user;"
          + " chgrp and chmod, as root, give the group its rights back")
    }
    return (staged, notes)
  }

  /// Writes a file beside its target, as what it replaces.
  ///
  /// - Parameter keepsMode: whether every user may read it, because every user can read the file that it replaces.
  /// - Returns: the file, and what the user should know of it.
  private static func stage(
    _ file: FileChange, at target: String, keepsMode: Bool
  ) throws(FileError) -> (file: Unflushed, notes: [String]) {
    let current = try FileSystem.status(target, followingLinks: file.replaces)
    if current != nil, !file.replaces { throw .wouldOverwrite(file.path) }
    var mode = current?.permissions ?? file.mode
    var notes: [String] = []
    if !keepsMode, mode & 0o007 != 0 {
      notes.append(
        "every user could read \(file.path) (mode 0\(String(mode, radix: 8))); only its owner can read the new one"
      )
      // With an access-control list, the bits of the group are a mask for those whom the list names.
      mode = try FileSystem.hasAccessList(target) ? mode & ~0o007 : file.mode
    }
    let predecessor = current.map { FileSystem.Predecessor(path: target, status: $0) }
    let owner = if let current { current } else { try FileSystem.ownerToFollow(Path.directory(of: target)) }
    let staged = Journal.stagedPath(target)
    return (
      try FileSystem.create(staged, file.content, mode: mode, replacing: predecessor, owner: owner), notes
    )
  }
}

extension FileSetWriter {
  /// Removes what interrupted runs left that had committed nothing yet, from the directories in which runs leave things.
  private static func removeLeftovers(
    in directories: Set<String>, within reach: FileReach, sparing spared: Set<String>
  ) throws(FileError) {
    for directory in directories.compactMap(reach.place(ofDirectory:)).sorted() {
      for path in try Self.leftovers(in: directory) where !spared.contains(path) {
        try FileSystem.removeTree(path)
      }
    }
  }

  /// Whether runs have left things in a tree that no journal lists: a run died, or could not remove them.
  package static func hasLeftovers(_ roots: StoreRoots) -> Bool {
    // What cannot be listed is reported by the code that writes there.
    let directories = directories(of: roots).union([roots.kubeconfigs].compactMap(\.self))
    return directories.compactMap(roots.reach.place(ofDirectory:)).contains { directory in
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
