internal import FileStore
package import KubernetesPKI

/// A component that the kubelet runs from a manifest: its arguments, and the files of the host that it sees.
///
/// See <https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>.
package struct StaticPod: Sendable {
  /// An argument of the component's command line.
  package struct Argument: Hashable, Sendable {
    /// The name without dashes: `advertise-address`.
    package let name: String
    /// The value; `true` where the command line has none.
    package let value: String
    /// The line of the manifest, counted from one.
    package let line: Int
  }

  /// A volume that the pod sees.
  package struct Mount: Hashable, Sendable {
    /// Where it is on the host; `nil` where it is not of the host.
    package let hostPath: String?
    /// Where the pod sees it.
    package let mountPath: String
  }

  /// Which component it is.
  package let component: ComponentReading.Component
  /// The manifest.
  package let path: String
  /// Whether kubeadm wrote the manifest, which notes what it goes by in annotations.
  package let isKubeadms: Bool
  /// The arguments, in the order of the command line.
  package let arguments: [Argument]
  /// The volumes that the pod sees.
  package let mounts: [Mount]

  /// The argument of this name; of several the last, as the component takes it.
  package func argument(_ name: String) -> Argument? { arguments.last { $0.name == name } }

  /// The value of an argument that has one, with its place in the manifest.
  package func setting(_ name: String) -> Setting? {
    argument(name).flatMap { argument in
      argument.value.isEmpty
        ? nil
        : Setting(argument.value, from: .file(path: path, line: argument.line, field: "--\(name)"))
    }
  }

  /// Where the pod finds a file.
  package func source(of path: String) -> FileUse.Source {
    let mount = mounts.filter { Path.isIn($0.mountPath, path) }
      .max { $0.mountPath.count < $1.mountPath.count }
    guard let mount else { return .nowhere }
    let rest = path.dropFirst(mount.mountPath.count).drop { $0 == "/" }
    return mount.hostPath.map { .host(rest.isEmpty ? $0 : Path.join($0, String(rest))) } ?? .volume
  }

  /// Where the host has the file that the pod sees at `path`; `nil` where no host path is mounted there.
  package func hostPath(of path: String) -> String? {
    if case .host(let path) = source(of: path) { path } else { nil }
  }
}
