import ArgumentParser
import FoundationEssentials
import KubernetesPKI
import StaticPods

/// The walk of every stage of a rotation: plan, issue, back up, write, report.
struct RotationRun {
  private let verb: RotationVerb
  private let group: RotationGroup
  private let isDryRun: Bool
  private let jobs: Int
  private let peers: [TreeLocation]

  /// A run of a stage.
  init(
    _ verb: RotationVerb, _ group: RotationGroup, isDryRun: Bool, jobs: Int, peers: [TreeLocation] = []
  ) {
    self.verb = verb
    self.group = group
    self.isDryRun = isDryRun
    self.jobs = jobs
    self.peers = peers
  }

  /// Brings a tree to the stage, says what was done and what is to be done, and ends with status 1 where something else has
  /// to be done first.
  func run(_ complete: (inout RotationOptions, TreeLocation) throws -> Void) throws {
    let (instant, location) = (Date.now, group.tree.location)
    let contents = TreeContents(reading: location, catalog: .allFiles)
    let catalog = Catalog.nearest(to: contents).withEveryKubeconfig
    var options = RotationOptions(verb, try Selection(arguments: group.names, .trustAnchors, in: catalog))
    options.peers = try location.peers(peers)
    options.signingFile = SigningFile(StaticPods(besides: location), location)
    try complete(&options, location)
    let (plan, report, backup) = try PlannedRun(
      tree: contents, changesKubeconfigs: true, isDryRun: isDryRun, jobs: jobs, isQuiet: group.output.quiet
    ).run { tree in
      try Plan(rotating: options, of: catalog, in: tree, at: instant)
    } filesToBackUp: { _, files in
      files
    }
    let steps = RotationSteps(
      verb: verb, plan: plan, selection: options.selection, catalog: catalog, crossSigns: options.crossSigns)
    try ReportOutput(isDryRun: isDryRun, options: group.output)
      .print(
        report, backup: backup,
        nextSteps: report.refusals.isEmpty && (plan.changesSomething || steps.arePending) ? steps.lines : [])
    if !report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
