import FoundationEssentials
import Glibc
import Synchronization

/// A new and empty directory, readable by us alone, that is gone with the last reference to it.
///
/// Directories that are held to the end of the process are removed then.
public final class TemporaryDirectory: Sendable {
  /// The directory.
  public let path: String

  /// Makes the directory.
  public init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "pkigen-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    path = url.path
    let path = path
    existing.withLock { paths in
      if paths == nil { atexit(removeAll) }
      paths = (paths ?? []).union([path])
    }
  }

  deinit {
    remove(path)
    let path = path
    existing.withLock { _ = $0?.remove(path) }
  }

  /// The path of something in the directory.
  public func path(_ name: String) -> String { path + "/" + name }
}

/// The directories that are there; nil before the first.
private let existing = Mutex<Set<String>?>(nil)

private func removeAll() {
  existing.withLock { $0 ?? [] }.forEach(remove)
}

private func remove(_ path: String) {
  try? FileManager.default.removeItem(atPath: path)
}
