import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// `pkigen check-expiration`.
struct CheckExpiration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-expiration",
    abstract: "Say when the certificates of a tree expire.",
    discussion: """
      Reads files only, of any tree in kubeadm's layout: nothing has to run.

      The status is 1 when a certificate is expired, not yet in force, missing
      or unreadable, and with --warn also when one expires within that time; and
      when a run that was to replace files has ended before it did.

      EXAMPLES
        pkigen check-expiration

        In a script, with a month's notice:
          pkigen check-expiration --warn 30d --quiet || echo "renew now"

        For node_exporter's textfile collector:
          pkigen check-expiration -o prometheus --output-file \\
            /var/lib/prometheus/node-exporter/kubernetes-pki.prom
      """,
    aliases: ["expiry"])

  /// The forms of the result.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, yaml, prometheus
  }

  @Option(
    help: ArgumentHelp(
      "End with status 1 also when a certificate expires within this time: 30d, 12h.", valueName: "duration"))
  var warn: String?

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the result.", valueName: "format"))
  var output = Format.text

  @Option(
    help: ArgumentHelp(
      "Replace this file with the result, at once and whole, instead of printing it; - prints it.",
      valueName: "file"))
  var outputFile: String?

  @Flag(name: .shortAndLong, help: "Print no table, and nothing but errors.")
  var quiet = false

  func run() throws {
    let margin = try warn.map { try Lifetime(Setting($0, from: .option("--warn"))) }
    let catalog = Catalog.allFiles
    let contents = TreeContents(reading: tree.location, catalog: catalog, isPlain: true)
    let report = ExpirationReport(of: contents, catalog: catalog, at: Date.now, margin: margin)
    try write(report)
    for finding in report.remarks { Terminal.report(.unsound(finding)) }
    if !report.isSound { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  private func write(_ report: ExpirationReport) throws {
    if let outputFile, outputFile != "-" {
      let text = try text(of: report, inColour: false)
      do throws(FileError) {
        try OutputFile(outputFile).replace(with: text)
      } catch {
        guard case .notAFile = error else { throw error }
        throw PKIError.invalidSetting(
          .option("--output-file"), value: outputFile, problem: "not a file", hint: nil)
      }
    } else if outputFile != nil || !(quiet && output == .text) {
      try Terminal.output(text(of: report, inColour: Terminal.outputUsesColour))
    }
  }

  private func text(of report: ExpirationReport, inColour: Bool) throws -> String {
    switch output {
    case .text: ExpirationTable(report, inColour: inColour).text
    case .json: try JSONOutput.text(report)
    case .yaml: try report.yaml()
    case .prometheus: report.prometheusText
    }
  }
}
