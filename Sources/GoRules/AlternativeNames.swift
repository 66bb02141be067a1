/// The subject alternative names as Go reads them: what it does not know the kind of does not exist.
///
/// Follows parseSANExtension in src/crypto/x509/parser.go, Go 1.27.
struct AlternativeNames {
  var dnsNames: [ArraySlice<UInt8>] = []
  var mailboxes: [ArraySlice<UInt8>] = []
  var uris: [ArraySlice<UInt8>] = []
  var addresses: [ArraySlice<UInt8>] = []

  /// No names.
  init() {}

  var isEmpty: Bool { dnsNames.isEmpty && mailboxes.isEmpty && uris.isEmpty && addresses.isEmpty }

  /// Reads the extension's value.
  init(_ value: [UInt8]) throws(Problem) {
    var reader = DERReader(value)
    guard var names = reader.read(Tag.sequence) else {
      throw Problem(.malformedSubjectAlternativeName, "its subject alternative names are no sequence")
    }
    while !names.isEmpty {
      guard let (tag, content, _) = names.next() else {
        throw Problem(.malformedSubjectAlternativeName, "its subject alternative names are malformed")
      }
      try add(tag, content.rest)
    }
  }

  private mutating func add(_ tag: UInt8, _ text: ArraySlice<UInt8>) throws(Problem) {
    switch tag {
    case Tag.context(1):
      try Self.checkASCII(text, "mail address")
      mailboxes.append(text)
    case Tag.context(2):
      try Self.checkASCII(text, "DNS name")
      dnsNames.append(text)
    case Tag.context(6):
      try Self.checkASCII(text, "URI")
      guard let host = URIRules.host(text), DomainRules.isDomain(host), !Self.hasEscape(host) else {
        throw Problem(.malformedSubjectAlternativeName, "its URI \(text.quoted) is malformed")
      }
      uris.append(text)
    case Tag.context(7):
      try Self.checkAddress(text)
      addresses.append(text)
    default: break
    }
  }

  private static func checkASCII(_ text: ArraySlice<UInt8>, _ kind: String) throws(Problem) {
    guard text.allSatisfy({ $0 < 0x80 }) else {
      throw Problem(.malformedSubjectAlternativeName, "its \(kind) \(text.quoted) is not ASCII")
    }
  }

  /// Whether an escape other than that of `%` itself stands in a host: it is no domain once it is decoded.
  private static func hasEscape(_ host: ArraySlice<UInt8>) -> Bool {
    host.indices.contains {
      host[$0] == UInt8(ascii: "%") && !host[($0 + 1)...].starts(with: "25".utf8)
    }
  }

  private static func checkAddress(_ octets: ArraySlice<UInt8>) throws(Problem) {
    guard octets.count == 4 || octets.count == 16 else {
      throw Problem(
        .malformedSubjectAlternativeName, "it has an IP address of \(octets.count) octets, not of 4 or 16")
    }
    guard octets.count == 4 || !octets.isMappedAddress else {
      throw Problem(
        .malformedSubjectAlternativeName,
        "it has an IPv4 address that is mapped into IPv6, \(octets.quotedAddress)")
    }
  }
}

extension ArraySlice<UInt8> {
  /// The text in quotes, with escapes for what cannot be seen.
  var quoted: String { String(decoding: self, as: UTF8.self).debugDescription }

  /// Whether it is an IPv4 address that is mapped into IPv6, RFC 4291 section 2.5.5.2.
  var isMappedAddress: Bool {
    count == 16 && prefix(10).allSatisfy { $0 == 0 } && dropFirst(10).prefix(2).elementsEqual([0xff, 0xff])
  }

  /// `::ffff:10.0.0.1`.
  var quotedAddress: String { "::ffff:" + suffix(4).map(String.init).joined(separator: ".") }
}
