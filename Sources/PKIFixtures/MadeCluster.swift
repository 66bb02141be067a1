internal import FoundationEssentials
internal import Kubeconfigs
internal import KubernetesPKI
internal import OpenSSLX509

/// A good cluster of a set, and what defects are made from.
struct MadeCluster: Sendable {
  let specification: FixtureSpecification.Cluster
  let location: TreeLocation
  /// The files of the tree, by their paths in the set.
  let files: [String: PKIFile]

  /// The directory of a cluster's tree in the set.
  static func directory(_ name: String) -> String { "clusters/\(name)" }

  init(
    _ specification: FixtureSpecification.Cluster, random: FixtureRandom, at instant: Date, jobs: Int
  ) throws(PKIErrors) {
    self.specification = specification
    let directory = Self.directory(specification.name)
    location = TreeLocation(
      certificateDirectory: "\(directory)/pki", kubeconfigDirectory: directory)
    let plan = try Plan(
      completing: .everything(in: specification.catalog), of: specification.catalog,
      in: TreeContents(emptyAt: location), for: specification.configuration, at: instant)
    var files: [String: PKIFile] = [:]
    func carryOut(_ plan: Plan, prefix: String) throws(PKIErrors) {
      do throws(PKIError) {
        for file in try Issuer(jobs: jobs, random: random.source(prefix: prefix)).issue(plan) {
          files[file.path] = file.isRemoved ? nil : file
        }
      } catch {
        throw PKIErrors([error])
      }
    }
    try carryOut(plan, prefix: "\(directory)/")
    for (verb, selection) in specification.stages.runs {
      let tree = TreeContents(
        files: files.mapValues(\.content), at: location, for: specification.configuration)
      try carryOut(
        Plan(
          rotating: Self.options(verb, selection, for: specification.configuration),
          of: specification.catalog, in: tree, at: instant),
        prefix: "\(directory)/\(verb.rawValue)/")
    }
    self.files = files
  }

  /// A rotation with the lifetimes of the cluster.
  private static func options(
    _ verb: RotationVerb, _ selection: Selection, for cluster: ClusterConfiguration
  ) -> RotationOptions {
    var options = RotationOptions(verb, selection)
    options.caValidity = cluster.caCertificateValidity
    options.validity = cluster.certificateValidity
    options.signingFile = .separate
    // There are none.
    options.areTokensRenewed = true
    return options
  }

  var configuration: ClusterConfiguration { specification.configuration }

  /// The certificate of a profile that the cluster has.
  func certificate(_ id: CatalogEntry.ID) throws(OpenSSLError) -> Certificate {
    guard let profile = specification.catalog[id],
      let certificate = files[location.path(of: profile)]?.certificate
    else { throw Self.missing(id.rawValue) }
    return certificate
  }

  /// Its private key.
  func key(_ id: CatalogEntry.ID) throws(OpenSSLError) -> PrivateKey {
    try PrivateKey(pem: keyPEM(id))
  }

  /// Its private key in PEM.
  func keyPEM(_ id: CatalogEntry.ID) throws(OpenSSLError) -> SecretBytes {
    guard let profile = specification.catalog[id], let file = files[location.path(of: profile, .key)] else {
      throw Self.missing(id.rawValue)
    }
    return file.content
  }

  /// A CA of the cluster, with what its rotation has put beside it.
  func authority(_ id: CatalogEntry.ID) throws(OpenSSLError) -> CertificateAuthority {
    guard let entry = specification.catalog[id], let file = files[location.path(of: entry)],
      let ca = CertificateAuthority(
        try Certificate.all(pem: file.content, as: .clientCA), key: .present(try key(id)),
        cross: files[location.path(of: entry, .crossCertificate)]?.certificate)
    else { throw Self.missing(id.rawValue) }
    return ca
  }

  /// A kubeconfig.
  func kubeconfig(_ id: CatalogEntry.ID) throws(OpenSSLError) -> Kubeconfig {
    guard let profile = specification.catalog[id], let file = files[location.path(of: profile)] else {
      throw Self.missing(id.rawValue)
    }
    do throws(KubeconfigProblem) {
      return try Kubeconfig(file.content, path: file.path)
    } catch {
      throw OpenSSLError(operation: "read \(file.path)", reasons: [error.text])
    }
  }

  private static func missing(_ name: String) -> OpenSSLError {
    OpenSSLError(operation: "use \(name)", reasons: ["the cluster does not have it"])
  }

  /// The files as parts of the set, in the order of the catalog.
  func fixtures() -> [FixtureFile] {
    let catalog = specification.catalog
    var result: [FixtureFile] = []
    for item in catalog.items {
      switch item {
      case .entry(let entry) where entry.isKubeconfig:
        result += fixture(location.path(of: entry), entry.summary)
      case .entry(let entry):
        result += fixture(location.path(of: entry, .key), "the key of \(entry.summary)")
        result += fixture(location.path(of: entry), entry.summary, question: question(entry))
        result += Self.besideCA.flatMap { part, purpose in
          fixture(location.path(of: entry, part), "\(purpose) \(entry.summary)")
        }
      case .serviceAccountKey:
        result += fixture(location.serviceAccountKey, "the key that signs service-account tokens")
        result += fixture(location.serviceAccountPublicKey, "the key that verifies service-account tokens")
        result += fixture(
          location.path(location.layout.serviceAccountNextKey),
          "the key that is going to sign service-account tokens")
        result += fixture(
          location.path(location.layout.serviceAccountPreviousKey),
          "the key that has signed service-account tokens")
      }
    }
    return result
  }

  /// What a rotation puts beside a CA.
  private static let besideCA: [(Layout.Part, String)] = [
    (.nextKey, "the key of the successor of"), (.previousKey, "the key of the predecessor of"),
    (.crossCertificate, "the cross certificate of"), (.signingCertificate, "the signing certificate of"),
  ]

  private func fixture(_ path: String, _ purpose: String, question: Question? = nil) -> [FixtureFile] {
    guard let file = files[path] else { return [] }
    var fixture = FixtureFile(.init(file.kind), at: path, file.content, purpose: purpose)
    if let certificate = file.certificate {
      fixture = fixture.describing(certificate.subject, until: certificate.validity.notAfter)
    }
    fixture.question = question
    fixture.verdicts = question.map { _ in .accepted }
    return [fixture]
  }

  private func question(_ profile: CatalogEntry) -> Question? {
    guard let ca = profile.ca.flatMap({ specification.catalog[$0] }) else { return nil }
    let isServer = profile.purposes.contains(.serverAuth)
    return Question(
      certificate: location.path(of: profile), authority: location.path(of: ca),
      key: location.path(of: profile, .key), usage: isServer ? "server" : "client",
      host: isServer ? address : nil)
  }

  /// The address at which servers of the cluster are reached.
  var address: String? { configuration.advertiseAddress?.description }
}
