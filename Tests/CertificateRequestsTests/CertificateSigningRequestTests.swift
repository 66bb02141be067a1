@testable import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import StructuredText
import TestSupport
import Testing

/// Requests as files hold them, and objects as they are printed.
struct CertificateSigningRequestTests {
  private let directory: TemporaryDirectory
  private let pem: String
  private var base64: String { Data(pem.utf8).base64EncodedString() }

  init() throws {
    directory = try TemporaryDirectory()
    pem = String(decoding: try CSRFixture().made().request.pem().copy, as: UTF8.self)
  }

  private func read(_ text: String) throws -> [CertificateSigningRequest] {
    let path = directory.path("x.csr")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try CertificateSigningRequest.read(path)
  }

  /// Why a file cannot be used.
  private func problem(_ text: String) throws -> String {
    let error = try #require(throws: PKIError.self) { try read(text) }
    guard case .unsound(let finding) = error else { return "\(error)" }
    #expect(finding.code == .malformedFile)
    return finding.message.replacing(directory.path("x.csr"), with: "FILE")
      .replacing("FILE does not hold a certificate signing request that can be used: ", with: "")
  }

  /// An object of the API with these lines in its spec.
  private func object(_ spec: String..., name: String = "a", status: String = "{}") -> String {
    """
    apiVersion: certificates.k8s.io/v1
    kind: CertificateSigningRequest
    metadata: {name: \(name)}
    spec:
      request: \(base64)
    \(spec.map { "  \($0)\n" }.joined())status: \(status)

    """
  }

  @Test func `a bare request knows nothing but itself`() throws {
    let request = try #require(try read("some text before it\n" + pem).first)
    #expect(request.origin == directory.path("x.csr") && request.fileName == "x")
    #expect(request.request.subject.commonName == "jane" && !request.isObject)
    #expect(request.signerName == nil && request.usages == nil && request.requestor == nil)
  }

  @Test func `a file of several has them all, each with a name of its own`() throws {
    let requests = try read(pem + pem.replacing("CERTIFICATE REQUEST", with: "NEW CERTIFICATE REQUEST"))
    #expect(requests.map(\.fileName) == ["x-1", "x-2"])
    #expect(requests.map(\.origin) == [1, 2].map { "\(directory.path("x.csr")), request \($0)" })
  }

  @Test func `a key beside the request is passed over`() throws {
    let key = String(decoding: try PrivateKey.generate(.ecdsaP256).pem().copy, as: UTF8.self)
    #expect(try read(key + pem).count == 1)
  }

