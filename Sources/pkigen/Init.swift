import ArgumentParser
import KubernetesPKI

/// `pkigen init`.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a whole PKI: CAs, certificates, the service-account key pair, kubeconfigs.",
    discussion: """
      Files that are there are checked and kept, never overwritten; a second run changes nothing.

      Where a CA has no key here (an external CA), everything else is made, and the output lists the certificates to \
      request: see pkigen csr.

      EXAMPLES
        The first control-plane node, in /etc/kubernetes:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10

        Behind a load balancer, with short-lived certificates:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 \\
            --control-plane-endpoint k8s.example.com:6443 --validity 90d

        With CAs below a root CA, whose key stays out of the PKI directory:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 \\
            --new-root /mnt/usb/root

        From kubeadm's configuration; print the plan only:
          pkigen init --config kubeadm.yaml --style kubeadm --dry-run

        All nodes of many clusters:
          pkigen init --inventory clusters.yaml --out out
      """)

  @OptionGroup(title: "Many nodes") var inventory: InventoryOptions
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
  @OptionGroup(title: "Run and output") var making: MakingOptions
  @OptionGroup(title: "Run and output") var output: OutputOptions

  func validate() throws {
    try inventory.refuse([tree, root, InventoryOptions.NodeFields(settings: settings)])
  }

  /// What the options say of the cluster.
  private var settings: ClusterSettings { ClusterSettings(joining: groups.map(\.settings)) }

  private var groups: [any ClusterOptions] { [node, network, sans, key, validity, caValidity, style] }

  func run() throws {
    if inventory.inventory != nil {
      return try InventoryMaking(
        options: inventory, settings: settings, config: config, making: making, output: output
      ).run()
    }
    var requested = try RequestedCluster(groups, config: config, in: tree)
    try refuseWorker(requested.location)
    requested.readManifests()
    var options = CompletionOptions()
    options.awaitsExternalCAs = true
    let (plan, report) = try Completion(
      selection: .everything(in: requested.catalog), cluster: requested, root: root.source,
      options: options, making: making, output: output
    ).run()
    let steps = plan.outstandingSteps(of: requested.catalog) + nextSteps(report, requested)
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested).print(
      report, nextSteps: steps)
  }

  /// Refuses to make the PKI of a control plane among the files of a worker.
  private func refuseWorker(_ location: TreeLocation) throws {
    guard TreeContents(reading: location, catalog: .allFiles).role == .worker else { return }
    throw ValidationError(
      "\(location.certificateDirectory) has the files of a worker, and pkigen init makes the PKI of a control"
        + " plane. To make the machine a control-plane node, copy \(sharedFiles) of another one there first.")
  }

  /// What all control-plane nodes have in common.
  private var sharedFiles: String {
    root.source == nil
      ? "ca.*, front-proxy-ca.*, etcd/ca.* and sa.*"
      : "ca.*, front-proxy-ca.*, etcd/ca.*, *-bundle.crt, etcd/*-bundle.crt and sa.*"
  }

  private func nextSteps(_ report: Report, _ cluster: RequestedCluster) -> [String] {
    guard !making.dryRun, report.files.contains(where: { $0.action == .create }) else { return [] }
    let location = cluster.location
    var steps = [
      "keep a copy of \(location.certificateDirectory) where only you can read it: anyone with its .key files controls the cluster",
      "on each further control-plane node, copy \(sharedFiles) there first,"
        + " then run pkigen init with that node's name and address",
    ]
    if let directory = root.newRoot {
      steps.append(
        "take \(directory)/root.key off this machine: only a new CA needs it again")
    }
    guard location.hasKubeconfigs else { return steps }
    let bindings = cluster.catalog.roleBindings()
    if !bindings.isEmpty {
      steps.append(
        "once the control plane runs, bind \(bindings.map(\.name).joined(separator: " and ")), which these identities"
          + " need: pkigen rbac\(TreeContext(location, cluster.catalog).styleOptions)\(location.commandOptions) |"
          + " kubectl --kubeconfig \(location.kubeconfigDirectory)/super-admin.conf apply -f -")
    }
    steps.append(
      "kubectl --kubeconfig \(location.kubeconfigDirectory)/admin.conf get nodes, once the control plane runs"
    )
    return steps
  }
}
