import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI

/// The walk of `renew`: request, plan, issue, back up, write, report.
struct Renewal {
  let role: NodeRole?
  let catalog: Catalog
  let selection: Selection
  let options: RenewalOptions
  let replacing: ReplacementOptions
  let cluster: RequestedCluster
  let making: MakingOptions
  let output: OutputOptions

  /// Renews, says what was done and what is to be done, and ends with status 1 when something could not be renewed.
  func run() throws {
    let instant = Date.now
    var copy: Plan.CopyOfAdmin?
    var tree = TreeContents(reading: cluster.location.including(options.copiesOfAdmin), catalog: catalog)
    tree.statedRole = role
    let (plan, report, backup) = try PlannedRun(
      tree: tree,
      changesKubeconfigs: selection.hasKubeconfigs(in: catalog), isDryRun: making.dryRun,
      jobs: making.jobCount,
      isQuiet: output.quiet, keepsModes: replacing.keepMode,
      keptBackups: replacing.keepBackups
    ).run { tree in
      try Plan(renewing: selection, of: catalog, in: tree, options, at: instant)
    } filesToBackUp: { plan, files in
      if options.copiesOfAdmin.isEmpty { copy = UserKubeconfig.path.flatMap { plan.copyOfAdmin(at: $0) } }
      return replacing.noBackup ? [] : files
    }
    let steps = NextSteps(plan.tree, catalog: catalog, report: report, isDryRun: making.dryRun)
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: cluster)
      .print(report, backup: backup, nextSteps: steps.afterRenewal(copy))
    if !report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}

/// The walk of `renew --restore`.
struct Restoration {
  let directory: String
  let replacing: ReplacementOptions
  let location: TreeLocation
  let making: MakingOptions
  let output: OutputOptions

  /// Puts a backup back, after a backup of what that replaces.
  func run() throws {
    let instant = Date.now
    func makePlan() throws -> RestorePlan {
      var plan = try RestorePlan(restoring: directory, to: location)
      try plan.compare(
        with: TreeContents(reading: location, catalog: .allFiles), allowingNewCA: replacing.allowsNewCA,
        at: instant)
      return plan
    }
    var contents = try makePlan()
    var backup: String?
    var notes: [String] = []
    if !making.dryRun {
      let writer = try TreeWriter(
        location, changingKubeconfigs: contents.files.contains { $0.kind == .kubeconfig },
        jobs: making.jobCount)
      // Read again, now that no other run can change what is in place.
      contents = try makePlan()
      (notes, backup) = try writer.write(
        contents.files, backingUp: replacing.noBackup ? [] : contents.files, at: instant,
        keepsModes: replacing.keepMode)
      if let count = replacing.keepBackups, contents.refusals.isEmpty {
        try writer.removeBackups(keeping: count)
      }
    }
    let report = try Report(contents, notes: notes)
    let steps = NextSteps(
      TreeContents(reading: location, catalog: .allFiles), catalog: .allFiles, report: report,
      isDryRun: making.dryRun)
    try ReportOutput(isDryRun: making.dryRun, options: output)
      .print(report, backup: backup, nextSteps: steps.restarts)
    if !report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
