import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI

/// `pkigen kubeconfig`.
struct KubeconfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubeconfig",
    abstract: "Make kubeconfigs for people and programs.",
    discussion: """
      EXAMPLES
        pkigen kubeconfig user --client-name jane --org dev --validity 24h \\
          --advertise-ip 10.0.0.10 --out jane.conf
      """,
    subcommands: [KubeconfigUser.self])
}

/// `pkigen kubeconfig user`.
struct KubeconfigUser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user",
    abstract: "Print a kubeconfig for a user, with a new client certificate.",
    discussion: """
      RBAC gives rights to the user name and the groups. A certificate cannot be revoked, so its lifetime should be short. \
      --server, --control-plane-endpoint or --advertise-ip sets the API server.

      EXAMPLES
        pkigen kubeconfig user --client-name jane --org dev --validity 24h \\
          --advertise-ip 10.0.0.10 --out jane.conf
        pkigen kubeconfig user --client-name ci -d out > ci.conf \\
          --server https://k8s.example.com:6443
      """)

  @Option(help: ArgumentHelp("User name: the common name of the certificate.", valueName: "name"))
  var clientName: String

  @Option(
    help: ArgumentHelp("Group of the user (repeatable, comma-separated).", valueName: "group"))
  var org: [String] = []

  @Flag(help: "Allow the group system:masters, which bypasses authorization.")
  var insecureMasters = false

  @OptionGroup(title: "API server") var server: ServerOptions
  @OptionGroup(title: "CA") var ca: CAOptions
  @OptionGroup(title: "Keys and lifetimes") var key: KeyOptions<KubernetesDefaults>
  @OptionGroup(title: "Keys and lifetimes") var validity: ValidityOptions<KubernetesDefaults>
  @OptionGroup(title: "Output") var destination: SecretOutputOptions

  @Flag(name: .shortAndLong, help: "Print no progress.")
  var quiet = false

  func run() throws {
    let instant = Date.now
    let requested = try RequestedCluster([server, key, validity], config: server.config, in: ca.tree)
    let user = try ClusterUser(
      name: Setting(clientName, from: .option("--client-name")), groups: Setting.list(org, from: "--org"),
      allowsMasters: insecureMasters)
    let configuration = try requested.stated.configuration()
    let signing = try ca.ca(in: requested.location, at: instant)
    let entry = try server.entry(of: requested, trusting: signing)
    let specification = try user.specification(in: configuration, under: signing, at: instant)
    if let end = signing.end(before: configuration.certificateValidity, from: instant) {
      Terminal.warn("the certificate is valid only until \(end.rfc3339), when its CA expires")
    }
    try destination.print(
      Issuer(jobs: 1).kubeconfig(of: specification, for: entry, by: signing, at: destination.out))
  }
}
