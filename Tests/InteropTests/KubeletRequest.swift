import FoundationEssentials
import TestSupport
import Testing

/// A request of the node w1's kubelet, as the kubelet makes it and as the API server keeps it.
struct KubeletRequest: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var name = "csr-7x2fq"
  var username = "system:node:w1"
  var groups = ["system:nodes", "system:authenticated"]
  var isServing = false
  var isRSA = false
  /// What the approving controller takes it for.
  let kind: String

  /// The forms that there are: for a client or a server, new or renewed, with each kind of key.
  static let all = [first, renewal, renewalWithRSA, serving, servingWithRSA]

  static let first = KubeletRequest(
    testDescription: "a new node's first", name: "node-csr-Ab_1", username: "system:bootstrap:abcdef",
    groups: [
      "system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token", "system:authenticated",
    ], kind: "nodeclient")
  static let renewal = KubeletRequest(testDescription: "a renewal", kind: "selfnodeclient")
  static let renewalWithRSA = KubeletRequest(
    testDescription: "a renewal with an RSA key", isRSA: true, kind: "selfnodeclient")
  static let serving = KubeletRequest(
    testDescription: "for a server", isServing: true, kind: "selfnodeserver")
  static let servingWithRSA = KubeletRequest(
    testDescription: "for a server with an RSA key", isServing: true, isRSA: true, kind: "selfnodeserver")

  /// The order is the kubelet's; only with RSA it asks for key encipherment.
  var usages: [String] {
    let purpose = isServing ? "server auth" : "client auth"
    return isRSA ? ["key encipherment", "digital signature", purpose] : ["digital signature", purpose]
  }

  /// The PEM text; the key lies in `directory`.
  func pem(in directory: TemporaryDirectory) async throws -> String {
    let key = isRSA ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    let names = isServing ? ["-addext", "subjectAltName=DNS:w1,IP:10.0.0.21,IP:fd00::21"] : []
    let request = try await run(
      Judges.openssl,
      ["req", "-new", "-nodes", "-newkey"] + key + ["-keyout", directory.path("kubelet.key")]
        + ["-subj", "/O=system:nodes/CN=system:node:w1"] + names)
    try #require(request.status == 0, "\(request.stderr)")
    return request.stdout
  }

  /// The object's YAML, as kubectl prints it.
  func object(in directory: TemporaryDirectory) async throws -> String {
    """
    apiVersion: certificates.k8s.io/v1
    kind: CertificateSigningRequest
    metadata:
      creationTimestamp: "2026-11-21T08:00:00Z"
      labels: {a: "yes"}
      name: \(name)
      resourceVersion: "1234"
      uid: 7f5f4e2e-3d4f-4c5b-9b0a-1a2b3c4d5e6f
    spec:
      groups: [\(groups.map { "\"\($0)\"" }.joined(separator: ", "))]
      request: \(Data(try await pem(in: directory).utf8).base64EncodedString())
      signerName: kubernetes.io/\(isServing ? "kubelet-serving" : "kube-apiserver-client-kubelet")
      usages: [\(usages.joined(separator: ", "))]
      username: \(username)
    status: {}

    """
  }
}
