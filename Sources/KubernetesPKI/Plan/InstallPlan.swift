package import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

extension Plan {
  /// The plan of `csr install`: puts certificates in place which external CAs have signed, each where its key is, whatever
  /// its file is called.
  ///
  /// - Parameters:
  ///   - paths: files of certificates in PEM, with or without what leads to their CAs.
  ///   - catalog: what a tree may hold; `tree` was read with it.
  ///   - allowsNewCA: whether a certificate may take the place of one that another CA signed.
  ///   - instant: the time at which they must be valid.
  /// - Throws: ``PKIErrors`` with everything that is wrong with them.
  package init(
    installing paths: [String], of catalog: Catalog, in tree: TreeContents,
    allowingNewCA allowsNewCA: Bool = false, at instant: Date
  ) throws(PKIErrors) {
    let examination = Examination(
      catalog: catalog, tree: tree, cluster: ClusterConfiguration.unknown, instant: instant)
    var builder = InstallPlanBuilder(examination: examination)
    for path in paths { builder.read(path) }
    builder.installAll()
    if !allowsNewCA {
      builder.errors += examination.newCAFindings(builder.strangers).map { .unsound($0) }
    }
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(steps: builder.steps, warnings: builder.warnings, examination)
    shortenedLifetimes = builder.shortened.sorted
  }

  /// The kubeconfigs that wait for the certificates which are put into them.
  package var waitingKubeconfigs: Set<String> {
    Set(
      steps.compactMap { step in
        guard case .install(_, let installation) = step,
          case .waitingKubeconfig(let kubeconfig) = installation.place
        else { return nil }
        return kubeconfig.path
      })
  }
}

/// Finds the places of certificates that external CAs have signed, and what keeps them from being put there.
private struct InstallPlanBuilder {
  /// A certificate, and the file that it came in.
  private struct Arrival {
    let path: String
    let certificate: Certificate
  }

  /// An entry of the tree that has a key.
  private struct Keyholder {
    let entry: CatalogEntry
    let ca: CatalogEntry.ID
    let key: PublicKey
    let csrPath: String
    /// What is asked for, where there is a CSR for the key.
    let csr: CertificateRequest?
  }

