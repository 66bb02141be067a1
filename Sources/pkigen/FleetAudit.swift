import Fleet
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// The walk of `verify --trees`.
struct FleetAudit {
  let command: Verify
  let cluster: RequestedCluster
  let instant: Date
  let margin: Lifetime

  /// Checks all trees, prints what was asked for, and ends with the worst status.
  func run() throws {
    let (list, jobs) = (command.trees.list, command.trees.jobCount)
    let run = try FleetRun(list, jobs: jobs)
    let peers = peers(in: run.fleet, jobs: jobs)
    let outcomes = try run.outcomes(isQuiet: command.output.quiet) { tree in
      AuditedTree(
        tree: tree,
        output: AuditOutput(
          findings: try command.findings(
            of: cluster.at(tree.location), peers: peers[tree] ?? [], at: instant, margin: margin),
          location: tree.location, failing: command.failing))
    }
    let trees = outcomes.compactMap(\.value)
    switch command.output.output {
    case .json:
      let documents = trees.map { TreeDocument(tree: $0.tree, content: $0.output.document) }
      try Terminal.output(try JSONOutput.text(TreeListDocument(kind: "VerificationList", trees: documents)))
    case .text:
      let table = FleetAuditTable(trees: trees, size: run.size)
      try Terminal.output(
        list.summary
          ? table.summary
          : list.all
            ? table.allFindings(isQuiet: command.output.quiet) : table.lines(isQuiet: command.output.quiet))
    }
    try run.end(outcomes) { $0.output.isFailure }
  }

  /// The peers of each tree: the first of a group is compared with all others, so that no two trees are compared twice.
  private func peers(in fleet: Fleet, jobs: Int) -> [FleetTree: [TreeLocation]] {
    let groups = fleet.peers(jobs: jobs).compactMap { members -> (FleetTree, [TreeLocation])? in
      members.first.map { first in
        (fleet.trees[first], members.dropFirst().map { fleet.trees[$0].location })
      }
    }
    return Dictionary(groups) { first, _ in first }
  }
}

/// What was found in one of many trees.
struct AuditedTree: Sendable {
  let tree: FleetTree
  let output: AuditOutput
}

/// What was found in many trees, the worst first.
struct FleetAuditTable {
  private let trees: [AuditedTree]
  private let size: String

  init(trees: [AuditedTree], size: String) {
    func severity(_ tree: AuditedTree) -> Finding.Severity { tree.output.findings.first?.severity ?? .info }
    self.trees = trees.sorted { severity($0) > severity($1) }
    self.size = size
  }

  /// A line per tree; when quiet, only those with errors or warnings.
  func lines(isQuiet: Bool) -> String {
    let shown = isQuiet ? trees.filter { $0.output.findings.contains { $0.severity > .info } } : trees
    let rows = shown.map { tree in
      let worst = tree.output.findings.first.flatMap { $0.severity > .info ? $0 : nil }
      return TextTable.Row(
        cells: tree.tree.cells + [
          "\(tree.output.count(.error))", "\(tree.output.count(.warning))",
          worst.map { "\($0.code.rawValue)  \($0.message.printable)" } ?? "",
        ], colour: worst.map { $0.severity == .error ? TextTable.red : TextTable.yellow })
    }
    if rows.isEmpty { return isQuiet ? "" : totals }
    let table = TextTable(header: ["CLUSTER", "NODE", "ERRORS", "WARNINGS", "WORST"], rows: rows)
    return table.text(inColour: Terminal.outputUsesColour) + (isQuiet ? "" : "\n" + totals)
  }

  /// Every finding, below the name of its tree.
  func allFindings(isQuiet: Bool) -> String {
    trees.map { tree in
      let text = tree.output.text(isQuiet: isQuiet)
      return text.isEmpty ? "" : "\(tree.tree.name.printable):\n\(text)\n"
    }.joined() + (isQuiet ? "" : totals)
  }

  /// How many trees have which finding.
  var summary: String {
    let all = trees.map { Set($0.output.findings.filter { $0.severity > .info }.map(\.code)) }
    let codes = FindingCode.allCases.map { code in (code, count: all.count { $0.contains(code) }) }
      .filter { $0.count > 0 }
    let rows = codes.map { code, count in
      TextTable.Row(cells: [code.severity.rawValue, code.rawValue, "\(count)"])
    }
    guard !rows.isEmpty else { return totals }
    return totals + "\n"
      + TextTable(header: ["SEVERITY", "FINDING", "TREES"], rows: rows).text(inColour: false)
  }

  private var totals: String {
    func count(_ severity: Finding.Severity) -> Int {
      trees.count { $0.output.findings.first?.severity == severity }
    }
    return "\(size), \(count(.error)) with errors, \(count(.warning)) with warnings only.\n"
  }
}
