package import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509

/// Checks the files of a tree for a cluster, at an instant.
///
/// A file is checked before it is kept, and when a whole tree is verified.
package struct Examination: Sendable {
  /// What the tree should hold.
  package let catalog: Catalog
  /// What it holds.
  package let tree: TreeContents
  /// The cluster that it is for; what is not known of it is not checked.
  package let cluster: ClusterConfiguration
  /// The instant at which certificates must be valid.
  package let instant: Date
  /// How long before it expires a certificate gets a warning; `nil` for no warning.
  package let expiryMargin: Lifetime?
  /// What the commands of remedies say of the tree.
  package let context: TreeContext

  package var location: TreeLocation { tree.location }

  /// An examination of `tree`.
  package init(
    catalog: Catalog, tree: TreeContents, cluster: ClusterConfiguration, instant: Date,
    expiryMargin: Lifetime? = nil
  ) {
    self.catalog = catalog
    self.tree = tree
    self.cluster = cluster
    self.instant = instant
    self.expiryMargin = expiryMargin
    context = TreeContext(tree, catalog, cluster)
  }

  /// Alternatives whose commands name this tree.
  package func remedy(_ actions: Remedy.Action...) -> Remedy { Remedy(actions, in: context) }

  /// Whether the tree is not expected to hold the certificates of an etcd member.
  package var isEtcdExternal: Bool { catalog[.etcdServer] == nil }

  /// What is wrong with an entry, and with who signed it.
  package func findings(_ entry: CatalogEntry) -> [Finding] {
    ownFindings(entry) + (leaf(entry).map(issuerFindings) ?? [])
  }

  /// What is wrong with an entry, no matter which CA signed it.
  package func ownFindings(_ entry: CatalogEntry) -> [Finding] {
    timelessFindings(entry) + validityFindings(entry)
  }

  /// What is wrong with an entry, no matter which CA signed it and when.
  func timelessFindings(_ entry: CatalogEntry) -> [Finding] {
    let contents = tree[entry.id]
    let path = location.path(of: entry)
    if let waiting = waiting(entry) { return [waiting] }
    if contents.certificates.isAbsent || contents.key.isAbsent, let outside = tree.outsideFinding(entry) {
      return [outside] + unusableFindings(entry) + kubeconfigFindings(entry)
    }
    guard !contents.isAbsent else { return [absence(of: entry)] }
    var findings = unusableFindings(entry)
    guard let certificate = contents.certificate else {
      return findings.isEmpty ? [certificateMissing(entry)] : findings + kubeconfigFindings(entry)
    }
    if contents.key.isAbsent, !entry.isCA { findings.append(keyMissing(entry)) }
    findings += parseFindings(
      contents.certificates.value ?? [], path, entry.isCA ? .putBack([path]) : replaceAction(entry))
    if let ca = tree.ca(entry.id) {
      findings += pairFindings(entry, ca.issuing) + caFindings(currentCertificate(of: ca), path, entry)
    } else if let leaf = leaf(entry) {
      findings += pairFindings(entry, certificate) + usageAndIdentityFindings(leaf) + sanFindings(leaf, entry)
    }
    // A key of a kind that cannot be read is the certificate's too.
    if contents.key.finding != nil { findings.removeAll { $0.code == .unsupportedKey } }
    return findings + kubeconfigFindings(entry)
  }

  /// What keeps the files of an entry from being read.
  private func unusableFindings(_ entry: CatalogEntry) -> [Finding] {
    let contents = tree[entry.id]
    guard entry.isKubeconfig else {
      return [contents.certificates.finding, contents.key.finding].compactMap { $0.map { mended($0, entry) } }
    }
    if let finding = contents.kubeconfig.finding { return [mended(finding, entry)] }
    let problems = contents.kubeconfig.value?.allProblems ?? []
    return problems.isEmpty
      ? []
      : [mended(.unusableKubeconfig(location.path(of: entry), problems.joined(separator: "; ")), entry)]
  }

  /// A finding about what a file of an entry holds, with the commands that make another one.
  private func mended(_ finding: Finding, _ entry: CatalogEntry) -> Finding {
    guard finding.code == .malformedFile, !entry.isCA else { return finding }
    let putBack = finding.remedy.actions.filter { if case .putBack = $0 { true } else { false } }
    return Finding(
      finding.code, finding.files, finding.message,
      remedy: Remedy(putBack + [replaceAction(entry)], in: context), cause: finding.cause)
  }

  /// Whether the key of an entry is that of its certificate.
  private func pairFindings(_ entry: CatalogEntry, _ certificate: Certificate) -> [Finding] {
    guard let key = tree[entry.id].key.value else { return [] }
    let (path, keyPath) = (location.path(of: entry), location.path(of: entry, .key))
    guard entry.isKubeconfig else {
      return pairFindings(certificate, path, key, keyPath, or: replaceAction(entry))
    }
    guard (try? key.isPair(of: certificate.publicKey)) != true else { return [] }
    return [
      Finding(
        .keyMismatch, [path], "\(path) holds a client key that is not the key of its client certificate",
        remedy: remedy(replaceAction(entry)))
    ]
  }
}

