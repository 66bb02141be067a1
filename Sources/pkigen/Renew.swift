import ArgumentParser
import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// `pkigen renew`.
struct Renew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew",
    abstract: "Renew certificates, offline, from the files of the PKI.",
    discussion: """
      Each certificate keeps its identity, SANs, usages and kind of key, and gets a new key. A CA keeps its key, and \
      is renewed only by name, with --reuse-key; for a new key, see pkigen rotate. Replaced files are copied to a \
      backup first.

      Options that describe the cluster add SANs; a SAN stays unless --drop-san or --replace-sans drops it. The \
      output lists what was added and dropped.

      EXAMPLES
        Everything, in /etc/kubernetes; only what expires within a month, as a plan:
          pkigen renew all
          pkigen renew all --expiring-within 30d --dry-run

        Everything in copies of many nodes, fetched/CLUSTER/NODE:
          pkigen renew all --trees fetched

        An extra SAN; extend a CA, with the same key; undo a run:
          pkigen renew apiserver --apiserver-san k8s.example.com
          pkigen renew ca --reuse-key
          pkigen renew --restore /etc/kubernetes/pki/.backup/20261121T083000Z
      """)

  @Argument(
    help: ArgumentHelp("Certificates, kubeconfigs, or all.", valueName: "name"),
    completion: .names { _ in true })
  var names: [String] = []

  @Option(
    help: ArgumentHelp("Renew only what expires within this time.", valueName: "duration"))
  var expiringWithin: String?

  @Flag(help: "Keep the keys of certificates; needed for a CA.")
  var reuseKey = false

  @Flag(
    help: "Renew ~/.kube/config too, if it holds the certificate of admin.conf; under sudo, the caller's.")
  var updateUserKubeconfig = false

  @Option(
    help: ArgumentHelp("Put back the files of a backup; renew nothing.", valueName: "dir"),
    completion: .directory)
  var restore: String?

  @OptionGroup(title: "What is replaced") var replacing: ReplacementOptions
  @OptionGroup(title: "What is replaced") var newCA: NewCAOptions
  @OptionGroup(title: "Where") var tree: WhereOptions
  @OptionGroup(title: "Where") var role: RoleOptions
  @OptionGroup(title: "Where") var trees: TreesOptions
  @OptionGroup(title: "Cluster and node") var config: ConfigOptions
  @OptionGroup(title: "Cluster and node") var node: NodeOptions<NoDefaults>
  @OptionGroup(title: "Cluster and node") var network: NetworkOptions<NoDefaults>
  @OptionGroup(title: "SANs (repeatable, comma-separated)") var sans: SANOptions
  @OptionGroup(title: "SANs (repeatable, comma-separated)") var changes: SANChangeOptions
  @OptionGroup(title: "Keys, lifetimes and style") var key: KeyOptions<NoDefaults>
  @OptionGroup(title: "Keys, lifetimes and style") var validity: ValidityOptions<KubernetesDefaults>
  @OptionGroup(title: "Keys, lifetimes and style") var caValidity: CAValidityOptions
  @OptionGroup(title: "Keys, lifetimes and style") var style: StyleOptions<NoDefaults>
  @OptionGroup(title: "Run and output") var making: MakingOptions
  @OptionGroup(title: "Run and output") var output: OutputOptions

  /// The options that describe the cluster.
  private var groups: [any ClusterOptions] { [node, network, sans, key, validity, caValidity, style] }

  func validate() throws {
    try validateTrees()
    if restore != nil { return try validateRestoration() }
    if names.isEmpty { throw ValidationError("Missing expected argument '<name> ...'") }
    if reuseKey, key.keyAlgorithm != nil {
      throw ValidationError("--reuse-key keeps each kind of key: give it without --key-algorithm.")
    }
    if updateUserKubeconfig {
      guard !Set(names).isDisjoint(with: ["all", "admin", "admin.conf"]) else {
        throw ValidationError("--update-user-kubeconfig needs admin.conf: name admin, or all.")
      }
      guard UserKubeconfig.path != nil else {
        throw ValidationError("--update-user-kubeconfig needs a home directory, and HOME names none.")
      }
    }
  }

  private func validateTrees() throws {
    guard trees.trees != nil else { return }
    try trees.refuse([tree, role, config, changes, DescribingOptions(groups: [node, network, sans])])
    try trees.refuseLists(for: output.output.rawValue)
    let cas = Set(names).intersection(Catalog.allFiles.cas.map(\.name)).sorted()
    guard cas.isEmpty else {
      throw ValidationError(
        "The nodes of a cluster share \(cas.joined(separator: ", ")): renew it in one tree, without --trees, and copy"
          + " its certificate to the others.")
    }
    if restore != nil || updateUserKubeconfig {
      throw ValidationError(
        "\(restore != nil ? "--restore" : "--update-user-kubeconfig") is for one tree: give it without --trees."
      )
    }
  }

  private func validateRestoration() throws {
    if restore?.isEmpty == true { throw ValidationError("--restore needs the path of a backup.") }
    let isAlone =
      names.isEmpty && expiringWithin == nil && !reuseKey && !updateUserKubeconfig && config.config == nil
      && changes.isEmpty && groups.allSatisfy(\.settings.isEmpty)
    guard isAlone else {
      throw ValidationError(
        "--restore puts back a whole backup: give no names and no options of a renewal.")
    }
  }

  func run() throws {
    if let restore {
      return try Restoration(
        directory: restore, allowsNewCA: newCA.allowsNewCA, replacing: replacing, location: tree.location,
        making: making, output: output
      ).run()
    }
    let requested = try RequestedCluster(groups, config: config, in: tree)
    if trees.trees != nil {
      return try FleetRenewal(command: self, cluster: requested, instant: Date.now).run()
    }
    try renewal(of: requested).run()
  }

  /// The renewal of one tree.
  func renewal(of cluster: RequestedCluster) throws -> Renewal {
    var requested = cluster
    requested.readManifests(without: changes.replacesSANs ? [] : RequestedCluster.uncertainFields)
    let copies = updateUserKubeconfig ? [UserKubeconfig.path].compactMap(\.self) : []
    var contents = TreeContents(
      reading: requested.location.including(copies), catalog: .allFiles.held(at: requested.location))
    contents.statedRole = role.role
    // Without --style, the style of the tree decides on the names.
    let known = (style.style == nil ? .nearest(to: contents) : requested.catalog).withEveryKubeconfig
    let catalog = (requested.known[.externalEtcd] == nil ? known : known.withoutEtcd)
      .held(at: requested.location)
    var selection = try Selection(arguments: names, reuseKey ? .renewable : .leaves, in: catalog)
    if names.contains("all") {
      selection.entries.formIntersection(contents.concerned(catalog).entries.map(\.id))
    }
    try requested.checkEffect(on: selection, of: catalog)
    return Renewal(
      catalog: catalog, selection: selection,
      options: try options(requested, contents, selection, catalog), tree: contents, replacing: replacing,
      cluster: requested, making: making, output: output)
  }

  private func options(
    _ requested: RequestedCluster, _ contents: TreeContents, _ selection: Selection, _ catalog: Catalog
  ) throws -> RenewalOptions {
    let sans = try changes.changes(by: requested.stated, in: selection, of: catalog)
    let stated = requested.stated
    let request = sans.replaces ? requested.known.completed(from: contents) : stated
    let configuration = try request.configuration(
      needing: sans.replaces ? Selection(sans.entries).facts(in: catalog) : [],
      assumingDefaults: sans.replaces)
    var options = RenewalOptions()
    options.sans = sans
    options.sans.cluster = configuration
    options.stated = try stated.configuration(assumingDefaults: false)
    options.validity = configuration.certificateValidity
    options.caValidity = configuration.caCertificateValidity
    options.statesValidity = stated[.certificateValidity] != nil
    options.bindPort = stated[.bindPort].map { _ in configuration.bindPort }
    options.allowsNewCA = newCA.allowsNewCA
    options.keyAlgorithm = request[.keyAlgorithm].map { _ in configuration.keyAlgorithm }
    options.keepsKeys = reuseKey
    options.expiringWithin = try expiringWithin.map {
      try Lifetime(Setting($0, from: .option("--expiring-within")))
    }
    options.skipsAbsent = names.contains("all")
    options.copiesOfAdmin = updateUserKubeconfig ? [UserKubeconfig.path].compactMap(\.self) : []
    return options
  }
}

/// The kubeconfig of the person who calls.
enum UserKubeconfig {
  /// `~/.kube/config` of the caller, or of the one who called sudo.
  static var path: String? {
    let environment = ProcessInfo.processInfo.environment
    let caller = Terminal.isRoot ? environment["SUDO_USER"] : nil
    let home = caller.flatMap { Terminal.homeDirectory(of: $0) } ?? environment["HOME"]
    return home.flatMap { $0.hasPrefix("/") ? Path.join($0, ".kube/config") : nil }
  }
}
