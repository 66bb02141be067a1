internal import FoundationEssentials
internal import OpenSSLX509

/// Collects the steps of a renewal, and what is refused.
struct RenewalBuilder {
  let options: RenewalOptions
  let examination: Examination
  private(set) var steps: [Plan.Step] = []
  private(set) var warnings: [String] = []
  private var ownRefusals: [Finding] = []
  /// What an authority cannot sign, by authority.
  private var unsigned: [CertificateProfile.ID: [String]] = [:]

  private var catalog: Catalog { examination.catalog }
  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.location }

  init(options: RenewalOptions, examination: Examination) {
    self.options = options
    self.examination = examination
  }

  /// Why something is not renewed.
  var refusals: [Finding] {
    ownRefusals
      + catalog.certificates.compactMap { profile in
        unsigned[profile.id].flatMap { names in obstacle(profile).map { refusal($0, of: names) } }
      }
  }

  mutating func add(_ profile: CertificateProfile) {
    guard let authority = profile.authority else { return }
    let (certificate, key) = (tree.certificates[profile.id] ?? .absent, tree.keys[profile.id] ?? .absent)
    if certificate.isAbsent, key.isAbsent, options.skipsAbsent { return }
    guard let previous = certificate.value?.first else {
      ownRefusals += certificate.finding.map { [$0] } ?? examination.findings(profile)
      return
    }
    let item = Plan.Step.Item.certificate(profile)
    let names = profile.names.isEmpty ? nil : options.cluster.map { profile.names(in: $0) }
    replace(
      item, at: location.certificate(profile), Current(certificates: certificate.value ?? [], key: key.value),
      previous, signedBy: authority, names: names)
  }

  mutating func add(_ profile: KubeconfigProfile) {
    let content = tree.kubeconfigClient(profile)
    if content.isAbsent, options.skipsAbsent { return }
    guard let client = content.value, let previous = client.certificates.first else {
      ownRefusals += content.finding.map { [$0] } ?? examination.findings(profile)
      return
    }
    let copies = profile.id == .admin ? options.copiesOfAdmin : []
    let clients =
      [client]
      + copies.compactMap { tree.kubeconfigClient(at: $0).value }.filter { $0.certificates.first == previous }
    replace(
      .kubeconfig(profile), at: location.kubeconfig(profile),
      Current(certificates: client.certificates, key: client.key, clients: clients), previous,
      signedBy: profile.authority, names: nil)
  }

  /// What is there of an item.
  private struct Current {
    let certificates: [Certificate]
    let key: PrivateKey?
    var clients: [KubeconfigClient] = []
  }
}

extension RenewalBuilder {
  private mutating func replace(
    _ item: Plan.Step.Item, at path: String, _ current: Current, _ previous: Certificate,
    signedBy id: CertificateProfile.ID, names: [GeneralName]?
  ) {
    guard isDue(previous) else { return steps.append(Plan.Step(item: item, action: .keep)) }
    let step = Plan.Step(item: item, action: .keep)
    guard let profile = catalog[id], obstacle(profile) == nil,
      let issuer = tree.certificates[id]?.value?.first
    else {
      return unsigned[id, default: []].append(step.name)
    }
    do throws(Refusal) {
      let key = try keySource(current.key, previous, path)
      let validity = validity(limit: issuer.validity.notAfter, name: step.name, authority: id)
      let allNames = try merged(names, with: previous, path)
      let specification = try specify(previous, allNames, id, validity, key, path)
      let old = (try? previous.subjectAlternativeName())?.names ?? []
      let replacement = Replacement(
        specification: specification, authority: id, key: key, previous: previous,
        chain: chain(after: issuer, of: id, in: current.certificates),
        addedNames: (allNames ?? old).filter { !old.contains($0) },
        droppedNames: old.filter { !(allNames ?? old).contains($0) }, clients: current.clients)
      warnAboutIssuer(of: previous, at: path, issuer, profile)
      steps.append(Plan.Step(item: item, action: .replace(replacement)))
    } catch {
      ownRefusals.append(error.finding)
    }
  }

  /// Why one item is not renewed.
  private struct Refusal: Error {
    let finding: Finding
  }

  private func isDue(_ certificate: Certificate) -> Bool {
    guard let limit = options.expiringWithin else { return true }
    return certificate.validity.notAfter <= examination.instant.addingTimeInterval(Double(limit.seconds))
  }

