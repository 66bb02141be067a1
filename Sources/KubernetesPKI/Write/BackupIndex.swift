internal import FoundationEssentials
internal import OpenSSLX509

/// What a backup says of itself: which files it has, what each of them is, and where it belongs.
struct BackupIndex: Codable {
  /// One file.
  struct File: Codable {
    /// Its path within the backup, which stands for the path in the tree.
    let name: String
    let kind: PKIFile.Kind
    /// For a certificate: the path of its key, in the same notation, whether the backup has it or not.
    let key: String?
    /// The SHA-256 of its content, in hexadecimal.
    let sha256: String

    init(name: String, kind: PKIFile.Kind, key: String?, content: SecretBytes) throws(PKIError) {
      self.name = name
      self.kind = kind
      self.key = key
      sha256 = try BackupIndex.digest(of: content, for: name)
    }

    /// The file's content, as it was when it was copied.
    ///
    /// - Throws: ``PKIError`` when it is not there, or has changed.
    func content(in directory: String) throws(PKIError) -> SecretBytes {
      let path = TreeLocation.join(directory, name)
      guard try FileSystem.status(path) != nil else {
        throw .unsound(
          Finding(
            .missingFile, [path], "\(path) is missing from the backup", remedy: "restore another backup"))
      }
      let content = try FileSystem.read(path)
      guard try BackupIndex.digest(of: content, for: name) == sha256 else {
        throw .unsound(BackupIndex.damage(path))
      }
      return content
    }
  }

  /// The version of the format.
  var version = 1
  /// The files.
  let files: [File]

  /// The name of the index, in the backup's directory.
  static let fileName = "backup.json"

  init(files: [File]) { self.files = files }

  /// The index in `text`, or `nil` when it is none.
  init?(_ text: SecretBytes) {
    guard let index = try? JSONDecoder().decode(BackupIndex.self, from: Data(text.copy)), index.version == 1
    else { return nil }
    self = index
  }

  func encoded() -> SecretBytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings and numbers are always JSON.
    return SecretBytes((try? encoder.encode(self)) ?? Data())
  }

  static func damage(_ path: String) -> Finding {
    Finding(
      .malformedFile, [path], "\(path) is damaged: it is not what was copied",
      remedy: "restore another backup")
  }

  private static func digest(of content: SecretBytes, for name: String) throws(PKIError) -> String {
    do throws(OpenSSLError) {
      return try Digest.sha256(content.copy).hexadecimal
    } catch {
      throw .cryptography(subject: name, reason: error.description)
    }
  }
}

extension BackupIndex {
  /// The name within a backup of the file that is at `path`.
  static func name(of path: String, in location: TreeLocation) throws(PKIError) -> String {
    for (part, directory) in parts(location) {
      let prefix = TreeLocation.join(directory, "")
      let name = TreeLocation.join(part, String(path.dropFirst(prefix.count)))
      if path.hasPrefix(prefix), !leadsUp(name) { return name }
    }
    return elsewhere + (leadsUp(path) ? try FileSystem.resolved(path) : try FileSystem.anchored(path))
  }

  /// Where the file `name` of a backup belongs; `nil` for a name that no backup has.
  static func target(of name: String, in location: TreeLocation) -> String? {
    guard !leadsUp(name) else { return nil }
    for (part, directory) in parts(location) where name.hasPrefix("\(part)/") {
      return TreeLocation.join(directory, String(name.dropFirst(part.count + 1)))
    }
    return name.hasPrefix("\(elsewhere)/") ? String(name.dropFirst(elsewhere.count)) : nil
  }

  private static func leadsUp(_ path: String) -> Bool { path.split(separator: "/").contains("..") }

  /// The directories within a backup, and those of the tree that they stand for.
  private static func parts(_ location: TreeLocation) -> [(part: String, directory: String)] {
    [("pki", location.certificateDirectory), ("kubeconfigs", location.kubeconfigDirectory)]
  }

  /// The directory for files that a kubeconfig points to, by their whole paths.
  private static let elsewhere = "elsewhere"
}
