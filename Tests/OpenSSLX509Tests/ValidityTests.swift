import FoundationEssentials
import OpenSSLX509
import TestSupport
import Testing

/// Times, and the two forms in which certificates write them.
struct ValidityTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", "UTCTIME", "700101000000Z"),
    ("2000-02-29T12:34:56Z", "UTCTIME", "000229123456Z"),
    ("2049-12-31T23:59:59Z", "UTCTIME", "491231235959Z"),
    ("2050-01-01T00:00:00Z", "GENERALIZEDTIME", "20500101000000Z"),
    ("9999-12-31T23:59:59Z", "GENERALIZEDTIME", "99991231235959Z"),
  ])
  func `times are UTCTime until 2049 and GeneralizedTime from 2050`(
    time: String, form: String, text: String
  ) async throws {
    let validity = Validity(notBefore: try instant("1960-05-05T05:05:05Z"), notAfter: try instant(time))
    let certificate = try Certificate.selfSigned(validity: validity)
    #expect(certificate.validity == validity)
    let parsed = try await openssl("asn1parse", input: certificate.pem())
    let times = parsed.split(separator: "\n").filter { $0.contains("TIME") }.map { $0.filter { $0 != " " } }
    #expect(times.count == 2 && times[0].hasSuffix("UTCTIME:600505050505Z"))
    #expect(times[1].hasSuffix("prim:\(form):\(text)"))
  }

  @Test func `the end of time is the last second of the year 9999`() throws {
    #expect(try Validity.endOfTime == instant("9999-12-31T23:59:59Z"))
  }

  @Test func `what a certificate cannot write is an error`() {
    for time in [Validity.endOfTime.addingTimeInterval(1), .distantFuture.addingTimeInterval(1e300)] {
      #expect(throws: OpenSSLError.self) {
        try Certificate.selfSigned(
          validity: Validity(notBefore: Date(timeIntervalSince1970: 0), notAfter: time))
      }
    }
  }

  @Test func `both ends belong to it, and fractions of a second do not`() throws {
    let start = try instant("2026-01-01T00:00:00Z")
    let validity = Validity(
      notBefore: start.addingTimeInterval(0.9), notAfter: start.addingTimeInterval(10.9))
    #expect(validity.notBefore == start && validity.notAfter == start.addingTimeInterval(10))
    #expect(validity.contains(start) && validity.contains(start.addingTimeInterval(10)))
    #expect(
      !validity.contains(start.addingTimeInterval(-1)) && !validity.contains(start.addingTimeInterval(11)))
  }
}