extension Examination {
  package func missing(_ path: String, _ action: Remedy.Action) -> Finding {
    Finding(.missingFile, [path], "\(path) is missing", remedy: remedy(action))
  }

  /// A certificate is missing, and its key too.
  package func absence(of entry: CatalogEntry) -> Finding {
    missing(location.path(of: entry), absenceAction(entry))
  }

  /// How what is missing comes back. A machine that does not have a CA's key does not make the CA either.
  package func absenceAction(_ entry: CatalogEntry) -> Remedy.Action {
    guard let ca = entry.ca else {
      return tree.role.holdsKey(of: entry) ? .make([entry.id]) : .putBack([location.path(of: entry)])
    }
    return tree.isExternal(ca) ? .request([entry.id]) : .make([entry.id])
  }

  private func certificateMissing(_ entry: CatalogEntry) -> Finding {
    let (path, keyPath) = (location.path(of: entry), location.path(of: entry, .key))
    let putBack =
      entry.isCA
      ? [Remedy.Action.putBack([path])] : [.putBack([path]), again([entry], [keyPath])]
    return Finding(
      .certificateMissing, [path, keyPath], "\(keyPath) is there, but its certificate \(path) is not",
      remedy: Remedy(putBack, in: context))
  }

  package func keyMissing(_ entry: CatalogEntry) -> Finding {
    let (path, keyPath) = (location.path(of: entry), location.path(of: entry, .key))
    return Finding(
      .keyMissing, [keyPath, path], "\(path) is there, but its private key \(keyPath) is not",
      remedy: remedy(.putBackKey(keyPath, of: path), again([entry], [path])))
  }

  /// How an entry gets other contents. A CA never does: what it signed would be worth nothing.
  package func replaceAction(_ entry: CatalogEntry) -> Remedy.Action {
    if entry.isCA, !tree.role.holdsKey(of: entry) { return .putBack([location.path(of: entry)]) }
    return entry.isCA
      ? .putBackCA(certificate: location.path(of: entry), key: location.path(of: entry, .key))
      : again([entry], location.paths(of: entry))
  }

  /// How leaves of one CA are made again once these files are gone.
  package func again(_ entries: [CatalogEntry], _ files: [String]) -> Remedy.Action {
    let isCAExternal = entries.first?.ca.map(tree.isExternal) == true
    return .makeAgain(entries.map(\.id), files: files, isCAExternal: isCAExternal)
  }

  /// How a CA is replaced by another one.
  func replacement(of ca: CatalogEntry) -> Remedy.Action {
    .replaceCA(ca.id, isKeyHere: !tree[ca.id].key.isAbsent)
  }

  /// How an entry gets a new lifetime.
  package func renewAction(_ entry: CatalogEntry) -> Remedy.Action {
    guard let ca = entry.ca else { return replacement(of: entry) }
    return tree.isExternal(ca) ? .request([entry.id]) : .renew([entry.id])
  }
}

extension TreeContext {
  /// What is known of a tree: what was said of its cluster, and beside that what its own files say.
  package init(_ tree: TreeContents, _ catalog: Catalog, _ cluster: ClusterConfiguration) {
    self.init(tree.location, catalog)
    let known = ClusterSettings().completed(from: tree)
    nodeName = cluster.nodeName ?? known[.nodeName]?.text
    advertiseAddress = cluster.advertiseAddress ?? known[.advertiseAddress].flatMap { IPAddress($0.text) }
    let endpoint =
      cluster.controlPlaneEndpoint
      ?? known[.controlPlaneEndpoint].flatMap { setting in
        try? Endpoint.parse(setting.text).get()
      }
    controlPlaneEndpoint = endpoint?.text
    controlPlaneHost = endpoint?.host.valueText
    for field in [ClusterField.bindPort, .serviceSubnets, .dnsDomain] + ClusterField.ofCertificates {
      others[field.name] = field.text(in: cluster) ?? (field == .bindPort ? known[field]?.text : nil)
    }
    if others[ClusterField.bindPort.name] == ClusterField.bindPort.defaultText {
      others[ClusterField.bindPort.name] = nil
    }
    // What is said of the node is no extra name.
    for field in ClusterField.ofCertificates where others[field.name] == advertiseAddress?.description {
      others[field.name] = nil
    }
  }
}
