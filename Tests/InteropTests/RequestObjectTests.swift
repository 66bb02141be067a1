import FoundationEssentials
import TestSupport
import Testing

/// Objects of the API, as kubectl and the schemas of Kubernetes take them.
@Suite(.timeLimit(.minutes(20)))
struct RequestObjectTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func pkigen(_ arguments: String...) async throws -> String {
    let outcome = try await Pkigen.run(arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome)")
    return outcome.stdout
  }

  /// Every kind of object that pkigen prints, by the name of its file.
  private func objects() async throws -> [String: String] {
    _ = try await pkigen(
      "csr", "create", "--common-name", "jane", "--org", "dev", "--out", directory.path("jane"))
    _ = try await pkigen("csr", "create", "--service", "web.shop", "--out", directory.path("web"))
    _ = try await pkigen("bootstrap", "token", "--out", directory.path("token"))
    return [
      "client": try await pkigen(
        "csr", "manifest", directory.path("jane.csr"), "--name", "jane", "--expiration", "24h",
        "--signer-name",
        "kubernetes.io/kube-apiserver-client"),
      "serving": try await pkigen(
        "csr", "manifest", directory.path("web.csr"), "--name", "web.shop", "--signer-name",
        "example.com/serving",
        "--usage", "digital signature", "--usage", "key encipherment,server auth"),
      "secret": try await pkigen(
        "bootstrap", "token", "--token-file", directory.path("token"), "-o", "secret", "--description",
        "yes: \"no\"",
        "--groups", "system:bootstrappers:rack7,system:bootstrappers:rack8"),
      "rbac": try await pkigen("bootstrap", "rbac", "--selfnodeserver"),
      "kubeadm": try await pkigen("bootstrap", "rbac", "--selfnodeserver", "--style", "kubeadm"),
      "json": try await pkigen("bootstrap", "rbac", "-o", "json"),
    ]
  }

  @Test func `objects are what Kubernetes' schemas demand`() async throws {
    for (name, text) in try await objects() where name != "json" {
      let path = directory.path("\(name).yaml")
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let outcome = try await run(Judges.kubernetesValidate, ["--strict", path])
      #expect(outcome.status == 0, "\(name): \(outcome)")
      // The verifier can say no.
      try text.replacing("metadata:", with: "metadate:").write(
        toFile: path, atomically: true, encoding: .utf8)
      #expect(try await run(Judges.kubernetesValidate, ["--strict", path]).status != 0, "\(name)")
    }
  }

  /// A token, a group and words that YAML 1.1 has other meanings for, read back by a reader of YAML 1.1.
  @Test func `kubectl creates each object, and its request and token come out as they went in`() async throws
  {
    let objects = try await objects()
    try await withKubectl { kubectl in
      for (name, object) in objects {
        let path = directory.path(name == "json" ? "x.json" : "\(name).yaml")
        try object.write(toFile: path, atomically: true, encoding: .utf8)
        let outcome = try await kubectl(
          "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", path)
        try #require(outcome.status == 0, "\(name): \(outcome.stderr)")
        switch name {
        case "client":
          let decoded = try outcome.document(RequestObject.self)
          #expect(decoded.metadata.name == "jane" && decoded.spec.expirationSeconds == 86400)
          #expect(decoded.spec.usages == ["digital signature", "client auth"])
          #expect(decoded.spec.request == (try Data(contentsOf: URL(filePath: directory.path("jane.csr")))))
        case "secret":
          let data = try outcome.document(SecretObject.self).stringData
          let token = "\(data["token-id"] ?? "").\(data["token-secret"] ?? "")\n"
          #expect(token == (try text(of: directory.path("token"))))
          #expect(data["description"] == "yes: \"no\"" && data["usage-bootstrap-signing"] == "true")
          #expect(data["auth-extra-groups"] == "system:bootstrappers:rack7,system:bootstrappers:rack8")
        default: #expect(outcome.stdout.contains("\"kind\": "))
        }
      }
    }
  }

  /// The way of a kubelet's request through a cluster, all of it without one.
  @Test func `a signed object goes back to the API, first its approval and then its certificate`()
    async throws
  {
    try await withKubectl { kubectl in
      let tree = try await Trees.made(with: .ecdsaP256)
      let input = try await listedRequests()
      let signed = try await Pkigen.run(
        "csr", "sign", "-", "-d", tree.directory.path, "--allow-cn", "system:node:*", input: input)
      try #require(signed.status == 0, "\(signed)")
      let path = directory.path("signed.json")
      try signed.stdout.write(toFile: path, atomically: true, encoding: .utf8)
      for subresource in ["approval", "status"] {
        let outcome = try await kubectl(
          "replace", "--raw",
          "/apis/certificates.k8s.io/v1/certificatesigningrequests/node-csr-Ab_1/\(subresource)",
          "-f", path)
        try #require(outcome.status == 0, "\(outcome.stderr)")
        let answer = try outcome.document(Answer.self)
        #expect(answer.subresource == subresource)
        #expect(answer.status.conditions.map(\.type) == ["Approved"])
        let pem = directory.path("kubelet.crt")
        try #require(answer.status.certificate).write(to: URL(filePath: pem))
        let certificate = try await CertificateText(pem)
        #expect(certificate.subject == "O = system:nodes, CN = system:node:w1")
        #expect(certificate.extensions["Extended Key Usage"] == "TLS Web Client Authentication")
        #expect(certificate.extensions["Subject Alternative Name"] == nil)
      }
      try signed.stdout.write(toFile: path, atomically: true, encoding: .utf8)
      let schema = try await run(Judges.kubernetesValidate, ["--strict", path])
      #expect(schema.status == 0, "\(schema)")
    }
  }

  @Test func `a denied object goes back to the API as a decision, without a certificate`() async throws {
    let tree = try await Trees.made(with: .ecdsaP256)
    let denied = try await Pkigen.run(
      "csr", "sign", "-", "-d", tree.directory.path, "--deny-object", "--out", directory.path("out"),
      input: try await KubeletRequest.first.object(in: directory))
    try #require(denied.status == 1 && denied.stderr.contains(": common-name-not-allowed: "), "\(denied)")
    let path = directory.path("out/node-csr-Ab_1.json")
    try await withKubectl { kubectl in
      let outcome = try await kubectl(
        "replace", "--raw", "/apis/certificates.k8s.io/v1/certificatesigningrequests/node-csr-Ab_1/approval",
        "-f", path)
      try #require(outcome.status == 0, "\(outcome.stderr)")
      let status = try outcome.document(Answer.self).status
      #expect(status.conditions.map(\.type) == ["Denied"] && status.certificate == nil)
    }
    let schema = try await run(Judges.kubernetesValidate, ["--strict", path])
    #expect(schema.status == 0, "\(schema)")
  }

  /// A list as kubectl prints it: the kubelet's request, and one that is done with.
  private func listedRequests() async throws -> String {
    let open = try await KubeletRequest.first.object(in: directory)
    let done = open.replacing("node-csr-Ab_1", with: "done")
      .replacing("status: {}", with: "status: {conditions: [{type: Denied, status: \"True\"}]}")
    let items = [open, done].map { "- " + $0.replacing("\n", with: "\n  ").dropLast(2) }
    return "apiVersion: v1\nitems:\n\(items.joined())kind: List\nmetadata:\n  resourceVersion: \"\"\n"
  }

  /// Lends a kubectl that is logged in as the administrator of a server which knows these kinds of object.
  private func withKubectl(_ body: (Kubectl) async throws -> Void) async throws {
    let port = try freePort()
    let tree = try await Tree(
      .ecdsaP256, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)")
    let arguments = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"), tree.certificate("ca"),
    ]
    try await withServer(Judges.goServe, arguments, log: tree.directory.path("server.log")) {
      let kubectl = try Kubectl(kubeconfig: tree.kubeconfig("admin.conf"))
      try await kubectl.waitForServer()
      try await body(kubectl)
    }
  }
}

private struct RequestObject: Decodable {
  struct Metadata: Decodable { var name: String }
  struct Specification: Decodable {
    var request: Data
    var signerName: String
    var usages: [String]
    var expirationSeconds: Int
  }
  var metadata: Metadata
  var spec: Specification
}

private struct SecretObject: Decodable {
  var stringData: [String: String]
}

/// What `goserve` says of a decision.
private struct Answer: Decodable {
  struct Condition: Decodable { var type: String }
  struct Status: Decodable {
    var conditions: [Condition]
    var certificate: Data?
  }
  var subresource: String
  var status: Status
}
