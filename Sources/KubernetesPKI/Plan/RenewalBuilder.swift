internal import FileStore
internal import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509

/// Collects the steps of a renewal, and what is refused.
package struct RenewalBuilder {
  package let options: RenewalOptions
  package let examination: Examination
  private(set) var steps: [Plan.Step] = []
  private(set) var warnings: [String] = []
  private var ownRefusals: [Finding] = []
  /// What is renewed, by the places of certificate and key: links and kubeconfigs may lead to the same ones.
  private var renewed: [[String]: String] = [:]
  /// What an authority cannot sign, by authority.
  private var unsigned: [CertificateProfile.ID: [String]] = [:]

  private var catalog: Catalog { examination.catalog }
  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.location }

  package init(options: RenewalOptions, examination: Examination) {
    self.options = options
    self.examination = examination
  }

  /// Why something is not renewed.
  package var refusals: [Finding] {
    ownRefusals
      + catalog.certificates.compactMap { profile in
        unsigned[profile.id].flatMap { names in
          obstacle(profile).map { examination.renewalRefusal($0, of: names) }
        }
      }
  }

  package mutating func add(_ profile: CertificateProfile) {
    guard let authority = profile.authority else { return }
    let (certificate, key) = (tree.certificates[profile.id] ?? .absent, tree.keys[profile.id] ?? .absent)
    if certificate.isAbsent, key.isAbsent, options.skipsAbsent {
      return warnAboutAbsence(location.certificate(profile), isExpected: tree.shouldHold(profile))
    }
    if options.skipsAbsent, let finding = examination.awaiting(profile) {
      return warnings.append("\(finding.message), and is not renewed")
    }
    guard let certificates = certificate.value, let previous = certificates.first else {
      ownRefusals += certificate.finding.map { [$0] } ?? examination.ownFindings(profile)
      return
    }
    let isRenamed = options.renamed.contains(profile.id)
    replace(
      .certificate(profile), signedBy: authority,
      Current(
        path: location.certificate(profile), keyPath: location.key(profile), previous: previous,
        following: Array(certificates.dropFirst()), key: key.value),
      names: isRenamed ? options.cluster.map(profile.names) : nil)
  }

  package mutating func add(_ profile: KubeconfigProfile) {
    let content = tree.kubeconfigClient(profile)
    if content.isAbsent, options.skipsAbsent {
      return warnAboutAbsence(location.kubeconfig(profile), isExpected: tree.shouldHold(profile))
    }
    let waiting = examination.awaiting(profile)
    if options.skipsAbsent, let waiting {
      return warnings.append("\(waiting.message), and is not renewed")
    }
    guard let client = content.value, let previous = client.certificates.first else {
      ownRefusals += (waiting ?? content.finding).map { [$0] } ?? examination.ownFindings(profile)
      return
    }
    let copies = profile.id == .admin ? copies(of: client) : []
    replace(
      .kubeconfig(profile), signedBy: profile.authority,
      Current(
        path: client.certificatePath, keyPath: client.keyPath, previous: previous,
        following: Array(client.certificates.dropFirst()), key: client.key, clients: [client] + copies),
      names: nil)
  }

  /// What is there of an item.
  private struct Current {
    /// The file of the certificate.
    let path: String
    /// The file of its key.
    let keyPath: String
    /// The certificate.
    let previous: Certificate
    /// What follows it in its file.
    let following: [Certificate]
    let key: PrivateKey?
    var clients: [KubeconfigClient] = []
  }
}

extension RenewalBuilder {
  private mutating func replace(
    _ item: Plan.Step.Item, signedBy id: CertificateProfile.ID, _ current: Current, names: [GeneralName]?
  ) {
    let kept = Plan.Step(item: item, action: .keep)
    let previous = current.previous
    guard isDue(previous) else { return steps.append(kept) }
    guard let profile = catalog[id], obstacle(profile) == nil, let issuer = examination.authority(id) else {
      return unsigned[id, default: []].append(kept.name)
    }
    let places = [current.path, current.keyPath].map(tree.place)
    if let other = renewed[places] {
      return warnings.append("\(kept.name) is in the same file as \(other), and is renewed with it")
    }
    do throws(Refusal) {
      let key = try keySource(current.key, previous, current.path)
      let allNames = merged(names, with: previous)
      let validity = validity(limit: issuer.validity.notAfter, name: kept.name, authority: id)
      let specification = try specify(current, allNames, id, validity, key)
      let old = (try? previous.subjectAlternativeName())?.names ?? []
      let replacement = Replacement(
        specification: specification, authority: id, key: key, previous: previous,
        chain: chain(after: issuer, of: id, in: current.following),
        addedNames: (allNames ?? old).filter { !old.contains($0) },
        droppedNames: old.filter { !(allNames ?? old).contains($0) }, clients: current.clients)
      warnAboutIssuer(of: previous, at: current.path, issuer, profile)
      for client in current.clients where client.sourceToTrust(issuer) != nil {
        warnings.append(
          "\(client.path) trusted another authority than \(location.certificate(profile)); now it trusts that"
        )
      }
      steps.append(Plan.Step(item: item, action: .replace(replacement)))
      renewed[places] = kept.name
    } catch {
      ownRefusals.append(error.finding)
    }
  }

