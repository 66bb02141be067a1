internal import Glibc

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address in network order: 4 bytes, or 16.
  public let bytes: [UInt8]

  /// Whether it is an IPv6 address.
  public var isIPv6: Bool { bytes.count == 16 }

  /// The address of these bytes, or `nil` unless they are 4 or 16.
  ///
  /// An IPv4 address that is mapped into IPv6, RFC 4291 section 2.5.5.2, becomes the IPv4 address that it stands for,
  /// as in Go's `net` package.
  public init?(bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    if bytes.count == 16, bytes.starts(with: mapped) {
      self.bytes = Array(bytes.suffix(4))
    } else if bytes.count == 4 || bytes.count == 16 {
      self.bytes = bytes
    } else {
      return nil
    }
  }

  /// The address that `text` writes: four decimal numbers without leading zeros, or RFC 4291 section 2.2; no zone.
  public init?(_ text: String) {
    guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1, !Self.hasLeadingZero(text) {
      self.init(bytes: bytes.prefix(4))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes)
    } else {
      return nil
    }
  }

  private static func hasLeadingZero(_ text: String) -> Bool {
    text.split(separator: ".").contains { $0.count > 1 && $0.first == "0" }
  }

  /// The usual text: decimal with dots, or RFC 5952's form of IPv6.
  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = isIPv6 ? AF_INET6 : AF_INET
    return text.withUnsafeMutableBufferPointer { buffer in
      inet_ntop(family, bytes, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) } ?? ""
    }
  }

  /// The text in a URL, RFC 3986 section 3.2.2: IPv6 in brackets.
  package var urlHost: String { isIPv6 ? "[\(self)]" : description }

  /// `0.0.0.0` or `::`.
  package var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  /// In `127.0.0.0/8`, or `::1`.
  package var isLoopback: Bool {
    isIPv6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 : bytes.first == 127
  }

  /// In `224.0.0.0/4`, or `ff00::/8`.
  package var isMulticast: Bool { isIPv6 ? bytes[0] == 0xff : bytes[0] & 0xf0 == 0xe0 }

  /// In `169.254.0.0/16`, or `fe80::/10`.
  package var isLinkLocal: Bool {
    isIPv6 ? bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80 : bytes[0] == 169 && bytes[1] == 254
  }

  /// `255.255.255.255`.
  package var isBroadcast: Bool { !isIPv6 && bytes.allSatisfy { $0 == 255 } }
}
