internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// What a renewal has to say of lifetimes.
struct LifetimeWarnings {
  /// Successors that expire with their CA.
  var cut = CutLifetimes()
  /// What cannot be valid longer than it is, by the CA that expires.
  private var endings: [CatalogEntry.ID: [String]] = [:]
  /// What was valid for longer than its successor, by the lifetime in days.
  private var shortened: [Int: [String]] = [:]

  private static let day = 86_400.0

  /// Notes that a certificate is not renewed, as its successor would expire with the CA when it does.
  mutating func addEnding(_ entry: CatalogEntry, with ca: CatalogEntry.ID) {
    endings[ca, default: []].append(entry.name)
  }

  /// Notes a successor that is valid for less time than its predecessor was.
  mutating func compare(_ entry: CatalogEntry, _ previous: Validity, with next: Validity) {
    func duration(_ validity: Validity) -> Double { validity.notAfter.timeIntervalSince(validity.notBefore) }
    // Five minutes more or less, or a leap day, are of no account.
    guard duration(previous) > duration(next) + 2 * Self.day else { return }
    shortened[Int(duration(previous) / Self.day), default: []].append(entry.name)
  }

  /// The warnings of a renewal with this lifetime: CAs in the order of the catalog.
  func warnings(_ lifetime: Lifetime, _ examination: Examination) -> [String] {
    let days = lifetime.seconds / Int(Self.day)
    let shorter = shortened.sorted { $0.key > $1.key }.map { old, names in
      "\(names.joined(separator: ", ")): valid for \(days) days from now, where the present"
        + " \(names.count == 1 ? "certificate" : "certificates") had a lifetime of \(old) days;"
        + " ask for a longer validity to keep it"
    }
    let catalog = examination.catalog
    return shorter + cut.warnings(catalog)
      + catalog.cas.compactMap { row in
        guard let names = endings[row.id], let ca = examination.tree.ca(row.id) else { return nil }
        return "\(examination.location.path(of: row)) expires at \(ca.issuing.validity.notAfter.rfc3339);"
          + " until then, nothing that it signs is valid longer: extend or replace the CA."
          + " Not renewed: \(names.joined(separator: ", "))"
      }
  }
}
