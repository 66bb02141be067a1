package import FoundationEssentials
package import OpenSSLX509

/// A copy of files as they were before a run replaced them.
///
/// It lies in a directory of its own below the certificates', which only its owner can enter: keys do not leave the place
/// where they are kept and guarded anyway, and a copy of the tree has its past too.
package enum Backup {
  /// The directory of all backups, below the certificates'.
  package static let directoryName = ".backup"

  /// What is to be copied, and when the run began.
  package struct Request: Sendable {
    let files: [FileChange]
    let instant: Date
    /// Where the files are, by their paths, where links lead elsewhere.
    var places: [String: String] = [:]

    /// Asks for copies of what `files` will replace.
    package init(_ files: [FileChange], at instant: Date) {
      self.files = files
      self.instant = instant
    }
  }

  /// Copies what the files of `request` will replace.
  ///
  /// - Parameters:
  ///   - name: the name of the backup's directory, which must be free.
  ///   - owner: who gets the directories and the list; the caller without it. Each copy belongs to the owner of its file.
  ///   - jobs: with one, files are flushed to the disk one after the other.
  /// - Returns: the backup's directory, which appears only when everything in it is on the disk; `nil` when there was
  ///   nothing to copy.
  /// - Throws: ``FileError``; nothing has changed then.
  package static func make(
    of request: Request, in roots: StoreRoots, named name: String, owner: FileSystem.Status? = nil,
    jobs: Int = 1
  ) throws(FileError) -> String? {
    var copies: [Copy] = []
    for file in request.files where file.replaces {
      let place = request.places[file.path] ?? file.path
      guard let status = try FileSystem.status(place, followingLinks: true) else { continue }
      let content = try FileSystem.read(place)
      let key = try file.keyPath.map { (path) throws(FileError) in try BackupIndex.name(of: path, in: roots) }
      let entry = try BackupIndex.File(
        name: BackupIndex.name(of: file.path, in: roots), kind: file.label, key: key, content: content)
      copies.append(Copy(file: entry, content: content, owner: owner.map { _ in status }))
    }
    guard !copies.isEmpty else { return nil }
    let created = try request.files.filter { !$0.replaces }.map { (file) throws(FileError) in
      try BackupIndex.name(of: file.path, in: roots)
    }
    let index = BackupIndex(files: copies.map(\.file), created: created)
    let target = try path(of: name, in: roots)
    let made = try FileSystem.makeDirectory(Path.directory(of: target), mode: 0o700, owner: owner)
    let staged = Journal.stagedPath(target)
    do throws(FileError) {
      try write(copies, index, to: staged, owner: owner, jobs: jobs)
      try FileSystem.moveWithoutReplacing(staged, to: target)
    } catch {
      // It holds keys. The first error says why; the next run removes what this one cannot.
      try? FileSystem.removeTree(staged)
      throw error
    }
    try FileSystem.flush(FileSystem.directories(of: made + [target]), jobs: jobs)
    return target
  }

  /// The directory of a backup; of a name that leads out of it, one in the same place that no backup has.
  ///
  /// - Throws: ``FileError/outsideTree(_:)`` when the directory of all backups is a link that leads out of the tree.
  static func path(of name: String, in roots: StoreRoots) throws(FileError) -> String {
    Path.join(try directory(in: roots), name.contains("/") || name.hasPrefix(".") ? "-" : name)
  }

  private static func directory(in roots: StoreRoots) throws(FileError) -> String {
    let path = Path.join(roots.certificates, directoryName)
    guard let directory = roots.reach.place(ofDirectory: path) else { throw .outsideTree(path) }
    return directory
  }

  /// A name that no backup has: the instant in UTC, with a number where two backups fall into one second.
  package static func freeName(in roots: StoreRoots, at instant: Date) throws(FileError) -> String {
    let stamp = instant.rfc3339.filter { $0 != "-" && $0 != ":" }
    var name = stamp
    var number = 2
    while try FileSystem.status(path(of: name, in: roots)) != nil {
      name = "\(stamp)-\(number)"
      number += 1
    }
    return name
  }

  /// The backups of a tree, the oldest first.
  ///
  /// - Throws: ``FileError`` when their directory cannot be listed.
  package static func all(in roots: StoreRoots) throws(FileError) -> [String] {
    let directory = try directory(in: roots)
    guard try FileSystem.status(directory) != nil else { return [] }
    var backups: [String] = []
    for path in try FileSystem.directories(in: directory)
    where try FileSystem.status(Path.join(path, BackupIndex.fileName)) != nil {
      backups.append(path)
    }
    // A number after the instant counts: the tenth of a second comes after the ninth.
    return backups.sorted { one, other in
      let (one, other) = (
        Path.name(of: one).split(separator: "-"), Path.name(of: other).split(separator: "-")
      )
      guard one.first == other.first else { return (one.first ?? "") < (other.first ?? "") }
      return (Int(one.dropFirst().first ?? "1") ?? 1) < (Int(other.dropFirst().first ?? "1") ?? 1)
    }
  }

  /// Removes all backups but the newest; the caller holds the lock of the tree.
  package static func removeOldest(keeping count: Int, in roots: StoreRoots) throws(FileError) {
    for path in try all(in: roots).dropLast(count) { try FileSystem.removeTree(path) }
    FileSystem.removeIfEmpty(try directory(in: roots))
  }

  /// A copy of a file.
  private struct Copy {
    let file: BackupIndex.File
    let content: SecretBytes
    /// Who gets it; `nil` for the caller.
    let owner: FileSystem.Status?
  }

  private static func write(
    _ copies: [Copy], _ index: BackupIndex, to directory: String, owner: FileSystem.Status?, jobs: Int
  ) throws(FileError) {
    var made = try FileSystem.makeDirectory(directory, mode: 0o700, owner: owner)
    let contents =
      copies.map { (name: $0.file.name, content: $0.content, owner: $0.owner) }
      + [(name: BackupIndex.fileName, content: index.encoded(), owner: owner)]
    let written = try contents.map { (name, content, copyOwner) throws(FileError) in
      let path = Path.join(directory, name)
      made += try FileSystem.makeDirectory(Path.directory(of: path), mode: 0o700, owner: owner)
      return try FileSystem.create(path, content, mode: 0o600, owner: copyOwner)
    }
    let names = contents.map { Path.join(directory, $0.name) }
    try FileSystem.flush(written + FileSystem.directories(of: made + names), jobs: jobs)
  }
}

