package import FoundationEssentials
internal import OpenSSLX509

/// A CSR for a certificate that an external CA has to sign.
package struct PlannedCSR: Sendable {
  /// What stands where it goes.
  package enum Place: Sendable {
    /// Nothing.
    case empty
    /// A CSR for something else, or for another key.
    case other
    /// The same CSR.
    case same
  }

  /// What it asks for.
  package let content: CertificateContent
  /// What is there.
  package let place: Place
}

/// Why a CSR for an entry is not needed, or not possible.
package enum NeedlessCSR: Error, Hashable, Sendable {
  /// The certificate of the CA is missing.
  case caMissing(CatalogEntry.ID, path: String)
  /// The key of the CA is in the tree.
  case caKeyIsHere(CatalogEntry.ID, path: String)
}

extension Selection {
  /// Those of the selected entries that an external CA of the tree signs, and why the others are none.
  package func externallySigned(
    of catalog: Catalog, in tree: TreeContents
  ) -> (selection: Selection, needless: [(entry: CatalogEntry, reason: NeedlessCSR)]) {
    var needless: [(entry: CatalogEntry, reason: NeedlessCSR)] = []
    var selection = Selection()
    for entry in entries(of: catalog) {
      guard let ca = entry.ca.flatMap({ catalog[$0] }) else { continue }
      if tree.isExternal(ca.id) {
        selection.entries.insert(entry.id)
      } else {
        let path = tree.location.path(of: ca)
        needless.append(
          (
            entry,
            tree[ca.id].certificates.isAbsent
              ? .caMissing(ca.id, path: path) : .caKeyIsHere(ca.id, path: path)
          ))
      }
    }
    return (selection, needless)
  }
}

extension Selection {
  /// Those of the entries whose SANs come from what is known of the cluster alone: they have no certificate yet, or all
  /// SANs are replaced.
  package func withoutCertificates(in tree: TreeContents, _ sans: SANChanges) -> Selection {
    Selection(
      entries.filter {
        tree[$0].certificate == nil || sans.replaces && sans.entries.contains($0)
      })
  }
}

extension Plan {
  /// The plan of `csr create`: makes CSRs for certificates that external CAs have to sign, and keys where there are none.
  ///
  /// - Parameters:
  ///   - cluster: what the first certificate of an entry is made for.
  ///   - sans: what becomes of the SANs of certificates that are there, and get successors.
  ///   - instant: the time at which the CAs must be valid.
  /// - Throws: ``PKIErrors`` with everything that is wrong with what is there or what is needed.
  package init(
    requesting selection: Selection, of catalog: Catalog, in tree: TreeContents,
    for cluster: ClusterConfiguration, changing sans: SANChanges = SANChanges(), at instant: Date
  ) throws(PKIErrors) {
    try cluster.check(needing: selection.withoutCertificates(in: tree, sans).facts(in: catalog))
    let unknown = sans.errors(for: selection.entries(of: catalog), in: tree)
    guard unknown.isEmpty else { throw PKIErrors(unknown) }
    let examination = Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant)
    var builder = CSRPlanBuilder(examination: examination, sans: sans)
    for entry in selection.entries(of: catalog) { builder.add(entry) }
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(steps: builder.steps, examination)
  }
}

/// Collects CSRs for certificates that external CAs have to sign, and what keeps them from being made.
private struct CSRPlanBuilder {
  let examination: Examination
  let sans: SANChanges
  private(set) var steps: [Plan.Step] = []
  private(set) var errors: [PKIError] = []
  /// The CAs that were checked.
  private var checked: Set<CatalogEntry.ID> = []

  private var tree: TreeContents { examination.tree }
  private var cluster: ClusterConfiguration { examination.cluster }
  private var location: TreeLocation { examination.location }

  init(examination: Examination, sans: SANChanges) {
    self.examination = examination
    self.sans = sans
  }

  mutating func add(_ entry: CatalogEntry) {
    let present = tree[entry.id].certificate
    guard let commonName = entry.commonName.resolved(in: cluster) ?? present?.subject.commonName,
      let ca = entry.ca
    else { return }
    check(ca)
    let findings = keyFindings(entry)
    errors += findings.map { .unsound($0) }
    guard findings.isEmpty else { return }
    let key = tree[entry.id].key.value.map { CertificateContent.SubjectKey.existing($0) }
    do throws(PKIError) {
      let content = try CertificateContent(
        commonName, entry.organizations, sans: names(of: entry, after: present), purposes: entry.purposes,
        key: key ?? .new(cluster.keyAlgorithm))
      steps.append(.request(entry, PlannedCSR(content: content, place: try place(entry, content))))
    } catch {
      errors.append(error)
    }
  }

  /// The SANs that are asked for: those that the cluster needs, or those of the certificate that is there.
  private func names(of entry: CatalogEntry, after present: Certificate?) -> [GeneralName] {
    // What cannot be read has no names to keep.
    guard let present, let names = try? present.subjectAlternativeName().names else {
      return entry.sans(in: cluster)
    }
    return sans.names(of: entry, after: names) ?? names
  }

  /// Why the key that is there cannot be used again.
  private func keyFindings(_ entry: CatalogEntry) -> [Finding] {
    let contents = tree[entry.id]
    let (path, keyPath) = (location.path(of: entry), location.path(of: entry, .key))
    if let finding = tree.outsideFinding(entry) { return [finding] }
    if let finding = contents.kubeconfig.finding ?? contents.key.finding { return [finding] }
    if !entry.isKubeconfig, let finding = contents.certificates.finding { return [finding] }
    if let weakness = contents.key.value?.type.weakness {
      return [
        Finding(
          .weakKey, [keyPath], "the key in \(keyPath) is \(weakness)",
          remedy: examination.remedy(examination.again([entry], location.paths(of: entry))))
      ]
    }
    guard !entry.isKubeconfig, let certificate = contents.certificate else { return [] }
    guard let key = contents.key.value else { return [examination.keyMissing(entry)] }
    return examination.pairFindings(
      certificate, path, key, keyPath, or: examination.again([entry], [path]))
  }

  /// A CA that is broken or expired signs nothing that is of use, wherever its key is.
  private mutating func check(_ id: CatalogEntry.ID) {
    guard checked.insert(id).inserted, let ca = examination.catalog[id] else { return }
    errors += examination.ownFindings(ca).filter { $0.severity == .error }.map { .unsound($0) }
  }

  private func place(_ entry: CatalogEntry, _ content: CertificateContent) throws(PKIError)
    -> PlannedCSR.Place
  {
    let present = tree.csr(at: location.path(of: entry, .request))
    guard let csr = present.value, case .existing(let key) = content.key else {
      return present.isAbsent ? .empty : .other
    }
    do throws(OpenSSLError) {
      let extensions = try content.encodedExtensions()
      let isSame =
        csr.publicKey == key.publicKey && csr.subject == content.subject && csr.extensions == extensions
        && csr.isSignedByItsKey
      return isSame ? .same : .other
    } catch {
      throw .cryptography(subject: entry.name, reason: error.description)
    }
  }
}
