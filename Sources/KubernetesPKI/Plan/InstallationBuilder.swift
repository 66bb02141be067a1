internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// Finds the places of certificates that authorities elsewhere have signed, and what stands in their way.
package struct InstallationBuilder {
  /// A certificate, and the file that it came in.
  private struct Arrival {
    let path: String
    let certificate: Certificate
  }

  /// An item of the tree that has a key.
  private struct Keyholder {
    let item: Plan.Step.Item
    let key: PublicKey
    let authority: CertificateProfile.ID
    let purposes: [ExtendedKeyUsage.Purpose]
    let requestPath: String
    /// What is asked for, where there is a request for the key.
    let request: CertificateRequest?
  }

  package let examination: Examination
  private(set) var steps: [Plan.Step] = []
  private(set) var errors: [PKIError] = []
  private(set) var warnings: [String] = []
  private let keyholders: [Keyholder]
  private var arrivals: [Arrival] = []

  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.location }

  package init(examination: Examination) {
    self.examination = examination
    let (catalog, tree) = (examination.catalog, examination.tree)
    func keyholder(
      _ item: Plan.Step.Item, _ key: PrivateKey?, _ authority: CertificateProfile.ID?,
      _ purposes: [ExtendedKeyUsage.Purpose]
    ) -> Keyholder? {
      guard let key, let authority, let path = tree.location.request(item) else { return nil }
      let request = tree.request(at: path).value
      return Keyholder(
        item: item, key: key.publicKey, authority: authority, purposes: purposes, requestPath: path,
        request: request?.publicKey == key.publicKey ? request : nil)
    }
    keyholders =
      catalog.certificates.compactMap {
        keyholder(.certificate($0), tree.keys[$0.id]?.value, $0.authority, $0.purposes)
      }
      + catalog.kubeconfigs.compactMap {
        keyholder(.kubeconfig($0), tree.kubeconfigs[$0.id]?.value?.clientKey, $0.authority, [.clientAuth])
      }
  }

  /// Reads a file, in which there must be a certificate for a key of this tree.
  package mutating func read(_ path: String) {
    var reader = TreeReader(location)
    switch reader.readCertificates(path) {
    case .absent:
      errors.append(.unsound(examination.missing(path, "name the files that the signer gave back")))
    case .unusable(let finding): errors.append(.unsound(finding))
    case .present(let certificates):
      arrivals += certificates.map { Arrival(path: path, certificate: $0) }
      let keys = keyholders.map(\.key)
      guard !certificates.contains(where: { keys.contains($0.publicKey) }) else { return }
      errors.append(
        .unsound(
          Finding(
            .keyMissing, [path],
            "\(path), a certificate of \((certificates[0].subject.description).quoted), is for no key of this tree",
            remedy:
              "name the tree that the request came from with -d; requests are made with pkigen csr create"
              + location.commandOptions)))
    }
  }

  /// Gives each certificate its place.
  package mutating func installAll() {
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
              remedy: "name only the one that is wanted")))
      } else if let arrival = candidates.first {
        install(arrival, for: keyholder)
      }
    }
  }

  /// Whether a certificate is meant for this item and not for another one with the same key.
  private func isFor(_ keyholder: Keyholder, _ certificate: Certificate) -> Bool {
    func fits(_ keyholder: Keyholder) -> Bool {
      let (commonName, organizations) = identity(keyholder, like: certificate.subject)
      return commonName.isSubject(certificate.subject, with: organizations, in: examination.cluster)
    }
    let others = keyholders.filter { $0.key == keyholder.key }
    return others.count == 1 || fits(keyholder) || !others.contains(where: fits)
  }

  private mutating func install(_ arrival: Arrival, for keyholder: Keyholder) {
    let chain = chain(from: arrival.certificate, to: keyholder.authority)
    let (commonName, organizations) = identity(keyholder, like: arrival.certificate.subject)
    let remedy = "have \(keyholder.requestPath) signed as it asks"
    let leaf = Leaf(
      path: arrival.path, certificate: arrival.certificate, intermediates: chain,
      authority: keyholder.authority,
      commonName: commonName, organizations: organizations, purposes: keyholder.purposes, renewRemedy: remedy,
      replaceRemedy: remedy)
    let findings =
      examination.contentFindings(leaf) + nameFindings(leaf, keyholder) + examination.issuerFindings(leaf)
    errors += findings.filter { $0.severity == .error }.map { .unsound($0) }
    warnings += findings.filter { $0.severity == .warning }.map(\.message)
    let installation = Installation(
      certificates: [arrival.certificate] + chain, place: place(of: keyholder.item))
    let isThere = installation.previous == arrival.certificate
    steps.append(Plan.Step(item: keyholder.item, action: isThere ? .keep : .install(installation)))
  }

  private mutating func place(of item: Plan.Step.Item) -> Installation.Place {
    switch item {
    case .certificate(let profile):
      let content = tree.certificates[profile.id] ?? .absent
      if let finding = content.finding { errors.append(.unsound(finding)) }
      return content.value?.first.map { .certificate($0) } ?? .empty
    case .kubeconfig(let profile):
      let isWaiting = tree.kubeconfigs[profile.id]?.value?.isAwaitingCertificate == true
      if isWaiting, let kubeconfig = tree.waitingKubeconfig(profile).value {
        return .waitingKubeconfig(kubeconfig)
      }
      let content = tree.kubeconfigClient(profile)
      if let finding = content.finding { errors.append(.unsound(finding)) }
      return content.value.map { .client($0) } ?? .empty
    case .root, .bundle, .serviceAccountKey: return .empty
    }
  }

  /// What leads from a certificate to its authority: of what came along, and of what the tree knows.
  private func chain(from certificate: Certificate, to id: CertificateProfile.ID) -> [Certificate] {
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
    return chain + tree.intermediates(of: id)
  }

  /// What the subject should be: as it was asked for, or where no request is there, as some style has it.
  private func identity(
    _ keyholder: Keyholder, like subject: DistinguishedName
  ) -> (CertificateProfile.CommonName, [String]) {
    if let asked = keyholder.request?.subject { return (.fixed(asked.commonName ?? ""), asked.organizations) }
    let rows = KnownStyle.all.compactMap { style -> (CertificateProfile.CommonName, [String])? in
      switch keyholder.item {
      case .certificate(let profile): style.catalog[profile.id].map { ($0.commonName, $0.organizations) }
      case .kubeconfig(let profile): style.catalog[profile.id].map { ($0.commonName, $0.organizations) }
      case .root, .bundle, .serviceAccountKey: nil
      }
    }
    return rows.first { $0.0.isSubject(subject, with: $0.1, in: examination.cluster) } ?? rows.first
      ?? (.fixed(""), [])
  }

  /// Names that were asked for, or that no cluster can do without, and that the certificate lacks.
  private func nameFindings(_ leaf: Leaf, _ keyholder: Keyholder) -> [Finding] {
    guard case .certificate(let profile) = keyholder.item else { return [] }
    let asked = (try? keyholder.request?.extensions.first(SubjectAlternativeName.self))??.names ?? []
    let found = (try? leaf.certificate.subjectAlternativeName()) ?? SubjectAlternativeName([])
    let missing = asked.filter { !found.covers($0) }
    guard !missing.isEmpty, !found.names.isEmpty else { return examination.nameFindings(leaf, profile) }
    return [
      Finding(
        .nameMissing, [leaf.path],
        "\(leaf.path) lacks the name \(missing.map(\.description).joined(separator: ", ")), which was asked for",
        remedy: leaf.replaceRemedy)
    ]
  }
}
