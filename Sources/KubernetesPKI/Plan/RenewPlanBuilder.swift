internal import FileStore
internal import FoundationEssentials
internal import GoRules
internal import Kubeconfigs
internal import OpenSSLX509

/// Collects the steps of a renewal, and what is refused.
struct RenewPlanBuilder {
  let options: RenewalOptions
  let examination: Examination
  /// What follows from what was said of the node and its load balancer.
  private let changes: ServerChanges?
  var steps: [Plan.Step] = []
  var warnings: [String] = []
  private(set) var strangers: [Examination.Stranger] = []
  private(set) var lifetimes = LifetimeWarnings()
  var ownRefusals: [Finding] = []
  /// The CAs that were selected, and stay or get new dates.
  var settledCAs: Set<CatalogEntry.ID> = []
  /// The validity of the CAs that get new dates.
  var extended: [CatalogEntry.ID: Validity] = [:]
  /// What is renewed, by the places of certificate and key: links and kubeconfigs may lead to the same ones.
  var renewed: [[String]: String] = [:]
  /// What a machine of this role does not renew itself, by the CA whose key it does not have.
  var renewedElsewhere: [CatalogEntry.ID: [CatalogEntry]] = [:]
  /// What a CA cannot sign, by CA.
  private var unsigned: [CatalogEntry.ID: [CatalogEntry]] = [:]

  var catalog: Catalog { examination.catalog }
  var tree: TreeContents { examination.tree }
  var location: TreeLocation { examination.location }

  init(options: RenewalOptions, examination: Examination) {
    self.options = options
    self.examination = examination
    changes = options.stated.map {
      ServerChanges($0, port: options.bindPort, in: examination.tree)
    }
  }

  /// The names that the node or its load balancer had before, and the successors that keep them.
  var formerNames: [Plan.FormerName] {
    (changes?.formerNames ?? []).compactMap { name in
      let owners = steps.compactMap { step -> String? in
        guard case .replace(let entry, let replacement) = step,
          replacement.specification.content.sans.contains(name)
        else { return nil }
        return entry.name
      }
      return owners.isEmpty ? nil : Plan.FormerName(name: name, owners: owners)
    }
  }

  /// Why something is not renewed.
  var refusals: [Finding] {
    ownRefusals
      + catalog.cas.compactMap { ca in
        unsigned[ca.id].flatMap { entries in
          examination.signingObstacle(ca).map { examination.renewalRefusal($0, of: entries) }
        }
      }
  }

  /// What the user should know although it stops nothing.
  var allWarnings: [String] {
    warnings + elsewhereWarnings + lifetimes.warnings(examination)
  }

  mutating func add(_ entry: CatalogEntry) {
    guard let ca = entry.ca.flatMap({ catalog[$0] }) else { return extend(entry) }
    let path = location.path(of: entry)
    if examination.tree[entry.id].isAbsent, tree[entry.id].kubeconfig.isAbsent, options.skipsAbsent {
      if tree.shouldHold(entry) { warnings.append("\(path) is missing, and is not renewed") }
      return
    }
    if let waiting = examination.waiting(entry) {
      if options.skipsAbsent { return warnings.append("\(waiting.message), and is not renewed") }
      return ownRefusals.append(waiting)
    }
    if let outside = tree.outsideFinding(entry), tree.isOutside(entry) {
      // With all, the finding is for the whole tree.
      if !options.skipsAbsent { ownRefusals.append(outside) }
      return
    }
    switch current(entry) {
    case .present(let current):
      if isDue(current.previous) { replace(entry, current, ca) } else { steps.append(.keep(.entry(entry))) }
    case .unusable(let finding): ownRefusals.append(finding)
    case .absent: ownRefusals += examination.ownFindings(entry)
    }
  }

  /// What there is of an entry.
  struct Current {
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
    /// The certificate and what follows it.
    var chain: [Certificate] { [previous] + following }
  }

