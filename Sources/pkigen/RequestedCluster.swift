import FoundationEssentials
import KubeadmConfig
import KubernetesPKI
import StaticPods

/// The cluster that the command line and a configuration file describe, where its tree is, and what that consists of.
struct RequestedCluster {
  /// What options and file say, and nothing else.
  let stated: ClusterSettings
  /// What options and file say, and for what they leave open, the manifests of the node's static pods, once those are read.
  private(set) var known: ClusterSettings
  /// What its tree consists of.
  private(set) var catalog: Catalog
  private(set) var location: TreeLocation
  /// Whether it is one of many trees, whose warnings are not printed yet.
  private var isOneOfMany = false
  /// Warnings besides those of the plan; of a single tree they have been printed already.
  private(set) var warnings: [String]
  /// Which values of the file an option replaces, and which manifests say something.
  private(set) var notes: [String]

  /// Joins the options and the file that they name, and prints warnings.
  init(
    _ groups: [any ClusterOptions], config: ConfigOptions, in tree: WhereOptions
  ) throws(PKIErrors) {
    var settings = ClusterSettings(joining: groups.map(\.settings))
    var warnings = settings.styleWarnings
    var notes: [String] = []
    var directory: Setting?
    if let path = config.config {
      let file = try KubeadmConfiguration(reading: path)
      warnings += file.warnings
      notes = settings.complete(from: file.settings)
      directory = file.certificatesDirectory
      if let directory, let option = tree.directoryOption { notes += option.note(replacing: [directory]) }
    }
    stated = settings
    known = settings
    self.warnings = warnings
    self.notes = notes
    location = tree.location(certificatesDirectory: directory)
    catalog = settings.catalog.held(at: location)
    for warning in warnings { Terminal.warn(warning) }
  }

  /// Checks the cluster for a command that makes this part of the tree; without a node's name, it is this host's.
  ///
  /// - Parameters:
  ///   - facts: what has to be known of it; by default, what the whole selection needs.
  ///   - tree: says what neither option nor file says, where it has certificates already.
  func configuration(
    for selection: Selection, needing facts: Set<ClusterConfiguration.Fact>? = nil,
    completedFrom tree: TreeContents? = nil
  ) throws(PKIErrors) -> ClusterConfiguration {
    try checkEffect(on: selection, of: catalog)
    let facts = facts ?? selection.facts(in: catalog)
    var settings = tree.map(known.completed) ?? known
    if settings[.nodeName] == nil, facts.contains(.nodeName) {
      settings[.nodeName] = Setting(
        ProcessInfo.processInfo.hostName,
        from: .environment("this host's name", field: ClusterField.nodeName.name))
    }
    return try settings.configuration(needing: facts)
  }
}

extension RequestedCluster {
  /// The same options and file for one of many trees, whose warnings are printed in the order of the trees.
  func at(_ location: TreeLocation) -> RequestedCluster {
    var cluster = self
    cluster.isOneOfMany = true
    cluster.warnings = []
    cluster.location = location
    cluster.catalog = stated.catalog.held(at: location)
    return cluster
  }

  /// Takes what neither options nor file say from the manifests of the node's static pods, which describe the cluster as it
  /// runs. Where the tree beside them has an etcd member's certificates, etcd is not external.
  ///
  /// - Parameter others: fields that are left alone.
  mutating func readManifests(without others: [ClusterField] = []) {
    let pods = staticPods
    for problem in pods.problems {
      let warning = "a manifest cannot be read: \(problem)"
      warnings.append(warning)
      if !isOneOfMany { Terminal.warn(warning) }
    }
    notes += take(pods, without: others).map(\.text)
  }

  /// What the manifests of the node's static pods say; nothing where the kubeconfigs are not part of the tree, as the
  /// machine's manifests are as little those of certificates alone.
  var staticPods: StaticPods {
    location.hasKubeconfigs ? StaticPods(besides: location) : StaticPods(reading: [])
  }

  /// What a manifest says, in words.
  struct ManifestNote {
    let manifest: String
    let text: String
  }

