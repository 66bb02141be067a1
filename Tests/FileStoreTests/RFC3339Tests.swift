@testable import FileStore
import FoundationEssentials
import Testing

/// Instants as text.
struct RFC3339Tests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_868_799.999, "2000-02-29T23:59:59Z"), (-0.5, "1969-12-31T23:59:59Z"),
    (2_524_608_000, "2050-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    (-62_009_366_400, "0005-01-01T00:00:00Z"),
  ])
  func `an instant is written in UTC, in whole seconds and four digits of the year`(
    seconds: Double, text: String
  ) {
    #expect(Date(timeIntervalSince1970: seconds).rfc3339 == text)
  }
}
