internal import Kubeconfigs
internal import OpenSSLX509

/// Collects requests for certificates that authorities elsewhere have to sign, and what stands in their way.
package struct RequestBuilder {
  package let examination: Examination
  private(set) var steps: [Plan.Step] = []
  private(set) var errors: [PKIError] = []
  /// The authorities that were looked at.
  private var examined: Set<CertificateProfile.ID> = []

  private var tree: TreeContents { examination.tree }
  private var cluster: ClusterConfiguration { examination.cluster }
  private var location: TreeLocation { examination.location }

  package init(examination: Examination) { self.examination = examination }

  package mutating func add(_ profile: CertificateProfile) {
    guard let commonName = profile.commonName.resolved(in: cluster), let authority = profile.authority else {
      return
    }
    examine(authority)
    let findings = pairFindings(profile)
    errors += findings.map { .unsound($0) }
    guard findings.isEmpty else { return }
    let cluster = cluster
    add(.certificate(profile), tree.keys[profile.id]?.value, location.key(profile)) {
      (algorithm) throws(PKIError) in
      try RequestSpecification(
        commonName: commonName, organizations: profile.organizations, names: profile.names(in: cluster),
        purposes: profile.purposes, keyAlgorithm: algorithm)
    }
  }

  package mutating func add(_ profile: KubeconfigProfile) {
    guard let commonName = profile.commonName.resolved(in: cluster) else { return }
    examine(profile.authority)
    let content = tree.kubeconfigs[profile.id] ?? .absent
    let path = location.kubeconfig(profile)
    if let finding = content.finding { return errors.append(.unsound(finding)) }
    if let kubeconfig = content.value, kubeconfig.clientKey == nil {
      return errors.append(
        .unsound(.unusableKubeconfig(path, kubeconfig.allProblems.joined(separator: "; "))))
    }
    add(.kubeconfig(profile), content.value?.clientKey, path) { (algorithm) throws(PKIError) in
      try RequestSpecification(
        commonName: commonName, organizations: profile.organizations, names: [], purposes: [.clientAuth],
        keyAlgorithm: algorithm)
    }
  }

  /// Why the key that is there cannot be used again.
  private func pairFindings(_ profile: CertificateProfile) -> [Finding] {
    let (certificate, key) = (tree.certificates[profile.id] ?? .absent, tree.keys[profile.id] ?? .absent)
    let (path, keyPath) = (location.certificate(profile), location.key(profile))
    let unusable = [certificate.finding, key.finding].compactMap(\.self)
    guard unusable.isEmpty, let first = certificate.value?.first else { return unusable }
    guard let key = key.value else { return [examination.keyMissing(path, keyPath)] }
    return examination.pairFindings(
      first, path, key, keyPath, remedy: "move \(path) away and request another")
  }

  /// An authority that is broken or over signs nothing that is of use, wherever its key is.
  private mutating func examine(_ id: CertificateProfile.ID) {
    guard examined.insert(id).inserted, let profile = examination.catalog[id] else { return }
    errors += examination.ownFindings(profile).filter { $0.severity == .error }.map { .unsound($0) }
  }

  /// Requests a certificate for the key that is there, or for a new one.
  private mutating func add(
    _ item: Plan.Step.Item, _ key: PrivateKey?, _ keyPath: String,
    _ specify: (KeyAlgorithm) throws(PKIError) -> RequestSpecification
  ) {
    if let weakness = key?.type.weakness {
      return errors.append(
        .unsound(
          Finding(
            .weakKey, [keyPath], "the key in \(keyPath) is \(weakness)",
            remedy: "move \(keyPath) away for a new key")))
    }
    // What a key is used for differs between RSA and the others only.
    let algorithm = key.map { $0.type.isRSA ? KeyAlgorithm.rsa2048 : .ecdsaP256 } ?? cluster.keyAlgorithm
    do throws(PKIError) {
      let specification = try specify(algorithm)
      let request = PlannedRequest(
        specification: specification, key: key.map { .existing($0) } ?? .new(algorithm),
        place: place(item, specification, key))
      steps.append(Plan.Step(item: item, action: .request(request)))
    } catch {
      errors.append(error)
    }
  }

  private func place(
    _ item: Plan.Step.Item, _ specification: RequestSpecification, _ key: PrivateKey?
  ) -> PlannedRequest.Place {
    guard let path = location.request(item) else { return .empty }
    let content = tree.request(at: path)
    guard let request = content.value, let key else { return content.isAbsent ? .empty : .other }
    let isSame =
      request.publicKey == key.publicKey && request.subject == specification.subject
      && request.extensions == specification.extensions && request.isSignedByItsKey
    return isSame ? .same : .other
  }
}
