public import FoundationEssentials
internal import OpenSSLX509

/// A copy of files as they were before a run replaced them.
///
/// It lies in a directory of its own below the certificates', which only its owner can enter: keys do not leave the place
/// where they are kept and guarded anyway, and whoever carries the tree along carries its past along too.
public enum Backup {
  /// The directory of all backups, below the certificates'.
  public static let directoryName = ".backup"

  /// Copies what `files` will replace.
  ///
  /// - Returns: the backup's directory, which appears only when everything in it is on the disk; `nil` when there was
  ///   nothing to copy.
  /// - Throws: ``PKIError``.
  public static func make(
    of files: [PKIFile], in location: TreeLocation, at instant: Date
  ) throws(PKIError) -> String? {
    var copies: [(name: String, content: SecretBytes)] = []
    for file in files where file.replaces {
      guard try FileSystem.status(file.path, followingLinks: true) != nil else { continue }
      copies.append((name(of: file.path, in: location), try FileSystem.read(file.path)))
    }
    guard !copies.isEmpty else { return nil }
    let root = TreeLocation.join(location.certificateDirectory, directoryName)
    try FileSystem.makeDirectory(root, mode: 0o700)
    let target = try freePath(in: root, at: instant)
    let staged = Journal.stagedPath(target)
    try FileSystem.removeTree(staged)
    try FileSystem.makeDirectory(staged, mode: 0o700)
    for (name, content) in copies {
      let path = TreeLocation.join(staged, name)
      try FileSystem.makeDirectory(FileSystem.directory(of: path), mode: 0o700)
      try FileSystem.create(path, content, mode: 0o600)
      try FileSystem.synchronize(directory: FileSystem.directory(of: path))
    }
    try FileSystem.moveWithoutReplacing(staged, to: target)
    try FileSystem.synchronize(directory: root)
    return target
  }

  /// The files of a backup, each for the place that it was copied from.
  ///
  /// - Throws: ``PKIErrors`` when `directory` is no backup, or a key in it does not belong to its certificate.
  public static func files(in directory: String, for location: TreeLocation) throws(PKIErrors) -> [PKIFile] {
    do throws(PKIError) {
      var files: [PKIFile] = []
      for path in try FileSystem.files(below: directory) {
        let name = String(path.dropFirst(TreeLocation.join(directory, "").count))
        guard let target = target(of: name, in: location) else { continue }
        files.append(try file(at: path, for: target))
      }
      guard !files.isEmpty else {
        throw .unsound(
          Finding(
            .malformedFile, [directory], "\(directory) is not a backup of this tree",
            remedy:
              "backups are the directories in \(TreeLocation.join(location.certificateDirectory, directoryName))"
          ))
      }
      // A key comes before its certificate, with which it is replaced.
      return files.filter { $0.kind == .privateKey } + files.filter { $0.kind != .privateKey }
    } catch {
      throw PKIErrors([error])
    }
  }

  private static func file(at path: String, for target: String) throws(PKIError) -> PKIFile {
    let content = try FileSystem.read(path)
    let exists = try FileSystem.status(target, followingLinks: true) != nil
    let base = String(path.dropLast(4))
    if path.hasSuffix(".crt") {
      let targetKey = String(target.dropLast(4)) + ".key"
      let key = try FileSystem.status(base + ".key").map { _ in targetKey }
      // A certificate that was renewed with its key is there without it.
      let certificate = try pair(path, content, key: key == nil ? targetKey : base + ".key")
      return PKIFile(
        .certificate, at: target, content, certificate: certificate, replaces: exists,
        pairedKey: exists ? key : nil)
    }
    let kind: PKIFile.Kind = path.hasSuffix(".key") ? .privateKey : .kubeconfig
    return PKIFile(kind, at: target, content, replaces: exists)
  }

  /// The certificate of a backup, once it is known that the key beside which it will be belongs to it.
  private static func pair(_ path: String, _ content: SecretBytes, key keyPath: String) throws(PKIError)
    -> Certificate?
  {
    do throws(OpenSSLError) {
      let certificate = try Certificate.all(pem: content).first
      guard let certificate, let key = try? FileSystem.read(keyPath) else { return certificate }
      guard try PrivateKey(pem: key).isPair(of: certificate.publicKey) else {
        throw OpenSSLError(operation: "restore it", reasons: ["\(keyPath) is not its private key"])
      }
      return certificate
    } catch {
      throw .unsound(
        Finding(
          .malformedFile, [path], "\(path) cannot be restored: \(error)", remedy: "restore another backup"))
    }
  }

  /// The name within a backup of the file that is at `path`.
  private static func name(of path: String, in location: TreeLocation) -> String {
    for (part, directory) in parts(location) where path.hasPrefix(TreeLocation.join(directory, "")) {
      return TreeLocation.join(part, String(path.dropFirst(TreeLocation.join(directory, "").count)))
    }
    return elsewhere + path
  }

  /// Where the file `name` of a backup belongs; `nil` for what no backup holds.
  private static func target(of name: String, in location: TreeLocation) -> String? {
    for (part, directory) in parts(location) where name.hasPrefix("\(part)/") {
      return TreeLocation.join(directory, String(name.dropFirst(part.count + 1)))
    }
    return name.hasPrefix("\(elsewhere)/") ? String(name.dropFirst(elsewhere.count)) : nil
  }

  /// The directories within a backup, and those of the tree that they stand for.
  private static func parts(_ location: TreeLocation) -> [(part: String, directory: String)] {
    [("pki", location.certificateDirectory), ("kubeconfigs", location.kubeconfigDirectory)]
  }

  /// The directory for files that a kubeconfig points to, by their whole paths.
  private static let elsewhere = "elsewhere"

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
