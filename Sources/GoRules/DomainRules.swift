/// Domain names and mailboxes as Go reads them.
///
/// Follows domainNameValid in src/crypto/x509/parser.go and parseRFC2821Mailbox in src/crypto/x509/verify.go, Go 1.27.
enum DomainRules {
  /// Whether Go takes the text for a domain; a constraint may begin with a dot.
  static func isDomain(_ text: ArraySlice<UInt8>, isConstraint: Bool = false) -> Bool {
    guard let first = text.first, let last = text.last else { return true }
    guard last != dot else { return false }
    let text = isConstraint && first == dot ? text.dropFirst() : text
    guard text.allSatisfy({ (33...126).contains($0) }) else { return false }
    return text.split(separator: dot, omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
  }

  private static let dot = UInt8(ascii: ".")

  /// The two parts of a mailbox, or `nil` where the text is none.
  static func mailbox(_ text: ArraySlice<UInt8>) -> (local: [UInt8], domain: ArraySlice<UInt8>)? {
    var rest = text
    let local = rest.first == UInt8(ascii: "\"") ? quotedLocalPart(&rest) : plainLocalPart(&rest)
    guard let local, rest.first == UInt8(ascii: "@") else { return nil }
    let domain = rest.dropFirst()
    guard isDomain(domain), !domain.contains(UInt8(ascii: "@")) else { return nil }
    return (local, domain)
  }

  private static func quotedLocalPart(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var local: [UInt8] = []
    rest = rest.dropFirst()
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return local
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst(), isQuotable(escaped) else { return nil }
        local.append(escaped)
      case 11, 12, 32, 33, 127, 1...8, 14...31, 35...91, 93...126: local.append(byte)
      default: return nil
      }
    }
    return nil
  }

  private static func isQuotable(_ byte: UInt8) -> Bool {
    byte == 11 || byte == 12 || (1...9).contains(byte) || (14...127).contains(byte)
  }

  private static func plainLocalPart(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var local: [UInt8] = []
    while let byte = rest.first {
      if byte == UInt8(ascii: "\\") {
        rest = rest.dropFirst()
        guard let escaped = rest.first else { return nil }
        local.append(escaped)
      } else if isAtom(byte) {
        local.append(byte)
      } else {
        break
      }
      rest = rest.dropFirst()
    }
    guard let first = local.first, first != dot, local.last != dot else { return nil }
    return zip(local, local.dropFirst()).contains { $0 == (dot, dot) } ? nil : local
  }

  private static func isAtom(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }
  }
}
