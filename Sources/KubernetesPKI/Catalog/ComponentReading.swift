package import FileStore

/// A component of the cluster that reads a file of the PKI, and when it uses what has taken the file's place.
///
/// Measured on Kubernetes 1.36 and etcd 3.4; docs/renew.md has the table.
public struct ComponentReading: Hashable, Sendable {
  /// A component.
  public enum Component: String, CaseIterable, Sendable {
    /// The API server.
    case kubeAPIServer = "kube-apiserver"
    /// The controllers.
    case kubeControllerManager = "kube-controller-manager"
    /// The scheduler.
    case kubeScheduler = "kube-scheduler"
    /// etcd.
    case etcd
    /// The kubelet.
    case kubelet
  }

  /// When a running component uses a file that has been replaced.
  public enum Pickup: Sendable {
    /// Within a second: it watches the file.
    case atOnce
    /// With its next connection: it reads the file for each.
    case nextConnection
    /// When it is restarted: it reads the file at its start only.
    case restart
  }

  /// Which component.
  public let component: Component
  /// When it uses the new file.
  public let pickup: Pickup
}

extension CatalogEntry.ID {
  /// The components that read the file of a certificate, or its key, and when they use a new one.
  public var readings: [ComponentReading] {
    switch self {
    case .ca:
      [
        ComponentReading(component: .kubeAPIServer, pickup: .atOnce),
        // Its signing pair is watched; what it publishes to pods, `--root-ca-file`, is read at its start.
        ComponentReading(component: .kubeControllerManager, pickup: .restart),
        ComponentReading(component: .kubelet, pickup: .atOnce),
      ]
    case .apiserver, .frontProxyCA, .frontProxyClient:
      [ComponentReading(component: .kubeAPIServer, pickup: .atOnce)]
    case .apiserverKubeletClient, .apiserverEtcdClient:
      [ComponentReading(component: .kubeAPIServer, pickup: .nextConnection)]
    case .etcdCA:
      [
        ComponentReading(component: .etcd, pickup: .restart),
        ComponentReading(component: .kubeAPIServer, pickup: .restart),
      ]
    case .etcdServer, .etcdPeer: [ComponentReading(component: .etcd, pickup: .nextConnection)]
    // Only commands read these.
    case .etcdHealthcheckClient, .admin, .superAdmin: []
    case .kubeletServer: [ComponentReading(component: .kubelet, pickup: .atOnce)]
    case .kubelet: [ComponentReading(component: .kubelet, pickup: .restart)]
    case .controllerManager: [ComponentReading(component: .kubeControllerManager, pickup: .restart)]
    case .scheduler: [ComponentReading(component: .kubeScheduler, pickup: .restart)]
    }
  }

  /// How a certificate and its key are replaced: in one step where each handshake reads both files, one after the other
  /// where a component watches them.
  package var replacement: PairReplacement {
    readings.isEmpty || readings.contains { $0.pickup == .nextConnection } ? .exchange : .renames
  }
}
