package import KubernetesPKI
package import StructuredText

/// The roles and bindings with which kubelets get certificates by themselves: who may ask, and whose requests
/// kube-controller-manager approves.
///
/// See <https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/>.
package struct BootstrapAuthorization: Sendable {
  /// One right: the binding that gives it, and the role.
  private struct Row {
    /// The names of the binding, documented and kubeadm's.
    let binding: (documented: String, kubeadm: String)
    /// The name of the role where pkigen makes it, and of the one that every cluster has, if there is one.
    let role: (own: String?, builtIn: String?)
    /// The subresource of certificatesigningrequests that the role is for.
    let subresource: String?
    /// The group of all nodes, instead of the bootstrap group.
    var isForNodes = false
  }

  private static let asking = Row(
    binding: ("create-csrs-for-bootstrapping", "kubeadm:kubelet-bootstrap"),
    role: (nil, "system:node-bootstrapper"), subresource: nil)
  private static let first = Row(
    binding: ("auto-approve-csrs-for-group", "kubeadm:node-autoapprove-bootstrap"),
    role: ("approve-node-client-csr", "system:certificates.k8s.io:certificatesigningrequests:nodeclient"),
    subresource: "nodeclient")
  private static let renewal = Row(
    binding: ("auto-approve-renewals-for-nodes", "kubeadm:node-autoapprove-certificate-rotation"),
    role: (
      "approve-node-client-renewal-csr",
      "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"
    ), subresource: "selfnodeclient", isForNodes: true)
  private static let serving = Row(
    binding: (
      "auto-approve-server-renewals-for-nodes", "kubeadm:node-autoapprove-server-certificate-rotation"
    ),
    role: ("approve-node-server-renewal-csr", nil), subresource: "selfnodeserver", isForNodes: true)

  /// The objects, each role before its binding.
  ///
  /// - Parameters:
  ///   - groups: the groups of the tokens; those of the style when there are none.
  ///   - includesServing: also the right to serving certificates, which kube-controller-manager never approves by itself.
  /// - Throws: ``PKIErrors`` with the groups that are none.
  package static func objects(
    _ style: NamingStyle, groups: [Setting], includesServing: Bool
  ) throws(PKIErrors) -> [JSONValue] {
    var check = ClusterSettings.Check()
    let named = groups.compactMap { check.optional($0, HostName.parseText) }
    guard check.errors.isEmpty else { throw PKIErrors(check.errors) }
    let usual = style == .kubeadm ? TokenTerms.defaultGroup : "system:bootstrappers"
    let tokens = named.isEmpty ? [usual] : named
    return ([asking, first, renewal] + (includesServing ? [serving] : [])).flatMap { row in
      Self.objects(row, style, row.isForNodes ? ["system:nodes"] : tokens)
    }
  }

  /// In the documented style each role is one's own; in kubeadm's, only where no cluster has it.
  private static func objects(
    _ row: Row, _ style: NamingStyle, _ groups: [String]
  ) -> [JSONValue] {
    let isOwn = row.role.own != nil && (style == .documented || row.role.builtIn == nil)
    let name = style == .documented ? row.binding.documented : row.binding.kubeadm
    let own = style == .documented ? row.role.own : name
    let role = (isOwn ? own : row.role.builtIn) ?? name
    let binding = ClusterRoleBinding(name: name, role: role, subjects: groups.map { .group($0) })
    return (isOwn ? [self.role(role, for: row.subresource ?? "")] : []) + [binding.object]
  }

  private static func role(_ name: String, for subresource: String) -> JSONValue {
    [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
      "metadata": ["name": .string(name)],
      "rules": [
        [
          "apiGroups": ["certificates.k8s.io"],
          "resources": [.string("certificatesigningrequests/\(subresource)")], "verbs": ["create"],
        ]
      ],
    ]
  }
}
