internal import OpenSSLX509

/// A file for a result that others read while it is made anew: they see the old one or the new one, whole.
package struct OutputFile: Sendable {
  private let path: String

  /// The file of this path, which may be there.
  package init(_ path: String) { self.path = path }

  /// Puts `text` in place of what is there, mode 0644.
  ///
  /// - Throws: ``FileError``; what was there is still there then.
  package func replace(with text: String) throws(FileError) {
    // Renaming onto /dev/null would replace it for everybody.
    if let status = try FileSystem.status(path, followingLinks: true), !status.isRegular {
      throw .notAFile(path)
    }
    // With the process in its name: runs that overlap do not meet.
    let staged = Journal.stagedPath("\(path).\(FileSystem.process)")
    do throws(FileError) {
      for leftover in try leftovers() { try FileSystem.remove(leftover) }
      try FileSystem.create(staged, SecretBytes(text.utf8), mode: 0o644).flush()
      try FileSystem.move(staged, to: path)
      try FileSystem.flush(FileSystem.directories(of: [path]), jobs: 1)
    } catch {
      // Should even removing it fail, the first error is the one to be told.
      try? FileSystem.remove(staged)
      guard case .system(_, _, let cause) = error else { throw error }
      throw .system(operation: "write", path: path, error: cause)
    }
  }

  /// What runs have left that died while they wrote this file, by the processes in the names.
  private func leftovers() throws(FileError) -> [String] {
    let directory = Path.directory(of: path)
    let name = (Journal.stagedPath("\(path).").split(separator: "/").last ?? "").dropLast(
      Journal.stagedSuffix.count)
    return try FileSystem.names(in: directory).filter { other in
      guard other.hasPrefix(name), other.hasSuffix(Journal.stagedSuffix) else { return false }
      let process = Int32(other.dropFirst(name.count).dropLast(Journal.stagedSuffix.count))
      return process.map { $0 == FileSystem.process || !FileSystem.isAlive($0) } ?? false
    }.map { Path.join(directory, $0) }
  }
}
