public import ArgumentParser
import FoundationEssentials
public import KubernetesPKI

/// Where the tree is.
struct WhereOptions: ParsableArguments {
  @Option(
    name: [.customLong("kubernetes-dir"), .customShort("d")],
    help: ArgumentHelp(
      "The directory of the kubeconfigs and, below it, of pki. (default: \(TreeLocation.defaultDirectory))",
      valueName: "dir"))
  var kubernetesDirectory: String?

  @Option(
    help: ArgumentHelp("The directory of the certificates. (default: <kubernetes-dir>/pki)", valueName: "dir")
  )
  var certDir: String?

  @Option(
    help: ArgumentHelp("The directory of the kubeconfigs. (default: <kubernetes-dir>)", valueName: "dir"))
  var kubeconfigDir: String?

  func validate() throws {
    let values: [(option: String, path: String?)] = [
      ("--kubernetes-dir", kubernetesDirectory), ("--cert-dir", certDir), ("--kubeconfig-dir", kubeconfigDir),
    ]
    let empty = values.filter { $0.path?.isEmpty == true }.map(\.option)
    guard empty.isEmpty else {
      throw ValidationError("\(empty.joined(separator: " and ")) must not be empty: name a directory.")
    }
  }

  var location: TreeLocation { location(certificatesDirectory: nil) }

  /// Where the tree is, when a configuration file names the directory of its certificates.
  func location(certificatesDirectory: Setting?) -> TreeLocation {
    let directory = kubernetesDirectory ?? TreeLocation.defaultDirectory
    let ownDirectory = directoryOption == nil ? certificatesDirectory?.text : nil
    return TreeLocation(
      certificateDirectory: certDir ?? ownDirectory
        ?? (directory.hasSuffix("/") ? directory : directory + "/") + "pki",
      kubeconfigDirectory: kubeconfigDir ?? directory)
  }

  /// The option that says where the certificates are, whatever a configuration file says.
  var directoryOption: Setting? {
    certDir.map { Setting($0, from: .option("--cert-dir")) }
      ?? kubernetesDirectory.map { Setting($0, from: .option("--kubernetes-dir")) }
  }
}

/// Which identities the tree carries.
struct StyleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Whose names certificates and kubeconfigs carry: documented, as Kubernetes' documentation has them, or kubeadm."
        + " (default: documented)", valueName: "style"))
  var style: NamingStyle?

  @Option(
    help: ArgumentHelp(
      "With kubeadm's style: the version whose identities are wanted. (default: \(KubernetesVersion.newestKnown))",
      valueName: "vX.Y.Z"))
  var kubernetesVersion: String?

  /// What is odd about them.
  var warnings: [String] {
    guard let text = kubernetesVersion else { return [] }
    let newest = KubernetesVersion.newestKnown
    if style != .kubeadm { return ["--kubernetes-version has no effect without --style kubeadm"] }
    guard let version = KubernetesVersion(text), version.minor > newest.minor else { return [] }
    return ["\(version) is not known yet; the identities of \(newest), the newest that is, are taken"]
  }

  /// Puts what was said here into a request.
  func complete(_ request: inout ClusterSettings) {
    request.style = style ?? request.style
    request.kubernetesVersion = Setting(kubernetesVersion, from: "--kubernetes-version")
  }
}

extension NamingStyle: ExpressibleByArgument {}

