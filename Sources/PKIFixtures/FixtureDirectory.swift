internal import FileStore
internal import FoundationEssentials
public import KubernetesPKI
internal import OpenSSLX509

/// The directory of a set of fixtures: one that is new or empty, or that pkigen has made.
///
/// Its manifest names what is pkigen's in it. Nothing else in it is ever replaced or removed.
public struct FixtureDirectory: Sendable {
  /// What a run does with a file.
  public enum Action: String, Sendable, Encodable {
    /// It is made.
    case create
    /// It is there and stays.
    case keep
    /// It takes the place of what was there.
    case replace
    /// It no longer belongs to the set.
    case remove
  }

  /// A file, and what is done with it.
  public struct Change: Sendable, Encodable {
    /// What is done.
    public let action: Action
    /// The file, from the directory of the set.
    public let path: String
  }

  let path: String
  private let setting: Setting

  /// The directory of this path, which need not exist.
  public init(_ path: String) { self.init(Setting(path, from: .value("directory"))) }

  /// The directory that a user names, which need not exist.
  package init(_ setting: Setting) {
    self.setting = setting
    path = setting.text
  }

  /// What writing a set would do, sorted by path.
  ///
  /// - Throws: ``PKIErrors`` when something is in the way.
  public func changes(for set: FixtureSet) throws(PKIErrors) -> [Change] {
    do throws(PKIError) {
      if set.isSeeded { try refuseClusterDirectories(set) }
      return try compare(set)
    } catch {
      throw PKIErrors([error])
    }
  }

  /// Makes the directory hold the set, and nothing that an earlier set had and this one has not.
  ///
  /// The manifest is written first: should the run die, the next one knows what is pkigen's.
  ///
  /// - Returns: what was done.
  /// - Throws: ``PKIErrors``; nothing was done when something is in the way.
  public func write(_ set: FixtureSet) throws(PKIErrors) -> [Change] {
    // Before the directory is made.
    _ = try changes(for: set)
    do throws(PKIError) {
      _ = try files(FileSystem.makeDirectory(path))
      let lock = try files(DirectoryLock(path))
      defer { _ = lock }
      let changes = try compare(set)
      let actions = Dictionary(changes.map { ($0.path, $0.action) }) { first, _ in first }
      for change in changes where change.action == .remove || change.action == .replace {
        if change.path != FixtureManifest.fileName { try files(FileSystem.remove(absolute(change.path))) }
      }
      for change in changes where change.action == .remove { try removeEmptyDirectories(of: change.path) }
      for file in set.files.reversed() where actions[file.path] != .keep { try put(file) }
      return changes
    } catch {
      throw PKIErrors([error])
    }
  }

  /// The manifest that is there, or `nil` where there is none.
  func manifest() throws(PKIError) -> FixtureManifest? {
    let path = absolute(FixtureManifest.fileName)
    guard try files(FileSystem.status(path))?.isRegular == true else { return nil }
    return FixtureManifest(try files(FileSystem.read(path)))
  }

  func absolute(_ name: String) -> String { Path.join(path, name) }

  private func put(_ file: FixtureFile) throws(PKIError) {
    let target = absolute(file.path)
    _ = try files(FileSystem.makeDirectory(Path.directory(of: target)))
    guard file.path == FixtureManifest.fileName else {
      // A set that a crash has torn is made again: there is no need to wait for the disk.
      _ = try files(FileSystem.create(target, file.content, mode: file.kind.mode))
      return
    }
    let staged = Journal.stagedPath(target)
    try files(FileSystem.remove(staged))
    let written = try files(FileSystem.create(staged, file.content, mode: file.kind.mode))
    try files(written.flush())
    try files(FileSystem.move(staged, to: target))
  }

  private func removeEmptyDirectories(of name: String) throws(PKIError) {
    var directory = Path.directory(of: name)
    while directory != ".", try files(FileSystem.status(absolute(directory)))?.isDirectory == true,
      try files(FileSystem.names(in: absolute(directory))).isEmpty
    {
      try files(FileSystem.removeTree(absolute(directory)))
      directory = Path.directory(of: directory)
    }
  }
}

extension FixtureDirectory {
  private func compare(_ set: FixtureSet) throws(PKIError) -> [Change] {
    let known = try knownFiles()
    var changes: [Change] = []
    for file in set.files {
      let target = absolute(file.path)
      guard let status = try files(FileSystem.status(target)) else {
        changes.append(Change(action: .create, path: file.path))
        continue
      }
      guard known.contains(file.path), status.isRegular else { throw .files(.exists(target)) }
      let isOfSameForm = status.permissions == file.kind.mode && status.size == file.content.count
      let hasSameBytes =
        isOfSameForm ? try files(FileSystem.read(target)).hasSameBytes(as: file.content) : false
      changes.append(Change(action: hasSameBytes ? .keep : .replace, path: file.path))
    }
    let wanted = Set(set.files.map(\.path))
    for name in known.sorted() where !wanted.contains(name) {
      if try files(FileSystem.status(absolute(name)))?.isRegular == true {
        changes.append(Change(action: .remove, path: name))
      }
    }
    return changes.sorted { $0.path < $1.path }
  }

  /// The files that are pkigen's by the manifest that is there.
  private func knownFiles() throws(PKIError) -> Set<String> {
    guard let status = try files(FileSystem.status(path, followingLinks: true)) else { return [] }
    guard status.isDirectory else { throw .files(.notADirectory(path)) }
    if let manifest = try manifest() {
      // A manifest that was edited by hand must not lead out of the directory.
      let inside = manifest.files.map(\.path).filter { name in
        !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
      }
      return Set(inside + [FixtureManifest.fileName])
    }
    let leftovers = [DirectoryLock.fileName, ".\(FixtureManifest.fileName)\(Journal.stagedSuffix)"]
    if let foreign = try files(FileSystem.names(in: path)).first(where: { !leftovers.contains($0) }) {
      throw .files(.exists(absolute(foreign)))
    }
    return []
  }

  /// Refuses to put public keys where a control plane looks for its own, whatever links lead there.
  private func refuseClusterDirectories(_ set: FixtureSet) throws(PKIError) {
    let forbidden = Set([
      TreeLocation.defaultDirectory, try files(FileSystem.destination(TreeLocation.defaultDirectory)),
    ])
    let directories = Set(set.files.map { Path.directory(of: absolute($0.path)) }).sorted()
    for directory in [path] + directories {
      let destination = try files(FileSystem.destination(directory))
      for root in forbidden where destination == root || destination.hasPrefix(root + "/") {
        throw setting.invalid(
          "in \(TreeLocation.defaultDirectory), where a control plane has its keys; those of a seed are public",
          hint: "name another directory")
      }
    }
  }
}
