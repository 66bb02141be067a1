package import OpenSSLX509
internal import StructuredText

/// The part of a URL that says how a server is reached, read as Go's net/url reads it.
package struct ServerURL: Sendable {
  /// The scheme in lower case.
  package let scheme: String
  /// The host without a port, and without the brackets of an IPv6 address.
  package let host: String
  /// The port's digits; empty where there is none.
  package let port: String

  /// Reads a URL that has a scheme and a host; `nil` for one that Go refuses, or that has none of these.
  package init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
      let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    let scheme = text[..<colon]
    guard let first = scheme.utf8.first, Self.isLetter(first), scheme.utf8.allSatisfy(Self.isOfScheme) else {
      return nil
    }
    let rest = text[text.utf8.index(after: colon)...]
    guard rest.hasPrefix("//") else { return nil }
    let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
    let server = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    guard let (host, port) = Self.parts(of: server), Self.isPort(port) else { return nil }
    self.scheme = String(scheme).asciiLowercased
    self.host = String(host)
    self.port = String(port.dropFirst())
  }

  /// Whether another URL is that of the same server, however it is written: addresses are compared as such, names without
  /// regard to case, and a port that is not said is the scheme's.
  package func isSameServer(as other: ServerURL) -> Bool {
    scheme == other.scheme && effectivePort == other.effectivePort && address == other.address
      && (address != nil || comparableHost == other.comparableHost)
  }

  /// The host, where it is an address.
  package var address: IPAddress? { IPAddress(host) }

  private var comparableHost: String {
    (host.hasSuffix(".") ? String(host.dropLast()) : host).asciiLowercased
  }

  private var effectivePort: String { port.isEmpty ? scheme == "http" ? "80" : "443" : port }

  /// The host, and the port with its colon.
  private static func parts(of server: Substring) -> (Substring, Substring)? {
    if server.hasPrefix("[") {
      guard let end = server.lastIndex(of: "]") else { return nil }
      return (server[..<end].dropFirst(), server[server.index(after: end)...])
    }
    guard server.utf8.allSatisfy(isOfHost) else { return nil }
    let colon = server.firstIndex(of: ":") ?? server.endIndex
    return (server[..<colon], server[colon...])
  }

  private static func isPort(_ port: Substring) -> Bool {
    port.isEmpty || port.first == ":" && port.utf8.dropFirst().allSatisfy(isDigit)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isOfScheme(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "+-.".utf8.contains(byte)
  }

  private static func isOfHost(_ byte: UInt8) -> Bool {
    byte >= 0x80 || isLetter(byte) || isDigit(byte) || "-_.~!$&'()*+,;=:[]<>\"".utf8.contains(byte)
  }
}
