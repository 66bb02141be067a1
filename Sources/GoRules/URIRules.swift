internal import OpenSSLX509

/// URIs as Go reads them.
///
/// Follows Parse in src/net/url/url.go, Go 1.27, as far as it decides whether there is an error, and what the host is.
enum URIRules {
  /// The host of the URI with its port, as written; empty where there is none. `nil` where Go refuses the URI.
  static func host(_ uri: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let (text, fragment) = cut(uri, "#")
    guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), isEscaped(fragment) else { return nil }
    if text.elementsEqual("*".utf8) { return [] }
    guard let (scheme, afterScheme) = scheme(text) else { return nil }
    let rest = cut(afterScheme, "?").0
    guard rest.first == UInt8(ascii: "/") else {
      // Of a relative reference, the first segment has no colon; what follows a scheme is anything.
      let isGood = !scheme.isEmpty || !cut(rest, "/").0.contains(UInt8(ascii: ":")) && isEscaped(rest)
      return isGood ? [] : nil
    }
    guard rest.starts(with: "//".utf8), !scheme.isEmpty || !rest.starts(with: "///".utf8) else {
      return isEscaped(rest) ? [] : nil
    }
    let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
    let path = rest.dropFirst(2 + authority.count)
    guard isEscaped(path) else { return nil }
    return host(ofAuthority: authority, scheme: String(decoding: scheme, as: UTF8.self).lowercased())
  }

  /// The parts before and after the first of this character.
  private static func cut(_ text: ArraySlice<UInt8>, _ separator: Unicode.Scalar)
    -> (ArraySlice<UInt8>, ArraySlice<UInt8>)
  {
    guard let index = text.firstIndex(of: UInt8(ascii: separator)) else { return (text, []) }
    return (text[..<index], text[(index + 1)...])
  }

  /// The scheme, empty where there is none, and what follows its colon.
  private static func scheme(_ text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
    for (offset, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        if offset == 0 { return ([], text) }
      case UInt8(ascii: ":"): return offset == 0 ? nil : (text.prefix(offset), text.dropFirst(offset + 1))
      default: return ([], text)
      }
    }
    return ([], text)
  }

  /// Whether each `%` is followed by two hexadecimal digits.
  private static func isEscaped(_ text: ArraySlice<UInt8>) -> Bool {
    text.indices.allSatisfy { index in
      guard text[index] == UInt8(ascii: "%") else { return true }
      let digits = text[(index + 1)...].prefix(2)
      return digits.count == 2 && digits.allSatisfy(isHexadecimal)
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }

  private static func host(ofAuthority authority: ArraySlice<UInt8>, scheme: String) -> ArraySlice<UInt8>? {
    var host = authority
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
      let user = authority[..<at]
      guard user.allSatisfy(isUserCharacter), isEscaped(user) else { return nil }
      host = authority[(at + 1)...]
    }
    if let bracket = host.lastIndex(of: UInt8(ascii: "[")) {
      return bracket == host.startIndex && isAddressLiteral(host) ? host : nil
    }
    if let first = host.firstIndex(of: UInt8(ascii: ":")) {
      let isStrict = scheme == "http" || scheme == "https"
      let colon = isStrict ? first : host.lastIndex(of: UInt8(ascii: ":")) ?? first
      guard host[(colon + 1)...].allSatisfy(isDigit) else { return nil }
    }
    return isHostText(host) ? host : nil
  }

  /// `[IPv6]` and a port, where there is one.
  private static func isAddressLiteral(_ host: ArraySlice<UInt8>) -> Bool {
    guard let end = host.lastIndex(of: UInt8(ascii: "]")) else { return false }
    let port = host[(end + 1)...]
    guard port.isEmpty || port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy(isDigit) else {
      return false
    }
    // A zone follows the address as %25.
    let name = String(decoding: host[(host.startIndex + 1)..<end], as: UTF8.self)
    let address = name.split(separator: "%25", maxSplits: 1, omittingEmptySubsequences: false)[0]
    return address.contains(":") && IPAddress(String(address)) != nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isUserCharacter(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "-._:~!$&'()*+,;=%@".utf8.contains(byte)
  }

  /// Whether a host that is no address literal has characters only that Go lets stand there; it escapes no ASCII.
  private static func isHostText(_ host: ArraySlice<UInt8>) -> Bool {
    guard isEscaped(host) else { return false }
    return host.indices.allSatisfy { index in
      let byte = host[index]
      if byte == UInt8(ascii: "%") {
        let next = host[(index + 1)...].prefix(2)
        return "89abcdefABCDEF".utf8.contains(next.first ?? 0) || next.elementsEqual("25".utf8)
      }
      return byte >= 0x80 || isAlphanumeric(byte) || "-_.~!$&'()*+,;=:[]<>\"".utf8.contains(byte)
    }
  }
}
