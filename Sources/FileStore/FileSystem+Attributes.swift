internal import CFileSystem
internal import Glibc

/// What a file has beside its content, its owner and its mode: see acl(5), xattr(7).
extension FileSystem {
  /// The name of the access-control list among the attributes.
  private static let accessList = "system.posix_acl_access"

  /// Whether an attribute belongs to the file's owner, and not to its content or its file system.
  ///
  /// Signatures (`security.ima`, `security.evm`) are of the content, and `security.capability` is of programs.
  private static func isKept(_ name: String) -> Bool {
    let kept = ["user.", "trusted.", "security."].contains(where: name.hasPrefix)
    return kept && !["security.ima", "security.evm", "security.capability"].contains(name)
      || [accessList, "system.nfs4_acl", "system.richacl"].contains(name)
  }

  /// Gives an open file the attributes of another: access-control list, SELinux label and the user's own.
  ///
  /// - Throws: ``FileError`` when one cannot be set: without its list, a file may no longer be readable for those who need it.
  static func copyAttributes(of source: String, to file: Int32, _ path: String) throws(FileError) {
    let wanted = try attributeNames(source).filter(isKept)
    for name in wanted {
      guard let value = try attribute(name, of: source), attribute(name, of: file) != value else { continue }
      _ = try call("set the attribute \(name) of", path) {
        unsafe value.withUnsafeBytes { unsafe fsetxattr(file, name, $0.baseAddress, $0.count, 0) }
      }
    }
    // The directory may have given it a list of its own.
    if !wanted.contains(accessList), attribute(accessList, of: file) != nil {
      _ = try call("remove the attribute \(accessList) of", path) { unsafe fremovexattr(file, accessList) }
    }
  }

  /// Whether a file has an access-control list.
  static func hasAccessList(_ path: String) throws(FileError) -> Bool {
    try attributeNames(path).contains(accessList)
  }

  /// The names of a file's attributes, sorted; none where the file system knows no attributes.
  private static func attributeNames(_ path: String) throws(FileError) -> [String] {
    // Most files have none, which costs no buffer of the kernel's limit, XATTR_LIST_MAX.
    var names = unsafe [UInt8](repeating: 0, count: listxattr(path, nil, 0) == 0 ? 0 : 1 << 16)
    let count = unsafe names.withUnsafeMutableBytes { unsafe listxattr(path, $0.baseAddress, $0.count) }
    guard count >= 0 else {
      let error = SystemError.current
      if [ENOTSUP, ENOSYS].contains(error.code) { return [] }
      throw .system(operation: "list the attributes of", path: path, error: error)
    }
    return names.prefix(count).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  private static func attribute(_ name: String, of path: String) throws(FileError) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe value.withUnsafeMutableBytes {
      unsafe getxattr(path, name, $0.baseAddress, $0.count)
    }
    guard count >= 0 else {
      let error = SystemError.current
      if error.code == ENODATA { return nil }
      throw .system(operation: "read the attribute \(name) of", path: path, error: error)
    }
    return Array(value.prefix(count))
  }

  private static func attribute(_ name: String, of file: Int32) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe value.withUnsafeMutableBytes {
      unsafe fgetxattr(file, name, $0.baseAddress, $0.count)
    }
    return count >= 0 ? Array(value.prefix(count)) : nil
  }

  /// What keeps a file from being replaced, by the kernel's own word; `nil` where nothing is known.
  package static func obstacle(_ path: String) -> FileError.Obstacle? {
    switch unsafe Int(shim_obstacle(path)) {
    case SHIM_OBSTACLE_IMMUTABLE: .immutable
    case SHIM_OBSTACLE_APPEND_ONLY: .appendOnly
    case SHIM_OBSTACLE_MOUNT: .mount
    default: nil
    }
  }
}
