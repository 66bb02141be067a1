internal import ArgumentParser
import FoundationEssentials
internal import FileStore
internal import KubernetesPKI

/// Where the tree is.
struct WhereOptions: ParsableArguments {
  @Option(
    name: [.customLong("kubernetes-dir"), .customShort("d")],
    help: ArgumentHelp(
      "Holds kubeconfigs and pki. (default: \(TreeLocation.defaultDirectory))",
      valueName: "dir"), completion: .directory)
  var kubernetesDirectory: String?

  @Option(
    help: ArgumentHelp(
      "PKI directory; given alone, leaves kubeconfigs out. (default: <kubernetes-dir>/pki)",
      valueName: "dir"), completion: .directory)
  var certDir: String?

  @Option(
    help: ArgumentHelp("Directory of kubeconfigs. (default: <kubernetes-dir>)", valueName: "dir"),
    completion: .directory)
  var kubeconfigDir: String?

  @Option(
    help: ArgumentHelp(
      "Resolve absolute paths in kubeconfigs below it.",
      valueName: "dir"), completion: .directory)
  var rootfs: String?

  func validate() throws {
    let values: [(option: String, path: String?)] = [
      ("--kubernetes-dir", kubernetesDirectory), ("--cert-dir", certDir), ("--kubeconfig-dir", kubeconfigDir),
      ("--rootfs", rootfs),
    ]
    let empty = values.filter { $0.path?.isEmpty == true }.map(\.option)
    guard empty.isEmpty else {
      throw ValidationError("\(empty.joined(separator: " and ")) must not be empty: name a directory.")
    }
  }

  var location: TreeLocation { location(certificatesDirectory: nil) }

  /// Where the tree is, when a configuration file names the directory of its certificates.
  func location(certificatesDirectory: Setting?) -> TreeLocation {
    let directory = kubernetesDirectory ?? defaultDirectory
    let ownDirectory = directoryOption == nil ? certificatesDirectory?.text : nil
    return TreeLocation(
      certificateDirectory: certDir ?? ownDirectory
        ?? (directory.hasSuffix("/") ? directory : directory + "/") + "pki",
      kubeconfigDirectory: kubeconfigDir ?? directory, rootDirectory: rootfs,
      hasKubeconfigs: certDir == nil || kubernetesDirectory != nil || kubeconfigDir != nil)
  }

  /// The directory in which Kubernetes looks, on the machine whose tree it is.
  private var defaultDirectory: String {
    let directory = TreeLocation.defaultDirectory
    return rootfs.map { Path.join($0, String(directory.dropFirst())) } ?? directory
  }

  /// The option that says where the certificates are, whatever a configuration file says.
  var directoryOption: Setting? {
    certDir.map { Setting($0, from: .option("--cert-dir")) }
      ?? kubernetesDirectory.map { Setting($0, from: .option("--kubernetes-dir")) }
  }
}

/// The root CA above the CAs of the tree.
struct RootOptions: ParsableArguments {
  @Option(
    name: .customLong("root-ca-cert"),
    help: ArgumentHelp("Certificate of a root CA that signs the CAs.", valueName: "file"), completion: .file()
  )
  var certificate: String?

  @Option(
    name: .customLong("root-ca-key"),
    help: ArgumentHelp("Key of the root CA; it is read and never copied.", valueName: "file"),
    completion: .file())
  var key: String?

  @Option(
    help: ArgumentHelp(
      "Directory of a root CA, root.crt and root.key; made there if missing.",
      valueName: "dir"), completion: .directory)
  var newRoot: String?

  func validate() throws {
    if newRoot != nil, certificate != nil || key != nil {
      throw ValidationError(
        "--new-root makes a root CA, and --root-ca-cert and --root-ca-key name one: use one of the two.")
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

/// The form of the result.
struct OutputOptions: ParsableArguments {
  /// The forms of a result.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(name: .shortAndLong, help: ArgumentHelp("Form of the result.", valueName: "format"))
  var output = Format.text

  @Flag(name: .shortAndLong, help: "Print only warnings, errors and JSON.")
  var quiet = false
}

/// How a command that makes files runs.
struct MakingOptions: ParsableArguments {
  @Flag(help: "Print the plan and write nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("Keys made at once. (default: number of cores)", valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs needs a number of at least 1.") }
  }

  var jobCount: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// What the machine is whose tree it is.
struct RoleOptions: ParsableArguments {
  private static let names = NodeRole.allCases.map(\.rawValue)

  @Option(
    help: ArgumentHelp(
      "\(names.joined(separator: ", ")). (default: by its files)",
      valueName: "role"),
    completion: .list(names), transform: Self.role)
  var role: NodeRole?

  private static func role(_ text: String) throws -> NodeRole {
    guard let role = NodeRole(rawValue: text) else {
      throw ValidationError("It is one of \(names.joined(separator: ", ")).")
    }
    return role
  }
}
