internal import FoundationEssentials
internal import Kubeconfigs
internal import KubernetesPKI
internal import OpenSSLX509

/// The CAs, leaves, requests and users of a set, beside its clusters.
struct MadeItems {
  /// A CA that signs items.
  private struct CA {
    let certificate: Certificate
    let key: PrivateKey
    /// What follows a leaf in its file: this CA and those above it, without the root.
    let chain: [Certificate]
    /// The file of the root.
    let rootPath: String
  }

  private let random: FixtureRandom
  private let instant: Date
  private let clusters: [MadeCluster]
  private var keys: [String: PrivateKey] = [:]
  private var cas: [String: CA] = [:]
  private(set) var files: [FixtureFile] = []

  init(
    _ specification: FixtureSpecification, clusters: [MadeCluster], random: FixtureRandom,
    at instant: Date,
    jobs: Int
  ) throws(PKIErrors) {
    self.random = random
    self.instant = instant
    self.clusters = clusters
    do throws(OpenSSLError) {
      try makeKeys(specification, jobs: jobs)
      for cluster in clusters { try add(cluster) }
      for ca in specification.cas { try add(ca) }
      for leaf in specification.leaves { try add(leaf) }
      for request in specification.requests { try add(request) }
      for user in specification.users { try add(user) }
    } catch {
      throw PKIErrors([.cryptography(subject: "the fixtures", reason: error.description)])
    }
  }

  private mutating func makeKeys(
    _ specification: FixtureSpecification, jobs: Int
  ) throws(OpenSSLError) {
    let wishes =
      specification.cas.map { ("authorities/\($0.identity.name)", $0.identity.keyAlgorithm) }
      + specification.leaves.map { ("leaves/\($0.identity.name)", $0.identity.keyAlgorithm) }
      + specification.requests.map { ("requests/\($0.name)", $0.keyAlgorithm) }
      + specification.users.map { ("users/\($0.identity.name)", $0.identity.keyAlgorithm) }
    let made = try Parallel.map(wishes, jobs: jobs) { [random] (wish) throws(OpenSSLError) in
      try random.key(wish.1, for: wish.0)
    }
    keys = Dictionary(zip(wishes.map(\.0), made)) { first, _ in first }
  }

  private func key(_ item: String) throws(OpenSSLError) -> PrivateKey {
    guard let key = keys[item] else { throw OpenSSLError(operation: "use the key of \(item)", reasons: []) }
    return key
  }

  private func ca(_ name: String) throws(OpenSSLError) -> CA {
    guard let ca = cas[name] else {
      throw OpenSSLError(operation: "sign for \(name)", reasons: ["there is no such CA"])
    }
    return ca
  }

  private mutating func add(_ cluster: MadeCluster) throws(OpenSSLError) {
    for profile in cluster.specification.catalog.cas {
      cas["\(cluster.specification.name)/\(profile.id.rawValue)"] = CA(
        certificate: try cluster.certificate(profile.id), key: try cluster.key(profile.id),
        chain: try cluster.authority(profile.id).chain, rootPath: cluster.location.path(of: profile))
    }
  }

  private mutating func add(_ wish: FixtureSpecification.CA) throws(OpenSSLError) {
    let item = "authorities/\(wish.identity.name)"
    let key = try key(item)
    let parent = try wish.signer.map(ca)
    let content = try FixtureContent.make { () throws(PKIError) in
      try CertificateContent(
        ca: wish.identity.commonName, pathLength: wish.pathLength, key: .requested(key.publicKey))
    }
    let certificate = try sign(item, wish.identity, content, by: parent ?? nil, own: key)
    cas[wish.identity.name] = CA(
      certificate: certificate, key: key,
      chain: parent.map { [certificate] + $0.chain } ?? [], rootPath: parent?.rootPath ?? "\(item).crt")
    try append(certificate, chain: parent?.chain ?? [], item, key, purpose: "a CA")
  }

  private mutating func add(_ wish: FixtureSpecification.Leaf) throws(OpenSSLError) {
    let item = "leaves/\(wish.identity.name)"
    let key = try key(item)
    let ca = try self.ca(wish.ca)
    let certificate = try sign(
      item, wish.identity, wish.identity.content(key.publicKey), by: ca, own: key)
    let purposes = wish.identity.purposes
    let isServer = purposes.contains(.serverAuth)
    let host = certificate.firstHost
    // Without a purpose or a name there is no question for a verifier.
    let isAsked = isServer ? host != nil : purposes.contains(.clientAuth)
    try append(
      certificate, chain: ca.chain, item, key, purpose: "a certificate of \(wish.ca)",
      question: isAsked
        ? Question(
          certificate: "\(item).crt", authority: ca.rootPath, key: "\(item).key",
          usage: isServer ? "server" : "client",
          host: isServer ? host : nil) : nil)
  }

