/// What a machine is in a cluster, which decides which files of the PKI it has.
public enum NodeRole: String, CaseIterable, Sendable {
  /// It runs the API server and what belongs to it.
  case controlPlane = "control-plane"
  /// It runs a member of etcd, and no API server.
  case etcd
  /// It runs a kubelet, and nothing of the control plane.
  case worker

  /// Whether a machine of the role may have the key of a CA.
  package func holdsKey(of ca: CatalogEntry) -> Bool { self != .worker && ca.roles.contains(self) }

  /// The manifests of static pods that show that a machine is of another role.
  package var foreignManifests: [String] {
    let controlPlane = ["kube-apiserver.yaml", "kube-controller-manager.yaml", "kube-scheduler.yaml"]
    return switch self {
    case .controlPlane: []
    case .etcd: controlPlane
    case .worker: controlPlane + ["etcd.yaml"]
    }
  }
}
