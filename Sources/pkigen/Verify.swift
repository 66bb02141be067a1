import ArgumentParser
import FoundationEssentials
import KubernetesPKI

/// `pkigen verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a PKI: what is wrong, what that breaks, how to fix it.",
    discussion: """
      Reads files only, of any PKI in kubeadm's layout.

      SANs and servers are compared only with values that you give, as options or \
      with --config, and with those in manifests/ of static pods; there are no defaults. \
      Without --style, identities are checked by the style that fits best.

      The status is 1 when there is an error; with --strict, also when there is \
      a warning.

      EXAMPLES
        pkigen verify

        With the SANs that the cluster needs:
          pkigen verify --node-name cp1 --advertise-ip 10.0.0.10 \\
            --control-plane-endpoint k8s.example.com:6443

        Do copies of three nodes' /etc/kubernetes belong together?
          pkigen verify -d cp1 --peer cp2 --peer cp3

        Copies of many nodes, in fetched/CLUSTER/NODE:
          pkigen verify --trees fetched

        In a script:
          pkigen verify --strict -o json | jq -r '.findings[].code'
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Where") var role: RoleOptions
  @OptionGroup(title: "Many trees") var trees: TreesReadingOptions

  @OptionGroup var peers: PeerOptions
  @OptionGroup(title: "Cluster") var config: ConfigOptions
  @OptionGroup(title: "Node") var node: NodeOptions<NoDefaults>
  @OptionGroup(title: "Cluster") var network: NetworkOptions<NoDefaults>
  @OptionGroup(title: "Extra SANs (repeatable, comma-separated)") var sans: SANOptions
  @OptionGroup(title: "Style") var style: StyleOptions<NoDefaults>

  @Option(
    help: ArgumentHelp("Warn of certificates that expire within this time.", valueName: "duration"))
  var warn = "30d"

  @Flag(help: "Exit with status 1 also for warnings.")
  var strict = false

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try trees.list.refuse([
      tree, role, peers, config, DescribingOptions(groups: [node, network, sans]),
    ])
    try trees.list.refuseLists(for: output.output.rawValue)
  }

  func run() throws {
    let requested = try RequestedCluster([node, network, sans, style], config: config, in: tree)
    let margin = try Lifetime(Setting(warn, from: .option("--warn")))
    let instant = Date.now
    if trees.list.trees != nil {
      _ = try requested.stated.configuration(assumingDefaults: false)
      return try FleetAudit(command: self, cluster: requested, instant: instant, margin: margin).run()
    }
    let findings = try findings(of: requested, peers: peers.locations, at: instant, margin: margin)
    let result = AuditOutput(findings: findings, location: requested.location, failing: failing)
    try result.print(output)
    if result.isFailure { throw ExitCode(ExitStatus.findings.rawValue) }
  }

  /// The least severity that makes a tree a bad one.
  var failing: Finding.Severity { strict ? .warning : .error }

  /// Checks one tree.
  func findings(
    of cluster: RequestedCluster, peers: [TreeLocation], at instant: Date, margin: Lifetime
  ) throws -> [Finding] {
    var audit = try cluster.audit()
    audit.role = role.role
    audit.expiryMargin = margin
    audit.peers = peers
    return try audit.findings(of: cluster.location, at: instant)
  }
}
