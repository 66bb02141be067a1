/// Whose names and identities a tree carries.
public enum NamingStyle: String, CaseIterable, Sendable {
  /// Those that the Kubernetes documentation tables.
  case documented
  /// Those that kubeadm writes; they differ by version.
  case kubeadm
}
