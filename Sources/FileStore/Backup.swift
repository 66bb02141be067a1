package import FoundationEssentials
package import OpenSSLX509

/// A copy of files as they were before a run replaced them.
///
/// It lies in a directory of its own below the certificates', which only its owner can enter: keys do not leave the place
/// where they are kept and guarded anyway, and whoever carries the tree along carries its past along too.
package enum Backup {
  /// The directory of all backups, below the certificates'.
  package static let directoryName = ".backup"

  /// Copies what `files` will replace.
  ///
  /// - Parameter jobs: with one, files are flushed to the disk one after the other.
  /// - Returns: the backup's directory, which appears only when everything in it is on the disk; `nil` when there was
  ///   nothing to copy.
  /// - Throws: ``FileError``; nothing has changed then.
  package static func make(
    of files: [FileChange], in roots: StoreRoots, at instant: Date, jobs: Int = 1
  ) throws(FileError) -> String? {
    var copies: [(file: BackupIndex.File, content: SecretBytes)] = []
    for file in files where file.replaces {
      guard try FileSystem.status(file.path, followingLinks: true) != nil else { continue }
      let content = try FileSystem.read(file.path)
      let key = try file.keyPath.map { (path) throws(FileError) in try BackupIndex.name(of: path, in: roots)
      }
      copies.append(
        (
          try BackupIndex.File(
            name: BackupIndex.name(of: file.path, in: roots), kind: file.label, key: key, content: content),
          content
        ))
    }
    guard !copies.isEmpty else { return nil }
    let root = Path.join(roots.certificates, directoryName)
    let made = try FileSystem.makeDirectory(root, mode: 0o700)
    let target = try freePath(in: root, at: instant)
    let staged = Journal.stagedPath(target)
    do throws(FileError) {
      try write(copies, to: staged, jobs: jobs)
      try FileSystem.moveWithoutReplacing(staged, to: target)
    } catch {
      // It holds keys. Should even removing it fail, the first error is the one to be told.
      try? FileSystem.removeTree(staged)
      throw error
    }
    try FileSystem.flush(FileSystem.directories(of: made + [target]), jobs: jobs)
    return target
  }

  private static func write(
    _ copies: [(file: BackupIndex.File, content: SecretBytes)], to directory: String, jobs: Int
  ) throws(FileError) {
    var made = try FileSystem.makeDirectory(directory, mode: 0o700)
    let index = (BackupIndex.fileName, BackupIndex(files: copies.map(\.file)).encoded())
    let contents = (copies.map { ($0.file.name, $0.content) } + [index]).map { name, content in
      (path: Path.join(directory, name), content: content)
    }
    let written = try contents.map { (path, content) throws(FileError) in
      made += try FileSystem.makeDirectory(Path.directory(of: path), mode: 0o700)
      return try FileSystem.create(path, content, mode: 0o600)
    }
    try FileSystem.flush(written + FileSystem.directories(of: made + contents.map(\.path)), jobs: jobs)
  }

  /// A directory's name: the instant in UTC, with a number where two backups fall into one second.
  private static func freePath(in root: String, at instant: Date) throws(FileError) -> String {
    let stamp = instant.rfc3339.filter { $0 != "-" && $0 != ":" }
    var path = Path.join(root, stamp)
    var number = 2
    while try FileSystem.status(path) != nil {
      path = Path.join(root, "\(stamp)-\(number)")
      number += 1
    }
    return path
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
  /// - Returns: its files, and what is wrong with the others.
  /// - Throws: ``FileError`` when `directory` is none.
  package static func read(
    _ directory: String, of roots: StoreRoots
  ) throws(FileError) -> (files: [File], errors: [FileError]) {
    let index = try index(of: directory, roots)
    var files: [File] = []
    var errors: [FileError] = []
    for file in index.files {
      do throws(FileError) {
        let content = try file.content(in: directory)
        guard let target = BackupIndex.target(of: file.name, in: roots) else {
          throw .damagedBackup(Path.join(directory, file.name))
        }
        files.append(
          File(
            label: file.kind, content: content, target: target,
            keyTarget: file.key.flatMap { BackupIndex.target(of: $0, in: roots) },
            hasKey: index.files.contains { $0.name == file.key }))
      } catch {
        errors.append(error)
      }
    }
    return (files, errors)
  }

  private static func index(of directory: String, _ roots: StoreRoots) throws(FileError) -> BackupIndex {
    let path = Path.join(directory, BackupIndex.fileName)
    if try FileSystem.status(path) != nil, let index = BackupIndex(try FileSystem.read(path)) { return index }
    throw .notABackup(directory, root: Path.join(roots.certificates, directoryName))
  }
}