extension Backup {
  /// A file of a backup.
  package struct File: Sendable {
    /// What it is, as it was called when it was copied.
    package let label: String
    /// Its bytes.
    package let content: SecretBytes
    /// The place that it was copied from.
    package let target: String
    /// For a certificate: where its key belongs.
    package let keyTarget: String?
    /// Whether the key is in the backup too.
    package let hasKey: Bool
  }

  /// Reads a backup of a tree.
  ///
  /// - Returns: its files, what is wrong with others, the paths of those that are outside of the tree, and those of the files
  ///   that the run has made.
  /// - Throws: ``FileError`` when `directory` is none.
  package static func read(
    _ directory: String, of roots: StoreRoots
  ) throws(FileError) -> (files: [File], errors: [FileError], outside: [String], created: [String]) {
    let index = try index(of: directory, roots)
    var files: [File] = []
    var errors: [FileError] = []
    var outside: [String] = []
    for file in index.files {
      do throws(FileError) {
        let content = try file.content(in: directory)
        switch BackupIndex.target(of: file.name, in: roots) {
        case .place(let target):
          files.append(
            File(
              label: file.kind, content: content, target: target,
              keyTarget: file.key.flatMap { place(of: $0, in: roots) },
              hasKey: index.files.contains { $0.name == file.key }))
        case .outside(let path): outside.append(path)
        case nil: throw .damagedBackup(Path.join(directory, file.name))
        }
      } catch {
        errors.append(error)
      }
    }
    return (files, errors, outside, (index.created ?? []).compactMap { place(of: $0, in: roots) })
  }

  private static func place(of name: String, in roots: StoreRoots) -> String? {
    if case .place(let place) = BackupIndex.target(of: name, in: roots) { place } else { nil }
  }

  private static func index(of directory: String, _ roots: StoreRoots) throws(FileError) -> BackupIndex {
    let path = Path.join(directory, BackupIndex.fileName)
    if try FileSystem.status(path) != nil, let index = BackupIndex(try FileSystem.read(path)) { return index }
    throw .notABackup(directory, root: Path.join(roots.certificates, directoryName))
  }
}
