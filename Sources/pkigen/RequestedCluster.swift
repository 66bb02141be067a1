import FoundationEssentials
import KubeadmConfig
import KubernetesPKI

/// The cluster that the command line and a configuration file describe, where its tree is, and what that consists of.
struct RequestedCluster {
  /// What was said, and nothing else.
  let stated: ClusterSettings
  /// What its tree consists of.
  let catalog: Catalog
  let location: TreeLocation
  /// What the user should know, beside what a plan will tell; it has been said already.
  let warnings: [String]
  /// Which values of the file an option replaces.
  let notes: [String]

  /// Puts the options and the file that they name together, and says what is odd about them.
  init(_ options: ClusterOptions, in tree: WhereOptions, isQuiet: Bool) throws(PKIErrors) {
    var request = options.statedRequest
    var warnings = options.style.warnings
    var notes: [String] = []
    var directory: Setting?
    if let path = options.config {
      let file = try KubeadmConfiguration(reading: path)
      warnings += file.warnings
      notes = request.complete(from: file.request)
      directory = file.certificatesDirectory
      if let directory, let option = tree.directoryOption { notes += option.note(replacing: [directory]) }
    }
    stated = request
    self.warnings = warnings
    self.notes = notes
    catalog = request.catalog
    location = tree.location(certificatesDirectory: directory)
    if !isQuiet { for warning in warnings { Terminal.warn(warning) } }
  }

  /// Checks what was said of the cluster, for a command that makes this part of the tree; a node's name that was not said is
  /// this host's.
  ///
  /// - Parameter tree: says what nobody has said, where it has certificates already.
  func configuration(
    for selection: Selection, completedFrom tree: TreeContents? = nil
  ) throws(PKIErrors) -> ClusterConfiguration {
    var request = tree.map(stated.completed) ?? stated
    request.nodeName =
      request.nodeName
      ?? Setting(ProcessInfo.processInfo.hostName, from: .environment("this host's name (see --node-name)"))
    return try request.configuration(needing: selection.facts(in: catalog), refusing: catalog.caNames)
  }
}
