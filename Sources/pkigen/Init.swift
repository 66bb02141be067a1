import ArgumentParser
import KubernetesPKI

/// `pkigen init`.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make the whole tree: authorities, certificates, the service-account pair, kubeconfigs.",
    discussion: """
      What is there already is looked at and kept, never overwritten; a second run changes nothing.

      Of an authority that is there without its key, everything else is made, and what waits for a \
      certificate is listed: see pkigen csr.

      EXAMPLES
        The first control-plane node, in /etc/kubernetes:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10

        Behind a load balancer, with short-lived certificates on elliptic curves:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 \\
            --control-plane-endpoint k8s.example.com:6443 \\
            --key-algorithm ecdsa-p256 --validity 90d

        All authorities below one root, whose key stays out of the tree:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 \\
            --new-root /mnt/usb/root

        As kubeadm would, from its configuration:
          pkigen init --config kubeadm.yaml --style kubeadm

        With an authority whose key is elsewhere, its certificate put there first:
          install -D -m 644 ca.crt /etc/kubernetes/pki/ca.crt
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10

        What it would do:
          pkigen init --node-name cp1 --advertise-ip 10.0.0.10 --dry-run -o json
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "What cluster") var cluster: ClusterOptions
  @OptionGroup(title: "Which root") var root: RootOptions
  @OptionGroup(title: "How") var making: MakingOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let requested = try RequestedCluster(cluster, in: tree, isQuiet: output.quiet)
    let (plan, report) = try Completion(
      selection: .everything(in: requested.catalog), cluster: requested, root: root.source,
      unsignable: .awaited, making: making, output: output
    ).run()
    let steps = plan.outstandingSteps(of: requested.catalog) + nextSteps(report, requested)
    try ReportOutput(isDryRun: making.dryRun, options: output, cluster: requested).print(
      report, nextSteps: steps)
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
      "keep a copy of \(location.certificateDirectory) where only you can read it: whoever has its .key files controls the cluster",
      "on each further control-plane node, copy \(sharedFiles) there first,"
        + " then run pkigen init with that node's name and address",
    ]
    if let directory = root.newRoot {
      steps.append(
        "take \(directory)/root.key off this machine: it is needed again only for another authority")
    }
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
