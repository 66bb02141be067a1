@testable import CertificateRequests
import OpenSSLX509
import PKITestSupport

/// A request as a subject makes it, with what the API server notes beside it.
struct CSRFixture {
  var commonName = "jane"
  var organizations: [String] = []
  var names: [GeneralName] = []
  var keyUsage: KeyUsage = []
  var purposes: [ExtendedKeyUsage.Purpose] = []
  var signerName: String? = Self.client
  var usages: [String]? = ["client auth"]
  var expirationSeconds: Int?
  var requestor: Requestor?
  var state = CertificateSigningRequest.State.pending
  var algorithm = KeyAlgorithm.ecdsaP256

  static let client = "kubernetes.io/kube-apiserver-client"
  static let kubelet = "kubernetes.io/kube-apiserver-client-kubelet"
  static let serving = "kubernetes.io/kubelet-serving"

  /// The kubelet's first request of the node w1, made by a bootstrapper.
  static var kubeletClient: CSRFixture {
    CSRFixture(
      commonName: "system:node:w1", organizations: ["system:nodes"], signerName: kubelet,
      usages: ["digital signature", "client auth"],
      requestor: Requestor(username: "system:bootstrap:abcdef", groups: ["system:bootstrappers"]))
  }

  /// The kubelet's request for its serving certificate.
  static var kubeletServing: CSRFixture {
    CSRFixture(
      commonName: "system:node:w1", organizations: ["system:nodes"],
      names: [.dnsName("w1"), IPAddress("10.0.0.21").map { .ipAddress($0) } ?? .dnsName("w1")],
      signerName: serving, usages: ["digital signature", "server auth"],
      requestor: Requestor(username: "system:node:w1", groups: ["system:nodes"]))
  }

  /// The same with a change.
  func with(_ change: (inout CSRFixture) -> Void) -> CSRFixture {
    var changed = self
    change(&changed)
    return changed
  }

  func made(by key: PrivateKey? = nil) throws -> CertificateSigningRequest {
    var extensions: [CertificateExtension] = []
    if !keyUsage.isEmpty { extensions.append(try keyUsage.encoded(isCritical: true)) }
    if !purposes.isEmpty { extensions.append(try ExtendedKeyUsage(purposes).encoded(isCritical: false)) }
    if !names.isEmpty { extensions.append(try SubjectAlternativeName(names).encoded(isCritical: false)) }
    let signingKey: PrivateKey
    if let key { signingKey = key } else { signingKey = try PrivateKey.generate(algorithm) }
    var request = CertificateSigningRequest(
      try CertificateRequest(
        subject: DistinguishedName(organizations: organizations, commonName: commonName),
        extensions: extensions,
        signedBy: signingKey),
      origin: "test.csr", fileName: "test")
    request.signerName = signerName
    request.usages = usages
    request.expirationSeconds = expirationSeconds
    request.requestor = requestor
    request.state = state
    return request
  }

  /// The codes of the reasons against it, whatever the policy.
  func codes() throws -> [String] { try CSRExamination(made()).denials.map(\.code.rawValue) }

  /// The codes of the reasons against it under a policy.
  func codes(_ policy: ApprovalPolicy) throws -> [String] {
    try CSRExamination(made()).denials(under: policy).map(\.code.rawValue)
  }
}

extension ApprovalPolicy {
  /// A policy of these patterns.
  init(cn: [String] = [], org: [String] = [], san: [String] = [], requestor: String? = nil) {
    self.init()
    commonNames = cn.map { NamePattern(text: $0) }
    organizations = org.map { NamePattern(text: $0) }
    names = san.compactMap { NamePattern(alternativeName: $0) }
    self.requestor = requestor
  }
}
