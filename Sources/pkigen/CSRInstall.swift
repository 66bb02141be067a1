import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI

/// `pkigen csr install`.
struct CSRInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Put certificates that another machine has signed in their places.",
    discussion: """
      Each goes where its key is, whatever its file is called and whoever signed it: pkigen, openssl or cfssl. It must be \
      what was asked for, be in force, and lead to the authority of the tree; a file may hold what lies between the two. \
      Kubeconfigs that wait for their certificate are completed. A certificate that is there already is replaced, after a \
      backup. When one certificate is refused, nothing is written.

      EXAMPLES
        pkigen csr install signed/*.crt

        Only look:
          pkigen csr install apiserver.crt --dry-run
      """)

  @Argument(help: ArgumentHelp("The certificates, in PEM.", valueName: "file"))
  var files: [String]

  @Flag(help: "Make no backup of certificates that are replaced.")
  var noBackup = false

  @Flag(help: "Print what would be done, and write nothing.")
  var dryRun = false

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let (location, instant) = (tree.location, Date.now)
    let contents = TreeContents(reading: location, catalog: .allFiles)
    func makePlan(_ contents: TreeContents) throws -> Plan {
      try Plan(installing: files, of: .allFiles, in: contents, at: instant)
    }
    var backup: String?
    let (plan, report) = try PlannedRun(
      tree: contents, changesKubeconfigs: try makePlan(contents).hasKubeconfigs, isDryRun: dryRun,
      isQuiet: output.quiet
    ).run(makePlan) { plan, files, writer in
      guard !noBackup else { return }
      // Nobody wants a kubeconfig back that waits for what it has now.
      let waiting = plan.waitingKubeconfigs
      backup = try writer.backUp(files.filter { !waiting.contains($0.path) }, at: instant)
    }
    // What has no predecessor has not been read by anything that runs.
    let renewed = report.files.filter { $0.previousNotAfter != nil && !dryRun }.map(\.path)
    let steps = NextSteps(plan.tree, catalog: .allFiles, changed: Set(renewed))
    try ReportOutput(isDryRun: dryRun, options: output).print(
      report, backup: backup, nextSteps: steps.restarts)
  }
}
