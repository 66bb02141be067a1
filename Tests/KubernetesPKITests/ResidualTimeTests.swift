import FoundationEssentials
@testable import KubernetesPKI
import Testing

/// The text is that of kubectl and kubeadm, which all of Kubernetes' users know.
struct ResidualTimeTests {
  private static let (minute, hour, day, year) = (60, 3_600, 86_400, 31_536_000)

  @Test(arguments: [
    (-day, "<invalid>"), (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (1, "1s"), (119, "119s"),
    (120, "2m"), (121, "2m1s"), (9 * minute + 59, "9m59s"), (10 * minute, "10m"), (179 * minute + 59, "179m"),
    (3 * hour, "3h"), (3 * hour + minute, "3h1m"), (8 * hour - 1, "7h59m"), (8 * hour, "8h"),
    (48 * hour - 1, "47h"), (2 * day, "2d"), (2 * day + hour, "2d1h"), (8 * day - 1, "7d23h"),
    (8 * day, "8d"),
    (365 * day - 1, "364d"), (2 * year - 1, "729d"), (2 * year, "2y"), (2 * year + day, "2y1d"),
    (8 * year - 1, "7y364d"), (8 * year, "8y"), (10 * year - 1, "9y"), (7_973 * year, "7973y"),
  ])
  func `a time is reported in kubeadm's units`(seconds: Int, text: String) {
    #expect(ResidualTime(seconds: seconds).description == text)
  }

  @Test func `a fraction of a second is cut off towards zero`() {
    let instant = Date(timeIntervalSince1970: 1_000)
    #expect(ResidualTime(from: instant, to: instant.addingTimeInterval(1.9)).seconds == 1)
    #expect(ResidualTime(from: instant, to: instant.addingTimeInterval(-1.9)).seconds == -1)
  }
}
