/// Which files belong to a tree besides those in its own directories.
///
/// A kubeconfig names files by absolute paths, which are those of the machine that the tree is of. In a copy of a tree they
/// lead to files of another machine.
package struct FileReach: Hashable, Sendable {
  /// Where absolute paths lead.
  private enum Root: Hashable, Sendable {
    /// To files of this machine.
    case machine
    /// To files below a directory, which is the root directory of a machine.
    case directory(String)
    /// To files of a machine that is not here.
    case none
  }

  /// A directory of the tree.
  private struct Folder: Hashable, Sendable {
    /// The path that the caller has for it.
    let path: String
    /// Where that leads, without symbolic links; `nil` where the system does not say.
    let destination: String?

    init(_ path: String) {
      self.path = path
      destination = try? FileSystem.destination(path)
    }

    /// Whether a path leads to something in the directory, and no symbolic link on the way from there has to be followed to
    /// know it.
    func holdsPlainly(_ other: String) -> Bool {
      guard let rest = Path.relative(other, to: path), !Path.leadsUp(rest) else { return false }
      var current = path
      for name in rest.split(separator: "/") {
        current = Path.join(current, String(name))
        if FileSystem.target(ofLink: current) != nil { return false }
      }
      return true
    }

    func holds(destination other: String) -> Bool {
      destination.map { Path.relative(other, to: $0) != nil } ?? true
    }
  }

  private let root: Root
  /// The directories of the tree.
  private let directories: [Folder]
  /// Other files, and directories of files, that the caller counts among the tree's.
  private var others: [String] = []

  private init(_ root: Root, _ directories: [String]) {
    self.root = root
    self.directories = directories.map(Folder.init)
  }

  /// All files of this machine.
  package static let machine = FileReach(.machine, [])

  /// The files in the directories of a tree, and no other.
  package static func tree(_ directories: [String]) -> FileReach { FileReach(.none, directories) }

  /// The files in the directories of a tree, and those of the machine whose root directory is `root`.
  package static func rootDirectory(_ root: String, _ directories: [String]) -> FileReach {
    // A directory that is not there has no files.
    let resolved = (try? FileSystem.resolved(root)) ?? root
    guard resolved != "/" else { return .machine }
    let alone = FileReach(.directory(resolved), [])
    return FileReach(.directory(resolved), directories.map(alone.path(ofRoot:)))
  }

  /// The root directory of another machine, with which absolute paths begin in this one.
  package var rootDirectory: String? {
    if case .directory(let root) = root { root } else { nil }
  }

  /// The same files, and these of this machine; of a directory, all that are in it.
  package func including(_ paths: [String]) -> FileReach {
    var reach = self
    // A file is written where a link at its path leads.
    reach.others += paths.flatMap { [$0, (try? FileSystem.destination($0)) ?? $0] }
    return reach
  }

  private func isOther(_ path: String) -> Bool {
    others.contains { Path.isIn($0, path) }
  }

  /// Where an absolute path of the tree's machine leads; `nil` where it leads to no file of the tree.
  package func place(ofAbsolute path: String) -> String? {
    guard !isOther(path) else { return path }
    return switch root {
    case .machine: path
    case .directory(let root): Self.resolved(path, below: root)
    case .none: isInTree(path) ? path : nil
    }
  }

  /// Where a path that counts from a file of the tree leads; `nil` where it leads to no file of the tree.
  ///
  /// - Parameter path: the path as it is on this machine.
  package func place(ofRelative path: String) -> String? {
    guard !isOther(path) else { return path }
    switch root {
    case .machine: return path
    case .none: return isInTree(path) ? path : nil
    case .directory(let root):
      if isInTree(path) { return path }
      let absolute = (try? FileSystem.absolute(path)) ?? path
      if absolute == root { return root }
      return Path.relative(absolute, to: root).map { Self.resolved($0, below: root) }
    }
  }

  /// Where a directory of the tree leads, by way of whatever links; `nil` where it leads out of the tree.
  package func place(ofDirectory path: String) -> String? {
    if directories.contains(where: { $0.path == path || $0.holdsPlainly(path) }) { return path }
    guard let destination = try? FileSystem.destination(path),
      directories.contains(where: { $0.destination == destination })
    else { return place(ofRelative: path) }
    return path
  }

  /// The directory in which a file is made, replaced or removed; `nil` where it leads out of the tree.
  package func directory(of path: String) -> String? {
    let directory = Path.directory(of: path)
    return isOther(path) ? directory : place(ofDirectory: directory)
  }

  /// Where a directory is that a tree is said to be in: itself, unless symbolic links lead to another place on the machine of
  /// the tree than on this one.
  package func path(ofRoot path: String) -> String {
    guard case .directory = root, let place = place(ofRelative: path),
      let (here, there) = try? (FileSystem.destination(path), FileSystem.destination(place)), here != there
    else { return path }
    return place
  }

  /// What the machine of the tree calls a file: the inverse of ``place(ofAbsolute:)``.
  package func absolutePath(of place: String) -> String {
    guard case .directory(let root) = root, let rest = Path.relative(place, to: root) else { return place }
    return "/" + rest
  }

  /// Whether a path leads to a file in the directories of the tree, by way of whatever links.
  ///
  /// Where the system fails to say, it is not known to lead out, and what reads or writes it gets the system's error.
  private func isInTree(_ path: String) -> Bool {
    if directories.contains(where: { $0.holdsPlainly(path) }) { return true }
    do throws(FileError) {
      let destination = try FileSystem.destination(path)
      return directories.contains { $0.holds(destination: destination) }
    } catch {
      return error.systemError?.isUnreachable != true
    }
  }

  /// The most links that a path may lead through, as in Linux.
  private static let linkLimit = 40

  /// Where a path leads on a machine whose root directory is `root`: `/` in symbolic links is that directory, too, and `..`
  /// does not lead out of it.
  private static func resolved(_ path: String, below root: String) -> String {
    var pending: [Substring] = path.split(separator: "/").reversed()
    var folders: [Substring] = []
    var links = 0
    while let name = pending.popLast() {
      if name == "." { continue }
      if name == ".." {
        _ = folders.popLast()
        continue
      }
      folders.append(name)
      let current = Path.join(root, folders.joined(separator: "/"))
      guard links < linkLimit, let target = FileSystem.target(ofLink: current) else { continue }
      links += 1
      folders.removeLast()
      if target.hasPrefix("/") { folders = [] }
      pending += target.split(separator: "/").reversed()
    }
    return Path.join(root, folders.joined(separator: "/"))
  }
}
