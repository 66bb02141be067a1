/// Host names as Go matches them, RFC 6125 section 6.4.
///
/// Follows validHostname, matchHostnames and matchExactly in src/crypto/x509/verify.go, Go 1.27.
enum HostMatch {
  /// Whether the name of a certificate, which may have a wildcard, stands for the host.
  static func matches(pattern: String, host: String) -> Bool {
    let (pattern, host) = (lowercased(pattern), lowercased(host))
    guard isHost(host), isPattern(pattern) else {
      return pattern == host && !pattern.isEmpty && pattern != [UInt8(ascii: ".")]
    }
    let (expected, labels) = (Self.labels(pattern), Self.labels(withoutLastDot(host)))
    guard expected.count == labels.count else { return false }
    let isWildcard = expected[0].elementsEqual([UInt8(ascii: "*")])
    return (isWildcard || expected[0] == labels[0]) && expected.dropFirst() == labels.dropFirst()
  }

  private static func labels(_ name: [UInt8]) -> [ArraySlice<UInt8>] {
    name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  }

  private static func withoutLastDot(_ name: [UInt8]) -> [UInt8] {
    name.last == UInt8(ascii: ".") ? Array(name.dropLast()) : name
  }

  private static func isHost(_ name: [UInt8]) -> Bool {
    let name = withoutLastDot(name)
    return !name.isEmpty && labels(name).allSatisfy(isLabel)
  }

  private static func isPattern(_ name: [UInt8]) -> Bool {
    let labels = labels(name)
    let isWildcard = labels[0].elementsEqual([UInt8(ascii: "*")])
    // A wildcard alone is no pattern.
    return isWildcard
      ? labels.count > 1 && labels.dropFirst().allSatisfy(isLabel) : labels.allSatisfy(isLabel)
  }

  /// Letters, digits, underscores, and hyphens after the first character.
  private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
    label.first != nil && label.first != UInt8(ascii: "-")
      && label.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// The letters of ASCII in lower case; Go leaves others alone.
  private static func lowercased(_ name: String) -> [UInt8] {
    name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }
}
