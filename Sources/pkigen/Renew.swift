import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// `pkigen renew`.
struct Renew: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give certificates new lifetimes, from nothing but the files of the tree.",
    discussion: """
      Each certificate keeps its identity, names, usages and kind of key, and gets a new key. Authorities and the
      service-account pair are never renewed. What is replaced is copied to a backup first.

      With options that say what the cluster is, server certificates get the names that it needs now; the output
      lists what was added and dropped. What the options leave out of the node's name, address and load balancer
      is read from the kubeconfigs of the tree.

      EXAMPLES
        Everything, in /etc/kubernetes:
          pkigen renew all

        Only what expires within a month, after a look at what that is:
          pkigen renew all --expiring-within 30d --dry-run

        A further name for the API server:
          pkigen renew apiserver --apiserver-san k8s.example.com

        Back to how it was:
          pkigen renew --restore /etc/kubernetes/pki/.backup/20261121T083000Z
      """)

  @Argument(help: ArgumentHelp("Which: leaf certificates, kubeconfigs, or all.", valueName: "name"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp("Renew only what has expired, or expires within this time.", valueName: "duration"))
  var expiringWithin: String?

  @Flag(help: "Certificates keep their keys.")
  var reuseKey = false

  @Flag(help: "Make no backup of what is replaced.")
  var noBackup = false

  @Flag(help: "Renew ~/.kube/config too, where it holds admin.conf's certificate; under sudo, the caller's.")
  var updateUserKubeconfig = false

  @Option(help: ArgumentHelp("Put the files of a backup back, and renew nothing.", valueName: "dir"))
  var restore: String?

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "What cluster") var cluster: ClusterOptions
  @OptionGroup(title: "How") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if restore == nil, names.isEmpty { throw ValidationError("Missing expected argument '<name> ...'") }
    if restore != nil, !names.isEmpty {
      throw ValidationError("--restore puts a whole backup back, and takes no names.")
    }
  }

  func run() throws {
    if let restore {
      let location = tree.location
      return try Restoration(directory: restore, location: location, making: making, output: output).run()
    }
    let requested = try RequestedCluster(cluster, in: tree, isQuiet: output.quiet)
    let contents = TreeContents(reading: requested.location, catalog: .allFiles)
    // Of a tree that nobody says the style of, it is the style that the tree has which decides on names.
    let catalog = (cluster.style.style == nil ? .nearest(to: contents) : requested.catalog)
      .withEveryKubeconfig
    let renewal = Renewal(
      catalog: catalog, selection: try Selection(renewing: names, in: catalog),
      options: try options(requested.stated, contents, catalog), makesBackup: !noBackup,
      location: requested.location, making: making, output: output)
    let result = try renewal.run()
    let steps = NextSteps(location: requested.location, renewed: result.report, isDryRun: making.dryRun)
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested)
      .print(
        result.report, backup: result.backup,
        nextSteps: steps.afterRenewal(userKubeconfig: staleUserKubeconfig(result)))
    if !result.report.refusals.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  private func options(
    _ stated: ClusterRequest, _ contents: TreeContents, _ catalog: Catalog
  ) throws -> RenewalOptions {
    var options = RenewalOptions()
    let request = stated.saysNames ? stated.completed(from: contents) : stated
    let needed = request.saysNames ? try Selection(renewing: names, in: catalog).facts(in: catalog) : []
    let configuration = try request.configuration(needing: needed)
    options.cluster = request.saysNames ? configuration : nil
    options.validity = configuration.certificateValidity
    options.keyAlgorithm = request.keyAlgorithm.map { _ in configuration.keyAlgorithm }
    options.keepsKeys = reuseKey
    options.expiringWithin = try expiringWithin.map {
      try Lifetime(Setting($0, from: .option("--expiring-within")))
    }
    options.skipsAbsent = names.contains("all")
    options.copiesOfAdmin = updateUserKubeconfig ? [UserKubeconfig.path].compactMap(\.self) : []
    return options
  }

  /// The caller's kubeconfig, where it still holds the certificate that admin.conf had.
  private func staleUserKubeconfig(_ result: Renewal.Result) -> String? {
    guard !updateUserKubeconfig, let path = UserKubeconfig.path else { return nil }
    return result.staleCopies.contains(path) ? path : nil
  }
}

/// The kubeconfig of the person who calls.
enum UserKubeconfig {
  /// `~/.kube/config` of the caller, or of the one who called sudo.
  static var path: String? {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["SUDO_USER"].flatMap { Terminal.homeDirectory(of: $0) } ?? environment["HOME"]
    return home.map { "\($0)/.kube/config" }
  }
}