  /// Takes what neither options nor file say from manifests.
  ///
  /// - Parameter others: fields that are left alone.
  /// - Returns: what was taken, and which options win over a manifest.
  mutating func take(_ pods: StaticPods, without others: [ClusterField] = []) -> [ManifestNote] {
    var said = pods.settings
    for field in others { said[list: field] = [] }
    if said[.externalEtcd] != nil, Self.hasEtcdMember(TreeContents(reading: location, catalog: .allFiles)) {
      for field in [ClusterField.externalEtcd, .etcdCAFile, .etcdCertFile, .etcdKeyFile] { said[field] = nil }
    }
    let (settings, taken) = stated.completed(with: said)
    known = settings
    if taken.contains(.externalEtcd) { catalog = catalog.withoutEtcd }
    return pods.pods.flatMap { pod -> [ManifestNote] in
      func own(_ field: ClusterField) -> [Setting] { said[list: field].filter { $0.origin.file == pod.path } }
      let values = taken.compactMap { field -> String? in
        let texts = own(field).map(\.text)
        return texts.isEmpty ? nil : "\(field.name) \(texts.joined(separator: ","))"
      }
      let contradictions = said.fields.filter { $0.form == .single && !taken.contains($0) }
        .flatMap { field in stated[field]?.note(replacing: own(field)) ?? [] }
      return (contradictions + (values.isEmpty ? [] : ["\(pod.path) says \(values.joined(separator: ", "))"]))
        .map { ManifestNote(manifest: pod.path, text: $0) }
    }
  }

  /// Takes from the manifests that etcd is external, where neither an option nor a file says it, and the tree has nothing of
  /// an etcd member.
  mutating func readExternalEtcd(beside tree: TreeContents) {
    guard stated[.externalEtcd] == nil, !Self.hasEtcdMember(tree) else { return }
    let pods = staticPods
    let fields: [ClusterField] = [.externalEtcd, .etcdCAFile, .etcdCertFile, .etcdKeyFile]
    let others = pods.settings.fields.filter { field in !fields.contains { $0.name == field.name } }
    notes += take(pods, without: others).map(\.text)
  }

  private static func hasEtcdMember(_ tree: TreeContents) -> Bool {
    Catalog.allFiles[.etcdServer].map(tree.shouldHold) == true
  }

  /// What a tree consists of whose certificates get successors: where no style is named, identities are those of the style
  /// that the tree has.
  func catalog(fitting tree: TreeContents) -> Catalog {
    let hasLeaves = Catalog.allFiles.entries.contains { !$0.isCA && tree[$0.id].certificate != nil }
    guard stated[.style] == nil, hasLeaves else { return catalog }
    let known = Catalog.nearest(to: tree).held(at: location)
    return self.known[.externalEtcd] == nil ? known : known.withoutEtcd
  }

  /// Refuses options for certificates of which none is selected.
  func checkEffect(on selection: Selection, of catalog: Catalog) throws(PKIErrors) {
    let selected = catalog.entries.filter { selection.entries.contains($0.id) }
    var errors: [PKIError] = []
    for field in ClusterField.ofCertificates {
      guard let setting = stated[field], case .option = setting.origin,
        !selected.contains(where: { $0.isSubject(to: field) })
      else { continue }
      let others = Catalog.allFiles.entries.filter { $0.isSubject(to: field) }.map(\.name)
      errors.append(
        .invalidSetting(
          setting.origin, value: setting.text, problem: "without effect here",
          hint: "\(field.option) is for \(others.joined(separator: ", "))"))
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }
}

extension ClusterSettings {
  /// That the version is newer than those that are known, where it is.
  var styleWarnings: [String] {
    guard let text = self[.kubernetesVersion]?.text, let version = KubernetesVersion(text) else { return [] }
    let newest = KubernetesVersion.newestKnown
    guard version.minor > newest.minor else { return [] }
    return ["\(version) is not known yet; the identities are those of \(newest), the newest known version"]
  }
}

extension Setting.Origin {
  /// The file that says a value.
  fileprivate var file: String? { if case .file(let path, _, _) = self { path } else { nil } }
}
