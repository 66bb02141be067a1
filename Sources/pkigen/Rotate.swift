import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI
import StaticPods

/// `pkigen rotate`.
struct Rotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Replace CAs and the service-account key in stages, without a refused request.",
    discussion: """
      The stages are prepare, switch and retire. Each run does one stage of one node: run it on every \
      control-plane node before the next stage. The output says what to copy, what to restart and how long to \
      wait. The files say which stage was reached; a run that finds its stage reached changes nothing.

      NAMES
        ca, etcd-ca, front-proxy-ca, sa, or all.

      EXAMPLES
        pkigen rotate status
        pkigen rotate prepare ca
        pkigen rotate switch ca --peer /backup/cp2 --peer /backup/cp3
        pkigen rotate retire ca
      """,
    subcommands: [
      RotateStatus.self, RotatePrepare.self, RotateSwitch.self, RotateRetire.self, RotateBack.self,
      RotateManifests.self,
    ])
}

/// What every stage needs to know.
struct RotationGroup: ParsableArguments {
  @Argument(
    help: ArgumentHelp("ca, etcd-ca, front-proxy-ca, sa, or all.", valueName: "name"),
    completion: .names(withServiceAccountKey: true, of: \.isCA))
  var names: [String]

  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Output") var output: OutputOptions
}

/// The trees of other nodes.
struct PeerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Directory of another node, as for -d (repeatable).", valueName: "dir"),
    completion: .directory)
  var peer: [String] = []

  func validate() throws {
    if peer.contains(where: { $0.isEmpty || $0.contains("\0") }) {
      throw ValidationError("--peer needs the path of a directory.")
    }
  }

  /// Where the trees are.
  var locations: [TreeLocation] { peer.map { TreeLocation(kubernetesDirectory: $0) } }
}

/// The root CA that signs successors.
struct SigningRootOptions: ParsableArguments {
  @Option(
    name: .customLong("root-ca-cert"),
    help: ArgumentHelp("Certificate of the root CA above the CAs.", valueName: "file"), completion: .file())
  var certificate: String?

  @Option(
    name: .customLong("root-ca-key"),
    help: ArgumentHelp("Key of the root CA; it is read and never copied.", valueName: "file"),
    completion: .file())
  var key: String?

  func validate() throws {
    if (certificate == nil) != (key == nil) {
      throw ValidationError("--root-ca-cert and --root-ca-key need each other.")
    }
    for case (let option, let value?) in [("--root-ca-cert", certificate), ("--root-ca-key", key)]
    where value.isEmpty || value.contains("\0") {
      throw ValidationError("\(option) needs a path.")
    }
  }

  /// The root CA, read.
  func root(above location: TreeLocation) throws -> RootCA? {
    guard let certificate, let key else { return nil }
    return try RootCA(
      .files(
        certificate: Setting(certificate, from: .option("--root-ca-cert")),
        key: Setting(key, from: .option("--root-ca-key"))), above: location)
  }
}

/// `pkigen rotate prepare`.
struct RotatePrepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a successor that is trusted beside the present CA or key.",
    discussion: """
      ca.crt then holds both certificates, and ca-next.key the key of the successor; kubeconfigs trust both. \
      The present CA certifies its successor in ca-cross.crt.

      kube-controller-manager takes exactly one certificate to sign with. For ca, the first run writes \
      ca-signing.crt, and stops with status 1 until the manifest names that file.

      A CA below a root CA does not certify its successor: the root CA signs that.

      Only one node makes the successor; the others get its files. With --peer, the run is refused where another \
      node has one already. If files of the stage are lost, run it again: it makes ca-signing.crt and ca-cross.crt.

      On a worker, copy ca.crt of a control-plane node there first.

      EXAMPLES
        pkigen rotate prepare ca
        pkigen rotate prepare all --ca-validity 10y --key-algorithm ecdsa-p256
        pkigen rotate prepare ca --root-ca-cert root.crt --root-ca-key root.key
      """)

  @OptionGroup var group: RotationGroup
  @OptionGroup var peers: PeerOptions
  @OptionGroup(title: "Run") var making: MakingOptions
  @OptionGroup(title: "The successor") var root: SigningRootOptions
  @OptionGroup(title: "The successor") var validity: CAValidityOptions
  @OptionGroup(title: "The successor") var key: KeyOptions<NoDefaults>

  @Flag(help: "Do not have the present CA certify its successor.")
  var noCrossSign = false

  @Option(
    help: ArgumentHelp(
      "Take the successors from a PKI directory: its ca.crt, ca.key and so on.", valueName: "dir"),
    completion: .directory)
  var nextFrom: String?

  @Flag(help: "kube-controller-manager signs with ca-signing.crt; needed where there is no manifest.")
  var controllerManagerReady = false

  func run() throws {
    let settings = ClusterSettings(joining: [validity.settings, key.settings])
    let configuration = try settings.configuration()
    if nextFrom != nil, root.certificate != nil {
      throw ValidationError(
        "--next-from names successors, and --root-ca-cert signs new ones: use one of the two.")
    }
    try RotationRun(
      .prepare, group, isDryRun: making.dryRun, jobs: making.jobCount, peers: peers.locations
    ).run { options, location in
      options.root = try root.root(above: location)
      options.caValidity = configuration.caCertificateValidity
      options.keyAlgorithm = settings[.keyAlgorithm].map { _ in configuration.keyAlgorithm }
      options.crossSigns = !noCrossSign
      options.successors = nextFrom.map { directory in
        TreeContents(
          reading: TreeLocation(certificateDirectory: directory, kubeconfigDirectory: directory),
          catalog: .allFiles)
      }
      if controllerManagerReady { options.signingFile = .separate }
    }
  }
}

