import FoundationEssentials
import KubernetesPKI

/// The walk of `init` and `phase`: request, plan, issue, write, report.
struct Completion {
  let selection: Selection
  let cluster: RequestedCluster
  var root: RootAuthority.Source?
  let making: MakingOptions
  let output: OutputOptions

  /// Completes the tree, or says what that would do.
  ///
  /// - Returns: what was done.
  func run() throws -> Report {
    let configuration = try cluster.configuration(for: selection)
    let instant = Date.now
    func makePlan() throws -> Plan {
      let tree = TreeContents(reading: cluster.location, catalog: cluster.catalog)
      let root = try root.map { try RootAuthority($0, above: cluster.location) }
      return try Plan(
        completing: selection, of: cluster.catalog, in: tree, for: configuration, under: root, at: instant)
    }
    let plan = try makePlan()
    guard !making.dryRun, plan.changesSomething || plan.tree.hasUnfinishedRun else { return try Report(plan) }
    let writer = try TreeWriter(
      cluster.location, changingKubeconfigs: !selection.kubeconfigs.isEmpty, andIn: plan.root?.directory)
    // Looked at again, now that no other run can change it.
    let lockedPlan = try makePlan()
    let progress = Terminal.Progress(total: lockedPlan.newKeyCount, isQuiet: output.quiet)
    let files = try Issuer(jobs: making.jobCount).issue(lockedPlan) { progress.update($0) }
    progress.finish()
    let notes = try writer.write(files)
    return try Report(lockedPlan, issued: files, notes: notes)
  }
}