  mutating func current(_ entry: CatalogEntry) -> FileContent<Current> {
    let path = location.path(of: entry)
    guard entry.isKubeconfig else {
      let contents = tree[entry.id]
      return contents.certificates.flatMap { certificates in
        .present(
          Current(
            path: path, keyPath: location.path(of: entry, .key), previous: certificates[0],
            following: Array(certificates.dropFirst()), key: contents.key.value))
      }
    }
    let content = tree.kubeconfigClient(at: path)
    var copies: [KubeconfigClient] = []
    if entry.id == .admin, let client = content.value { copies = self.copies(of: client) }
    return content.flatMap { client in
      .present(
        Current(
          path: client.certificatePath, keyPath: client.keyPath, previous: client.certificates[0],
          following: Array(client.certificates.dropFirst()), key: client.key, clients: [client] + copies))
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
          ? "\(path) is missing" : "\(path) does not hold the certificate that \(client.path) has")
      warnings.append("\(path) is not renewed: \(reason)")
      return nil
    }
  }
}

extension RenewPlanBuilder {
  mutating func replace(_ entry: CatalogEntry, _ current: Current, _ row: CatalogEntry) {
    if isRenewedElsewhere(entry, row) { return renewedElsewhere[row.id, default: []].append(entry) }
    let end = extended[row.id]?.notAfter
    guard end != nil || examination.signingObstacle(row) == nil, let ca = tree.ca(row.id) else {
      return unsigned[row.id, default: []].append(entry)
    }
    let places = [current.path, current.keyPath].map(tree.place)
    if let other = renewed[places] {
      return warnings.append("\(entry.name) is in the same file as \(other), and is renewed with it")
    }
    let (validity, isCut) = Validity.starting(
      examination.instant, lifetime: options.validity, within: end ?? ca.issuing.validity.notAfter)
    // What would end no later than now is left as it is where only what is due is wanted.
    if isCut, options.expiringWithin != nil, validity.notAfter <= current.previous.validity.notAfter {
      lifetimes.addEnding(entry, with: row.id)
      return steps.append(.keep(.entry(entry)))
    }
    do throws(Refusal) {
      let content = try content(entry, current)
      let isIssued = ca.accepted.contains(where: current.previous.isIssued)
      guard options.allowsNewCA || isIssued || examination.isSigned(current.chain, of: entry, by: ca) else {
        return strangers.append(.init(entry, at: current.path, current.previous))
      }
      let replacement = Replacement(
        specification: CertificateSpecification(content, validity: validity, issuer: .ca(row.id)),
        previous: current.previous, chain: ca.chain(continuing: current.following),
        trust: ClientTrust(ca.trust, isExact: options.rotates), clients: try clients(entry, current))
      try refuseIrreplaceable(replacement.replacedPaths(entry, in: location))
      if isCut { lifetimes.cut.add(entry.name, signedBy: .ca(row.id), validity) }
      warnAboutIssuer(of: current, ca, row, isIssued: isIssued)
      warnAboutUsages(of: entry, current)
      if !isCut, !options.statesValidity {
        lifetimes.compare(entry, current.previous.validity, with: validity, options.validity)
      }
      warnAboutDropped(replacement, current)
      steps.append(.replace(entry, replacement))
      renewed[places] = entry.name
    } catch {
      ownRefusals.append(error.finding)
    }
  }

  /// Why one entry is not renewed.
  private struct Refusal: Error {
    let finding: Finding
  }

  private func refuseIrreplaceable(_ paths: [String]) throws(Refusal) {
    if let finding = tree.irreplaceableFinding(paths) { throw Refusal(finding: finding) }
  }

