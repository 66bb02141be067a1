import FoundationEssentials
import Kubeconfigs
import KubernetesPKI

/// What a person has to do after a renewal: a running component goes on with the certificate that it has read.
struct NextSteps {
  private let tree: TreeContents
  private let catalog: Catalog
  /// The paths of the files that changed.
  private let changed: Set<String>

  /// The steps after the changes that a report tells of; none after a dry run.
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
  func afterRenewal(_ copy: Plan.CopyOfAdmin?) -> [String] {
    guard !changed.isEmpty else { return [] }
    var steps = restarts
    let admin = "\(tree.location.kubeconfigDirectory)/admin.conf"
    if let copy {
      let remedy =
        copy.isWhole
        ? "cp \(admin) \(copy.path)"
        : "put client-certificate-data and client-key-data of \(admin) into its user entry"
      steps.append("\(copy.path) still holds the old admin certificate: \(remedy)")
    } else if changed.contains(admin) {
      steps.append("give the new \(admin) to those who have a copy of the old one")
    }
    steps.append("every other control-plane node has certificates of its own: renew them there too")
    return steps
  }

  /// Which components have read a file that changed, and how to restart them.
  var restarts: [String] {
    var steps: [String] = []
    let components = Self.components.filter { hasChanged($0.entries) }.map(\.name)
    if !components.isEmpty {
      let order = components.count > 1 ? ", one after the other" : ""
      steps.append(
        "restart \(components.joined(separator: ", "))\(order): move its file out of \(tree.location.manifestDirectory),"
          + " wait until the container is gone (crictl ps), and move the file back")
    }
    if hasChanged([.kubeletServer, .kubelet]) {
      steps.append("restart the kubelet: systemctl restart kubelet")
    }
    return steps
  }

  /// The static pods, and what each of them reads. etcd's health check reads its certificate each time.
  private static let components: [(name: String, entries: [CatalogEntry.ID])] = [
    ("kube-apiserver", [.apiserver, .apiserverKubeletClient, .frontProxyClient, .apiserverEtcdClient]),
    ("kube-controller-manager", [.controllerManager]), ("kube-scheduler", [.scheduler]),
    ("etcd", [.etcdServer, .etcdPeer]),
  ]

  private func hasChanged(_ ids: [CatalogEntry.ID]) -> Bool {
    let paths = ids.flatMap { id in
      (catalog[id].map { [tree.location.path(of: $0)] } ?? []) + tree[id].referencedPaths
    }
    return !changed.isDisjoint(with: paths)
  }
}
