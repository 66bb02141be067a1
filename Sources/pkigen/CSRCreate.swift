import ArgumentParser
import CertificateRequests
import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// `pkigen csr create`.
struct CSRCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make keys and CSRs for certificates that another machine signs.",
    discussion: """
      With NAMES: keys and CSRs for certificates and kubeconfigs of the tree whose CA is there without its key. Writes \
      NAME.key and NAME.csr beside the place of the certificate; for a kubeconfig, the file without the certificate and \
      NAME.conf.csr. Existing keys are used again, and a CSR for a certificate that is there asks for all its SANs. With \
      all: everything that such a CA signs.

      With --out: for a workload or a user. Writes OUT-key.pem, which only the caller can read, and OUT.csr. Neither may \
      exist. The key is ecdsa-p256 unless --key-algorithm is given.

      EXAMPLES
        All of a control-plane node, when ca.crt is there without its key:
          pkigen csr create all --node-name cp1 --advertise-ip 10.0.0.10

        A server in the cluster, by the names of its Service and its address:
          pkigen csr create --service my-svc.my-namespace --san 10.0.34.2 \\
            --out server

        A user in two groups:
          pkigen csr create --common-name jane --org dev --org ops --out jane
      """)

  @Argument(
    help: ArgumentHelp("Names of phase cert and phase kubeconfig, or all.", valueName: "name"),
    completion: .names { !$0.isCA })
  var names: [String] = []

  @OptionGroup(title: "Workload or user") var subject: CSRSubjectOptions
  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Where") var role: RoleOptions
  @OptionGroup(title: "Cluster") var config: ConfigOptions
  @OptionGroup(title: "Node") var node: NodeOptions<KubernetesDefaults>
  @OptionGroup(title: "Cluster") var network: NetworkOptions<KubernetesDefaults>
  @OptionGroup(title: "SANs (repeatable, comma-separated)") var sans: SANOptions
  @OptionGroup(title: "SANs (repeatable, comma-separated)") var changes: SANChangeOptions
  @OptionGroup(title: "Keys and style") var key: KeyOptions<KubernetesDefaults>
  @OptionGroup(title: "Keys and style") var style: StyleOptions<KubernetesDefaults>
  @OptionGroup(title: "Run") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  /// The options that describe the cluster.
  private var groups: [any ClusterOptions] { [node, network, sans, key, style] }

  func validate() throws {
    guard names.isEmpty else {
      if subject.isStated {
        throw ValidationError(
          "\(names[0]) is a certificate of the control plane; --out, --common-name, --org, --san, --service and --usage are for workloads."
        )
      }
      return
    }
    guard let out = subject.out else {
      throw ValidationError(
        "Name certificates of the control plane, or all; or a workload's files with --out.")
    }
    if out.isEmpty || out.hasSuffix("/") || out.contains("\0") {
      throw ValidationError("--out needs the start of a file name, such as server or certs/server.")
    }
    let others = ClusterSettings(joining: groups.map(\.settings)).fields.contains {
      ![.dnsDomain, .keyAlgorithm].contains($0)
    }
    let isElsewhere = tree.directoryOption != nil || tree.rootfs != nil
    if others || config.config != nil || isElsewhere || making.dryRun || !changes.isEmpty {
      throw ValidationError(
        "--out is for a workload, which of the cluster's options takes only --service-dns-domain and --key-algorithm."
      )
    }
  }

  func run() throws {
    if let out = subject.out { return try createForWorkload(out) }
    var requested = try RequestedCluster(groups, config: config, in: tree)
    requested.readManifests()
    var contents = TreeContents(reading: requested.location, catalog: .allFiles)
    contents.statedRole = role.role
    let catalog = requested.catalog(fitting: contents)
    let selection = try Selection(requesting: names, of: catalog, in: contents)
    var sans = try changes.changes(by: requested.stated, in: selection, of: catalog)
    let new = selection.withoutCertificates(in: contents, sans)
    let configuration = try requested.configuration(
      for: selection, needing: new.facts(in: catalog),
      completedFrom: new.entries.isEmpty ? nil : contents)
    sans.cluster =
      sans.replaces ? configuration : try requested.stated.configuration(assumingDefaults: false)
    let instant = Date.now
    let (plan, report, _) = try PlannedRun(
      tree: contents, changesKubeconfigs: selection.hasKubeconfigs(in: catalog),
      isDryRun: making.dryRun, jobs: making.jobCount, isQuiet: output.quiet
    ).run { contents in
      try Plan(
        requesting: selection, of: catalog, in: contents, for: configuration, changing: sans,
        at: instant)
    }
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested).print(
      report, nextSteps: making.dryRun ? [] : plan.outstandingSteps(of: catalog))
  }

  private func createForWorkload(_ out: String) throws {
    var request = subject.request
    request.dnsDomain = network.settings[.dnsDomain]
    request.keyAlgorithm = key.settings[.keyAlgorithm]
    let specification = try request.specification()
    let made = try Issuer(jobs: 1).request(specification, out: out)
    try NewFiles.write(made.files.map(\.change))
    if specification.isServerWithoutSAN {
      Terminal.warn("\(made.requestPath) has no --san; no client accepts a server without a SAN")
    }
    try print(made, CSRSummary(made.request))
  }

  /// The document of `-o json` for a workload.
  private struct Document: Encodable {
    let key: String
    let request: String
    let summary: CSRSummary
  }

  private func print(_ files: CSRFiles, _ summary: CSRSummary) throws {
    switch output.output {
    case .json:
      try Terminal.output(
        try JSONOutput.text(Document(key: files.keyPath, request: files.requestPath, summary: summary)))
    case .text where !output.quiet:
      let names = ([summary.subject] + summary.names).joined(separator: ", ")
      try Terminal.output(lines: ["create  \(files.keyPath)", "create  \(files.requestPath)  \(names)"])
    case .text: break
    }
  }
}

/// The subject of a workload's or user's CSR.
struct CSRSubjectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The subject's common name. (default: NAME.NAMESPACE.svc of --service)", valueName: "name"))
  var commonName: String?

  @Option(help: ArgumentHelp("Group of the subject (repeatable, comma-separated).", valueName: "group"))
  var org: [String] = []

  @Option(
    help: ArgumentHelp(
      "A SAN: a DNS name, an address, email:… or URI:… (repeatable, comma-separated).",
      valueName: "name-or-ip"))
  var san: [String] = []

  @Option(help: ArgumentHelp("A Service whose DNS names become SANs.", valueName: "name.namespace"))
  var service: String?

  @Option(
    help: ArgumentHelp(
      "server or client (repeatable, comma-separated). (default: server where there are SANs, else client)",
      valueName: "usage"))
  var usage: [String] = []

  @Option(
    help: ArgumentHelp("The start of both file names, with or without a directory.", valueName: "path"),
    completion: .file())
  var out: String?

  /// Whether any option is given.
  var isStated: Bool {
    [commonName, service, out].contains { $0 != nil } || !(org + san + usage).isEmpty
  }

  /// The CSR that the options describe.
  var request: WorkloadCSR {
    var request = WorkloadCSR()
    request.commonName = Setting(commonName, from: "--common-name")
    request.organizations = Setting.list(org, from: "--org")
    request.names = Setting.list(san, from: "--san")
    request.service = Setting(service, from: "--service")
    request.usages = Setting.list(usage, from: "--usage")
    return request
  }
}