  let examination: Examination
  private(set) var steps: [Plan.Step] = []
  var errors: [PKIError] = []
  private(set) var warnings: [String] = []
  /// What was valid for longer than what takes its place.
  private(set) var shortened = ShortenedLifetimes()
  /// Certificates that are to be replaced, and that other CAs signed than the tree's.
  private(set) var strangers: [Examination.Stranger] = []
  private let keyholders: [Keyholder]
  private var arrivals: [Arrival] = []

  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.location }

  init(examination: Examination) {
    self.examination = examination
    let tree = examination.tree
    keyholders = examination.catalog.entries.compactMap { entry in
      guard let ca = entry.ca, let key = tree[entry.id].key.value?.publicKey else { return nil }
      let path = tree.location.path(of: entry, .request)
      let csr = tree.csr(at: path).value
      return Keyholder(
        entry: entry, ca: ca, key: key, csrPath: path, csr: csr?.publicKey == key ? csr : nil)
    }
  }

  /// Reads a file, in which there must be a certificate for a key of this tree.
  mutating func read(_ path: String) {
    var reader = TreeReader(location)
    switch reader.readCertificates(path) {
    case .absent: errors.append(.unsound(examination.missing(path, .nameSignedFiles)))
    case .unusable(let finding): errors.append(.unsound(finding))
    case .present(let certificates):
      arrivals += certificates.map { Arrival(path: path, certificate: $0) }
      let keys = keyholders.map(\.key)
      guard !certificates.contains(where: { keys.contains($0.publicKey) }) else { return }
      errors.append(
        .unsound(
          Finding(
            .keyMissing, [path],
            "\(path), a certificate of \(certificates[0].subject.description.quoted), is for no key of this tree",
            remedy: examination.remedy(.nameTreeOfRequest))))
    }
  }

  /// Gives each certificate its place.
  mutating func installAll() {
    for keyholder in keyholders {
      var candidates: [Arrival] = []
      for arrival in arrivals
      where arrival.certificate.publicKey == keyholder.key && isFor(keyholder, arrival.certificate)
        && !candidates.contains(where: { $0.certificate == arrival.certificate })
      {
        candidates.append(arrival)
      }
      if candidates.count > 1 {
        let paths = candidates.map(\.path)
        errors.append(
          .unsound(
            Finding(
              .keyMismatch, paths, "\(paths.listed) are different certificates for the same key",
              remedy: examination.remedy(.nameOne))))
      } else if let arrival = candidates.first {
        install(arrival, for: keyholder)
      }
    }
  }

  /// Whether a certificate is meant for this entry and not for another one with the same key.
  private func isFor(_ keyholder: Keyholder, _ certificate: Certificate) -> Bool {
    func fits(_ keyholder: Keyholder) -> Bool {
      identity(keyholder, like: certificate.subject).isSubject(certificate.subject, in: examination.cluster)
    }
    let others = keyholders.filter { $0.key == keyholder.key }
    return others.count == 1 || fits(keyholder) || !others.contains(where: fits)
  }

  private mutating func install(_ arrival: Arrival, for keyholder: Keyholder) {
    let certificates = [arrival.certificate] + chain(from: arrival.certificate, to: keyholder.ca)
    let action = Remedy.Action.signAsRequested(keyholder.csrPath)
    let leaf = Leaf(
      path: arrival.path, certificates, of: keyholder.entry,
      identity(keyholder, like: arrival.certificate.subject), remedies: (action, action))
    let findings =
      examination.contentFindings(leaf) + sanFindings(leaf, keyholder) + examination.issuerFindings(leaf)
    errors += findings.filter { $0.severity == .error }.map { .unsound($0) }
    // A signer that leaves the usages out was asked for them.
    warnings += findings.filter { $0.severity == .warning || $0.code == .noUsages }.map(\.message)
    let installation = Installation(
      certificates: certificates, trust: ClientTrust(tree.ca(keyholder.ca)?.trust ?? []),
      place: place(of: keyholder.entry)
    )
    if let previous = installation.previous {
      let (old, new) = (previous.validity, arrival.certificate.validity)
      let days = Int((new.notAfter.timeIntervalSince(examination.instant) / 86_400).rounded())
      shortened.compare(keyholder.entry, old, with: new, days: days)
    }
    let present = tree[keyholder.entry.id].certificates.value ?? []
    if !present.isEmpty, let ca = tree.ca(keyholder.ca),
      !examination.isSigned(present, of: keyholder.entry, by: ca)
    {
      strangers.append(.init(keyholder.entry, at: location.path(of: keyholder.entry), present[0]))
    }
    steps.append(
      installation.previous == arrival.certificate
        ? .keep(.entry(keyholder.entry)) : .install(keyholder.entry, installation))
  }

  private mutating func place(of entry: CatalogEntry) -> Installation.Place {
    let contents = tree[entry.id]
    guard entry.isKubeconfig else {
      if let finding = contents.certificates.finding { errors.append(.unsound(finding)) }
      return contents.certificate.map { .certificate($0) } ?? .empty
    }
    let path = location.path(of: entry)
    if contents.certificates.isAbsent, let kubeconfig = tree.waitingKubeconfig(at: path).value {
      return .waitingKubeconfig(kubeconfig)
    }
    let content = tree.kubeconfigClient(at: path)
    if let finding = content.finding { errors.append(.unsound(finding)) }
    return content.value.map { .client($0) } ?? .empty
  }

  /// What leads from a certificate upwards: all of what came with it, and what the tree knows above its CA.
  private func chain(from certificate: Certificate, to id: CatalogEntry.ID) -> [Certificate] {
    let known = arrivals.map(\.certificate) + (tree.ca(id)?.chain ?? [])
    var chain: [Certificate] = []
    var current = certificate
    while let issuer = known.first(where: { current.isIssued(by: $0) }), !issuer.isSelfSigned,
      !chain.contains(issuer)
    {
      chain.append(issuer)
      current = issuer
    }
    return chain
  }

  /// What the subject should be: as it was asked for, or where there is no CSR, as some style has it.
  private func identity(_ keyholder: Keyholder, like subject: DistinguishedName) -> SubjectIdentity {
    if let asked = keyholder.csr?.subject {
      return SubjectIdentity(.fixed(asked.commonName ?? ""), asked.organizations)
    }
    let identities = KnownStyle.all.compactMap { $0.catalog[keyholder.entry.id].map { SubjectIdentity($0) } }
    return identities.first { $0.isSubject(subject, in: examination.cluster) } ?? identities.first
      ?? SubjectIdentity(.fixed(""), [])
  }

  /// SANs that were asked for, or that every cluster needs, and that the certificate lacks.
  private func sanFindings(_ leaf: Leaf, _ keyholder: Keyholder) -> [Finding] {
    guard !keyholder.entry.isKubeconfig else { return [] }
    let asked = (try? keyholder.csr?.extensions.first(SubjectAlternativeName.self))??.names ?? []
    let found = (try? leaf.certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    let missing = asked.filter { !found.covers($0) }
    guard !missing.isEmpty, !found.names.isEmpty else {
      return examination.sanFindings(leaf, keyholder.entry)
    }
    return [
      Finding(
        .nameMissing, [leaf.path],
        "\(leaf.path) lacks the SAN \(missing.map(\.description).joined(separator: ", ")), which the CSR asks for",
        remedy: examination.remedy(leaf.replace))
    ]
  }
}
