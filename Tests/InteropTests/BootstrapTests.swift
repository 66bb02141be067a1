import FoundationEssentials
import TestSupport
import Testing

/// What kubelets and users are given, as openssl, Python and a real kubectl take it.
@Suite(.timeLimit(.minutes(20)))
struct BootstrapTests {
  private let directory: TemporaryDirectory
  private let tree: Tree

  init() async throws {
    directory = try TemporaryDirectory()
    tree = try await Trees.made(with: .ecdsaP256)
  }

  private func pkigen(_ arguments: String...) async throws -> Outcome {
    let outcome = try await Pkigen.run(arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome)")
    return outcome
  }

  /// kubeadm's own recipe.
  @Test func `the hash of the CA is that of openssl`() async throws {
    let key = try await run(Judges.openssl, ["x509", "-pubkey", "-noout", "-in", tree.certificate("ca")])
      .stdout
    let der = directory.path("key.der")
    _ = try await run(Judges.openssl, ["pkey", "-pubin", "-outform", "DER", "-out", der], input: key)
    let hash = try await run(Judges.openssl, ["dgst", "-sha256", "-r", der]).stdout.prefix(64)
    try #require(hash.count == 64)
    #expect(try await pkigen("ca-hash", "-d", tree.directory.path).stdout == "sha256:\(hash)\n")
    #expect(
      try await pkigen("ca-hash", "--ca-cert", tree.certificate("ca"), "-o", "json").stdout.contains(
        "\"sha256:\(hash)\""))
  }

  @Test func `kubectl reads the kubeconfig of a bootstrapping kubelet`() async throws {
    let token = "abcdef.0123456789abcdef"
    try "\(token)\n".write(toFile: directory.path("token"), atomically: true, encoding: .utf8)
    for (style, cluster, user, context) in [
      ("documented", "default-cluster", "kubelet-bootstrap", "default"),
      ("kubeadm", "kubernetes", "tls-bootstrap-token-user", "tls-bootstrap-token-user@kubernetes"),
    ] {
      let path = directory.path("\(style).conf")
      _ = try await pkigen(
        "bootstrap", "kubeconfig", "--token-file", directory.path("token"), "--server",
        "https://k8s.example.com:6443",
        "-d", tree.directory.path, "--style", style, "--out", path)
      let kubectl = try Kubectl(kubeconfig: path)
      func value(_ path: String) async throws -> String {
        try await kubectl("config", "view", "--raw", "-o", "jsonpath=\(path)").stdout
      }
      #expect(try await value("{.current-context}") == context)
      #expect(try await value("{.users[0].name}") == user)
      #expect(try await value("{.users[0].user.token}") == token)
      #expect(try await value("{.clusters[0].name}") == cluster)
      #expect(try await value("{.clusters[0].cluster.server}") == "https://k8s.example.com:6443")
      let authority = try await value("{.clusters[0].cluster.certificate-authority-data}")
      #expect(
        Data(base64Encoded: authority) == (try Data(contentsOf: URL(filePath: tree.certificate("ca")))))
    }
  }

  /// As kube-apiserver reads a static token file, with a reader of CSV.
  @Test func `the line of a static token file is CSV`() async throws {
    let line = try await pkigen(
      "bootstrap", "token", "-o", "csv", "--user", "a \"b\"", "--uid", "7", "--groups", "g1,g2"
    ).stdout
    let read = "import csv, json, sys; print(json.dumps(list(csv.reader(sys.stdin))))"
    let rows = try await run(Judges.python, ["-c", read], input: line).stdout
    let row = try #require(try JSONDecoder().decode([[String]].self, from: Data(rows.utf8)).first)
    #expect(row[0].count == 32 && row[0].allSatisfy(\.isHexDigit))
    #expect(Array(row.dropFirst()) == ["a \"b\"", "7", "g1,g2"])
    let usual = try await pkigen("bootstrap", "token", "-o", "csv").stdout
    #expect(usual.dropFirst(32) == ",kubelet-bootstrap,10001,system:kubelet-bootstrap\n")
  }

  @Test func `a user logs in, and is who the kubeconfig says until it ends`() async throws {
    let port = try freePort()
    let tree = try await Tree(
      .ecdsaP256, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)")
    let path = directory.path("jane.conf")
    _ = try await pkigen(
      "kubeconfig", "user", "--client-name", "jane", "--org", "dev", "--org", "ops", "--validity", "24h",
      "-d",
      tree.directory.path, "--server", "https://127.0.0.1:\(port)", "--key-algorithm", "ecdsa-p256", "--out",
      path)
    let arguments = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"), tree.certificate("ca"),
    ]
    try await withServer(Judges.goServe, arguments, log: tree.directory.path("server.log")) {
      let kubectl = try Kubectl(kubeconfig: path)
      try await kubectl.waitForServer()
      #expect(try await kubectl.subject() == "O = dev, O = ops, CN = jane")
    }
    let kubectl = try Kubectl(kubeconfig: path)
    #expect(try await kubectl("config", "current-context").stdout == "jane@default-cluster\n")
    let data = try await kubectl(
      "config", "view", "--raw", "-o", "jsonpath={.users[0].user.client-certificate-data}"
    ).stdout
    try #require(Data(base64Encoded: data)).write(to: URL(filePath: directory.path("jane.crt")))
    let certificate = try await CertificateText(directory.path("jane.crt"))
    #expect(certificate.notAfter.timeIntervalSince(certificate.notBefore) == 24 * 3600 + 300)
  }

  @Test func `a kubelet's serving certificate is one to openssl and to Go`() async throws {
    try FileManager.default.copyItem(atPath: tree.directory.path, toPath: directory.path("tree"))
    _ = try await pkigen(
      "phase", "cert", "kubelet-server", "-d", directory.path("tree"), "--node-name", "w1", "--advertise-ip",
      "10.0.0.21", "--kubelet-server-san", "w1.example.com", "--key-algorithm", "ecdsa-p256")
    let path = directory.path("tree/pki/kubelet-server")
    let certificate = try await CertificateText("\(path).crt")
    #expect(certificate.subject == "O = system:nodes, CN = system:node:w1")
    #expect(certificate.extensions["Extended Key Usage"] == "TLS Web Server Authentication")
    #expect(
      certificate.extensions["Subject Alternative Name"] == "DNS:w1, DNS:w1.example.com, IP Address:10.0.0.21"
    )
    let questions = ["w1", "w1.example.com", "10.0.0.21"].map { name in
      Question(
        leaf: "\(path).crt", key: "\(path).key", root: tree.certificate("ca"), name: name, usage: .server,
        time: Date())
    }
    try await Question.ask(questions, of: Judges.goVerify, phrases: [:])
    // The tree is as sound with it as without, and its end is reported with the others'.
    let verified = try await Pkigen.run("verify", "-d", directory.path("tree"), "--strict")
    #expect(verified.status == 0, "\(verified)")
    let expiry = try await pkigen("check-expiration", "-d", directory.path("tree")).stdout
    #expect(expiry.contains("kubelet-server "))
    #expect(
      !(try await pkigen("check-expiration", "-d", tree.directory.path).stdout.contains("kubelet-server ")))
  }
}
