package import FileStore

/// A component of the cluster that reads a file of the PKI, and when it uses what has taken the file's place.
///
/// Measured on Kubernetes 1.36 and etcd 3.4; docs/renew.md has the table.
package struct ComponentReading: Hashable, Sendable {
  /// A component, in the order in which they are restarted: API servers connect to etcd, and all others to them.
  package enum Component: String, CaseIterable, Sendable {
    /// etcd.
    case etcd
    /// The API server.
    case kubeAPIServer = "kube-apiserver"
    /// The controllers.
    case kubeControllerManager = "kube-controller-manager"
    /// The scheduler.
    case kubeScheduler = "kube-scheduler"
    /// The kubelet.
    case kubelet
  }

  /// When a running component uses a file that has been replaced.
  package enum Pickup: Sendable {
    /// Within a second: it watches the file.
    case atOnce
    /// With its next connection: it reads the file for each.
    case nextConnection
    /// When it is restarted: it reads the file at its start only.
    case restart
  }

  /// Which component.
  package let component: Component
  /// When it uses the new file.
  package let pickup: Pickup

  /// Whether the component goes on with the old file until it is restarted.
  package var needsRestart: Bool { pickup == .restart }

  /// A component that watches the file.
  static func atOnce(_ component: Component) -> ComponentReading {
    Self(component: component, pickup: .atOnce)
  }

  /// A component that reads the file for each connection.
  static func nextConnection(_ component: Component) -> ComponentReading {
    Self(component: component, pickup: .nextConnection)
  }

  /// A component that reads the file at its start only.
  static func restart(_ component: Component) -> ComponentReading {
    Self(component: component, pickup: .restart)
  }
}

extension CatalogEntry {
  /// How the certificate and its key are replaced: in one step where each handshake reads both files, one after the other
  /// where a component watches them.
  package var replacement: PairReplacement {
    readings.isEmpty || readings.contains { $0.pickup == .nextConnection } ? .exchange : .renames
  }
}
