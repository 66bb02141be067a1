import FoundationEssentials
import TestSupport
import Testing

/// What kubectl says of kubeconfigs that pkigen has renewed.
@Suite(.timeLimit(.minutes(20)))
struct RenewKubeconfigTests {
  private let port: UInt16
  private let tree: Tree

  init() async throws {
    port = try freePort()
    tree = try await Tree(
      .ecdsaP256, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)")
  }

  private var admin: String { tree.kubeconfig("admin.conf") }

  private func renew(_ arguments: String...) async throws {
    let outcome = try await Pkigen.run(["renew", "-q", "-d", tree.directory.path] + arguments)
    try #require(outcome.status == 0 && outcome.stdout.isEmpty, "\(outcome)")
  }

  /// The new admin.conf and a copy of the old one are let in by an API server with its old certificate and its new one.
  @Test func `old and new log in, before the API server is restarted and afterwards`() async throws {
    let copy = tree.directory.path("old-admin.conf")
    try FileManager.default.copyItem(atPath: admin, toPath: copy)
    let server = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"), tree.certificate("ca"),
    ]
    for restarts in 0...1 {
      try await withServer(Judges.goServe, server, log: tree.directory.path("server-\(restarts).log")) {
        try await Kubectl(kubeconfig: admin).waitForServer()
        if restarts == 0 { try await renew("all") }
        for kubeconfig in [admin, copy, tree.kubeconfig("kubelet.conf")] {
          let user = try await Kubectl(kubeconfig: kubeconfig)("auth", "whoami")
          #expect(user.status == 0, "\(kubeconfig), \(restarts): \(user)")
        }
      }
    }
    #expect(try text(of: admin) != text(of: copy))
  }

  /// A kubeconfig that people have worked with: three contexts, users of other kinds, extensions, comments, and the tree's
  /// own entries not the first ones.
  private func kubeconfig(certificate: String, key: String, authority: String) -> String {
    """
    # Ask Jane before you change anything.
    apiVersion: v1
    kind: Config
    preferences: {colors: true}   # hers
    extensions:
      - name: "notes"
        extension: {owner: 'jane', list: [1, 2.50, ~, no]}
    contexts:
      - {name: other, context: {cluster: other, user: other, namespace: web}}
      - name: mine
        context: {cluster: mine, user: me, namespace: kube-system}
      - {name: third, context: {cluster: other, user: me-too}}
    current-context: mine
    clusters:
      - cluster: {server: "https://192.0.2.1:6443", certificate-authority-data: b3RoZXI=, tls-server-name: x}
        name: other
      - name: mine
        cluster:
          server: https://127.0.0.1:\(port)
          proxy-url: ""
          certificate-authority-data: "\(authority)"
    users:
      - name: other
        user: {token: secret}
      - user:
          client-key-data: \(key)
          as: ""
          client-certificate-data: '\(certificate)'
        name: me
      - name: me-too
        user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, args: [a, 'b c'], env: null}}
    unknown-field: [{a: b}]
    ...

    """
  }

  /// What kubectl reads, but for the credentials of one user.
  private func view() async throws -> (rest: String, certificate: String, key: String) {
    let outcome = try await Kubectl(kubeconfig: admin)("config", "view", "--raw", "-o", "json")
    try #require(outcome.status == 0, "\(outcome.stderr)")
    func field(_ name: String) throws -> String {
      try String(
        #require(outcome.stdout.firstMatch(of: Regex("\"\(name)\": \"([^\"]+)\""))?[1].substring ?? ""))
    }
    let (certificate, key) = (try field("client-certificate-data"), try field("client-key-data"))
    return (outcome.stdout.replacing(certificate, with: "…").replacing(key, with: "…"), certificate, key)
  }

  @Test func `to kubectl, all that changes is one user's certificate and key`() async throws {
    func data(_ path: String) throws -> String {
      try Data(contentsOf: URL(filePath: path)).base64EncodedString()
    }
    let (certificate, key) = (
      try data(tree.certificate("admin.conf")), try data(tree.key("admin.conf"))
    )
    let old = kubeconfig(certificate: certificate, key: key, authority: try data(tree.certificate("ca")))
    try old.write(toFile: admin, atomically: false, encoding: .utf8)
    let before = try await view()
    try await renew("admin")
    let after = try await view()
    #expect(before.rest == after.rest && before.certificate == certificate && before.key == key)
    #expect(after.certificate != certificate && after.key != key)
    // To the byte.
    let new = try text(of: admin)
    #expect(
      new.replacing(after.certificate, with: certificate).replacing(after.key, with: key) == old)
    try Data(base64Encoded: after.certificate)?.write(to: URL(filePath: tree.certificate("renewed")))
    try await expectSuccessor(tree.certificate("renewed"), of: tree.certificate("admin.conf"))
  }

  private func expectSuccessor(_ new: String, of old: String) async throws {
    let question = Succession(old: old, new: new, issuer: tree.certificate("ca"), keepsKey: false)
    #expect(try await Succession.ask([question]) == [""])
  }

  @Test func `files that a kubeconfig names are renewed, and kubectl logs in with them`() async throws {
    let text = try text(of: admin)
      .replacing(/client-certificate-data: \S+/, with: "client-certificate: clients/admin.conf.crt")
      .replacing(/client-key-data: \S+/, with: "client-key: ./clients/../clients/admin.conf.key")
      .replacing(/certificate-authority-data: \S+/, with: "certificate-authority: pki/ca.crt")
    try text.write(toFile: admin, atomically: false, encoding: .utf8)
    let server = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"), tree.certificate("ca"),
    ]
    let old = tree.certificate("old")
    try FileManager.default.copyItem(atPath: tree.certificate("admin.conf"), toPath: old)
    try await renew("admin")
    #expect(try InteropTests.text(of: admin) == text)
    try await expectSuccessor(tree.certificate("admin.conf"), of: old)
    try await withServer(Judges.goServe, server, log: tree.directory.path("server.log")) {
      let kubectl = try Kubectl(kubeconfig: admin)
      try await kubectl.waitForServer()
      #expect(
        try await kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}").stdout
          == "kubernetes-admin")
    }
  }
}
