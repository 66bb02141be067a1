internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509

/// Signs the certificates of one run: its CAs one after the other, then all else in any order.
struct Signing: Sendable {
  let plan: Plan
  let random: RandomSource
  private var created: [CertificateIssuer: (certificate: Certificate, key: PrivateKey)] = [:]
  /// The files of CAs that get a successor, or new dates.
  private(set) var prepared: [CatalogEntry.ID: CAArrangement] = [:]
  /// What follows the leaves of each CA; to know takes the verification of a signature.
  private var chains: [CatalogEntry.ID: [Certificate]] = [:]

  init(plan: Plan, random: RandomSource) {
    self.plan = plan
    self.random = random
  }

  var location: TreeLocation { plan.tree.location }

  /// Makes what other steps wait for: the certificate of a CA, and what follows the leaves of one.
  ///
  /// - Precondition: The steps come in the order of the plan, in which a CA comes before what it signs.
  mutating func prepare(_ step: Plan.Step, key: PrivateKey?) throws(IssueError) {
    // A successor that was made before needs no key.
    if case .rotate(let entry, let rotation) = step {
      prepared[entry.id] = try arrangement(of: entry, rotation, key: key)
    }
    guard let key else { return }
    switch step {
    case .createRoot(_, let specification):
      created[.root] = (try sign(specification, key.publicKey, own: key, for: step.name), key)
    case .create(let entry, let specification) where entry.isCA:
      created[.ca(entry.id)] = (try sign(specification, key.publicKey, own: key, for: step.name), key)
      // Nothing is above one that signs itself; to ask its certificate would be a verification.
      if specification.issuer == .itself { chains[entry.id] = [] }
    case .create(let entry, _):
      if let ca = entry.ca, chains[ca] == nil { chains[ca] = self.ca(ca)?.chain ?? [] }
    case .keep, .wait, .writeRootChain, .request, .install, .replace, .rotate, .adjust,
      .rotateServiceAccountKey, .createServiceAccountKey, .derivePublicKey:
      break
    }
  }

  /// The files of one step, with the key that was made for it, once all steps are prepared.
  func files(for step: Plan.Step, key: PrivateKey?) throws(IssueError) -> [PKIFile] {
    switch step {
    case .keep, .wait: return []
    case .createRoot(let root, _): return try rootFiles(root, key)
    case .writeRootChain(let entry):
      let chain = ca(entry.id)?.trust ?? []
      return [
        PKIFile(
          .certificate, at: location.path(of: entry, .rootChain),
          try IssueError.from { () throws(OpenSSLError) in try chain.pem() })
      ]
    case .create(let entry, let specification): return try newFiles(entry, specification, needed(key, step))
    case .request(let entry, let csr): return try files(entry, csr, key)
    case .install(let entry, let installation): return try files(entry, installation)
    case .replace(let entry, let replacement): return try files(entry, replacement, key)
    case .rotate(let entry, let rotation): return try files(entry, rotation)
    case .adjust(let entry, let adjustment): return try files(entry, adjustment)
    case .rotateServiceAccountKey(let rotation): return try files(rotation, key)
    case .createServiceAccountKey:
      let key = try needed(key, step)
      return [
        try pemFile(.privateKey, at: location.serviceAccountKey, of: key), try publicKeyFile([key.publicKey]),
      ]
    case .derivePublicKey:
      guard let arrangement = ServiceAccountArrangement(in: plan.tree) else { return [] }
      return [try publicKeyFile(arrangement.publicKeys)]
    }
  }

  private func needed(_ key: PrivateKey?, _ step: Plan.Step) throws(IssueError) -> PrivateKey {
    guard let key else { throw IssueError("there is no new key for \(step.name)") }
    return key
  }

  private func rootFiles(_ root: RootCA, _ key: PrivateKey?) throws(IssueError) -> [PKIFile] {
    guard let key, let certificate = created[.root]?.certificate else {
      throw IssueError("the root CA was not made")
    }
    return [
      try pemFile(.privateKey, at: root.keyPath ?? root.certificatePath, of: key),
      try certificateFile([certificate], at: root.certificatePath),
    ]
  }

  /// The files of a certificate that this run signs.
  private func newFiles(
    _ entry: CatalogEntry, _ specification: CertificateSpecification, _ key: PrivateKey
  ) throws(IssueError) -> [PKIFile] {
    let made = created[.ca(entry.id)]?.certificate
    let certificate =
      if let made { made } else { try sign(specification, key.publicKey, own: key, for: entry.name) }
    let certificates = [certificate] + (entry.ca.flatMap { chains[$0] } ?? [])
    if let names = entry.kubeconfig {
      return [try kubeconfig(entry, names, certificate.subject, certificates, key)]
    }
    return [
      try pemFile(.privateKey, at: location.path(of: entry, .key), of: key),
      try certificateFile(certificates, at: location.path(of: entry)),
    ]
  }

  private func publicKeyFile(_ keys: [PublicKey]) throws(IssueError) -> PKIFile {
    let pem = try IssueError.from { () throws(OpenSSLError) in try keys.pem() }
    return PKIFile(.publicKey, at: location.serviceAccountPublicKey, pem)
  }
}

