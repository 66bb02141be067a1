internal import FoundationEssentials
internal import OpenSSLX509

extension Plan {
  /// Certificates whose successors are valid for less time than they were.
  public struct ShortenedLifetime: Hashable, Sendable {
    /// kubeadm's names of the certificates and kubeconfigs.
    public internal(set) var names: [String]
    /// The lifetime of the present certificates, in days.
    public let oldDays: Int
    /// For how many days from now the successors are valid.
    public let newDays: Int
  }
}

/// Collects certificates whose successors are valid for less time than they were.
struct ShortenedLifetimes {
  private(set) var all: [Plan.ShortenedLifetime] = []

  private static let day = 86_400.0

  /// Notes a successor that is valid for less time than its predecessor was.
  ///
  /// - Parameter days: for how many days from now the successor is valid.
  mutating func compare(_ entry: CatalogEntry, _ previous: Validity, with next: Validity, days: Int) {
    func duration(_ validity: Validity) -> Double { validity.notAfter.timeIntervalSince(validity.notBefore) }
    // Five minutes more or less, or a leap day, are of no account.
    guard duration(previous) > duration(next) + 2 * Self.day else { return }
    let old = Int(duration(previous) / Self.day)
    if let index = all.firstIndex(where: { $0.oldDays == old && $0.newDays == days }) {
      all[index].names.append(entry.name)
    } else {
      all.append(.init(names: [entry.name], oldDays: old, newDays: days))
    }
  }

  /// All of them, the longest first.
  var sorted: [Plan.ShortenedLifetime] {
    all.sorted { ($0.oldDays, $0.newDays) > ($1.oldDays, $1.newDays) }
  }
}