/// What the cluster is.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "kubeadm's configuration, YAML or JSON, or - for the standard input; options win over it.",
      valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "The name under which the node's kubelet registers. (default: this host's name)", valueName: "name"))
  var nodeName: String?

  @Option(
    name: [.customLong("advertise-ip"), .customLong("apiserver-advertise-address")],
    help: ArgumentHelp("The address on which the node's API server is reached.", valueName: "ip"))
  var advertiseIP: String?

  // A value that begins with a dash is wrong, and is told so by its own check.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The API server's port on the node. (default: 6443)", valueName: "port"))
  var bindPort: String?

  @Option(
    help: ArgumentHelp(
      "Name or address of the load balancer before the API servers.", valueName: "host[:port]"))
  var controlPlaneEndpoint: String?

  @Option(
    name: .customLong("service-cidr"),
    help: ArgumentHelp(
      "The network of service addresses, or one of each family. (default: 10.96.0.0/12)",
      valueName: "cidr[,cidr]"))
  var serviceCIDR: String?

  @Option(
    name: .customLong("service-dns-domain"),
    help: ArgumentHelp("The domain of services. (default: cluster.local)", valueName: "domain"))
  var serviceDNSDomain: String?

  @Option(
    name: [.customLong("apiserver-san"), .customLong("apiserver-cert-extra-sans")],
    help: ArgumentHelp(
      "A further name of the API server; may be repeated, or a list with commas.", valueName: "name-or-ip"))
  var apiserverSAN: [String] = []

  @Option(
    name: .customLong("etcd-server-san"),
    help: ArgumentHelp("A further name of the etcd server; likewise.", valueName: "name-or-ip"))
  var etcdServerSAN: [String] = []

  @Option(
    name: .customLong("etcd-peer-san"),
    help: ArgumentHelp("A further name of the etcd peer; likewise.", valueName: "name-or-ip"))
  var etcdPeerSAN: [String] = []

  @Option(
    name: .customLong("kubelet-server-san"),
    help: ArgumentHelp("A further name of the kubelet as a server; likewise.", valueName: "name-or-ip"))
  var kubeletServerSAN: [String] = []

  @Flag(help: "etcd is elsewhere: no authority and certificates for it.")
  var externalEtcd = false

  @Option(
    help: ArgumentHelp(
      "rsa-2048, rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384. (default: rsa-2048)", valueName: "alg"))
  var keyAlgorithm: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The lifetime of leaf certificates: 90d, 10y, 8760h, 1h30m. (default: 365d)", valueName: "duration"))
  var validity: String?

  @Option(
    name: .customLong("ca-validity"), parsing: .unconditional,
    help: ArgumentHelp("The lifetime of authorities. (default: 3650d)", valueName: "duration"))
  var caValidity: String?

  @OptionGroup var style: StyleOptions

  /// Whether anything was said.
  var isStated: Bool { isStatedBeyondWorkloads || serviceDNSDomain != nil || keyAlgorithm != nil }

  /// Whether anything was said that is of the cluster's own certificates.
  var isStatedBeyondWorkloads: Bool {
    [config, nodeName, advertiseIP, bindPort, controlPlaneEndpoint, serviceCIDR, validity, caValidity]
      .contains { $0 != nil } || !(apiserverSAN + etcdServerSAN + etcdPeerSAN + kubeletServerSAN).isEmpty
      || externalEtcd || style.style != nil || style.kubernetesVersion != nil
  }

  /// What the options say, and nothing else.
  var statedRequest: ClusterSettings {
    var request = ClusterSettings()
    request.nodeName = Setting(nodeName, from: "--node-name")
    request.advertiseAddress = Setting(advertiseIP, from: "--advertise-ip")
    request.bindPort = Setting(bindPort, from: "--bind-port")
    request.controlPlaneEndpoint = Setting(controlPlaneEndpoint, from: "--control-plane-endpoint")
    request.serviceSubnet = Setting(serviceCIDR, from: "--service-cidr")
    request.dnsDomain = Setting(serviceDNSDomain, from: "--service-dns-domain")
    request.keyAlgorithm = Setting(keyAlgorithm, from: "--key-algorithm")
    request.certificateValidity = Setting(validity, from: "--validity")
    request.caCertificateValidity = Setting(caValidity, from: "--ca-validity")
    request.extraNames = [
      .apiServer: Setting.list(apiserverSAN, from: "--apiserver-san"),
      .etcdServer: Setting.list(etcdServerSAN, from: "--etcd-server-san"),
      .etcdPeer: Setting.list(etcdPeerSAN, from: "--etcd-peer-san"),
      .kubeletServer: Setting.list(kubeletServerSAN, from: "--kubelet-server-san"),
    ]
    if externalEtcd { request.externalEtcd = ExternalEtcd() }
    style.complete(&request)
    return request
  }
}

extension Setting {
  /// The value of an option, where it was given.
  init?(_ text: String?, from option: String) {
    guard let text else { return nil }
    self.init(text, from: .option(option))
  }

  /// The values of an option that may be repeated or be a list with commas.
  static func list(_ texts: [String], from option: String) -> [Setting] {
    texts.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
      .map { Setting(String($0), from: .option(option)) }
  }
}

/// The authority above the tree's authorities.
struct RootOptions: ParsableArguments {
  @Option(
    name: .customLong("root-ca-cert"),
    help: ArgumentHelp("The certificate of a root that signs the authorities.", valueName: "file"))
  var certificate: String?

  @Option(
    name: .customLong("root-ca-key"),
    help: ArgumentHelp("The root's key; it is read, and never put into the tree.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "A directory outside the tree with the root's root.crt and root.key, which are made there where they are missing.",
      valueName: "dir"))
  var newRoot: String?

  func validate() throws {
    if newRoot != nil, certificate != nil || key != nil {
      throw ValidationError(
        "--new-root makes a root, and --root-ca-cert and --root-ca-key name one: use one of the two.")
    }
    if key != nil, certificate == nil { throw ValidationError("--root-ca-key needs --root-ca-cert.") }
    for case (let option, let value?) in [
      ("--root-ca-cert", certificate), ("--root-ca-key", key), ("--new-root", newRoot),
    ] where value.isEmpty || value.contains("\0") {
      throw ValidationError("\(option) needs a path.")
    }
  }

  /// The root that was named, where one was.
  var source: RootCA.Source? {
    if let newRoot { return .directory(Setting(newRoot, from: .option("--new-root"))) }
    return certificate.map { path in
      .files(
        certificate: Setting(path, from: .option("--root-ca-cert")),
        key: key.map { Setting($0, from: .option("--root-ca-key")) })
    }
  }
}

/// How the result is told.
struct OutputOptions: ParsableArguments {
  /// The forms of a result.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the result.", valueName: "format"))
  var output = Format.text

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false
}

/// How a run that makes something goes about it.
struct MakingOptions: ParsableArguments {
  @Flag(help: "Print what would be done, and write nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("How many keys are made at once. (default: the number of cores)", valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs needs a number of at least 1.") }
  }

  var jobCount: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }
}
