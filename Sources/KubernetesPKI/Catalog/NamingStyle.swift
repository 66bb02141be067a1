/// Whose names and identities a tree carries.
public enum NamingStyle: String, CaseIterable, Sendable {
  /// Those that the Kubernetes documentation tables.
  case documented
  /// Those that kubeadm writes; they differ by version.
  case kubeadm
}

extension ClusterSettings {
  /// The options that make pkigen use this style and version, with a leading space; nothing for the documented style.
  public var styleOptions: String {
    guard style != .documented else { return "" }
    let version = kubernetesVersion.map { " --kubernetes-version \(TreeLocation.shellQuoted($0.text))" } ?? ""
    return " --style \(style.rawValue)\(version)"
  }
}
