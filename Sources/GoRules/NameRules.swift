/// Subjects and issuers as Go reads them.
///
/// Follows parseName, readASN1Any and parseASN1String in src/crypto/x509/parser.go, Go 1.27.
enum NameRules {
  /// What is wrong with a Name, if anything.
  static func problem(_ name: ArraySlice<UInt8>, _ what: String) -> Problem? {
    var outer = DERReader(name)
    guard var sets = outer.read(Tag.sequence) else {
      return Problem(.malformedName, "its \(what) is no sequence of sets")
    }
    while !sets.isEmpty {
      guard var set = sets.read(Tag.set) else {
        return Problem(.malformedName, "its \(what) is no sequence of sets")
      }
      while !set.isEmpty {
        guard var attribute = set.read(Tag.sequence), let type = attribute.objectIdentifier() else {
          return Problem(.malformedName, "its \(what) holds a malformed attribute")
        }
        guard isValue(&attribute) else {
          return Problem(
            .malformedName, "its \(what) holds a value of \(type) with characters that its type does not have"
          )
        }
      }
    }
    return nil
  }

  /// Whether Go reads the value that comes next.
  private static func isValue(_ reader: inout DERReader) -> Bool {
    let start = reader
    guard let (tag, content, _) = reader.next() else { return false }
    var again = start
    switch tag {
    case Tag.t61String, Tag.octetString, Tag.null: return true
    case Tag.printableString: return content.rest.allSatisfy(isPrintable)
    case Tag.utf8String: return String(validating: content.rest, as: UTF8.self) != nil
    case Tag.bmpString: return isBMP(content.rest)
    case Tag.ia5String: return content.rest.allSatisfy { $0 < 0x80 }
    case Tag.numericString: return content.rest.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x20 }
    case Tag.integer: return again.smallInteger() != nil
    case Tag.bitString: return again.bitString() != nil
    case Tag.objectIdentifier: return again.objectIdentifier() != nil
    case Tag.boolean: return again.boolean() != nil
    case Tag.utcTime, Tag.generalizedTime: return TimeRules.problem(&again) == nil
    default: return true
    }
  }

  /// PrintableString, and `*` and `&`, which certificates have all the same.
  private static func isPrintable(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: " '()+,-./:=?*&".utf8.contains(byte)
    }
  }

  /// UCS-2 without surrogates and without the code points that are no characters.
  private static func isBMP(_ octets: ArraySlice<UInt8>) -> Bool {
    guard octets.count % 2 == 0 else { return false }
    var octets = octets
    if octets.suffix(2).elementsEqual([0, 0]) { octets = octets.dropLast(2) }
    return stride(from: octets.startIndex, to: octets.endIndex, by: 2).allSatisfy { index in
      let point = UInt16(octets[index]) << 8 | UInt16(octets[index + 1])
      return !(0xfdd0...0xfdef).contains(point) && !(0xd800...0xdfff).contains(point) && point < 0xfffe
    }
  }
}
