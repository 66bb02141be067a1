import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// The walk of every stage of a rotation: plan, issue, back up, write, report.
struct RotationRun {
  let verb: RotationVerb
  let group: RotationGroup

  /// Brings a tree to the stage, says what was done and what is to be done, and ends with status 1 where something else has
  /// to be done first.
  func run(_ complete: (inout RotationOptions, TreeLocation) throws -> Void) throws {
    let (instant, location) = (Date.now, group.tree.location)
    let contents = TreeContents(reading: location, catalog: .allFiles)
    let catalog = Catalog.nearest(to: contents).withEveryKubeconfig
    var options = RotationOptions(verb, try Selection(arguments: group.names, .trustAnchors, in: catalog))
    options.peers = try group.peers.trees()
    try complete(&options, location)
    let (plan, report, backup) = try PlannedRun(
      tree: contents, changesKubeconfigs: true, isDryRun: group.making.dryRun, jobs: group.making.jobCount,
      isQuiet: group.output.quiet
    ).run { tree in
      try Plan(rotating: options, of: catalog, in: tree, at: instant)
    } filesToBackUp: { _, files in
      files
    }
    let steps = RotationSteps(verb: verb, plan: plan, selection: options.selection, catalog: catalog)
    try ReportOutput(isDryRun: group.making.dryRun, options: group.output)
      .print(
        report, backup: backup, nextSteps: report.refusals.isEmpty && plan.changesSomething ? steps.lines : []
      )
    if !report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
