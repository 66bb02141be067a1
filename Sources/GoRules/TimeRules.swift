/// The ends of the validity as Go reads them.
///
/// Follows readASN1Time in src/crypto/x509/parser.go and cryptobyte/asn1.go, Go 1.27: a time has to be written exactly as
/// Go would write it, so that fractions of a second, a missing `Z` and days that no month has are refused.
enum TimeRules {
  /// What is wrong with the time that comes next in `reader`, if anything.
  static func problem(_ reader: inout DERReader) -> Problem? {
    guard let (tag, content, _) = reader.next(), [Tag.utcTime, Tag.generalizedTime].contains(tag) else {
      return Problem(.malformedTime, "its validity is neither UTCTime nor GeneralizedTime")
    }
    let isUTCTime = tag == Tag.utcTime
    let isGood = isUTCTime ? isUTCTimeText(content.rest) : isGeneralizedTimeText(content.rest)
    guard !isGood else { return nil }
    let text = String(decoding: content.rest, as: UTF8.self).debugDescription
    return Problem(
      .malformedTime, "its validity holds a malformed \(isUTCTime ? "UTCTime" : "GeneralizedTime"), \(text)")
  }

  /// `YYMMDDhhmmss` or `YYMMDDhhmm`, and a zone.
  private static func isUTCTimeText(_ text: ArraySlice<UInt8>) -> Bool {
    let digits = text.prefix { isDigit($0) }
    guard digits.count == 12 || digits.count == 10, isZone(text.dropFirst(digits.count)) else { return false }
    let year = number(digits.prefix(2))
    // Go's reading of two digits, which decides whether the year has a 29th of February.
    return isDate(year: year >= 69 ? 1900 + year : 2000 + year, digits.dropFirst(2))
  }

  /// `YYYYMMDDhhmmss` and a zone.
  private static func isGeneralizedTimeText(_ text: ArraySlice<UInt8>) -> Bool {
    let digits = text.prefix { isDigit($0) }
    guard digits.count == 14, isZone(text.dropFirst(14)) else { return false }
    return isDate(year: number(digits.prefix(4)), digits.dropFirst(4))
  }

  /// `Z`, or an offset that is not zero.
  private static func isZone(_ text: ArraySlice<UInt8>) -> Bool {
    if text.elementsEqual([UInt8(ascii: "Z")]) { return true }
    guard text.count == 5, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(text.first) else { return false }
    let digits = text.dropFirst()
    guard digits.allSatisfy(isDigit) else { return false }
    let (hours, minutes) = (number(digits.prefix(2)), number(digits.suffix(2)))
    return hours <= 24 && minutes < 60 && hours + minutes > 0
  }

  /// Month, day, hour, minute, and second where there is one.
  private static func isDate(year: Int, _ digits: ArraySlice<UInt8>) -> Bool {
    let parts = stride(from: digits.startIndex, to: digits.endIndex, by: 2).map {
      number(digits[$0..<$0 + 2])
    }
    guard (1...12).contains(parts[0]), parts[1] >= 1, parts[2] < 24, parts[3] < 60 else { return false }
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return parts[1] <= days[parts[0] - 1] && (parts.count < 5 || parts[4] < 60)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}
