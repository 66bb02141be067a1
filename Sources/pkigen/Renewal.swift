import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// The walk of `renew`: request, plan, issue, back up, write, report.
struct Renewal {
  let catalog: Catalog
  let selection: Selection
  let options: RenewalOptions
  let makesBackup: Bool
  let cluster: RequestedCluster
  let making: MakingOptions
  let output: OutputOptions

  /// Renews, says what was done and what is to be done, and ends with status 1 when something could not be renewed.
  func run() throws {
    let instant = Date.now
    let plan = makePlan(instant)
    guard !making.dryRun, plan.changesSomething || plan.tree.hasUnfinishedRun else {
      return try finish(plan, try Report(plan))
    }
    let writer = try TreeWriter(
      cluster.location, changingKubeconfigs: !selection.kubeconfigs.isEmpty)
    // Looked at again, now that no other run can change it.
    let lockedPlan = makePlan(instant)
    let progress = Terminal.Progress(total: lockedPlan.newKeyCount, isQuiet: output.quiet)
    let files = try Issuer(jobs: making.jobCount).issue(lockedPlan) { progress.update($0) }
    progress.finish()
    let copy = UserKubeconfig.path.flatMap { lockedPlan.copyOfAdmin(at: $0) }
    let backup = makesBackup ? try Backup.make(of: files, in: cluster.location, at: instant) : nil
    let notes = try writer.write(files)
    let report = try Report(lockedPlan, issued: files, notes: notes)
    try finish(lockedPlan, report, backup: backup, copyOfAdmin: options.copiesOfAdmin.isEmpty ? copy : nil)
  }

  private func makePlan(_ instant: Date) -> Plan {
    Plan(
      renewing: selection, of: catalog, in: TreeContents(reading: cluster.location, catalog: catalog),
      options,
      at: instant)
  }

  private func finish(
    _ plan: Plan, _ report: Report, backup: String? = nil, copyOfAdmin: Plan.CopyOfAdmin? = nil
  ) throws {
    let steps = NextSteps(plan.tree, catalog: catalog, report: report, isDryRun: making.dryRun)
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: cluster)
      .print(report, backup: backup, nextSteps: steps.afterRenewal(copyOfAdmin))
    if !report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}

/// The walk of `renew --restore`.
struct Restoration {
  let directory: String
  let makesBackup: Bool
  let location: TreeLocation
  let making: MakingOptions
  let output: OutputOptions

  /// Puts a backup back, after a backup of what that replaces.
  func run() throws {
    var contents = try Backup(reading: directory, of: location)
    var backup: String?
    var notes: [String] = []
    if !making.dryRun {
      let writer = try TreeWriter(
        location, changingKubeconfigs: contents.files.contains { $0.kind == .kubeconfig })
      // Read again, now that no other run can change what is in place.
      contents = try Backup(reading: directory, of: location)
      backup = makesBackup ? try Backup.make(of: contents.files, in: location, at: Date.now) : nil
      notes = try writer.write(contents.files)
    }
    let report = try Report(restoring: contents, notes: notes)
    let steps = NextSteps(
      TreeContents(reading: location, catalog: .allFiles), catalog: .allFiles, report: report,
      isDryRun: making.dryRun)
    try ReportOutput(isDryRun: making.dryRun, options: output)
      .print(report, backup: backup, nextSteps: steps.restarts)
    if !report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
