public import FoundationEssentials
internal import OpenSSLX509

extension Plan {
  /// The plan that puts certificates in place which were signed elsewhere: each where its key is, whatever its file is
  /// called.
  ///
  /// - Parameters:
  ///   - paths: files of certificates in PEM, with or without what leads to their authorities.
  ///   - instant: the time at which they must be in force.
  /// - Throws: ``PKIErrors`` with everything that is wrong with them.
  public init(
    installing paths: [String], of catalog: Catalog, in tree: TreeContents, at instant: Date
  ) throws(PKIErrors) {
    let cluster = ClusterConfiguration()
    var builder = InstallationBuilder(
      examination: Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant))
    for path in paths { builder.read(path) }
    builder.matchAll()
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(
      steps: builder.steps, warnings: [], refusals: [], tree: tree, cluster: cluster, instant: instant)
  }
}

/// Finds the places of certificates, and what stands in their way.
struct InstallationBuilder {
  /// A certificate, and where it comes from.
  private struct Arrival {
    let path: String
    let certificate: Certificate
  }

  /// A place that a certificate can have.
  private struct Place {
    let item: Plan.Step.Item
    let publicKey: PublicKey
    let authority: CertificateProfile.ID
    let requestPath: String
    let purposes: [ExtendedKeyUsage.Purpose]
  }

