internal import Kubeconfigs
internal import OpenSSLX509
package import StructuredText

/// What gives a user or a group a role in the whole cluster.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.
package struct ClusterRoleBinding: Hashable, Sendable {
  /// Whom a binding is for.
  package enum Subject: Hashable, Sendable {
    /// A user: a common name.
    case user(String)
    /// A group: an organization.
    case group(String)
  }

  /// Its name, kubeadm's.
  package let name: String
  /// The role, one that every cluster has.
  package let role: String
  /// Who gets it.
  package let subjects: [Subject]

  /// A binding of this name.
  package init(name: String, role: String, subjects: [Subject]) {
    self.name = name
    self.role = role
    self.subjects = subjects
  }

  /// All bindings that a control plane's own certificates can need, as kubeadm makes them.
  package static let all = [
    ClusterRoleBinding(
      name: "kubeadm:cluster-admins", role: "cluster-admin", subjects: [.group("kubeadm:cluster-admins")]),
    ClusterRoleBinding(
      name: "kubeadm:apiserver-kubelet-client", role: "system:kubelet-api-admin",
      subjects: [.user("kube-apiserver-kubelet-client")]),
  ]

  /// Whether a client of this identity can do nothing until it has the binding.
  private func isNeeded(byUser user: String, groups: [String]) -> Bool {
    subjects.contains { subject in
      switch subject {
      case .group(let group): groups.contains(group)
      case .user(let name): user == name && groups.isEmpty
      }
    }
  }

  /// The bindings that clients of these identities need.
  package static func needed(by identities: [(user: String, groups: [String])]) -> [ClusterRoleBinding] {
    all.filter { binding in identities.contains { binding.isNeeded(byUser: $0.user, groups: $0.groups) } }
  }
}

extension ClusterRoleBinding {
  /// The object that an API server takes.
  package var object: JSONValue {
    let group = JSONValue.string("rbac.authorization.k8s.io")
    let subjects = subjects.map { subject -> JSONValue in
      switch subject {
      case .user(let name): ["apiGroup": group, "kind": "User", "name": .string(name)]
      case .group(let name): ["apiGroup": group, "kind": "Group", "name": .string(name)]
      }
    }
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1",
      "kind": "ClusterRoleBinding",
      "metadata": ["name": .string(name)],
      "roleRef": ["apiGroup": group, "kind": "ClusterRole", "name": .string(role)],
      "subjects": .array(subjects),
    ]
  }
}

extension Catalog {
  /// The bindings without which the API server or a kubelet would refuse some of these certificates, or of those that are
  /// in `tree`.
  package func roleBindings(in tree: TreeContents? = nil) -> [ClusterRoleBinding] {
    var identities: [(user: String, groups: [String])] = []
    for entry in entries where entry.ca == .ca {
      if case .fixed(let user) = entry.commonName { identities.append((user, entry.organizations)) }
      if let found = tree?[entry.id].certificate?.subject {
        identities.append((found.commonName ?? "", found.organizations))
      }
    }
    return ClusterRoleBinding.needed(by: identities)
  }
}
