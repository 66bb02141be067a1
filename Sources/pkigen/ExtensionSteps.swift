import FileStore
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509

/// What a person has to do after CAs got new dates: what else holds the old certificates, and until when that works.
struct ExtensionSteps {
  let plan: Plan
  let catalog: Catalog
  /// The kubeconfig of the person who calls; `nil` where there is no home directory.
  let userKubeconfig: String?

  private var location: TreeLocation { plan.tree.location }
  private var options: String { location.commandOptions }

  /// The steps for every CA that got new dates.
  var lines: [String] {
    plan.extensions.flatMap { row, renewed in steps(row, renewed).map { "\(row.name): \($0)" } }
  }

  private func steps(_ row: CatalogEntry, _ renewed: CAExtension) -> [String] {
    [deadline(renewed)] + renewal(row, renewed) + copies(row, renewed) + holders(renewed)
  }

  private func deadline(_ renewed: CAExtension) -> String {
    let end = renewed.previous.validity.notAfter
    return end < plan.instant
      ? "the old certificate expired at \(end.rfc3339): what has a copy of it needs the new one now"
      : "the old certificate is accepted too, until it expires at \(end.rfc3339): what has a copy of it needs the new one"
        + " before"
  }

  /// What has to be renewed after it.
  private func renewal(_ row: CatalogEntry, _ renewed: CAExtension) -> [String] {
    let leaves = plan.leavesEnding(with: renewed, of: row)
    guard !leaves.isEmpty else { return [] }
    let names = leaves.map(\.name).joined(separator: " ")
    return ["renew what ends with the old certificate: pkigen renew \(names)\(options)"]
  }

  private func copies(_ row: CatalogEntry, _ renewed: CAExtension) -> [String] {
    let file = name(row, .certificate)
    let names = files(row, renewed).joined(separator: ", ")
    switch row.id {
    case .ca:
      let others = files(row, renewed).dropFirst().joined(separator: ", ")
      let beside = others.isEmpty ? "" : ", and \(others) to control-plane nodes"
      return [
        "copy \(file) to the pki directory of every other node, workers too\(beside); run pkigen renew ca --reuse-key"
          + " --expiring-within 1d there: the CA stays, and kubeconfigs get the new certificate. Restart what its output"
          + " names. API servers follow \(file) without a restart, and kube-controller-manager publishes it to pods",
        "change the ConfigMap cluster-info, for nodes that join: pkigen rotate manifests ca\(options)",
        "give certificate-authority-data of the new admin.conf to everyone who has a kubeconfig",
      ]
    case .etcdCA:
      return [
        "copy \(names) to the pki directory of every other node with etcd or an API server; restart etcd, then"
          + " kube-apiserver, on one node after the other: they read \(file) at their start only",
        "give \(file) to other clients of etcd, as for backups and monitoring",
      ]
    default:
      return [
        "copy \(names) to the pki directory of every other control-plane node; nothing has to be restarted"
      ]
    }
  }

  /// The files that the run changes: those that other nodes need too.
  private func files(_ row: CatalogEntry, _ renewed: CAExtension) -> [String] {
    let parts: [(Layout.Part, Bool)] = [
      (.certificate, true), (.signingCertificate, renewed.present.hasSigningFile),
      (.crossCertificate, renewed.cross != nil),
    ]
    return parts.filter(\.1).map { name(row, $0.0) }
  }

  /// What pkigen has found to hold the old certificate still.
  private func holders(_ renewed: CAExtension) -> [String] {
    plan.holders(of: renewed, amongKubeconfigs: [userKubeconfig].compactMap(\.self)).map {
      "\($0) still holds the old certificate"
    }
  }

  private func name(_ row: CatalogEntry, _ part: Layout.Part) -> String {
    String(location.path(of: row, part).dropFirst(Path.join(location.certificateDirectory, "").count))
  }
}
