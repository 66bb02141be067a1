import Fleet
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// The walk of `renew --trees`.
struct FleetRenewal {
  let command: Renew
  let cluster: RequestedCluster
  let instant: Date

  /// What was done in one tree.
  struct RenewedTree: Sendable {
    let tree: FleetTree
    let result: Renewal.Result
    let output: ReportOutput
  }

  /// Renews in all trees, says what was done and what is to be done, and ends with the worst status.
  func run() throws {
    let run = try FleetRun(command.trees, jobs: command.making.jobCount)
    let outcomes = try run.outcomes(isQuiet: command.output.quiet) { tree in
      let renewal = try command.renewal(of: cluster.at(tree.location))
      return RenewedTree(
        tree: tree, result: try renewal.result(at: instant, isOneOfMany: true), output: renewal.reportOutput)
    }
    let trees = outcomes.compactMap(\.value)
    for tree in trees {
      for warning in (tree.output.cluster?.warnings ?? []) + tree.result.report.warnings {
        Terminal.warn("\(tree.tree.name): \(warning)")
      }
      for refusal in tree.result.report.refusals { Terminal.report(.unsound(refusal), of: tree.tree.name) }
    }
    switch command.output.output {
    case .json:
      try Terminal.output(
        try JSONOutput.text(TreeListDocument(kind: "RenewalList", trees: outcomes.map(OutcomeDocument.init))))
    case .text where !command.output.quiet: try Terminal.output(text(outcomes, run))
    case .text: break
    }
    try run.end(outcomes) { !$0.result.report.refusals.isEmpty }
  }

  private func text(_ outcomes: [FleetRun.Outcome<RenewedTree>], _ run: FleetRun) -> String {
    let trees = outcomes.compactMap(\.value)
    let counts =
      "\(run.size), \(trees.count(where: \.isChanged)) \(command.making.dryRun ? "would be changed" : "changed"),"
      + " \(outcomes.count { $0.isIncomplete }) with problems.\n"
    let list: String
    if command.trees.summary {
      list = ""
    } else if command.trees.all {
      list = trees.map(\.text).joined()
    } else {
      list = table(outcomes).text(inColour: Terminal.outputUsesColour) + "\n"
    }
    let steps = RollingRestart(trees.map { ($0.tree, $0.result.restarts) }).steps
    return list + counts + steps.map { "next: \($0.printable)\n" }.joined()
  }

  /// A line per tree.
  private func table(_ outcomes: [FleetRun.Outcome<RenewedTree>]) -> TextTable {
    let rows = outcomes.map { outcome in
      let cells = outcome.value.map { tree in
        let files = tree.result.report.files
        return [
          "\(files.count { $0.action == .replace })", "\(files.count { $0.action == .keep })",
          "\(tree.result.report.refusals.count)", tree.result.backup?.printable ?? "",
        ]
      }
      return TextTable.Row(
        cells: outcome.tree.cells + (cells ?? ["", "", "", "failed"]),
        colour: outcome.isIncomplete ? TextTable.red : nil
      )
    }
    return TextTable(header: ["CLUSTER", "NODE", "REPLACED", "KEPT", "REFUSED", "BACKUP"], rows: rows)
  }

  /// One tree of the document: what `-o json` prints for a single one, or what kept it from being renewed.
  private struct OutcomeDocument: Encodable {
    let outcome: FleetRun.Outcome<RenewedTree>

    private enum CodingKeys: String, CodingKey { case errors }

    init(_ outcome: FleetRun.Outcome<RenewedTree>) { self.outcome = outcome }

    func encode(to encoder: any Encoder) throws {
      try TreeIdentity(outcome.tree).encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(outcome.errors.map(\.message), forKey: .errors)
      guard let tree = outcome.value else { return }
      try tree.output.document(tree.result.report, tree.result.backup, tree.result.nextSteps).encode(
        to: encoder)
    }
  }
}

extension FleetRenewal.RenewedTree {
  /// Whether files were made or replaced, or would be.
  var isChanged: Bool { result.report.files.contains { $0.action != .keep } }

  /// The report of the tree, below its name.
  var text: String {
    let lines = ["\(tree.name):"] + output.lines(result.report, result.backup, result.nextSteps)
    return lines.map { $0.printable + "\n" }.joined() + "\n"
  }
}

extension FleetRun.Outcome<FleetRenewal.RenewedTree> {
  /// Whether something could not be renewed.
  var isIncomplete: Bool { value?.result.report.refusals.isEmpty != true }
}

/// The restarts after a renewal of many nodes: cluster by cluster, in each one node after the other, so that the others serve.
struct RollingRestart {
  private typealias Group = (components: [ComponentReading.Component], nodes: [String])

  private let clusters: [(name: String, groups: [Group])]

  /// The restarts of these components on these nodes.
  init(_ restarts: [(tree: FleetTree, components: [ComponentReading.Component])]) {
    var clusters: [(name: String, groups: [Group])] = []
    for (tree, components) in restarts where !components.isEmpty {
      if clusters.last?.name != tree.cluster { clusters.append((tree.cluster, [])) }
      let index = clusters.count - 1
      if let group = clusters[index].groups.firstIndex(where: { $0.components == components }) {
        clusters[index].groups[group].nodes.append(tree.node)
      } else {
        clusters[index].groups.append((components, [tree.node]))
      }
    }
    self.clusters = clusters
  }

  /// What to do, in order; nothing where no component needs a restart.
  var steps: [String] {
    guard !clusters.isEmpty else { return [] }
    let restarts = clusters.flatMap { cluster in
      cluster.groups.map { group in
        "\(cluster.name.isEmpty ? "" : "\(cluster.name): ")restart"
          + " \(group.components.map(\.rawValue).joined(separator: ", ")) on"
          + " \(group.nodes.joined(separator: ", "))\(group.nodes.count > 1 ? ", one node after the other" : "")"
      }
    }
    return ["copy each changed tree to its node, then restart what has read the old files"] + restarts + [
      "to restart a static pod, move its file out of /etc/kubernetes/manifests, wait until the container is gone (crictl ps),"
        + " and move the file back; to restart the kubelet: systemctl restart kubelet"
    ]
  }
}
