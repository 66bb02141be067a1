import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI

/// The walk of `renew`: request, plan, issue, back up, write, report.
struct Renewal {
  let catalog: Catalog
  let selection: Selection
  let options: RenewalOptions
  /// The tree as it was found.
  let tree: TreeContents
  let replacing: ReplacementOptions
  let cluster: RequestedCluster
  let making: MakingOptions
  let output: OutputOptions

  /// What a renewal did, and what is to be done after it.
  struct Result: Sendable {
    let report: Report
    let backup: String?
    let nextSteps: [String]
    /// The components that go on with what they have read of the files that changed.
    let restarts: [ComponentReading.Component]
  }

  /// Renews, says what was done and what is to be done, and ends with status 1 when something could not be renewed.
  func run() throws {
    let result = try result(at: Date.now)
    try reportOutput.print(result.report, backup: result.backup, nextSteps: result.nextSteps)
    if !result.report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  /// How the result is printed.
  var reportOutput: ReportOutput { ReportOutput(isDryRun: making.dryRun, options: output, cluster: cluster) }

  /// Renews.
  ///
  /// - Parameter isOneOfMany: whether trees are renewed side by side, so that this one has a single thread and prints no
  ///   progress.
  func result(at instant: Date, isOneOfMany: Bool = false) throws -> Result {
    var copy: Plan.CopyOfAdmin?
    var (plan, report, backup) = try PlannedRun(
      tree: tree, changesKubeconfigs: selection.hasKubeconfigs(in: catalog), isDryRun: making.dryRun,
      jobs: isOneOfMany ? 1 : making.jobCount,
      isQuiet: output.quiet || isOneOfMany, keepsModes: replacing.keepMode,
      keptBackups: replacing.keepBackups
    ).run { tree in
      try Plan(renewing: selection, of: catalog, in: tree, options, at: instant)
    } filesToBackUp: { plan, files in
      if options.copiesOfAdmin.isEmpty { copy = UserKubeconfig.path.flatMap { plan.copyOfAdmin(at: $0) } }
      return replacing.noBackup ? [] : files
    }
    report.notes = plan.formerNames.map { former in
      "\(former.owners.joined(separator: ", ")): \(former.name) stays, the former name or address; --drop-san"
        + " \(former.name) drops it"
    }
    report.warnings += plan.shortenedLifetimes.map(\.renewalWarning)
    if !making.dryRun { report.warnings += try remainingFindings(report, at: instant) }
    let steps = NextSteps(plan.tree, catalog: catalog, report: report, isDryRun: making.dryRun)
    let extensions = ExtensionSteps(plan: plan, catalog: catalog, userKubeconfig: UserKubeconfig.path)
    return Result(
      report: report, backup: backup,
      nextSteps: making.dryRun ? [] : extensions.lines + steps.afterRenewal(copy, plan),
      restarts: making.dryRun ? [] : steps.restartedComponents)
  }
}

extension Renewal {
  /// The findings that depend on what options and manifests say of the cluster.
  private static let codesOfCluster: Set<FindingCode> = [
    .nameMissing, .noNames, .wrongIdentity, .kubeconfigServer, .kubeconfigServerName, .manifestFile,
    .manifestMismatch,
  ]

  /// What `verify` with the same options still finds of what these and the manifests say.
  private func remainingFindings(_ report: Report, at instant: Date) throws -> [String] {
    var audit = try cluster.audit()
    let saysSomething =
      !cluster.stated.renamed(in: catalog).isEmpty || !options.sans.dropped.isEmpty
      || !audit.fileUses.isEmpty || !audit.manifestFindings.isEmpty
    guard saysSomething else { return [] }
    audit.role = tree.statedRole
    let told = Set(report.refusals.flatMap(\.files))
    return try audit.findings(of: cluster.location, at: instant)
      .filter { Self.codesOfCluster.contains($0.code) && told.isDisjoint(with: $0.files) }
      .map { "pkigen verify still finds: \($0.message): \(RemedyText(remedy: $0.remedy).text)" }
  }
}

/// The walk of `renew --restore`.
struct Restoration {
  let directory: String
  /// Whether certificates come back that no CA of the tree signed.
  let allowsNewCA: Bool
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
        with: TreeContents(reading: location, catalog: .allFiles),
        besides: [UserKubeconfig.path].compactMap(\.self), allowingNewCA: allowsNewCA, at: instant)
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
