internal import Glibc
internal import SystemPackage

/// Why the operating system refused something: a number of `errno`.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number.
  public let code: Int32

  /// The error of this number.
  public init(_ code: Int32) { self.code = code }

  /// That something other than a directory stands where one should be.
  public static let notADirectory = SystemError(ENOTDIR)

  /// That the caller may not do something.
  static let notPermitted = SystemError(EPERM)

  /// That something is in use.
  static let busy = SystemError(EBUSY)

  /// The error that the C library has just reported.
  package static var current: SystemError { SystemError(errno) }

  /// The system's text: `No space left on device`.
  public var description: String { Errno(rawValue: code).description }

  /// Whether the caller lacks a right.
  package var isPermission: Bool { [EACCES, EPERM, EROFS].contains(code) }

  /// Whether there is no such file or directory.
  package var isAbsence: Bool { code == ENOENT }

  /// Whether nothing is at a path, nor could be made there: its directory is closed or none, or it is too long.
  package var isUnreachable: Bool { isPermission || [ENOTDIR, ENAMETOOLONG, ELOOP].contains(code) }

  /// Whether something exists already.
  package var isExistence: Bool { code == EEXIST }

  /// Whether the file system, as NFS, or the kernel does not know how to rename in the way that was asked for.
  package var isUnsupported: Bool { [EINVAL, ENOSYS].contains(code) }

  /// Whether there is no room left.
  package var isLackOfSpace: Bool { [ENOSPC, EDQUOT].contains(code) }

  /// Whether the process, or the system, may open no more files.
  package var isLackOfDescriptors: Bool { [EMFILE, ENFILE].contains(code) }

  /// Whether the file system is mounted read-only.
  package var isReadOnly: Bool { code == EROFS }
}
