internal import Glibc
package import OpenSSLX509

extension FileSystem {
  /// The most that is read of something that says what is wanted: far more than any configuration has.
  package static let streamLimit = 1 << 20

  /// All that a file or a pipe holds; `-` is the standard input.
  package static func readStream(_ path: String, limit: Int = streamLimit) throws(FileError) -> SecretBytes {
    guard path != "-" else { return try readAll(STDIN_FILENO, "the standard input", limit) }
    let file = try call("open", path) { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
    defer { close(file) }
    return try readAll(file, path, limit)
  }

  private static func readAll(_ file: Int32, _ path: String, _ limit: Int) throws(FileError) -> SecretBytes {
    let content = try unsafe SecretBytes(capacity: limit + 1) { (buffer) throws(FileError) in
      var count = 0
      while count < buffer.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let step = try call("read", path) { unsafe Glibc.read(file, rest.baseAddress, rest.count) }
        if step == 0 { break }
        count += step
      }
      return count
    }
    guard content.count <= limit else {
      throw .system(operation: "read", path: path, error: SystemError(EFBIG))
    }
    return content
  }
}
