import ArgumentParser
import CertificateRequests
import FileStore
import FoundationEssentials
import Kubeconfigs
import KubernetesPKI

/// `pkigen bootstrap kubeconfig`.
struct BootstrapKubeconfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubeconfig",
    abstract: "Write bootstrap-kubelet.conf, which a kubelet needs to request its first certificate.",
    discussion: """
      --server, --control-plane-endpoint or --advertise-ip sets the API server.

      EXAMPLES
        pkigen bootstrap kubeconfig --token-file token \\
          --server https://k8s.example.com:6443
        pkigen bootstrap kubeconfig --token-file token --advertise-ip 10.0.0.10 \\
          -d out --style kubeadm --out w1/bootstrap-kubelet.conf
      """)

  @Option(
    help: ArgumentHelp("File with the token; - for standard input.", valueName: "file"), completion: .file())
  var tokenFile: String

  @OptionGroup(title: "API server") var server: ServerOptions
  @OptionGroup(title: "Where") var tree: WhereOptions

  @Option(
    name: .customLong("ca-cert"),
    help: ArgumentHelp("CA certificate. (default: ca.crt of the PKI directory)", valueName: "file"),
    completion: .file())
  var certificate: String?

  @Option(
    help: ArgumentHelp(
      "A new file; - for standard output. (default: bootstrap-kubelet.conf beside the other kubeconfigs)",
      valueName: "file"), completion: .file())
  var out: String?

  @Flag(name: .shortAndLong, help: "Print no progress.")
  var quiet = false

  func run() throws {
    let requested = try RequestedCluster([server], config: server.config, in: tree)
    let token = try BootstrapToken(reading: Setting(tokenFile, from: .option("--token-file")))
    let ca =
      try certificate.map { try CertificateAuthority(certificatePath: $0, keyPath: nil, at: .now) }
      ?? CertificateAuthority(of: requested.location, signs: false, at: .now)
    let entry = try server.entry(of: requested, trusting: ca)
    let path = out ?? requested.location.bootstrapKubeconfig
    let file = try token.kubeconfig(for: entry, in: requested.stated.style, at: path)
    guard out != "-" else { return try Terminal.output(file.text) }
    try NewFiles.write([file.change])
    if !quiet { try Terminal.output("create  \(path)\n") }
  }
}

/// Which API server a kubeconfig is for.
struct ServerOptions: ClusterOptions {
  @Option(
    help: ArgumentHelp(
      "URL of the API server. (default: that of the control-plane endpoint or the node)", valueName: "url"))
  var server: String?

  @OptionGroup var endpoint: EndpointOptions
  @Option(.advertiseAddress, NoDefaults.self) var advertiseIP: ClusterSettings?
  @Option(.bindPort, KubernetesDefaults.self, parsing: .unconditional) var bindPort: ClusterSettings?
  @OptionGroup var config: ConfigOptions
  @Option(.style, KubernetesDefaults.self) var style: ClusterSettings?

  var settings: ClusterSettings {
    ClusterSettings(joining: [endpoint.settings, advertiseIP, bindPort, style])
  }

  func validate() throws {
    guard server != nil else { return }
    for field in ClusterSettings(joining: [endpoint.settings, advertiseIP, bindPort]).fields {
      throw ValidationError("\(field.option) has no effect with --server.")
    }
  }

  /// The entry of the cluster in a kubeconfig.
  func entry(of requested: RequestedCluster, trusting ca: CertificateAuthority) throws -> ClusterEntry {
    let cluster = try requested.stated.configuration()
    let url = try Setting(server, from: "--server").map { try Endpoint.url($0) } ?? cluster.controlPlaneURL
    guard let url else { throw PKIErrors([.missingSetting("server")]) }
    return ClusterEntry(
      name: cluster.clusterName ?? requested.stated.style.clusterName, server: url,
      cas: ca.trust)
  }
}
