/// A file of the host that an argument of a component names.
package struct FileUse: Hashable, Sendable {
  /// What a file holds.
  package enum Content: Hashable, Sendable {
    /// A certificate, whose key another argument names.
    case certificate(key: String)
    /// A private key.
    case key
    /// CA certificates.
    case cas
    /// A kubeconfig.
    case kubeconfig
    /// The keys that verify service-account tokens.
    case serviceAccountKeys
  }

  /// Where a pod finds a file.
  package enum Source: Hashable, Sendable {
    /// At this path on the host.
    case host(String)
    /// In a volume that is no directory of the host.
    case volume
    /// Nowhere: no volume is mounted there.
    case nowhere
  }

  /// The component.
  package let component: ComponentReading.Component
  /// The argument, without dashes.
  package let argument: String
  /// What the file has to hold.
  package let content: Content
  /// The file as the pod sees it.
  package let path: String
  /// Where the pod finds it.
  package let source: Source
  /// The manifest.
  package let manifest: String
  /// The line of the argument, counted from one.
  package let line: Int

  /// An argument of a component that names a file.
  package init(
    _ component: ComponentReading.Component, _ argument: String, _ content: Content,
    at path: String, from source: Source, in manifest: (path: String, line: Int)
  ) {
    self.component = component
    self.argument = argument
    self.content = content
    self.path = path
    self.source = source
    self.manifest = manifest.path
    line = manifest.line
  }

  /// The file on the host, where the pod sees the host's.
  package var hostPath: String? {
    if case .host(let path) = source { path } else { nil }
  }

  /// The argument in a sentence, with its place: `manifests/etcd.yaml:14: --cert-file`.
  var words: String { "\(manifest):\(line): --\(argument)" }
}
