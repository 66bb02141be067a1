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
    abstract: "Make keys, and requests for the certificates that another machine has to sign.",
    discussion: """
      With NAMES: keys and requests for certificates and kubeconfigs of the tree, of an authority that is there without its \
      key. Writes NAME.key and NAME.csr where the certificate will lie, and of a kubeconfig the file without the certificate \
      and NAME.conf.csr. Keys that are there already are used again. With all: everything that such an authority signs.

      With --out: a workload's or a user's. Writes OUT-key.pem, which only the caller can read, and OUT.csr. Neither may be \
      there already. Keys are ecdsa-p256 unless --key-algorithm says otherwise.

      NAMES
      \(NameTable.requests)

      EXAMPLES
        All of a control-plane node, when ca.crt is there without its key:
          pkigen csr create all --node-name cp1 --advertise-ip 10.0.0.10

        The same, as kubeadm names things, from its configuration:
          pkigen csr create all --config kubeadm.yaml --style kubeadm

        A server in the cluster, by the names of its Service and its address:
          pkigen csr create --service my-svc.my-namespace --san 10.0.34.2 \\
            --out server

        The same, each name given:
          pkigen csr create --common-name my-svc.my-namespace.svc \\
            --san my-svc.my-namespace.svc.cluster.local --san 10.0.34.2 \\
            --usage server --out server

        A user in two groups:
          pkigen csr create --common-name jane --org dev --org ops --out jane
      """)

  @Argument(help: ArgumentHelp("Which of the tree: names of the table, or all.", valueName: "name"))
  var names: [String] = []

  @OptionGroup(title: "Which workload") var subject: RequestSubjectOptions
  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "What cluster") var cluster: ClusterOptions
  @OptionGroup(title: "How") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if cluster.validity != nil || cluster.caValidity != nil {
      throw ValidationError("Lifetimes are the signer's to give: say --validity to pkigen csr sign.")
    }
    guard names.isEmpty else {
      if subject.isStated {
        throw ValidationError(
          "\(names[0]) is of the tree, and --out, --common-name, --org, --san, --service and --usage are for workloads."
        )
      }
      return
    }
    guard let out = subject.out else {
      throw ValidationError("Name certificates of the tree, or all; or a workload's files with --out.")
    }
    if out.isEmpty || out.hasSuffix("/") || out.contains("\0") {
      throw ValidationError("--out needs the start of a file's name, such as server or certs/server.")
    }
    if cluster.isStatedBeyondWorkloads || tree.directoryOption != nil || making.dryRun {
      throw ValidationError(
        "--out is for a workload, which takes --service-dns-domain and --key-algorithm of the cluster's options only."
      )
    }
  }

  func run() throws {
    if let out = subject.out { return try createForWorkload(out) }
    let requested = try RequestedCluster(cluster, in: tree, isQuiet: output.quiet)
    let contents = TreeContents(reading: requested.location, catalog: requested.catalog)
    let selection = try Selection(requesting: names, of: requested.catalog, in: contents)
    let configuration = try requested.configuration(for: selection, completedFrom: contents)
    let instant = Date.now
    let (plan, report) = try PlannedRun(
      tree: contents, changesKubeconfigs: !selection.kubeconfigs.isEmpty,
      isDryRun: making.dryRun, jobs: making.jobCount, isQuiet: output.quiet
    ).run { contents in
      try Plan(requesting: selection, of: requested.catalog, in: contents, for: configuration, at: instant)
    }
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested).print(
      report, nextSteps: making.dryRun ? [] : plan.outstandingSteps(of: requested.catalog))
  }

  private func createForWorkload(_ out: String) throws {
    var request = subject.request
    request.dnsDomain = Setting(cluster.serviceDNSDomain, from: "--service-dns-domain")
    request.keyAlgorithm = Setting(cluster.keyAlgorithm, from: "--key-algorithm")
    let specification = try request.specification()
    let made = try Issuer(jobs: 1).request(specification, out: out)
    try NewFiles.write(made.files.map(\.change))
    if specification.isServerWithoutName, !output.quiet {
      Terminal.warn("\(made.requestPath) has no --san; a server without a name is accepted by no client")
    }
    try print(made, made.summary())
  }

  /// The document of `-o json` for a workload.
  private struct Document: Encodable {
    let key: String
    let request: String
    let summary: RequestSummary
  }

  private func print(_ files: RequestFiles, _ summary: RequestSummary) throws {
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

/// Who the certificate is for.
struct RequestSubjectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The subject's common name. (default: NAME.NAMESPACE.svc of --service)", valueName: "name"))
  var commonName: String?

  @Option(help: ArgumentHelp("A group of the subject; may be repeated.", valueName: "group"))
  var org: [String] = []

  @Option(
    help: ArgumentHelp(
      "A host name or address of the subject, or email:… or URI:…; may be repeated, or a list with commas.",
      valueName: "name-or-ip"))
  var san: [String] = []

  @Option(help: ArgumentHelp("A Service, whose names are filled in.", valueName: "name.namespace"))
  var service: String?

  @Option(
    help: ArgumentHelp(
      "server or client; may be repeated. (default: server where there are names, else client)",
      valueName: "usage"))
  var usage: [String] = []

  @Option(
    help: ArgumentHelp("Where to: the start of both files' names, maybe with a directory.", valueName: "path")
  )
  var out: String?

  /// Whether anything was said.
  var isStated: Bool {
    [commonName, service, out].contains { $0 != nil } || !(org + san + usage).isEmpty
  }

  /// What was asked for.
  var request: WorkloadRequest {
    var request = WorkloadRequest()
    request.commonName = Setting(commonName, from: "--common-name")
    request.organizations = org.map { Setting($0, from: .option("--org")) }
    request.names = Setting.list(san, from: "--san")
    request.service = Setting(service, from: "--service")
    request.usages = Setting.list(usage, from: "--usage")
    return request
  }
}
