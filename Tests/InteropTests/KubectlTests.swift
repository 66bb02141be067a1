import FoundationEssentials
import TestSupport
import Testing

/// A real kubectl reads the kubeconfigs, and logs in with them.
@Suite(.timeLimit(.minutes(20)))
struct KubectlTests {
  /// The credential of each kubeconfig, by the documentation.
  private static let users = [
    "admin.conf": "default-admin",
    "kubelet.conf": "default-auth",
    "controller-manager.conf": "default-controller-manager",
    "scheduler.conf": "default-scheduler",
  ]

  @Test(arguments: Algorithm.quick)
  func `kubectl reads each kubeconfig`(algorithm: Algorithm) async throws {
    let tree = try await Trees.made(with: algorithm)
    let authority = try Data(contentsOf: URL(filePath: tree.certificate("ca")))
    for (file, user) in Self.users {
      let kubectl = try Kubectl(kubeconfig: tree.kubeconfig(file))
      #expect(try await kubectl("config", "current-context").stdout == "default-system\n")

      let view = try await kubectl("config", "view", "--raw", "-o", "json")
      let config = try view.document(Kubeconfig.self)
      let server = "https://\(Leaf.advertiseAddress):6443"
      #expect(config.currentContext == "default-system")
      #expect(
        config.clusters == [
          .init(name: "default-cluster", cluster: .init(server: server, certificateAuthorityData: authority))
        ])
      #expect(
        config.contexts == [
          .init(name: "default-system", context: .init(cluster: "default-cluster", user: user))
        ])
      #expect(
        config.users == [
          .init(
            name: user,
            user: .init(
              clientCertificateData: try Data(contentsOf: URL(filePath: tree.certificate(file))),
              clientKeyData: try Data(contentsOf: URL(filePath: tree.key(file)))))
        ])
    }
  }

  @Test(arguments: Algorithm.quick)
  func `kubectl logs in with each kubeconfig, and not without`(algorithm: Algorithm) async throws {
    let port = try freePort()
    let tree = try await Tree(
      algorithm, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)")
    let arguments = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"), tree.certificate("ca"),
    ]
    try await withServer(Judges.goServe, arguments, log: tree.directory.path("server.log")) {
      try await Kubectl(kubeconfig: tree.kubeconfig("admin.conf")).waitForServer()
      for leaf in Leaf.kubeconfigs { try await expectLogin(as: leaf, of: tree) }
      try await expectRefusals(by: "https://127.0.0.1:\(port)", of: tree)
    }
  }

  /// The server takes the certificate and reads from it the user and the groups that the tables name.
  private func expectLogin(as leaf: Leaf, of tree: Tree) async throws {
    #expect(try await Kubectl(kubeconfig: tree.kubeconfig(leaf.name)).subject() == leaf.subject)
  }

  /// Without a certificate, or with one of another CA, there is no getting in; nor does kubectl go to a server
  /// of another CA.
  private func expectRefusals(by server: String, of tree: Tree) async throws {
    let kubectl = try Kubectl(kubeconfig: "/dev/null")
    func get(_ root: String, _ identity: [String]) async throws -> Outcome {
      let arguments = ["get", "--raw", "/version", "--server", server]
      return try await kubectl(arguments + ["--certificate-authority", tree.certificate(root)] + identity)
    }
    func identity(_ name: String) -> [String] {
      ["--client-certificate", tree.certificate(name), "--client-key", tree.key(name)]
    }
    let log = tree.directory.path("server.log")

    #expect(try await get("ca", identity("apiserver-kubelet-client")).status == 0)
    try await expectRefusal(loggedIn: log, because: "client didn't provide a certificate") {
      try await get("ca", ["--token", "none"])
    }
    for name in ["etcd/healthcheck-client", "front-proxy-client"] {
      try await expectRefusal(loggedIn: log, because: "certificate signed by unknown authority") {
        try await get("ca", identity(name))
      }
    }
    let refused = try await get("front-proxy-ca", identity("admin.conf"))
    #expect(refused.stderr.contains("certificate signed by unknown authority"))
  }
}

private struct Kubeconfig: Decodable {
  struct Cluster: Decodable, Equatable {
    struct Value: Decodable, Equatable {
      var server: String
      var certificateAuthorityData: Data
      enum CodingKeys: String, CodingKey {
        case server
        case certificateAuthorityData = "certificate-authority-data"
      }
    }
    var name: String
    var cluster: Value
  }
  struct Context: Decodable, Equatable {
    struct Value: Decodable, Equatable {
      var cluster: String
      var user: String
    }
    var name: String
    var context: Value
  }
  struct User: Decodable, Equatable {
    struct Value: Decodable, Equatable {
      var clientCertificateData: Data
      var clientKeyData: Data
      enum CodingKeys: String, CodingKey {
        case clientCertificateData = "client-certificate-data"
        case clientKeyData = "client-key-data"
      }
    }
    var name: String
    var user: Value
  }

  var clusters: [Cluster]
  var contexts: [Context]
  var users: [User]
  var currentContext: String
  enum CodingKeys: String, CodingKey {
    case clusters, contexts, users
    case currentContext = "current-context"
  }
}
