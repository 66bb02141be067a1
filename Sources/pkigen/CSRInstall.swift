import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI

/// `pkigen csr install`.
struct CSRInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Install certificates that another machine has signed.",
    discussion: """
      Each certificate goes where its key is; the name of its file and the tool that signed it (pkigen, openssl, cfssl) do \
      not matter. It must be what was requested, be valid now, and chain to the CA of the tree; a file may also hold the \
      intermediate certificates. Kubeconfigs that wait for their certificate are completed. An existing certificate is \
      replaced, after a backup. If one certificate is refused, nothing is written.

      EXAMPLES
        pkigen csr install signed/*.crt

        A dry run:
          pkigen csr install apiserver.crt --dry-run
      """)

  @Argument(help: ArgumentHelp("The certificates, in PEM.", valueName: "file"), completion: .file())
  var files: [String]

  @Flag(help: "Print what would be done, and write nothing.")
  var dryRun = false

  @OptionGroup(title: "What is replaced") var replacing: ReplacementOptions
  @OptionGroup(title: "What is replaced") var newCA: NewCAOptions
  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let (location, instant) = (tree.location, Date.now)
    let contents = TreeContents(reading: location, catalog: .allFiles)
    func makePlan(_ contents: TreeContents) throws -> Plan {
      try Plan(
        installing: files, of: .allFiles, in: contents, allowingNewCA: newCA.allowsNewCA, at: instant)
    }
    var (plan, report, backup) = try PlannedRun(
      tree: contents, changesKubeconfigs: try makePlan(contents).hasKubeconfigs, isDryRun: dryRun,
      isQuiet: output.quiet, keepsModes: replacing.keepMode,
      keptBackups: replacing.keepBackups
    ).run(makePlan) { plan, files in
      // A kubeconfig without its certificate is not worth a backup.
      let waiting = plan.waitingKubeconfigs
      return replacing.noBackup ? [] : files.filter { !waiting.contains($0.path) }
    }
    report.warnings += plan.shortenedLifetimes.map(\.installationWarning)
    // A new certificate has not been read by any process yet.
    let renewed = report.files.filter { $0.previousNotAfter != nil && !dryRun }.map(\.path)
    let steps = NextSteps(plan.tree, catalog: .allFiles, changed: Set(renewed))
    try ReportOutput(isDryRun: dryRun, options: output).print(
      report, backup: backup, nextSteps: steps.restarts)
  }
}
