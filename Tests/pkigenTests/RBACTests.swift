import FoundationEssentials
import TestSupport
import Testing

/// `pkigen rbac`.
struct RBACTests {
  private struct Object: Decodable {
    struct Named: Decodable { let name: String }
    let apiVersion, kind: String
    let metadata: Named?
    let items: [Object]?

    /// The objects of a list, or the one that is none.
    var all: [Object] { items ?? [self] }
  }

  @Test func `it prints the bindings in YAML, ready for kubectl apply`() async throws {
    let outcome = try await Pkigen.run("rbac", "--style", "kubeadm", "-d", "/nonexistent")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    #expect(
      outcome.stdout == """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: kubeadm:cluster-admins
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: cluster-admin
        subjects:
        - apiGroup: rbac.authorization.k8s.io
          kind: Group
          name: kubeadm:cluster-admins
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: kubeadm:apiserver-kubelet-client
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: system:kubelet-api-admin
        subjects:
        - apiGroup: rbac.authorization.k8s.io
          kind: User
          name: kube-apiserver-kubelet-client

        """)
  }

  @Test(arguments: [("v1.28.3", 0), ("v1.30.0", 1), ("v1.36.0", 1), ("v1.36.1", 2)])
  func `the version decides how many there are`(version: String, count: Int) async throws {
    let objects = try await bindings(
      "--style", "kubeadm", "--kubernetes-version", version, "-d", "/nonexistent")
    #expect(objects.count == count)
    #expect(
      objects.allSatisfy {
        $0.apiVersion == "rbac.authorization.k8s.io/v1" && $0.kind == "ClusterRoleBinding"
      })
  }

  @Test func `the identities of a tree that is there count too`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.makeTree("--style", "kubeadm", "--kubernetes-version", "v1.36.0")
    let objects = try await bindings("-d", directory.path)
    #expect(objects.map(\.metadata?.name) == ["kubeadm:cluster-admins"])
    let newer = try await bindings("-d", directory.path, "--style", "kubeadm")
    #expect(newer.count == 2)
  }

  @Test func `identities that need no binding are reported as a comment`() async throws {
    let outcome = try await Pkigen.run("rbac", "-d", "/nonexistent")
    #expect(outcome == Outcome(status: 0, stdout: "# These identities need no ClusterRoleBinding.\n"))
  }

  @Test func `a version that is none is refused`() async throws {
    let outcome = try await Pkigen.run("rbac", "--style", "kubeadm", "--kubernetes-version", "1.36")
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr
        == "error: --kubernetes-version: \"1.36\" is not a version of Kubernetes; write it as v1.36.2\n")
  }

  private func bindings(_ options: String...) async throws -> [Object] {
    let outcome = try await Pkigen.run(["rbac", "-o", "json"] + options)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return try outcome.document(Object.self).all
  }
}
