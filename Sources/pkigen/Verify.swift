import ArgumentParser
import FoundationEssentials
import Glibc
import KubernetesPKI

/// `pkigen verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Say what is wrong with a tree, what that breaks, and what to do.",
    discussion: """
      Reads files only, of any tree in kubeadm's layout, whoever made it.

      Of the cluster, nothing is asked for that no option says: no default and
      no name of this host. Without --style, the tree is judged by the
      identities that fit it best.

      The status is 1 when there is an error, with --strict also when there is
      a warning.

      EXAMPLES
        pkigen verify

        A node's tree, with the names that the cluster needs:
          pkigen verify --node-name cp1 --advertise-ip 10.0.0.10 \\
            --control-plane-endpoint k8s.example.com:6443

        Do copies of three nodes' /etc/kubernetes belong together?
          pkigen verify -d cp1 --peer cp2 --peer cp3

        In a script:
          pkigen verify --strict -o json | jq -r '.findings[].code'
      """)

  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(
    help: ArgumentHelp(
      "The directory of another control-plane node's tree, as for -d; may be repeated.", valueName: "dir"))
  var peer: [String] = []

  @OptionGroup(title: "What cluster") var cluster: ClusterOptions

  @Option(
    help: ArgumentHelp("Warn of certificates that end within this time.", valueName: "duration"))
  var warn = "30d"

  @Flag(help: "End with status 1 when there is a warning.")
  var strict = false

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if peer.contains(where: { $0.isEmpty || $0.contains("\0") }) {
      throw ValidationError("--peer needs the path of a directory.")
    }
  }

  func run() throws {
    let requested = try RequestedCluster(cluster, in: tree, isQuiet: output.quiet)
    let configuration = try requested.stated.configuration(needing: [], assumingDefaults: false)
    var audit = Audit(for: configuration, owner: geteuid())
    audit.catalog = cluster.style.style.map { _ in requested.catalog }
    audit.expiryMargin = try Lifetime(Setting(warn, from: .option("--warn")))
    audit.peers = peer.map { TreeLocation(kubernetesDirectory: $0) }
    let findings = try audit.findings(of: requested.location, at: Date.now)
    let result = AuditOutput(
      findings: findings, location: requested.location, failing: strict ? .warning : .error)
    try result.print(output)
    if result.isFailure { throw ExitCode(ExitStatus.findings.rawValue) }
  }
}