  /// The kubeconfigs outside the tree that are renewed with admin.conf: those that hold the same certificate.
  private mutating func copies(of client: KubeconfigClient) -> [KubeconfigClient] {
    options.copiesOfAdmin.filter { tree.place(of: $0) != tree.place(of: client.path) }.compactMap { path in
      let content = tree.kubeconfigClient(at: path)
      if let copy = content.value, copy.certificates.first == client.certificates.first { return copy }
      if let finding = content.finding, finding.code == .unreadableFile {
        // It may be a copy.
        ownRefusals.append(finding)
        return nil
      }
      let reason =
        content.finding?.message
        ?? (content.isAbsent
          ? "there is no \(path)" : "\(path) does not hold the certificate that \(client.path) has")
      warnings.append("\(path) is not renewed: \(reason)")
      return nil
    }
  }

  private mutating func warnAboutAbsence(_ path: String, isExpected: Bool) {
    if isExpected { warnings.append("\(path) is missing, and is not renewed") }
  }

  /// Why one item is not renewed.
  private struct Refusal: Error {
    let finding: Finding
  }

  private func isDue(_ certificate: Certificate) -> Bool {
    guard let limit = options.expiringWithin else { return true }
    return certificate.validity.notAfter <= examination.instant.addingTimeInterval(Double(limit.seconds))
  }

  /// With these an authority signs nothing, or nothing that anybody would accept; what else is wrong with one is not made
  /// better by leaves that expire.
  private static let obstacles: Set<FindingCode> = [
    .missingFile, .unreadableFile, .malformedFile, .certificateMissing, .keyMismatch, .notAnAuthority,
    .expired,
    .notYetValid,
  ]

  /// What keeps an authority from signing.
  private func obstacle(_ profile: CertificateProfile) -> Finding? {
    let (path, keyPath) = (location.certificate(profile), location.key(profile))
    let findings = examination.ownFindings(profile)
    if let finding = findings.first(where: { Self.obstacles.contains($0.code) }) {
      let isOfItsTime = [.expired, .notYetValid, .unreadableFile].contains(finding.code)
      return isOfItsTime
        ? finding
        : Finding(
          finding.code, finding.files, finding.message,
          remedy:
            "put back \(path) and \(keyPath) as they were: a new authority would be a stranger to the cluster"
        )
    }
    guard tree.keys[profile.id]?.isAbsent ?? true else { return nil }
    return Finding(
      .authorityKeyMissing, [keyPath, path], "the key of the authority, \(keyPath), is not here",
      remedy: "put the key there for the time of this run")
  }

  private func keySource(
    _ key: PrivateKey?, _ previous: Certificate, _ path: String
  ) throws(Refusal) -> Replacement.KeySource {
    if options.keepsKeys {
      guard let key, (try? key.isPair(of: previous.publicKey)) == true else {
        throw Refusal(
          finding: Finding(
            .keyMismatch, [path],
            "cannot renew \(path) with its key: the key is missing, or unusable, or another certificate's",
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

  private func merged(_ names: [GeneralName]?, with previous: Certificate) -> [GeneralName]? {
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
    _ current: Current, _ names: [GeneralName]?, _ authority: CertificateProfile.ID, _ validity: Validity,
    _ key: Replacement.KeySource
  ) throws(Refusal) -> CertificateSpecification {
    let algorithm: KeyAlgorithm? =
      switch key {
      case .new(let algorithm): algorithm
      case .existing(let key): key.type.algorithm
      }
    let isAuthority: Bool
    let specification: CertificateSpecification
    do throws(OpenSSLError) {
      isAuthority = try current.previous.basicConstraints()?.isAuthority == true
      specification = try CertificateSpecification(
        renewing: current.previous, names: names, authority: authority, validity: validity,
        keyAlgorithm: algorithm ?? .rsa2048)
    } catch {
      throw refusal(of: current, because: error.description)
    }
    guard !isAuthority else {
      throw refusal(of: current, because: "it says CA:TRUE, and would be an authority again")
    }
    return specification
  }

  /// What it would be wrong to renew, or nobody can.
  private func refusal(of current: Current, because reason: String) -> Refusal {
    // The files that a kubeconfig names may be others' too, and stay.
    let remedy =
      current.clients.first.map { "move \($0.path) away, and make a new one with pkigen phase" }
      ?? "move it and its key away, and make a new pair with pkigen phase"
    return Refusal(
      finding: Finding(
        .malformedFile, [current.path], "cannot renew \(current.path): \(reason)", remedy: remedy))
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

  /// The certificates after the leaf that still lead from its new issuer upwards, with the issuer as it is now.
  ///
  /// Below a root there are some in any case.
  private func chain(
    after issuer: Certificate, of id: CertificateProfile.ID, in following: [Certificate]
  ) -> [Certificate] {
    var rest = following
    guard
      let first = rest.firstIndex(where: { $0.subject == issuer.subject && $0.publicKey == issuer.publicKey })
    else { return tree.intermediates(of: id) }
    rest.remove(at: first)
    var chain = [issuer]
    while let last = chain.last, let next = rest.firstIndex(where: { last.isIssued(by: $0) }) {
      chain.append(rest.remove(at: next))
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
