/// Paths as text.
package enum Path {
  /// The path of something in a directory.
  package static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// The directory that a path leads into.
  package static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What a path is called in its directory.
  package static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// What leads from a directory to something in it, by the text of the paths alone; `nil` for what is not in it.
  package static func relative(_ path: String, to directory: String) -> String? {
    let prefix = join(directory, "").utf8
    return path.utf8.starts(with: prefix) ? String(Substring(path.utf8.dropFirst(prefix.count))) : nil
  }

  /// Whether a path is that of a directory or of something in it, by the text of the paths alone.
  package static func isIn(_ directory: String, _ path: String) -> Bool {
    path == directory || relative(path, to: directory) != nil
  }

  /// Whether a path leads to the directory above on its way.
  package static func leadsUp(_ path: String) -> Bool { path.split(separator: "/").contains("..") }
}