  let examination: Examination
  private var arrivals: [Arrival] = []
  private(set) var steps: [Plan.Step] = []
  private(set) var errors: [PKIError] = []

  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.location }

  init(examination: Examination) { self.examination = examination }

  mutating func read(_ path: String) {
    var reader = TreeReader(location)
    switch reader.readCertificates(path) {
    case .absent: errors.append(.unsound(examination.missing(path, "name the files of the certificates")))
    case .unusable(let finding): errors.append(.unsound(finding))
    case .present(let certificates):
      arrivals += certificates.map { Arrival(path: path, certificate: $0) }
      guard !certificates.contains(where: { certificate in places.contains { $0.publicKey == certificate.publicKey } })
      else { return }
      errors.append(
        .unsound(
          Finding(
            .keyMissing, [path],
            "\(path) holds a certificate of \(PKIError.quote(certificates[0].subject.description)), and this tree no key for it",
            remedy: "make requests with pkigen csr create\(location.commandOptions), and have those signed")))
    }
  }

  /// The keys of the tree that certificates can be for.
  private var places: [Place] {
    let catalog = examination.catalog
    let certificates = catalog.certificates.compactMap { row -> Place? in
      guard let authority = row.authority, let key = tree.keys[row.id]?.value else { return nil }
      return Place(
        item: .certificate(row), publicKey: key.publicKey, authority: authority, requestPath: location.request(row),
        purposes: row.purposes)
    }
    return certificates
      + catalog.kubeconfigs.compactMap { row -> Place? in
        guard let key = tree.kubeconfigs[row.id]?.value?.clientKey else { return nil }
        return Place(
          item: .kubeconfig(row), publicKey: key.publicKey, authority: row.authority,
          requestPath: location.request(row), purposes: [.clientAuth])
      }
  }

  /// Gives each certificate its place.
  mutating func matchAll() {
    for place in places {
      let matches = arrivals.filter { $0.certificate.publicKey == place.publicKey }
      guard let arrival = matches.first else { continue }
      if let other = matches.first(where: { $0.certificate != arrival.certificate }) {
        errors.append(
          .unsound(
            Finding(
              .keyMismatch, [arrival.path, other.path], "\(arrival.path) and \(other.path) are for the same key",
              remedy: "name only the one that is wanted")))
        continue
      }
      install(arrival, in: place)
    }
  }

  private mutating func install(_ arrival: Arrival, in place: Place) {
    let chain = chain(from: arrival.certificate, to: place.authority)
    let leaf = leaf(arrival, chain, place)
    let findings =
      examination.contentFindings(leaf) + requestFindings(leaf, place) + examination.issuerFindings(leaf)
    errors += findings.filter { $0.severity == .error }.map { .unsound($0) }
    let certificates = [arrival.certificate] + chain
    switch place.item {
    case .certificate(let profile):
      let previous = tree.certificates[profile.id]?.value?.first
      add(place, Installation(certificates: certificates, previous: previous, awaitingKubeconfig: nil, client: nil))
    case .kubeconfig(let profile):
      let client = tree.kubeconfigClient(profile).value
      add(
        place,
        Installation(
          certificates: certificates, previous: client?.certificates.first,
          awaitingKubeconfig: client == nil ? tree.kubeconfigText(profile) : nil, client: client))
    case .root, .bundle, .serviceAccountKey: break
    }
  }

  private mutating func add(_ place: Place, _ installation: Installation) {
    let isThere = installation.previous == installation.certificates.first
    steps.append(Plan.Step(item: place.item, action: isThere ? .keep : .install(installation)))
  }

  /// What leads from a certificate to its authority: of what came along, and of what the tree knows.
  private func chain(from certificate: Certificate, to id: CertificateProfile.ID) -> [Certificate] {
    let above = tree.intermediates(of: id)
    let authorities = tree.certificates[id]?.value ?? []
    var chain: [Certificate] = []
    var current = certificate
    while !authorities.contains(where: current.isIssued),
      let issuer = arrivals.map(\.certificate).first(where: { current.isIssued(by: $0) }),
      !issuer.isSelfSigned, !chain.contains(issuer)
    {
      chain.append(issuer)
      current = issuer
    }
    return chain + above
  }

  /// The certificate, as it is expected to be: as it was asked for, or where no request is there, as some style has it.
  private func leaf(_ arrival: Arrival, _ chain: [Certificate], _ place: Place) -> Leaf {
    let request = tree.request(at: place.requestPath).value
    let subject = request.flatMap { $0.publicKey == place.publicKey ? $0.subject : nil }
    let identity = subject.map { (CertificateProfile.CommonName.fixed($0.commonName ?? ""), $0.organizations) }
      ?? KnownStyle.identity(of: place.item, like: arrival.certificate.subject)
    let remedy = "have \(place.requestPath) signed as it asks"
    return Leaf(
      path: arrival.path, certificate: arrival.certificate, intermediates: chain, authority: place.authority,
      commonName: identity.0, organizations: identity.1, purposes: place.purposes, renewRemedy: remedy,
      replaceRemedy: remedy)
  }

  /// Names that were asked for, or that the cluster cannot do without, and that the certificate lacks.
  private func requestFindings(_ leaf: Leaf, _ place: Place) -> [Finding] {
    guard case .certificate(let profile) = place.item else { return [] }
    let findings = examination.nameFindings(leaf, profile)
    guard findings.isEmpty, let request = tree.request(at: place.requestPath).value,
      let asked = try? request.extensions.first(SubjectAlternativeName.self)
    else { return findings }
    let found = (try? leaf.certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    let missing = asked.names.filter { !found.covers($0) }
    guard !missing.isEmpty else { return [] }
    return [
      Finding(
        .nameMissing, [leaf.path],
        "\(leaf.path) lacks the name \(missing.map(\.description).joined(separator: ", "))",
        remedy: leaf.replaceRemedy)
    ]
  }
}

extension KnownStyle {
  /// The identity of an item's row in the first style that has this subject, or else in the first of all.
  fileprivate static func identity(
    of item: Plan.Step.Item, like subject: DistinguishedName
  ) -> (CertificateProfile.CommonName, [String]) {
    let rows = all.compactMap { style -> (CertificateProfile.CommonName, [String])? in
      switch item {
      case .certificate(let profile): style.catalog[profile.id].map { ($0.commonName, $0.organizations) }
      case .kubeconfig(let profile): style.catalog[profile.id].map { ($0.commonName, $0.organizations) }
      case .root, .bundle, .serviceAccountKey: nil
      }
    }
    return rows.first { $0.0.isSubject(subject, with: $0.1, in: ClusterConfiguration()) } ?? rows.first
      ?? (.fixed(""), [])
  }
}
