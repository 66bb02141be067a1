import FoundationEssentials
import KubeadmConfig
import KubernetesPKI

/// The cluster that the command line and a configuration file describe, where its tree is, and what that consists of.
struct RequestedCluster {
  /// What options and file say, and nothing else.
  let stated: ClusterSettings
  /// What its tree consists of.
  let catalog: Catalog
  let location: TreeLocation
  /// Warnings besides those of the plan; they have been printed already.
  let warnings: [String]
  /// Which values of the file an option replaces.
  let notes: [String]

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
    self.warnings = warnings
    self.notes = notes
    catalog = settings.catalog
    location = tree.location(certificatesDirectory: directory)
    for warning in warnings { Terminal.warn(warning) }
  }

  /// Checks the cluster for a command that makes this part of the tree; without a node's name, it is this host's.
  ///
  /// - Parameter tree: says what neither option nor file says, where it has certificates already.
  func configuration(
    for selection: Selection, completedFrom tree: TreeContents? = nil
  ) throws(PKIErrors) -> ClusterConfiguration {
    try checkEffect(on: selection, of: catalog)
    let facts = selection.facts(in: catalog)
    var settings = tree.map(stated.completed) ?? stated
    if settings[.nodeName] == nil, facts.contains(.nodeName) {
      settings[.nodeName] = Setting(
        ProcessInfo.processInfo.hostName,
        from: .environment("this host's name", field: ClusterField.nodeName.name))
    }
    return try settings.configuration(needing: facts)
  }
}

extension RequestedCluster {
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
