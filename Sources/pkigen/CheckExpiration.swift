import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI
import StructuredText

/// `pkigen check-expiration`.
struct CheckExpiration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-expiration",
    abstract: "Show when the certificates of a PKI expire.",
    discussion: """
      Reads files only, of any PKI in kubeadm's layout; with --file, any files and \
      directories that 'pkigen inspect' reads.

      The status is 1 when a certificate is expired, not yet valid, missing or \
      unreadable; with --warn or --percent, also when one expires soon; and when \
      an interrupted run has left files unreplaced.

      EXAMPLES
        pkigen check-expiration

        In a script, with a month's notice:
          pkigen check-expiration --warn 30d --quiet || echo "renew now"

        Certificates that are not in a PKI directory:
          pkigen check-expiration --file /etc/ssl/private web.p7b --percent 33

        For node_exporter's textfile collector:
          pkigen check-expiration -o prometheus --output-file \\
            /var/lib/prometheus/node-exporter/kubernetes-pki.prom

        Of copies of many nodes, in fetched/CLUSTER/NODE, what ends first:
          pkigen check-expiration --trees fetched
      """,
    aliases: ["expiry"])

  /// The forms of the result.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, yaml, prometheus
  }

  @Option(
    help: ArgumentHelp(
      "Exit with status 1 also for certificates that expire within this time.", valueName: "duration"))
  var warn: String?

  @Option(
    help: ArgumentHelp(
      "Exit with status 1 also for certificates with less than this part of their life left.",
      valueName: "1-99"))
  var percent: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Check these files and directories instead of a PKI.", valueName: "path"),
    completion: .file())
  var file: [String] = []

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Where") var role: RoleOptions
  @OptionGroup(title: "Many trees") var trees: TreesReadingOptions
  @OptionGroup(title: "Cluster") var config: ConfigOptions
  @OptionGroup(title: "Cluster") var etcd: EtcdOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Form of the result.", valueName: "format"))
  var output = Format.text

  @Option(
    help: ArgumentHelp(
      "Write the result to this file, atomically; - prints it.", valueName: "file"), completion: .file())
  var outputFile: String?

  @Flag(name: .shortAndLong, help: "Print no table.")
  var quiet = false

  func validate() throws {
    try trees.list.refuse([tree, role, config, DescribingOptions(groups: [etcd])])
    try trees.list.refuseLists(for: output.rawValue)
    try refuseBesideFiles()
    if warn != nil, percent != nil { throw ValidationError("--warn and --percent: use one of the two.") }
    if let percent, !(1...99).contains(percent) {
      throw ValidationError("--percent needs a number from 1 to 99.")
    }
  }

  /// How long before it expires a certificate counts.
  private func margin() throws -> ExpiryMargin? {
    if let percent { return .share(Double(percent) / 100) }
    return try warn.map { .time(try Lifetime(Setting($0, from: .option("--warn")))) }
  }

  func run() throws {
    let margin = try margin()
    if !file.isEmpty { return try checkFiles(margin: margin) }
    let requested = try RequestedCluster([etcd], config: config, in: tree)
    _ = try requested.stated.configuration()
    let instant = Date.now
    if trees.list.trees != nil {
      return try FleetExpiration(command: self, cluster: requested, instant: instant, margin: margin).run()
    }
    let (report, notes) = check(requested, at: instant, margin: margin)
    try write { inColour in try text(of: report, inColour: inColour) }
    if !quiet, output == .text { for note in notes { Terminal.note("note: \(note)") } }
    if !quiet { for finding in report.outside { Terminal.note("note: \(finding.note)") } }
    for finding in report.remarks { Terminal.report(.unsound(finding)) }
    if !report.isSound { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  /// Reads one tree.
  func check(
    _ cluster: RequestedCluster, at instant: Date, margin: ExpiryMargin?
  ) -> (report: ExpirationReport, notes: [String]) {
    var requested = cluster
    let all = Catalog.allFiles
    var contents = TreeContents(reading: requested.location, catalog: all, isPlain: true)
    contents.statedRole = role.role
    requested.readExternalEtcd(beside: contents)
    let isEtcdExternal = requested.known[.externalEtcd] != nil
    // Of an external etcd the tree may have the files with which the API server connects to it.
    let catalog =
      isEtcdExternal
      ? all.filter { all.withoutEtcd[$0.id] != nil || !contents[$0.id].isAbsent } : all
    let report = ExpirationReport(
      of: contents, catalog: contents.concerned(catalog), at: instant, margin: margin)
    return (report, requested.notes)
  }

  /// Writes the result to its file, or prints it.
  func write(_ makeText: (_ inColour: Bool) throws -> String) throws {
    if let outputFile, outputFile != "-" {
      let text = try makeText(false)
      do throws(FileError) {
        try OutputFile(outputFile).replace(with: text)
      } catch {
        guard case .notAFile = error else { throw error }
        throw PKIError.invalidSetting(
          .option("--output-file"), value: outputFile, problem: "not a file", hint: nil)
      }
    } else if outputFile != nil || !(quiet && output == .text) {
      try Terminal.output(makeText(Terminal.outputUsesColour))
    }
  }

  func text(of report: ExpirationReport, inColour: Bool) throws -> String {
    switch output {
    case .text: ExpirationTable(report, inColour: inColour).text
    case .json: try JSONOutput.text(report)
    case .yaml: try report.yaml()
    case .prometheus: report.prometheusText
    }
  }
}
