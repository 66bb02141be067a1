import Fleet
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// The walk of `check-expiration --trees`.
struct FleetExpiration {
  let command: CheckExpiration
  let cluster: RequestedCluster
  let instant: Date
  let margin: ExpiryMargin?

  /// Reads all trees, prints what was asked for, and ends with the worst status.
  func run() throws {
    let run = try FleetRun(command.trees.list, jobs: command.trees.jobCount)
    let outcomes = try run.outcomes(isQuiet: command.quiet) { tree in try read(tree) }
    let trees = outcomes.compactMap(\.value).sorted { $0.end < $1.end }
    try command.write { inColour in try text(trees, run, inColour) }
    for tree in trees {
      for finding in tree.remarks { Terminal.report(.unsound(finding), of: tree.entry.name) }
    }
    try run.end(outcomes) { !$0.isSound }
  }

  /// Reads a tree, and keeps of its report only what the result needs: the certificates of 10,000 trees would fill the memory.
  private func read(_ tree: FleetTree) throws -> ReadTree {
    let report = command.check(cluster.at(tree.location), at: instant, margin: margin).report
    var kept = ReadTree(tree, report)
    switch command.output {
    case .json, .yaml: kept.document = try JSONValue(encoding: TreeDocument(tree: tree, content: report))
    case .prometheus:
      kept.metrics = ExpirationMetrics(report, labels: [("cluster", tree.cluster), ("node", tree.node)])
    case .text:
      let entries = command.trees.list.all ? report.entries : [report.first].compactMap(\.self)
      kept.lines = entries.map {
        FleetExpirationTable.Lines($0, of: tree, showsOthers: command.trees.list.all)
      }
    }
    return kept
  }

  private func text(_ trees: [ReadTree], _ run: FleetRun, _ inColour: Bool) throws -> String {
    switch command.output {
    case .text:
      command.trees.list.summary
        ? ExpirationSummary(trees: trees, size: run.size, instant: instant).text
        : FleetExpirationTable(trees: trees, size: run.size).text(inColour: inColour)
    case .json: try JSONOutput.text(document(trees))
    case .yaml: try JSONValue(encoding: document(trees)).yaml()
    case .prometheus: ExpirationMetrics.text(trees.compactMap(\.metrics))
    }
  }

  /// The document of `-o json` and `-o yaml`.
  private func document(_ trees: [ReadTree]) -> TreeListDocument<JSONValue> {
    TreeListDocument(kind: "CertificateExpirationInfoList", trees: trees.compactMap(\.document))
  }
}

/// What is kept of a tree whose certificates were looked at.
struct ReadTree: Sendable {
  let entry: FleetTree
  /// What ends first, when, and how it stands.
  let first: (name: String, state: ExpirationReport.State)
  let end: Date
  let isSound: Bool
  let remarks: [Finding]
  var lines: [FleetExpirationTable.Lines] = []
  var document: JSONValue?
  var metrics: ExpirationMetrics?

  init(_ entry: FleetTree, _ report: ExpirationReport) {
    self.entry = entry
    first = (report.first?.name ?? "", report.first?.state ?? .missing)
    end = report.first?.notAfter ?? .distantPast
    isSound = report.isSound
    remarks = report.remarks
  }
}
