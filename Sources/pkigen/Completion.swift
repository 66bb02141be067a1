import FoundationEssentials
import KubernetesPKI

/// The walk of `init` and `phase`.
struct Completion {
  let selection: Selection
  let cluster: RequestedCluster
  var root: RootCA.Source?
  var options = CompletionOptions()
  let making: MakingOptions
  let output: OutputOptions

  /// Completes the tree, or says what that would do.
  func run() throws -> (plan: Plan, report: Report) {
    let configuration = try cluster.configuration(for: selection)
    let instant = Date.now
    let (plan, report, _) = try PlannedRun(
      tree: TreeContents(reading: cluster.location, catalog: cluster.catalog),
      changesKubeconfigs: selection.hasKubeconfigs(in: cluster.catalog), isDryRun: making.dryRun,
      jobs: making.jobCount,
      isQuiet: output.quiet
    ).run { tree in
      let root = try root.map { try RootCA($0, above: cluster.location) }
      return try Plan(
        completing: selection, of: cluster.catalog, in: tree, for: configuration, under: root,
        options, at: instant)
    }
    return (plan, report)
  }
}
