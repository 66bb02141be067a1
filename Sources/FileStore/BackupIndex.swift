internal import FoundationEssentials
package import OpenSSLX509

/// What a backup says of itself: which files it has, what each of them is, and where it belongs.
package struct BackupIndex: Codable {
  /// One file.
  package struct File: Codable {
    /// Its path within the backup, which stands for the path in the tree.
    package let name: String
    /// What it is.
    package let kind: String
    /// For a certificate: the path of its key, in the same notation, whether the backup has it or not.
    package let key: String?
    /// The SHA-256 of its content, in hexadecimal.
    package let sha256: String

    package init(name: String, kind: String, key: String?, content: SecretBytes) throws(FileError) {
      self.name = name
      self.kind = kind
      self.key = key
      sha256 = try BackupIndex.digest(of: content, for: name)
    }

    /// The file's content, as it was when it was copied.
    ///
    /// - Throws: ``FileError`` when it is not there, or has changed.
    package func content(in directory: String) throws(FileError) -> SecretBytes {
      let path = Path.join(directory, name)
      guard try FileSystem.status(path) != nil else {
        throw .missingFromBackup(path)
      }
      let content = try FileSystem.read(path)
      guard try BackupIndex.digest(of: content, for: name) == sha256 else {
        throw .damagedBackup(path)
      }
      return content
    }
  }

  /// The version of the format.
  package var version = 1
  /// The files.
  package let files: [File]
  /// The files that the run made, in the notation of ``File/name``; `nil` in the list of an older version.
  package let created: [String]?

  /// The name of the index, in the backup's directory.
  package static let fileName = "backup.json"

  /// The list of these files.
  package init(files: [File], created: [String]) {
    self.files = files
    self.created = created
  }

  /// The index in `text`, or `nil` when it is none.
  package init?(_ text: SecretBytes) {
    guard let index = try? JSONDecoder().decode(BackupIndex.self, from: Data(text.copy)), index.version == 1
    else { return nil }
    self = index
  }

  package func encoded() -> SecretBytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings and numbers are always JSON.
    return SecretBytes((try? encoder.encode(self)) ?? Data())
  }

  private static func digest(of content: SecretBytes, for name: String) throws(FileError) -> String {
    do throws(OpenSSLError) {
      return try Digest.sha256(content.copy).hexadecimal
    } catch {
      throw .unencodable(path: name, reason: error.description)
    }
  }
}

extension BackupIndex {
  /// The name within a backup of the file that is at `path`.
  package static func name(of path: String, in roots: StoreRoots) throws(FileError) -> String {
    for (part, directory) in parts(roots) {
      if let rest = Path.relative(path, to: directory), !Path.leadsUp(rest) { return Path.join(part, rest) }
    }
    return elsewhere
      + roots.reach.absolutePath(
        of: Path.leadsUp(path) ? try FileSystem.resolved(path) : try FileSystem.anchored(path))
  }

  /// Where a file of a backup belongs.
  package enum Target: Hashable, Sendable {
    /// To a place that the run may write to.
    case place(String)
    /// Out of the tree, or to kubeconfigs that the run leaves alone; to this path of the tree's machine.
    case outside(String)
  }

  /// Where the file `name` of a backup belongs; `nil` for a name that no backup has.
  package static func target(of name: String, in roots: StoreRoots) -> Target? {
    guard !Path.leadsUp(name) else { return nil }
    for (part, directory) in parts(roots) {
      guard let rest = Path.relative(name, to: part) else { continue }
      let path = Path.join(directory, rest)
      return roots.reach.place(ofRelative: path) == nil ? .outside(path) : .place(path)
    }
    if roots.kubeconfigs == nil, name.hasPrefix("\(kubeconfigs)/") { return .outside(name) }
    guard name.hasPrefix("\(elsewhere)/") else { return nil }
    let path = String(name.dropFirst(elsewhere.count))
    return roots.reach.place(ofAbsolute: path).map { .place($0) } ?? .outside(path)
  }

  /// The directories within a backup, and those of the tree that they stand for.
  private static func parts(_ roots: StoreRoots) -> [(part: String, directory: String)] {
    [("pki", roots.certificates)] + (roots.kubeconfigs.map { [(kubeconfigs, $0)] } ?? [])
  }

  /// The directory within a backup for kubeconfigs.
  private static let kubeconfigs = "kubeconfigs"

  /// The directory for files that a kubeconfig points to, by their whole paths.
  private static let elsewhere = "elsewhere"
}
