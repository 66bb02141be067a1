import ArgumentParser
import KubernetesPKI

/// `pkigen phase`.
struct Phase: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phase",
    abstract: "Make single certificates and kubeconfigs.",
    discussion: """
      EXAMPLES
        pkigen phase cert ca
        pkigen phase kubeconfig admin --advertise-ip 10.0.0.10
      """,
    subcommands: [PhaseCert.self, PhaseKubeconfig.self])
}

/// `pkigen phase cert`.
struct PhaseCert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cert",
    abstract: "Make certificates with their keys, and the service-account key pair.",
    discussion: """
      NAMES
      \(NameTable.certificates)

      EXAMPLES
        pkigen phase cert ca etcd-ca front-proxy-ca
        pkigen phase cert apiserver --node-name cp1 --advertise-ip 10.0.0.10

        For the kubelet of a worker:
          pkigen phase cert kubelet-server --node-name w1 --advertise-ip 10.0.0.21
      """,
    aliases: ["certs"])

  @Argument(
    help: ArgumentHelp("Names of the table, or all.", valueName: "name"),
    completion: .names(withServiceAccountKey: true) { !$0.isKubeconfig })
  var names: [String]

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Cluster") var config: ConfigOptions
  @OptionGroup(title: "Node") var node: NodeOptions<KubernetesDefaults>
  @OptionGroup(title: "Cluster") var network: NetworkOptions<KubernetesDefaults>
  @OptionGroup(title: "Extra SANs (repeatable, comma-separated)") var sans: SANOptions
  @OptionGroup(title: "Keys and lifetimes") var key: KeyOptions<KubernetesDefaults>
  @OptionGroup(title: "Keys and lifetimes") var validity: ValidityOptions<KubernetesDefaults>
  @OptionGroup(title: "Keys and lifetimes") var caValidity: CAValidityOptions
  @OptionGroup(title: "Style") var style: StyleOptions<KubernetesDefaults>
  @OptionGroup(title: "Root CA") var root: RootOptions
  @OptionGroup(title: "Run") var newCA: NewCAOptions
  @OptionGroup(title: "Run") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    var requested = try RequestedCluster(
      [node, network, sans, key, validity, caValidity, style], config: config, in: tree)
    requested.readManifests()
    let selection = try Selection(arguments: names, .pairs, in: requested.catalog)
    let (_, report) = try Completion(
      selection: selection, cluster: requested, root: root.source, options: newCA.completion, making: making,
      output: output
    )
    .run()
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested).print(
      report, nextSteps: [])
  }
}

/// `pkigen phase kubeconfig`.
struct PhaseKubeconfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubeconfig",
    abstract: "Make kubeconfigs, each with a client certificate.",
    discussion: """
      NAMES
      \(NameTable.kubeconfigs)

      EXAMPLES
        pkigen phase kubeconfig all --node-name cp1 --advertise-ip 10.0.0.10
        pkigen phase kubeconfig admin.conf --advertise-ip 10.0.0.10 --validity 30d

        For the kubelet of a worker, which has no API server of its own:
          pkigen phase kubeconfig kubelet --node-name w1 \\
            --control-plane-endpoint k8s.example.com:6443 --kubeconfig-dir w1
      """)

  @Argument(
    help: ArgumentHelp("Names of the table, with or without .conf, or all.", valueName: "name"),
    completion: .names(of: \.isKubeconfig))
  var names: [String]

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Cluster") var config: ConfigOptions
  @OptionGroup(title: "Node") var node: NodeOptions<KubernetesDefaults>
  @OptionGroup(title: "Cluster") var endpoint: EndpointOptions
  @OptionGroup(title: "Keys and lifetimes") var key: KeyOptions<KubernetesDefaults>
  @OptionGroup(title: "Keys and lifetimes") var validity: ValidityOptions<KubernetesDefaults>
  @OptionGroup(title: "Style") var style: StyleOptions<KubernetesDefaults>
  @OptionGroup(title: "Run") var newCA: NewCAOptions
  @OptionGroup(title: "Run") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard tree.location.hasKubeconfigs else {
      throw ValidationError(
        "--cert-dir alone names no directory of kubeconfigs: give --kubeconfig-dir too.")
    }
  }

  func run() throws {
    var requested = try RequestedCluster(
      [node, endpoint, key, validity, style], config: config, in: tree)
    requested.readManifests()
    let selection = try Selection(arguments: names, .kubeconfigs, in: requested.catalog)
    let (_, report) = try Completion(
      selection: selection, cluster: requested, options: newCA.completion, making: making, output: output
    ).run()
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested).print(
      report, nextSteps: [])
  }
}

extension NewCAOptions {
  /// What a phase does where there is a choice.
  fileprivate var completion: CompletionOptions {
    var options = CompletionOptions()
    options.allowsNewCA = allowsNewCA
    return options
  }
}