  /// What keeps an authority from signing.
  private func obstacle(_ profile: CertificateProfile) -> Finding? {
    let (path, keyPath) = (location.certificate(profile), location.key(profile))
    if let finding = examination.findings(profile).first(where: { $0.severity == .error }) { return finding }
    guard tree.keys[profile.id]?.isAbsent ?? true else { return nil }
    return Finding(
      .authorityKeyMissing, [keyPath, path], "the key of the authority, \(keyPath), is not here",
      remedy: "renew where that key is; or put the key there for the time of this run")
  }

  private func refusal(_ obstacle: Finding, of names: [String]) -> Finding {
    Finding(
      obstacle.code, obstacle.files, "cannot renew \(names.joined(separator: ", ")): \(obstacle.message)",
      remedy: obstacle.remedy, cause: obstacle.cause)
  }

  private func keySource(
    _ key: PrivateKey?, _ previous: Certificate, _ path: String
  ) throws(Refusal) -> Replacement.KeySource {
    if options.keepsKeys {
      guard let key, (try? key.isPair(of: previous.publicKey)) == true else {
        throw Refusal(
          finding: Finding(
            .keyMismatch, [path],
            "cannot renew \(path) with its key: the key is missing, or belongs to another certificate",
            remedy: "renew it without --reuse-key, which makes a new key"))
      }
      return .existing(key)
    }
    guard let algorithm = options.keyAlgorithm ?? previous.publicKey.type.algorithm else {
      throw Refusal(
        finding: Finding(
          .unsupportedKey, [path],
          "cannot renew \(path): new keys of its kind, \(previous.publicKey.type), are not made",
          remedy: "choose a kind of key with --key-algorithm"))
    }
    return .new(algorithm)
  }

  private func merged(_ names: [GeneralName]?, with previous: Certificate, _ path: String) throws(Refusal)
    -> [GeneralName]?
  {
    guard let names else { return nil }
    // Names that the cluster's options have no words for are the user's own, and stay.
    let others = ((try? previous.subjectAlternativeName())?.names ?? []).filter {
      switch $0 {
      case .dnsName, .ipAddress: false
      case .rfc822Name, .uniformResourceIdentifier, .other: true
      }
    }
    return names + others
  }

  private func specify(
    _ previous: Certificate, _ names: [GeneralName]?, _ authority: CertificateProfile.ID,
    _ validity: Validity,
    _ key: Replacement.KeySource, _ path: String
  ) throws(Refusal) -> CertificateSpecification {
    let algorithm: KeyAlgorithm? =
      switch key {
      case .new(let algorithm): algorithm
      case .existing(let key): key.type.algorithm
      }
    do throws(OpenSSLError) {
      if try previous.basicConstraints()?.isAuthority == true {
        throw OpenSSLError(
          operation: "renew it", reasons: ["it says CA:TRUE, and would be an authority again"])
      }
      return try CertificateSpecification(
        renewing: previous, names: names, authority: authority, validity: validity,
        keyAlgorithm: algorithm ?? .rsa2048)
    } catch {
      throw Refusal(
        finding: Finding(
          .malformedFile, [path], "cannot renew \(path): \(error)",
          remedy: "move it and its key away, and make a new pair with pkigen phase"))
    }
  }

  private mutating func validity(limit: Date, name: String, authority: CertificateProfile.ID) -> Validity {
    let end = examination.instant.addingTimeInterval(Double(options.validity.seconds))
    if limit < end {
      warnings.append(
        "\(name) will be in force only until \(limit.rfc3339), when the authority \(authority.rawValue) ends")
    }
    return Validity(
      notBefore: examination.instant.addingTimeInterval(-300), notAfter: min(end, limit, Validity.endOfTime))
  }

  /// The certificates after the leaf that still lead from its new issuer upwards.
  ///
  /// Below a root there are some in any case.
  private func chain(
    after issuer: Certificate, of id: CertificateProfile.ID, in certificates: [Certificate]
  ) -> [Certificate] {
    guard let first = certificates.dropFirst().first, first == issuer else {
      return tree.intermediates(of: id)
    }
    var chain = [first]
    for certificate in certificates.dropFirst(2) {
      guard let last = chain.last, last.isIssued(by: certificate) else { break }
      chain.append(certificate)
    }
    return chain
  }

  private mutating func warnAboutIssuer(
    of previous: Certificate, at path: String, _ issuer: Certificate, _ profile: CertificateProfile
  ) {
    guard !previous.isIssued(by: issuer) else { return }
    warnings.append("\(path) was not signed by \(location.certificate(profile)); its successor is")
  }
}
