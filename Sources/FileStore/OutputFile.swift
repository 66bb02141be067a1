internal import Glibc
internal import OpenSSLX509

/// A file for a result that others read while it is made anew: they see the old one or the new one, whole.
package struct OutputFile: Sendable {
  private let path: String

  /// The file of this path, which may be there; a symbolic link stands for what it leads to.
  package init(_ path: String) { self.path = path }

  /// Puts `text` in place of what is there, mode 0644; what is no regular file, as a pipe or a terminal, is written to.
  ///
  /// - Throws: ``FileError/notAFile(_:)`` for a directory, or what the operating system refuses; a regular file that was there is still there then, as it was.
  package func replace(with text: String) throws(FileError) {
    do throws(FileError) {
      if let status = try FileSystem.status(path, followingLinks: true) {
        if status.isDirectory { throw FileError.notAFile(path) }
        // /dev/stdout leads to whatever the standard output is, which others write to as well.
        if let stream = FileSystem.standardStream(status) {
          return try FileSystem.write(text, to: stream, path)
        }
        if !status.isRegular { return try FileSystem.write(text, to: path) }
      }
      try replace(FileSystem.destination(path), with: text)
    } catch {
      guard case .system(_, _, let cause) = error else { throw error }
      throw .system(operation: "write", path: path, error: cause)
    }
  }

  private func replace(_ target: String, with text: String) throws(FileError) {
    // With the process in its name: runs that overlap do not meet.
    let staged = Journal.stagedPath("\(target).\(FileSystem.process)")
    do throws(FileError) {
      for leftover in try Self.leftovers(beside: target) { try FileSystem.remove(leftover) }
      try FileSystem.create(staged, SecretBytes(text.utf8), mode: 0o644).flush()
      try FileSystem.move(staged, to: target)
      try FileSystem.flush(FileSystem.directories(of: [target]), jobs: 1)
    } catch {
      // The first error says why; the next run removes what this one cannot.
      try? FileSystem.remove(staged)
      throw error
    }
  }

  /// What runs have left that died while they wrote this file, by the processes in the names.
  private static func leftovers(beside target: String) throws(FileError) -> [String] {
    let directory = Path.directory(of: target)
    let name = Path.name(of: Journal.stagedPath("\(target).")).dropLast(Journal.stagedSuffix.count)
    return try FileSystem.names(in: directory).filter { other in
      guard other.hasPrefix(name), other.hasSuffix(Journal.stagedSuffix) else { return false }
      let process = Int32(other.dropFirst(name.count).dropLast(Journal.stagedSuffix.count))
      return process.map { $0 == FileSystem.process || !FileSystem.isAlive($0) } ?? false
    }.map { Path.join(directory, $0) }
  }
}
