import FoundationEssentials
import Kubeconfigs
import KubernetesPKI

/// What a person has to do after a renewal: a running component goes on with the certificate that it has read.
struct NextSteps {
  private let tree: TreeContents
  private let catalog: Catalog
  /// The paths of the files that changed.
  private let changed: Set<String>

  /// The steps after the changes of a report; none after a dry run.
  init(_ tree: TreeContents, catalog: Catalog, report: Report, isDryRun: Bool) {
    let changed = isDryRun ? [] : Set(report.files.filter { $0.action != .keep }.map(\.path))
    self.init(tree, catalog: catalog, changed: changed)
  }

  /// The steps after changes of these files.
  init(_ tree: TreeContents, catalog: Catalog, changed: Set<String>) {
    self.tree = tree
    self.catalog = catalog
    self.changed = changed
  }

  /// All steps.
  ///
  /// - Parameter copy: a kubeconfig of the caller that holds the old admin certificate.
  func afterRenewal(_ copy: Plan.CopyOfAdmin?, _ plan: Plan) -> [String] {
    guard !changed.isEmpty else { return [] }
    var steps = restarts
    guard plan.renewsLeaves else { return steps }
    let admin = "\(tree.location.kubeconfigDirectory)/admin.conf"
    if let copy {
      let remedy =
        copy.isWhole
        ? "cp \([admin, copy.path].shellWords)"
        : "put client-certificate-data and client-key-data of \(admin) into its user entry"
      steps.append("\(copy.path) still holds the old admin certificate: \(remedy)")
    } else if changed.contains(admin) {
      steps.append("give the new \(admin) to those who have a copy of the old one")
    }
    steps.append("every other control-plane node has certificates of its own: renew them there too")
    return steps
  }

  /// Which components go on with what they have read of a file that changed.
  var restartedComponents: [ComponentReading.Component] {
    ComponentReading.Component.allCases.filter(needsRestart)
  }

  /// How to restart the components that go on with what they have read.
  var restarts: [String] {
    let restarted = restartedComponents
    var steps: [String] = []
    let pods = restarted.filter { $0 != .kubelet }.map(\.rawValue)
    if !pods.isEmpty {
      let order = pods.count > 1 ? ", one after the other" : ""
      let directory = tree.location.manifestDirectory.shellQuoted
      steps.append(
        "restart \(pods.joined(separator: ", "))\(order): move its file out of \(directory),"
          + " wait until the container is gone (crictl ps), and move the file back")
    }
    if restarted.contains(.kubelet) { steps.append("restart the kubelet: systemctl restart kubelet") }
    return steps
  }

  private func needsRestart(_ component: ComponentReading.Component) -> Bool {
    catalog.entries.contains { entry in
      entry.readings.contains { $0.component == component && $0.needsRestart } && hasChanged(entry)
    }
  }

  private func hasChanged(_ entry: CatalogEntry) -> Bool {
    !changed.isDisjoint(with: [tree.location.path(of: entry)] + tree[entry.id].referencedPaths)
  }
}
