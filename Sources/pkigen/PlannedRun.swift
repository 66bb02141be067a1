import FoundationEssentials
import KubernetesPKI

/// The walk of every command that makes something of a tree: plan, lock, plan again, issue, write, report.
struct PlannedRun {
  /// The tree as it was found.
  let tree: TreeContents
  let changesKubeconfigs: Bool
  let isDryRun: Bool
  /// How many keys are made, and certificates signed, at once; with one, files are flushed one after the other.
  var jobs = 1
  let isQuiet: Bool
  /// Whether a private key that replaces one that every user can read keeps that mode.
  var keepsModes = false
  /// How many backups stay after a run without errors; all, unless it is said.
  var keptBackups: Int?

  /// Does what the plan says, or says what that would be.
  ///
  /// - Parameters:
  ///   - makePlan: plans for a tree.
  ///   - filesToBackUp: chooses what is copied before it is replaced, while no other run can change it.
  /// - Returns: the plan that was carried out, what was done, and the backup's directory where one was made.
  func run(
    _ makePlan: (TreeContents) throws -> Plan,
    filesToBackUp: (Plan, [PKIFile]) throws -> [PKIFile] = { _, _ in [] }
  ) throws -> (plan: Plan, report: Report, backup: String?) {
    let plan = try makePlan(tree)
    guard !isDryRun, plan.changesSomething || plan.tree.hasUnfinishedRun else {
      return (plan, try Report(plan), nil)
    }
    let writer = try TreeWriter(
      tree.location, changingKubeconfigs: changesKubeconfigs, andIn: plan.root?.directory, jobs: jobs)
    // Looked at again, now that no other run can change it.
    let lockedPlan = try makePlan(tree.current())
    let progress = Terminal.Progress("making keys", total: lockedPlan.newKeyCount, isQuiet: isQuiet)
    let files = try Issuer(jobs: jobs).issue(lockedPlan) { progress.update($0) }
    progress.finish()
    let (notes, backup) = try writer.write(
      files, backingUp: filesToBackUp(lockedPlan, files), at: lockedPlan.instant,
      keepsModes: keepsModes)
    if let keptBackups, lockedPlan.refusals.isEmpty { try writer.removeBackups(keeping: keptBackups) }
    return (lockedPlan, try Report(lockedPlan, issued: files, notes: notes), backup)
  }
}