  @Test func `an object says what the API server knows`() throws {
    let request = try #require(
      try read(
        object(
          "signerName: kubernetes.io/kubelet-serving", "usages: [digital signature, server auth]",
          "expirationSeconds: 3600", "username: system:node:w1", "groups: [system:nodes]")
      ).first)
    #expect(request.name == "a" && request.fileName == "a" && request.isObject && request.state == .pending)
    #expect(request.signerName == "kubernetes.io/kubelet-serving" && request.expirationSeconds == 3600)
    #expect(request.usages == ["digital signature", "server auth"])
    #expect(request.requestor == Requestor(username: "system:node:w1", groups: ["system:nodes"]))
  }

  @Test func `objects come in lists, in several documents, and in JSON`() throws {
    let json = """
      {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "certificates.k8s.io/v1", "kind":
      "CertificateSigningRequest", "metadata": {"name": "\\ud83d\\ude00"}, "spec": {"request": "\(base64)"}}]}
      """
    #expect(try read(json).map(\.name) == ["😀"])
    #expect(try read(object() + "---\n# nothing\n---\n" + object(name: "b")).map(\.name) == ["a", "b"])
    let list = json.replacing("\"List\"", with: "\"CertificateSigningRequestList\"")
    #expect(try read(list).count == 1)
  }

  @Test(arguments: [
    ("{}", "Pending"), ("{conditions: [{type: Approved, status: 'True'}]}", "Approved"),
    ("{conditions: [{type: Denied}]}", "Denied"),
    ("{conditions: [{type: Failed, status: 'True'}]}", "Failed"),
    ("{conditions: [{type: Approved, status: 'True'}], certificate: eA==}", "Issued"),
    ("{conditions: [], certificate: ''}", "Pending"),
    ("{conditions: [{type: Denied, status: 'False'}]}", "Pending"),
  ])
  func `the state is that of the conditions`(status: String, state: String) throws {
    #expect(try read(object(status: status)).first?.state.rawValue == state)
  }

  @Test func `what is no request is reported by what it is`() throws {
    #expect(try problem("") == "there is none in it")
    #expect(try problem("hello") == "it is neither PEM nor an object in YAML or JSON")
    #expect(try problem("kind: Pod\n") == "its kind is \"Pod\", not CertificateSigningRequest")
    #expect(
      try problem("kind: CertificateSigningRequest\napiVersion: certificates.k8s.io/v1beta1\n")
        == "its apiVersion is \"certificates.k8s.io/v1beta1\", not certificates.k8s.io/v1")
    #expect(try problem(object().replacing("  request", with: "  requests")) == "it has no spec.request")
    #expect(try problem(object().replacing(base64, with: "'*'")) == "its spec.request is not base64")
    #expect(
      try problem(object().replacing(base64, with: "aGVsbG8=")).contains(
        "it is not one CERTIFICATE REQUEST block and nothing else"))
    #expect(
      try problem(object("expirationSeconds: soon")) == "its spec.expirationSeconds is not a whole number")
    #expect(
      try problem(object("expirationSeconds: 1.5")) == "its spec.expirationSeconds is not a whole number")
    #expect(try problem(object("usages: client auth")) == "its spec.usages is not a list of texts")
    #expect(try problem(object("usages: [1]")) == "its spec.usages is not a list of texts")
    #expect(try problem(object("username: 12")) == "its spec.username is not a text")
    #expect(
      try problem(object() + "---\nkind: Pod\n")
        == "object 2: its kind is \"Pod\", not CertificateSigningRequest")
    #expect(try problem(pem.replacing("-----END", with: "-----EN")).hasPrefix("cannot read the PEM block"))
    let certificate = pem.replacing("CERTIFICATE REQUEST", with: "CERTIFICATE")
    #expect(try problem(certificate).contains("there is a CERTIFICATE block in it"))
  }

  /// The API server's reader takes the first block; what follows it is for another reader to take.
  @Test func `a request that hides another is none`() throws {
    let two = Data((pem + pem).utf8).base64EncodedString()
    #expect(
      try problem(object().replacing(base64, with: two)).contains(
        "it is not one CERTIFICATE REQUEST block and nothing else"))
  }

  /// The name becomes one of a file.
  @Test(arguments: ["../../etc/x", "a/b", "..", ".", "'%2e'", "''"])
  func `a name that leads out of its place is none`(name: String) throws {
    #expect(try problem(object(name: name)).hasSuffix("which is no name of an object"))
  }

  @Test func `aliases that stand for too much are not followed`() throws {
    let levels = (1...30).map { "l\($0): &l\($0) [*l\($0 - 1), *l\($0 - 1)]\n" }.joined()
    #expect(try problem("l0: &l0 [x, x]\n" + levels) == "its YAML aliases stand for too much")
  }

  @Test func `a decided object has all that it had, but what ties it to a moment`() throws {
    let text = object(
      "signerName: kubernetes.io/kube-apiserver-client", "usages: [client auth]", "extra: {a: [b]}"
    )
    .replacing(
      "{name: a}", with: "{name: a, uid: u, resourceVersion: '7', labels: {l: 'yes'}, managedFields: [{}]}")
    let request = try #require(try read(text).first)
    let approved = try #require(request.approved(Array("PEM".utf8), at: MadeTree.instant))
    #expect(approved["metadata"] == ["name": "a", "uid": "u", "labels": ["l": "yes"]])
    #expect(approved["spec"]?["extra"] == ["a": ["b"]])
    #expect(
      approved["status"] == [
        "certificate": .string(Data("PEM".utf8).base64EncodedString()),
        "conditions": [
          [
            "type": "Approved", "status": "True", "reason": "PkigenApprove",
            "message": "This CSR was approved by pkigen.", "lastUpdateTime": "2027-01-15T08:00:00Z",
            "lastTransitionTime": "2027-01-15T08:00:00Z",
          ]
        ],
      ])
    let denied = try #require(request.denied([Denial(.weakKey, "why")], at: MadeTree.instant))
    let condition = try #require(denied["status"]?["conditions"]?.array?.first)
    #expect(condition["type"] == "Denied" && condition["message"] == "weak-key: why")
    #expect(denied["status"]?["certificate"] == nil)
  }

  @Test func `what is approved already is not approved again, and what was decided is left alone`() throws {
    let approval = "{conditions: [{type: Approved, status: 'True', reason: KubectlApprove}]}"
    let request = try #require(try read(object(status: approval)).first)
    let conditions = request.approved([1], at: MadeTree.instant)?["status"]?["conditions"]
    #expect(conditions == [["type": "Approved", "status": "True", "reason": "KubectlApprove"]])
    #expect(request.denied([Denial(.weakKey, "")], at: MadeTree.instant) == nil)
  }

  @Test func `a bare request needs a signer, and usages where the signer wants none`() throws {
    let bare = try CSRFixture(signerName: nil, usages: nil).made()
    func errors(_ change: (inout CSRTerms) -> Void) -> [String] {
      var terms = CSRTerms()
      change(&terms)
      do throws(PKIErrors) {
        _ = try terms.complete(bare)
        return []
      } catch {
        return error.errors.map(\.description)
      }
    }
    #expect(errors { _ in } == ["signer-name is required"])
    #expect(
      errors { $0.signerName = Setting("example.com/x", from: .option("--signer-name")) } == [
        "usage is required"
      ])
    #expect(errors { $0.signerName = Setting(CSRFixture.client, from: .option("--signer-name")) } == [])
    #expect(
      errors {
        $0.name = Setting("a/b", from: .option("--name"))
        $0.signerName = Setting("x", from: .option("--signer-name"))
        $0.usages = [Setting("y", from: .option("--usage"))]
        $0.expiration = Setting("9m", from: .option("--expiration"))
      }.map { $0.prefix { $0 != ":" } } == ["--name", "--signer-name", "--expiration", "--usage"])
    #expect(errors { $0.expiration = Setting("69y", from: .option("--expiration")) }.count == 2)
  }

  @Test func `an object's usages stay as the API server has them`() throws {
    let request = try #require(try read(object("signerName: example.com/x", "usages: [client auth]")).first)
    var terms = CSRTerms()
    terms.usages = [Setting("server", from: .option("--usage"))]
    let errors = #expect(throws: PKIErrors.self) { try terms.complete(request) }
    #expect(errors?.errors.count == 1)
    terms.usages = []
    #expect(try terms.complete(request).usages == ["client auth"])
  }
}