/// `pkigen rotate switch`.
struct RotateSwitch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch",
    abstract: "Let the successor sign, and issue all certificates again.",
    discussion: """
      The predecessor is still trusted, and its key is kept as ca-previous.key. With --peer, the run is refused \
      where another node does not trust the successor yet.

      Without ca-cross.crt the run is refused: what trusts the present CA alone would refuse what the successor \
      signs.

      On a worker, copy ca.crt of a control-plane node that has switched there first. The output has the steps \
      after which the kubelet gets a certificate of the successor.

      EXAMPLES
        pkigen rotate switch ca --peer /backup/cp2 --peer /backup/cp3
      """)

  @OptionGroup var group: RotationGroup
  @OptionGroup var peers: PeerOptions
  @OptionGroup(title: "Run") var making: MakingOptions
  @OptionGroup(title: "The new certificates") var validity: ValidityOptions<KubernetesDefaults>

  @Flag(help: "Go on without ca-cross.crt: everything trusts the successor.")
  var noCrossSign = false

  func run() throws {
    try RotationRun(
      .switchOver, group, isDryRun: making.dryRun, jobs: making.jobCount, peers: peers.locations
    ).run { options, _ in
      options.crossSigns = !noCrossSign
      options.validity = try validity.lifetime()
    }
  }
}

/// `pkigen rotate retire`.
struct RotateRetire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "End the trust in the predecessor.",
    discussion: """
      Refused while a certificate of the predecessor is in use here or in a --peer, and for sa until 24 hours \
      after its switch. The predecessor's key is kept in the backup only.

      EXAMPLES
        pkigen rotate retire ca --peer /backup/cp2 --peer /backup/cp3
      """)

  @OptionGroup var group: RotationGroup
  @OptionGroup var peers: PeerOptions

  @Flag(help: "Print the plan and write nothing.")
  var dryRun = false

  @Flag(help: "All service-account tokens were issued again since the switch of sa.")
  var tokensRenewed = false

  func run() throws {
    try RotationRun(.retire, group, isDryRun: dryRun, jobs: 1, peers: peers.locations).run { options, _ in
      options.areTokensRenewed = tokensRenewed
    }
  }
}

/// `pkigen rotate back`.
struct RotateBack: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "back",
    abstract: "Go back to the stage before.",
    discussion: """
      After a switch, the predecessor signs again, and the successor stays trusted. After prepare, the successor \
      goes away. After retire, put back the backup of that run with pkigen renew --restore.

      EXAMPLES
        pkigen rotate back ca
      """)

  @OptionGroup var group: RotationGroup
  @OptionGroup(title: "Run") var making: MakingOptions
  @OptionGroup(title: "The new certificates") var validity: ValidityOptions<KubernetesDefaults>

  func run() throws {
    try RotationRun(.back, group, isDryRun: making.dryRun, jobs: making.jobCount).run { options, _ in
      options.validity = try validity.lifetime()
    }
  }
}

extension SigningFile {
  /// With which file the manifest beside a tree has kube-controller-manager sign.
  init(_ pods: StaticPods, _ location: TreeLocation) {
    guard let pod = pods[.kubeControllerManager] else {
      self = .unknown
      return
    }
    guard let ca = Catalog.allFiles[.ca], let file = pod.argument("cluster-signing-cert-file")?.value else {
      // It signs nothing.
      self = .separate
      return
    }
    // A tree may be a copy, whose manifests name the places of the original.
    let own = Path.name(of: location.path(of: ca, .signingCertificate))
    self = Path.name(of: file) == own ? .separate : .shared(file: file, manifest: pod.path)
  }
}
