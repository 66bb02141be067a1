internal import COpenSSL
public import FoundationEssentials
internal import Glibc

/// The time in which a certificate is valid, RFC 5280 section 4.1.2.5; both ends belong to it.
public struct Validity: Hashable, Sendable {
  /// The first second.
  public let notBefore: Date
  /// The last second.
  public let notAfter: Date

  /// A time from its ends, of which fractions of a second are cut off as the encoding has none.
  public init(notBefore: Date, notAfter: Date) {
    self.notBefore = Date(timeIntervalSince1970: notBefore.timeIntervalSince1970.rounded(.down))
    self.notAfter = Date(timeIntervalSince1970: notAfter.timeIntervalSince1970.rounded(.down))
  }

  /// Whether `instant` lies in it.
  public func contains(_ instant: Date) -> Bool { notBefore <= instant && instant <= notAfter }

  /// 9999-12-31T23:59:59Z, the last instant that RFC 5280 can write, and its sign for "no end".
  public static let endOfTime = Date(timeIntervalSince1970: 253_402_300_799)
}

/// Lends OpenSSL's form of `instant` to `body`: UTCTime until 2049, GeneralizedTime from 2050, as RFC 5280 wants.
func withTime<Result>(
  _ instant: Date, _ body: (UnsafeMutablePointer<ASN1_TIME>) throws(OpenSSLError) -> Result
) throws(OpenSSLError) -> Result {
  guard let seconds = time_t(exactly: instant.timeIntervalSince1970.rounded(.down)) else {
    throw OpenSSLError(operation: "encode a time", reasons: ["it is out of range"])
  }
  let time = try owned("encode a time") { ASN1_TIME_set(nil, seconds) }
  defer { ASN1_STRING_free(time) }
  return try body(time)
}

/// The instant that an encoded time stands for.
func date(of time: UnsafePointer<ASN1_TIME>?) throws(OpenSSLError) -> Date {
  var parts = tm()
  try checked("read a time") { ASN1_TIME_to_tm(time, &parts) }
  return Date(timeIntervalSince1970: Double(timegm(&parts)))
}
