package import KubernetesPKI
internal import OpenSSLX509
internal import StructuredText

/// What a CSR says, in words: what an approver has to see before the decision.
package struct CSRSummary: Sendable, Encodable {
  /// What the approving controller of Kubernetes takes a request for.
  ///
  /// See <https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#approval>.
  package enum Kind: String, Sendable, Encodable {
    /// A new node's first client certificate.
    case nodeclient
    /// A node renews its own client certificate.
    case selfnodeclient
    /// A node's serving certificate.
    case selfnodeserver
    /// Any other client of the API server.
    case apiserverClient = "apiserver-client"
    /// None of these.
    case none
  }

  /// A reason against the request.
  package struct Refusal: Sendable, Encodable {
    /// The stable name, of ``DenialCode``.
    package let code: String
    /// The reason.
    package let message: String
  }

  /// Where it was read.
  package let origin: String
  /// The object's name.
  package let name: String?
  /// The subject's name.
  package let subject: String
  /// The common name: to Kubernetes, the user.
  package let commonName: String
  /// The organizations: to Kubernetes, the groups.
  package let organizations: [String]
  /// All attributes of the subject.
  package let subjectAttributes: [AttributeDescription]
  /// The SANs as they are written: `DNS:w1`, `IP:10.0.0.5`.
  package let names: [String]
  /// The key that is to be certified.
  package let key: KeyDescription
  /// The algorithm of the request's signature.
  package let signatureAlgorithm: String
  /// Whether the signature is of the key.
  package let signatureValid: Bool
  /// The signer.
  package let signerName: String?
  /// The usages, of the object or else of the request's extensions.
  package let usages: [String]
  /// The extensions of the request.
  package let extensions: [String]
  /// Whether it asks for a CA certificate: its basic constraints say CA:TRUE.
  package let isAuthority: Bool
  /// The lifetime that is asked for.
  package let expirationSeconds: Int?
  /// Who asked.
  package let requestor: String?
  /// The groups of who asked.
  package let requestorGroups: [String]
  /// What was decided.
  package let state: String
  /// The kind.
  package let kind: Kind
  /// Why no approver may grant it.
  package let refusals: [Refusal]
  /// What granting it would mean.
  package let notes: [String]

  /// Describes `request`.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when the key cannot be described.
  package init(_ request: CertificateSigningRequest) throws(PKIError) {
    try self.init(CSRExamination(request))
  }

  /// Describes an examined CSR.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when the key cannot be described.
  package init(_ examination: CSRExamination) throws(PKIError) {
    let (request, content) = (examination.request, examination.content)
    origin = request.origin
    name = request.name
    subject = request.request.subject.description
    commonName = content.commonName
    organizations = content.organizations
    subjectAttributes = request.request.subject.attributeDescriptions
    names = content.writtenNames.map(\.description)
    do throws(OpenSSLError) {
      key = try KeyDescription(request.request.publicKey)
    } catch {
      throw .cryptography(subject: request.origin, reason: error.description)
    }
    signatureAlgorithm = request.request.signatureAlgorithm.longName
    signatureValid = examination.isSignedByItsKey
    signerName = request.signerName
    usages = request.usages ?? request.knownUsages.map(\.rawValue)
    extensions = request.request.extensions.map(\.identifier.longName)
    isAuthority = content.isForCA
    expirationSeconds = request.expirationSeconds
    requestor = request.requestor?.username
    requestorGroups = request.requestor?.groups ?? []
    state = request.state.rawValue
    kind = Self.kind(of: examination)
    let item = request.isForCatalog ? CatalogExamination(examination).item : nil
    refusals = examination.denials.filter {
      switch $0.code {
      case .signerNotUsable: request.signerName != nil
      case .privilegedOrganization: item == nil
      default: true
      }
    }.map { Refusal(code: $0.code.rawValue, message: $0.message) }
    notes = (item.map { ["in a control plane, the subject is that of \($0)"] } ?? []) + examination.notes
  }

  /// The kind by the signer that is asked; a CSR without a signer is what its shape says.
  private static func kind(of examination: CSRExamination) -> Kind {
    guard examination.ownDenials(droppingAttributes: false).isEmpty else { return .none }
    let request = examination.request
    let signers = SignerRules.kubernetes.filter { [$0.signerName, nil].contains(request.signerName) }
    for rules in signers {
      var candidate = request
      if request.signerName == nil, request.knownUsages.isEmpty, rules.organizations != nil {
        candidate.usages = rules.defaultUsages(isRSA: request.request.publicKey.type.isRSA).map(\.rawValue)
      }
      guard rules.denials(of: candidate).isEmpty else { continue }
      let isItself = request.requestor?.username.isIdentical(to: examination.content.commonName)
      switch rules.signerName {
      case "kubernetes.io/kube-apiserver-client-kubelet":
        return isItself == true ? .selfnodeclient : .nodeclient
      case "kubernetes.io/kubelet-serving" where isItself != false: return .selfnodeserver
      case "kubernetes.io/kube-apiserver-client": return .apiserverClient
      default: break
      }
    }
    return .none
  }
}

extension CSRExamination {
  /// What an approver has to review: what no rule can know.
  package var notes: [String] {
    var notes: [String] = []
    let usages = request.knownUsages
    let commonName = content.commonName.quoted
    if usages.contains(.clientAuth) || usages.contains(.any) {
      let groups = content.organizations.map { $0.quoted }.joined(separator: ", ")
      notes.append(
        "the holder of the key is the user \(commonName)\(groups.isEmpty ? "" : " in the groups \(groups)") to the API server"
      )
    }
    if usages.contains(.serverAuth) || usages.contains(.any), !content.names.isEmpty {
      let names = content.writtenNames.map(\.description).joined(separator: ", ")
      notes.append("the holder of the key can serve as \(names)")
    }
    if let requestor = request.requestor, !requestor.username.isIdentical(to: content.commonName) {
      notes.append("the user \(requestor.username.quoted) asks, not \(commonName) itself")
    }
    if let note = groupsNote { notes.append(note) }
    if content.commonName.hasPrefix("system:"), rules?.commonNamePrefix.isEmpty != false {
      notes.append("the common name is one of Kubernetes' own")
    }
    for name in content.names {
      if let owner = foreignOwner(of: name, apiServer: []) { notes.append("\(name) is \(owner)") }
    }
    for case .dnsName(let name) in content.names where name.hasPrefix("*.") {
      notes.append("DNS:\(name) stands for every name below it")
    }
    return notes
  }

  /// A user who asks for other groups than their own asks for more rights; what the signer demands does not count.
  private var groupsNote: String? {
    guard let requestor = request.requestor, !requestor.groups.isEmpty else { return nil }
    let known = requestor.groups + (rules?.organizations ?? [])
    let others = content.organizations.filter { group in !known.contains { $0.isIdentical(to: group) } }
    guard !others.isEmpty else { return nil }
    let groups = others.map { $0.quoted }.joined(separator: ", ")
    return "\(requestor.username.quoted) asks for groups without being in them: \(groups)"
  }
}
