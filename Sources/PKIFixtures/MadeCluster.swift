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
  private let plan: Plan

  /// The directory of a cluster's tree in the set.
  static func directory(_ name: String) -> String { "clusters/\(name)" }

  init(
    _ specification: FixtureSpecification.Cluster, random: FixtureRandom, at instant: Date, jobs: Int
  ) throws(PKIErrors) {
    self.specification = specification
    let directory = Self.directory(specification.name)
    location = TreeLocation(
      certificateDirectory: "\(directory)/pki", kubeconfigDirectory: directory)
    plan = try Plan(
      completing: .everything(in: specification.catalog), of: specification.catalog,
      in: TreeContents(emptyAt: location), for: specification.configuration, at: instant)
    do throws(PKIError) {
      let issuer = Issuer(jobs: jobs, random: random.source(prefix: "\(directory)/"))
      files = Dictionary(try issuer.issue(plan).map { ($0.path, $0) }) { first, _ in first }
    } catch {
      throw PKIErrors([error])
    }
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
      case .serviceAccountKey:
        result += fixture(location.serviceAccountKey, "the key that signs service-account tokens")
        result += fixture(location.serviceAccountPublicKey, "the key that verifies service-account tokens")
      }
    }
    return result
  }

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
