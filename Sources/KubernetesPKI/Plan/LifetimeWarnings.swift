internal import FileStore
internal import FoundationEssentials
internal import OpenSSLX509

/// What a renewal has to say of lifetimes.
struct LifetimeWarnings {
  /// Successors that expire with their CA.
  var cut = CutLifetimes()
  /// What cannot be valid longer than it is, by the CA that expires.
  private var endings: [CatalogEntry.ID: [String]] = [:]
  /// What was valid for longer than its successor.
  private(set) var shortened = ShortenedLifetimes()

  /// Notes that a certificate is not renewed, as its successor would expire with the CA when it does.
  mutating func addEnding(_ entry: CatalogEntry, with ca: CatalogEntry.ID) {
    endings[ca, default: []].append(entry.name)
  }

  /// Notes a successor that is valid for less time than its predecessor was.
  mutating func compare(
    _ entry: CatalogEntry, _ previous: Validity, with next: Validity, _ lifetime: Lifetime
  ) {
    shortened.compare(entry, previous, with: next, days: lifetime.seconds / 86_400)
  }

  /// The warnings of a renewal: CAs in the order of the catalog.
  func warnings(_ examination: Examination) -> [String] {
    let catalog = examination.catalog
    return cut.warnings(catalog)
      + catalog.cas.compactMap { row in
        guard let names = endings[row.id], let ca = examination.tree.ca(row.id) else { return nil }
        return "\(examination.location.path(of: row)) expires at \(ca.issuing.validity.notAfter.rfc3339);"
          + " until then, nothing that it signs is valid longer: extend or replace the CA."
          + " Not renewed: \(names.joined(separator: ", "))"
      }
  }
}