  private mutating func add(_ wish: FixtureSpecification.Identity) throws(OpenSSLError) {
    let item = "requests/\(wish.name)"
    let key = try key(item)
    let content = try wish.content(key.publicKey)
    let request = try random.source(prefix: "").csr(content, signedBy: key, for: item)
    files.append(
      FixtureFile(.privateKey, at: "\(item).key", try key.pem(), purpose: "the key of a request"))
    files.append(
      FixtureFile(.request, at: "\(item).csr", try request.pem(), purpose: "a certification request")
        .describing(content.subject, until: nil))
  }

  private mutating func add(_ wish: FixtureSpecification.User) throws(OpenSSLError) {
    let item = "users/\(wish.identity.name)"
    let key = try key(item)
    let ca = try self.ca("\(wish.cluster)/\(CatalogEntry.ID.ca.rawValue)")
    let certificate = try sign(
      item, wish.identity, wish.identity.content(key.publicKey), by: ca, own: key)
    let cluster = clusters.first { $0.specification.name == wish.cluster }
    let trust = try cluster?.authority(.ca).trust ?? []
    let content = try Kubeconfig(
      clusterName: wish.cluster, userName: wish.identity.commonName,
      contextName: "\(wish.identity.commonName)@\(wish.cluster)",
      server: cluster?.configuration.controlPlaneURL ?? "", certificateAuthorities: trust,
      clientCertificates: [certificate] + ca.chain, clientKey: key
    ).encodedFixture()
    files.append(
      FixtureFile(
        .kubeconfig, at: "\(item).conf", content, purpose: "a user's kubeconfig for \(wish.cluster)"
      ).describing(certificate.subject, until: certificate.validity.notAfter))
  }

  private func sign(
    _ item: String, _ identity: FixtureSpecification.Identity, _ content: CertificateContent,
    by ca: CA?, own key: PrivateKey
  ) throws(OpenSSLError) -> Certificate {
    let (validity, _) = Validity.starting(
      instant, lifetime: identity.lifetime, within: ca?.certificate.validity.notAfter)
    let specification = CertificateSpecification(
      content, validity: validity, issuer: ca == nil ? .itself : .ca(.ca))
    return try random.source(prefix: "").certificate(
      specification, of: key.publicKey, for: item, by: ca?.key ?? key, issuer: ca?.certificate)
  }

  private mutating func append(
    _ certificate: Certificate, chain: [Certificate], _ item: String, _ key: PrivateKey, purpose: String,
    question: Question? = nil
  ) throws(OpenSSLError) {
    var pem: [UInt8] = []
    for certificate in [certificate] + chain { pem += try certificate.pem().copy }
    var file = FixtureFile(.certificate, at: "\(item).crt", SecretBytes(pem), purpose: purpose)
      .describing(certificate.subject, until: certificate.validity.notAfter)
    file.question = question
    file.verdicts = question.map { _ in
      // pkigen verify looks at trees, to which this certificate does not belong.
      Verdicts(openssl: .accepted, go: .accepted, gnutls: .accepted, python: .accepted, verify: nil)
    }
    files.append(FixtureFile(.privateKey, at: "\(item).key", try key.pem(), purpose: "the key of \(purpose)"))
    files.append(file)
  }
}

extension FixtureSpecification.Identity {
  /// The content of a leaf or a CSR, as that of a cluster's leaves.
  fileprivate func content(_ key: PublicKey) throws(OpenSSLError) -> CertificateContent {
    try FixtureContent.make { () throws(PKIError) in
      try CertificateContent(commonName, organizations, sans: names, purposes: purposes, key: .requested(key))
    }
  }
}

/// Contents of fixtures, whose names OpenSSL may refuse to encode.
private enum FixtureContent {
  static func make(
    _ body: () throws(PKIError) -> CertificateContent
  ) throws(OpenSSLError) -> CertificateContent {
    do throws(PKIError) {
      return try body()
    } catch {
      throw OpenSSLError(operation: "encode a name", reasons: [error.description])
    }
  }
}

extension Certificate {
  /// The first host name without a wildcard, or else the first address.
  fileprivate var firstHost: String? {
    let names = (try? subjectAlternativeName()) ?? SubjectAlternativeName([])
    return names.dnsNames.first { !$0.hasPrefix("*") } ?? names.ipAddresses.first?.description
  }
}
