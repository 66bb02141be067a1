internal import OpenSSLX509

/// A value in DER, X.690: for certificates that OpenSSL does not build because they are wrong.
struct DERValue {
  /// The value with its tag and length.
  let bytes: [UInt8]

  /// A value of its identifier octet and its content.
  init(tag: UInt8, _ content: [UInt8]) { bytes = [tag] + Self.length(content.count) + content }

  /// A value that is encoded already.
  init(encoded bytes: [UInt8]) { self.bytes = bytes }

  /// SEQUENCE.
  static func sequence(_ values: [DERValue]) -> DERValue { DERValue(tag: 0x30, values.flatMap(\.bytes)) }

  /// A value with an explicit tag of the context.
  static func explicit(_ number: UInt8, _ value: DERValue) -> DERValue {
    DERValue(tag: 0xa0 | number, value.bytes)
  }

  /// INTEGER, of its two's complement.
  static func integer(_ octets: [UInt8]) -> DERValue { DERValue(tag: 0x02, octets) }

  /// OCTET STRING.
  static func octetString(_ octets: [UInt8]) -> DERValue { DERValue(tag: 0x04, octets) }

  /// BIT STRING of whole octets.
  static func bitString(_ octets: [UInt8]) -> DERValue { DERValue(tag: 0x03, [0] + octets) }

  /// NULL.
  static let null = DERValue(tag: 0x05, [])

  /// BOOLEAN true.
  static let `true` = DERValue(tag: 0x01, [0xff])

  /// OBJECT IDENTIFIER.
  static func objectIdentifier(_ identifier: ObjectIdentifier) -> DERValue {
    let arcs = identifier.dotted.split(separator: ".").compactMap { Int($0) }
    guard arcs.count > 1 else { return DERValue(tag: 0x06, []) }
    return DERValue(tag: 0x06, ([arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2)).flatMap(base128))
  }

  private static func base128(_ arc: Int) -> [UInt8] {
    var octets = [UInt8(arc & 0x7f)]
    var rest = arc >> 7
    while rest > 0 {
      octets.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
      rest >>= 7
    }
    return octets
  }

  private static func length(_ count: Int) -> [UInt8] {
    if count < 0x80 { return [UInt8(count)] }
    var octets: [UInt8] = []
    var rest = count
    while rest > 0 {
      octets.insert(UInt8(rest & 0xff), at: 0)
      rest >>= 8
    }
    return [0x80 | UInt8(octets.count)] + octets
  }
}
