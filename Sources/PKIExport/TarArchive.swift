package import OpenSSLX509

/// An archive in the format ustar of POSIX.1, which every tar reads: sorted, and all owned by the user 0 and the group 0.
///
/// The same members are always the same bytes.
package enum TarArchive {
  /// A file or a directory of an archive.
  package struct Member: Sendable {
    /// Its path, without a slash at its start.
    package let path: String
    /// Its mode.
    package let mode: UInt32
    /// When it was modified, in seconds since 1970.
    package let modified: Int
    /// Its bytes; `nil` for a directory.
    package let content: SecretBytes?

    /// A member.
    package init(path: String, mode: UInt32, modified: Int, content: SecretBytes?) {
      self.path = path
      self.mode = mode
      self.modified = modified
      self.content = content
    }
  }

  private static let blockSize = 512

  /// The archive of these members, directories before what is in them.
  package static func archive(_ members: [Member]) -> SecretBytes {
    var parts: [SecretBytes] = []
    for member in members.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
      parts.append(SecretBytes(header(of: member)))
      guard let content = member.content else { continue }
      let padding = (blockSize - content.count % blockSize) % blockSize
      parts += [content, SecretBytes([UInt8](repeating: 0, count: padding))]
    }
    parts.append(SecretBytes([UInt8](repeating: 0, count: 2 * blockSize)))
    return SecretBytes(joining: parts)
  }

  /// The block before a member's bytes.
  private static func header(of member: Member) -> [UInt8] {
    let isDirectory = member.content == nil
    var header: [UInt8] = []
    header.append(field: Array((isDirectory ? member.path + "/" : member.path).utf8), 100)
    header.append(octal: Int(member.mode & 0o7777), 8)
    header.append(octal: 0, 8)
    header.append(octal: 0, 8)
    header.append(octal: member.content?.count ?? 0, 12)
    header.append(octal: max(0, member.modified), 12)
    let checksum = header.count
    header += [UInt8](repeating: UInt8(ascii: " "), count: 8)
    header.append(UInt8(ascii: isDirectory ? "5" : "0"))
    header.append(field: [], 100)
    header.append(field: Array("ustar\u{0}00".utf8), 8)
    header.append(field: [], blockSize - header.count)
    let sum = header.reduce(0) { $0 + Int($1) }
    var digits: [UInt8] = []
    digits.append(octal: sum, 7)
    header.replaceSubrange(checksum..<checksum + 7, with: digits)
    return header
  }
}

extension [UInt8] {
  /// Adds a field of `size` bytes, with zeros after its value.
  fileprivate mutating func append(field value: [UInt8], _ size: Int) {
    self += value.prefix(size) + [UInt8](repeating: 0, count: Swift.max(0, size - value.count))
  }

  /// Adds a field of `size` bytes with a number in octal digits, the last byte a zero.
  fileprivate mutating func append(octal value: Int, _ size: Int) {
    let digits = String(value, radix: 8)
    let zeros = String(repeating: "0", count: Swift.max(0, size - 1 - digits.utf8.count))
    append(field: Array((zeros + digits).utf8), size)
  }
}