  private func content(_ entry: CatalogEntry, _ current: Current) throws(Refusal) -> CertificateContent {
    let key = try subjectKey(current)
    let isCA: Bool
    let content: CertificateContent
    let problem: Problem?
    do throws(OpenSSLError) {
      isCA = try current.previous.basicConstraints()?.isCA == true
      let sans = options.sans.names(of: entry, after: try current.previous.subjectAlternativeName().names)
      let subject = try changes?.subject(of: entry, insteadOf: current.previous.subject)
      content = try CertificateContent(renewing: current.previous, as: subject, sans: sans, key: key)
      problem = ParsedExtensions.problem(try content.encodedExtensions())
    } catch {
      throw refusal(entry, current, because: error.description)
    }
    guard !isCA else {
      throw refusal(entry, current, because: "it says CA:TRUE, and its successor would be a CA again")
    }
    if let problem {
      throw refusal(entry, current, because: "no component would accept its successor, a copy: \(problem)")
    }
    return content
  }

  /// The kubeconfigs, with the servers to which they have to point.
  private func clients(_ entry: CatalogEntry, _ current: Current) throws(Refusal) -> [KubeconfigClient] {
    var clients: [KubeconfigClient] = []
    for client in current.clients {
      guard let url = changes?.url(of: entry, insteadOf: client.server) else {
        clients.append(client)
        continue
      }
      do throws(KubeconfigProblem) {
        clients.append(try client.pointing(to: url))
      } catch {
        throw refusal(entry, current, because: error.text)
      }
    }
    return clients
  }

  private func subjectKey(_ current: Current) throws(Refusal) -> CertificateContent.SubjectKey {
    let (previous, path) = (current.previous, current.path)
    if options.keepsKeys {
      guard let key = current.key, (try? key.isPair(of: previous.publicKey)) == true else {
        throw Refusal(
          finding: Finding(
            .keyMismatch, [path],
            "cannot renew \(path) with its key: the key is missing, cannot be used, or belongs to another certificate",
            remedy: examination.remedy(.renewWithNewKey)))
      }
      return .existing(key)
    }
    guard let algorithm = options.keyAlgorithm ?? previous.publicKey.type.algorithm else {
      throw Refusal(
        finding: Finding(
          .unsupportedKey, [path],
          "cannot renew \(path): pkigen does not make keys of its kind, \(previous.publicKey.type)",
          remedy: examination.remedy(.chooseKeyAlgorithm)))
    }
    return .new(algorithm)
  }

  /// What it would be wrong to renew, or what cannot be renewed.
  private func refusal(_ entry: CatalogEntry, _ current: Current, because reason: String) -> Refusal {
    // The files that a kubeconfig names may be another's too, and stay.
    let files = current.clients.first.map { [$0.path] } ?? [current.path, current.keyPath]
    return Refusal(
      finding: Finding(
        .malformedFile, [current.path], "cannot renew \(current.path): \(reason)",
        remedy: examination.remedy(examination.again([entry], files))))
  }

  private mutating func warnAboutDropped(_ replacement: Replacement, _ current: Current) {
    guard !replacement.droppedSANs.isEmpty else { return }
    let names = replacement.droppedSANs.map(\.description).joined(separator: ", ")
    warnings.append("\(current.path) loses \(names)")
  }

  /// A successor has the usages of its predecessor, also where they are wrong.
  private mutating func warnAboutUsages(of entry: CatalogEntry, _ current: Current) {
    let leaf = examination.leaf([current.previous], of: entry, at: current.path)
    warnings += examination.usageFindings(leaf).map { "\($0.message); its successor has the same usages" }
  }

  private mutating func warnAboutIssuer(
    of current: Current, _ ca: CertificateAuthority, _ row: CatalogEntry, isIssued: Bool
  ) {
    let caPath = location.path(of: row)
    if !isIssued {
      warnings.append("\(caPath) did not sign \(current.path); it signs the successor")
    }
    for client in current.clients
    where client.sourceToTrust(ClientTrust(ca.trust)) != nil && !client.trusts(ca.accepted) {
      warnings.append("\(client.path) trusted another CA than \(caPath); now it trusts \(caPath)")
    }
  }
}
