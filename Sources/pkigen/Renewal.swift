import FoundationEssentials
import KubernetesPKI

/// The walk of `renew`: request, plan, issue, back up, write, report.
struct Renewal {
  let catalog: Catalog
  let selection: Selection
  let options: RenewalOptions
  let makesBackup: Bool
  let location: TreeLocation
  let making: MakingOptions
  let output: OutputOptions

  /// What came of it.
  struct Result {
    let report: Report
    /// The directory of the backup, where one was made.
    var backup: String?
    /// Kubeconfigs outside the tree that hold the certificate which admin.conf had.
    var staleCopies: [String] = []
  }

  func run() throws -> Result {
    let instant = Date.now
    func makePlan() -> Plan {
      Plan(
        renewing: selection, of: catalog, in: TreeContents(reading: location, catalog: catalog), options,
        at: instant)
    }
    let plan = makePlan()
    let copies = UserKubeconfig.path.map { plan.copiesOfAdmin(among: [$0]) } ?? []
    guard !making.dryRun, plan.changesSomething || plan.tree.hasUnfinishedRun else {
      return Result(report: try Report(plan), staleCopies: making.dryRun ? [] : [])
    }
    let writer = try TreeWriter(location)
    // Looked at again, now that no other run can change it.
    let lockedPlan = makePlan()
    let progress = Terminal.Progress(total: lockedPlan.newKeyCount, isQuiet: output.quiet)
    let files = try Issuer(jobs: making.jobCount).issue(lockedPlan) { progress.update($0) }
    progress.finish()
    let backup = makesBackup ? try Backup.make(of: files, in: location, at: instant) : nil
    let notes = try writer.write(files)
    return Result(
      report: try Report(lockedPlan, issued: files, notes: notes), backup: backup, staleCopies: copies)
  }
}

/// The walk of `renew --restore`.
struct Restoration {
  let directory: String
  let location: TreeLocation
  let making: MakingOptions
  let output: OutputOptions

  func run() throws {
    var files = try Backup.files(in: directory, for: location)
    var backup: String?
    var notes: [String] = []
    if !making.dryRun {
      let writer = try TreeWriter(location)
      files = try Backup.files(in: directory, for: location)
      backup = try Backup.make(of: files, in: location, at: Date.now)
      notes = try writer.write(files)
    }
    let report = try Report(restoring: files, notes: notes)
    let steps = NextSteps(location: location, renewed: report, isDryRun: making.dryRun)
    try ReportOutput(isDryRun: making.dryRun, options: output)
      .print(report, backup: backup, nextSteps: steps.afterRenewal(userKubeconfig: nil))
  }
}