extension Signing {
  func pemFile(_ kind: PKIFile.Kind, at path: String, of key: PrivateKey) throws(IssueError) -> PKIFile {
    PKIFile(kind, at: path, try IssueError.from { () throws(OpenSSLError) in try key.pem() })
  }

  func certificateFile(
    _ certificates: [Certificate], at path: String, replaces: Bool = false, keyPath: String? = nil
  ) throws(IssueError) -> PKIFile {
    PKIFile(
      .certificate, at: path, try IssueError.from { () throws(OpenSSLError) in try certificates.pem() },
      certificate: certificates.first, replaces: replaces, keyPath: keyPath)
  }

  /// A kubeconfig; without certificates, one that waits for its own.
  func kubeconfig(
    _ entry: CatalogEntry, _ names: CatalogEntry.KubeconfigNames, _ subject: DistinguishedName,
    _ certificates: [Certificate], _ key: PrivateKey
  ) throws(IssueError) -> PKIFile {
    let cluster = plan.cluster.clusterName ?? names.cluster
    let user = names.user ?? subject.commonName ?? entry.id.rawValue
    let kubeconfig = Kubeconfig(
      clusterName: cluster, userName: user, contextName: names.context ?? "\(user)@\(cluster)",
      server: names.serverURL(in: plan.cluster) ?? "",
      certificateAuthorities: entry.ca.flatMap(ca)?.trust ?? [], clientCertificates: certificates,
      clientKey: key)
    let text = try IssueError.from { () throws(KubeconfigProblem) in try kubeconfig.encoded() }
    return PKIFile(.kubeconfig, at: location.path(of: entry), text, certificate: certificates.first)
  }

  /// The certificate of a key.
  ///
  /// - Parameter own: the private key, for a certificate that signs itself.
  func sign(
    _ specification: CertificateSpecification, _ key: PublicKey, own: PrivateKey?, for item: String
  ) throws(IssueError) -> Certificate {
    let (issuer, signer) = try signer(specification.issuer, own: own)
    return try IssueError.from { () throws(OpenSSLError) in
      try random.certificate(specification, of: key, for: item, by: signer, issuer: issuer)
    }
  }

  /// The certificate and the key of an issuer that this run has made, or that was there before it; no certificate for one
  /// that signs itself.
  private func signer(
    _ issuer: CertificateIssuer, own: PrivateKey?
  ) throws(IssueError) -> (certificate: Certificate?, key: PrivateKey) {
    if let made = created[issuer] { return made }
    switch issuer {
    case .itself:
      if let own { return (nil, own) }
    case .ca(let id):
      if let ca = plan.tree.ca(id), let key = ca.key.signing { return (ca.issuing, key) }
    case .root:
      if let certificate = plan.root?.certificate, let key = plan.root?.key.value {
        return (certificate, key)
      }
    }
    throw IssueError("the CA's certificate or key is missing")
  }

  /// A CA, as this run leaves it.
  func ca(_ id: CatalogEntry.ID) -> CertificateAuthority? {
    if let arrangement = prepared[id] {
      return arrangement.ca
    }
    guard let made = created[.ca(id)] else {
      guard let ca = plan.tree.ca(id), let root = plan.root?.certificates.value, ca.trust.count < 2 else {
        return plan.tree.ca(id)
      }
      return below(root, ca.issuing, ca.key.signing)
    }
    return below(
      created[.root].map { [$0.certificate] } ?? plan.root?.certificates.value ?? [], made.certificate,
      made.key)
  }

  /// A CA with the way to the root CA above it, where that is above it.
  private func below(
    _ root: [Certificate], _ certificate: Certificate, _ key: PrivateKey?
  ) -> CertificateAuthority? {
    let isBelow = root.first.map(certificate.isIssued) == true
    return CertificateAuthority(
      [certificate], key: key.map { .present($0) } ?? .absent, rootChain: isBelow ? [certificate] + root : [])
  }
}

/// Why something cannot be made.
package struct IssueError: Error, Hashable, Sendable {
  /// The reason, in a few words.
  package let reason: String
  /// Whether it was OpenSSL that refused.
  package let isFromOpenSSL: Bool

  /// A reason that OpenSSL has no part in.
  init(_ reason: String) {
    self.reason = reason
    isFromOpenSSL = false
  }

  /// What OpenSSL refused.
  init(openSSL error: OpenSSLError) {
    reason = error.description
    isFromOpenSSL = true
  }

  static func from<Value>(_ body: () throws(OpenSSLError) -> Value) throws(IssueError) -> Value {
    do throws(OpenSSLError) {
      return try body()
    } catch {
      throw IssueError(openSSL: error)
    }
  }

  static func from<Value>(_ body: () throws(KubeconfigProblem) -> Value) throws(IssueError) -> Value {
    do throws(KubeconfigProblem) {
      return try body()
    } catch {
      throw IssueError(error.text)
    }
  }

  /// The error of a run that was to make `subject`.
  package func error(of subject: String) -> PKIError {
    isFromOpenSSL
      ? .cryptography(subject: subject, reason: reason) : .encoding(subject: subject, reason: reason)
  }
}
