internal import OpenSSLX509

/// Reads DER as strictly as Go does: OpenSSL reads BER, and its API does not show how a value was written.
///
/// Follows golang.org/x/crypto/cryptobyte/asn1.go, as vendored in Go 1.27: tags of one octet, lengths in the fewest octets,
/// integers in the fewest octets, booleans of 0 and 255.
struct DERReader {
  /// What is not read yet.
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: some Collection<UInt8>) { rest = ArraySlice(bytes) }

  var isEmpty: Bool { rest.isEmpty }

  /// Whether the next value has this tag.
  func isNext(_ tag: UInt8) -> Bool { rest.first == tag }

  /// The next value, whatever its tag: its content, and the whole with tag and length.
  mutating func next() -> (tag: UInt8, content: DERReader, whole: ArraySlice<UInt8>)? {
    guard rest.count >= 2, let tag = rest.first, tag & 0x1f != 0x1f else { return nil }
    let first = rest[rest.startIndex + 1]
    var (header, length) = (2, Int(first))
    if first & 0x80 != 0 {
      let octets = Int(first & 0x7f)
      guard (1...4).contains(octets), rest.count >= 2 + octets else { return nil }
      length = rest.dropFirst(2).prefix(octets).reduce(0) { $0 << 8 | Int($1) }
      // DER has the shortest form.
      guard length >= 0x80, length >> (8 * (octets - 1)) != 0 else { return nil }
      header += octets
    }
    guard rest.count >= header + length else { return nil }
    let whole = rest.prefix(header + length)
    rest = rest.dropFirst(header + length)
    return (tag, DERReader(whole.dropFirst(header)), whole)
  }

  /// The content of the next value, which has this tag.
  mutating func read(_ tag: UInt8) -> DERReader? {
    guard isNext(tag) else { return nil }
    return next()?.content
  }

  /// The whole of the next value, which has this tag.
  mutating func element(_ tag: UInt8) -> ArraySlice<UInt8>? {
    guard isNext(tag) else { return nil }
    return next()?.whole
  }

  /// A BOOLEAN.
  mutating func boolean() -> Bool? {
    guard let octets = read(Tag.boolean)?.rest, octets.count == 1 else { return nil }
    return octets.first == 0 ? false : octets.first == 0xff ? true : nil
  }

  /// The two's complement of an INTEGER, or of a value that is tagged as something else.
  mutating func integer(_ tag: UInt8 = Tag.integer) -> ArraySlice<UInt8>? {
    guard let octets = read(tag)?.rest, let first = octets.first else { return nil }
    guard octets.count > 1 else { return octets }
    let isSecondNegative = octets[octets.startIndex + 1] & 0x80 != 0
    return first == 0 && !isSecondNegative || first == 0xff && isSecondNegative ? nil : octets
  }

  /// An INTEGER of at most 64 bits.
  mutating func smallInteger(_ tag: UInt8 = Tag.integer) -> Int? {
    guard let octets = integer(tag), octets.count <= 8, let first = octets.first else { return nil }
    return octets.reduce(first & 0x80 != 0 ? -1 : 0) { $0 << 8 | Int($1) }
  }

  /// An OBJECT IDENTIFIER whose arcs have at most 31 bits.
  mutating func objectIdentifier() -> ObjectIdentifier? { objectIdentifier(limit: 1 << 24) }

  /// An OBJECT IDENTIFIER whose arcs have at most 63 bits, as in policies: src/crypto/x509/oid.go takes arcs of any length.
  mutating func longObjectIdentifier() -> ObjectIdentifier? { objectIdentifier(limit: 1 << 56) }

  /// - Parameter limit: what an arc may not have reached before another seven bits are added.
  private mutating func objectIdentifier(limit: Int) -> ObjectIdentifier? {
    guard let octets = read(Tag.objectIdentifier)?.rest, !octets.isEmpty else { return nil }
    var arcs: [Int] = []
    var (arc, isFirstOctet) = (0, true)
    for octet in octets {
      guard arc < limit, !(isFirstOctet && octet == 0x80) else { return nil }
      arc = arc << 7 | Int(octet & 0x7f)
      isFirstOctet = octet & 0x80 == 0
      guard isFirstOctet else { continue }
      arcs.append(arc)
      arc = 0
    }
    guard isFirstOctet, let first = arcs.first else { return nil }
    let head = first < 80 ? [first / 40, first % 40] : [2, first - 80]
    return ObjectIdentifier((head + arcs.dropFirst()).map(String.init).joined(separator: "."))
  }

  /// A BIT STRING whose unused bits are zero: its octets, and how many bits of the last one are unused.
  mutating func bitString() -> (octets: ArraySlice<UInt8>, unused: UInt8)? {
    guard let content = read(Tag.bitString)?.rest, let unused = content.first, unused <= 7 else { return nil }
    let octets = content.dropFirst()
    guard let last = octets.last else { return unused == 0 ? (octets, 0) : nil }
    return last & (1 << unused - 1) == 0 ? (octets, unused) : nil
  }
}

/// The identifier octets that certificates use, X.690 section 8.1.2.
enum Tag {
  static let boolean: UInt8 = 0x01
  static let integer: UInt8 = 0x02
  static let bitString: UInt8 = 0x03
  static let octetString: UInt8 = 0x04
  static let null: UInt8 = 0x05
  static let objectIdentifier: UInt8 = 0x06
  static let utf8String: UInt8 = 0x0c
  static let numericString: UInt8 = 0x12
  static let printableString: UInt8 = 0x13
  static let t61String: UInt8 = 0x14
  static let ia5String: UInt8 = 0x16
  static let utcTime: UInt8 = 0x17
  static let generalizedTime: UInt8 = 0x18
  static let bmpString: UInt8 = 0x1e
  static let sequence: UInt8 = 0x30
  static let set: UInt8 = 0x31

  /// A tag of the context, for a value that is not constructed.
  static func context(_ number: UInt8) -> UInt8 { 0x80 | number }
  /// A tag of the context, for a constructed value.
  static func constructed(_ number: UInt8) -> UInt8 { 0xa0 | number }
}
