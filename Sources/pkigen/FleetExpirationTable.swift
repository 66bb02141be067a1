import Fleet
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// What ends when in many trees, sorted by what ends first: a line per tree, or per certificate.
struct FleetExpirationTable {
  /// The lines of one certificate.
  struct Lines: Sendable {
    let end: Date
    let rows: [TextTable.Row]

    /// - Parameter showsOthers: whether what belongs to the certificate besides, and who manages it, is shown.
    init(_ entry: ExpirationReport.Entry, of tree: FleetTree, showsOthers: Bool) {
      end = entry.notAfter ?? .distantPast
      let management = showsOthers ? [entry.ca ?? "", entry.isExternallyManaged ? "yes" : "no"] : []
      let rows = ExpirationTable.rows(entry, management).map { row in
        TextTable.Row(cells: tree.cells + row.cells, colour: row.colour)
      }
      self.rows = showsOthers ? rows : Array(rows.prefix(1))
      hasManagement = showsOthers
    }

    fileprivate let hasManagement: Bool
  }

  let trees: [ReadTree]
  let size: String

  func text(inColour: Bool) -> String {
    let lines = trees.flatMap(\.lines)
    let management =
      lines.contains(where: \.hasManagement) ? ["CERTIFICATE AUTHORITY", "EXTERNALLY MANAGED"] : []
    return TextTable(
      header: ["CLUSTER", "NODE", "CERTIFICATE", "EXPIRES", "RESIDUAL TIME"] + management + ["LIFE LEFT"],
      rows: lines.sorted { $0.end < $1.end }.flatMap(\.rows)
    ).text(inColour: inColour) + "\n\(size), \(trees.count { !$0.isSound }) with problems.\n"
  }
}

/// The totals of many trees, on one screen.
struct ExpirationSummary {
  let trees: [ReadTree]
  let size: String
  let instant: Date

  /// What ends first within how many days.
  private static let steps = [7, 30, 90, 365]

  var text: String {
    let table = TextTable(
      header: ["WHAT ENDS FIRST", "TREES"],
      rows: groups.map { TextTable.Row(cells: [$0.name, "\($0.count)"]) })
    var lines = ["\(size), \(trees.count { !$0.isSound }) with problems."]
    if let tree = trees.first(where: { $0.end != .distantPast }) {
      lines.append(
        "The first certificate to end: \(tree.entry.name.printable), \(tree.first.name),"
          + " \(ExpirationTable.kubeadmDate(tree.end))")
    }
    return lines.map { $0 + "\n" }.joined() + "\n" + table.text(inColour: false)
  }

  private var groups: [(name: String, count: Int)] {
    let unreadable = trees.count { $0.end == .distantPast }
    let expired = trees.count { $0.end != .distantPast && $0.end < instant }
    var groups = [("missing or unreadable", unreadable), ("expired", expired)]
    var start = instant
    for days in Self.steps {
      let end = instant + TimeInterval(days * 86_400)
      groups.append(("within \(days)d", trees.count { $0.end >= start && $0.end < end }))
      start = end
    }
    return groups + [("later", trees.count { $0.end >= start })]
  }
}
