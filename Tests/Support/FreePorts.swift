import Glibc
import SystemPackage

/// Free ports of 127.0.0.1, all different.
///
/// Nothing reserves them afterwards. But Linux hands out odd ports to those who listen and even ones to those who
/// connect for as long as it can, and goes at random, so that they stay free for long enough.
public func freePorts(_ count: Int) throws -> [UInt16] {
  var sockets: [FileDescriptor] = []
  defer { for socket in sockets { try? socket.close() } }
  return try (0..<count).map { _ in
    let (socket, port) = try boundSocket()
    sockets.append(socket)
    return port
  }
}

/// A free port of 127.0.0.1.
public func freePort() throws -> UInt16 {
  try freePorts(1)[0]
}

private func boundSocket() throws -> (FileDescriptor, port: UInt16) {
  let descriptor = try check(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  try withUnsafeMutablePointer(to: &address) {
    try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = try check(bind(descriptor, $0, size))
      _ = try check(getsockname(descriptor, $0, &size))
    }
  }
  return (FileDescriptor(rawValue: descriptor), UInt16(bigEndian: address.sin_port))
}

private func check(_ status: CInt) throws -> CInt {
  guard status >= 0 else { throw Errno(rawValue: errno) }
  return status
}
