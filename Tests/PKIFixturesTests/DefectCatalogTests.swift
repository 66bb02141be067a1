import FoundationEssentials
@testable import PKIFixtures
import TestSupport
import Testing

/// The catalog of defects as a table, and its page.
struct DefectCatalogTests {
  @Test func `names are unique, and each has a row of verdicts`() {
    let names = Defect.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(VerdictTable.rows.keys) == Set(names))
    #expect(Defect.all.count { $0.hasInstant } == 1 && Defect.all.count { $0.isAboutTheEnd } == 2)
  }

  /// The rows are the table itself: a change of it shows here what the page has to say.
  @Test func `the page has exactly the rows of the catalog`() throws {
    let page = try String(contentsOfFile: Judges.repository + "/docs/fixtures.md", encoding: .utf8)
    let rows = Defect.all.map { defect in
      let verdicts = defect.verdicts
      let judges = [verdicts.openssl, verdicts.go, verdicts.gnutls, verdicts.python].map { verdict in
        verdict.map { $0.reason ?? "–" } ?? ""
      }
      let codes = verdicts.verify?.reason?.split(separator: ", ").map { "`\($0)`" }
      let cells =
        ["`\(defect.name)`", defect.summary, "`\(defect.path)`"] + judges
        + [codes?.joined(separator: ", ") ?? "–"]
      return "| " + cells.joined(separator: " | ") + " |"
    }
    #expect(page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init) == rows)
  }
}
