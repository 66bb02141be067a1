/// The user who made a CertificateSigningRequest, as the API server has noted it: `spec.username` and `spec.groups`.
package struct Requestor: Hashable, Sendable {
  /// The user's name.
  package let username: String
  /// The user's groups; empty where they are not known.
  package let groups: [String]

  /// A user.
  package init(username: String, groups: [String] = []) {
    self.username = username
    self.groups = groups
  }

  /// Whether it is a node, <https://kubernetes.io/docs/reference/access-authn-authz/node/>.
  package var isNode: Bool {
    username.utf8.starts(with: "system:node:".utf8) || groups.contains("system:nodes")
  }
}
