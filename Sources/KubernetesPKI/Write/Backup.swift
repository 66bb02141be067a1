public import FoundationEssentials
internal import OpenSSLX509

/// A copy of files as they were before a run replaced them.
///
/// It lies in a directory of its own below the certificates', which only its owner can enter: keys do not leave the place
/// where they are kept and guarded anyway, and whoever carries the tree along carries its past along too.
public struct Backup {
  /// The files, each for the place that it was copied from.
  public let files: [PKIFile]
  /// What is not among them, as nothing would be gained by putting it back, and why.
  public let refusals: [Finding]

  /// The directory of all backups, below the certificates'.
  public static let directoryName = ".backup"

  /// Copies what `files` will replace.
  ///
  /// - Parameter jobs: with one, files are flushed to the disk one after the other.
  /// - Returns: the backup's directory, which appears only when everything in it is on the disk; `nil` when there was
  ///   nothing to copy.
  /// - Throws: ``PKIError``.
  public static func make(
    of files: [PKIFile], in location: TreeLocation, at instant: Date, jobs: Int = 1
  ) throws(PKIError) -> String? {
    var copies: [(file: BackupIndex.File, content: SecretBytes)] = []
    for file in files where file.replaces {
      guard try FileSystem.status(file.path, followingLinks: true) != nil else { continue }
      let content = try FileSystem.read(file.path)
      let key = try file.keyPath.map { (path) throws(PKIError) in try BackupIndex.name(of: path, in: location)
      }
      copies.append(
        (
          try BackupIndex.File(
            name: BackupIndex.name(of: file.path, in: location), kind: file.kind, key: key, content: content),
          content
        ))
    }
    guard !copies.isEmpty else { return nil }
    let root = TreeLocation.join(location.certificateDirectory, directoryName)
    let made = try FileSystem.makeDirectory(root, mode: 0o700)
    let target = try freePath(in: root, at: instant)
    let staged = Journal.stagedPath(target)
    do throws(PKIError) {
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
  ) throws(PKIError) {
    var made = try FileSystem.makeDirectory(directory, mode: 0o700)
    let index = (BackupIndex.fileName, BackupIndex(files: copies.map(\.file)).encoded())
    let contents = (copies.map { ($0.file.name, $0.content) } + [index]).map { name, content in
      (path: TreeLocation.join(directory, name), content: content)
    }
    let written = try contents.map { (path, content) throws(PKIError) in
      made += try FileSystem.makeDirectory(FileSystem.directory(of: path), mode: 0o700)
      return try FileSystem.create(path, content, mode: 0o600)
    }
    try FileSystem.flush(written + FileSystem.directories(of: made + contents.map(\.path)), jobs: jobs)
  }

  /// A directory's name: the instant in UTC, with a number where two backups fall into one second.
  private static func freePath(in root: String, at instant: Date) throws(PKIError) -> String {
    let stamp = instant.rfc3339.filter { $0 != "-" && $0 != ":" }
    var path = TreeLocation.join(root, stamp)
    var number = 2
    while try FileSystem.status(path) != nil {
      path = TreeLocation.join(root, "\(stamp)-\(number)")
      number += 1
    }
    return path
  }
}

extension Backup {
  /// Reads a backup of a tree.
  ///
  /// - Throws: ``PKIErrors`` when `directory` is none, or with every file in it that is not as it was copied.
  public init(reading directory: String, of location: TreeLocation) throws(PKIErrors) {
    var files: [PKIFile] = []
    var refusals: [Finding] = []
    var errors: [PKIError] = []
    let index = try Self.index(of: directory, location)
    for file in index.files {
      do throws(PKIError) {
        let content = try file.content(in: directory)
        guard let target = BackupIndex.target(of: file.name, in: location) else {
          throw .unsound(BackupIndex.damage(TreeLocation.join(directory, file.name)))
        }
        let key = file.key.flatMap { BackupIndex.target(of: $0, in: location) }
        if let key, !index.files.contains(where: { $0.name == file.key }), !Self.isPair(content, key) {
          refusals.append(Self.keyGone(target, key))
          continue
        }
        files.append(
          PKIFile(
            file.kind, at: target, content, certificate: try? Certificate.all(pem: content).first,
            replaces: try FileSystem.status(target, followingLinks: true) != nil, keyPath: key))
      } catch {
        errors.append(error)
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
    self.files = files
    self.refusals = refusals
  }

  private static func index(
    of directory: String, _ location: TreeLocation
  ) throws(PKIErrors) -> BackupIndex {
    do throws(PKIError) {
      let path = TreeLocation.join(directory, BackupIndex.fileName)
      if try FileSystem.status(path) != nil, let index = BackupIndex(try FileSystem.read(path)) {
        return index
      }
      let root = TreeLocation.join(location.certificateDirectory, directoryName)
      throw .unsound(
        Finding(
          .malformedFile, [directory], "\(directory) is not a backup of pkigen's",
          remedy: "backups are the directories in \(root)"))
    } catch {
      throw PKIErrors([error])
    }
  }

  /// Whether the key in place is that of a certificate which is to be put back without one.
  private static func isPair(_ certificate: SecretBytes, _ keyPath: String) -> Bool {
    guard let certificate = try? Certificate.all(pem: certificate).first,
      let key = try? FileSystem.read(keyPath)
    else { return false }
    return (try? PrivateKey(pem: key).isPair(of: certificate.publicKey)) == true
  }

  private static func keyGone(_ path: String, _ keyPath: String) -> Finding {
    Finding(
      .keyMissing, [path, keyPath],
      "\(path) is left as it is: the private key of the certificate that it was is neither in the backup nor in"
        + " \(keyPath)",
      remedy: "restore the backup of a later run first, if \(keyPath) was replaced by that one")
  }
}
