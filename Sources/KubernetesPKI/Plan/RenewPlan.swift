package import FoundationEssentials
package import Kubeconfigs
package import OpenSSLX509

/// A certificate that takes the place of one that is there.
package struct Replacement: Sendable {
  /// The new certificate.
  package let specification: CertificateSpecification
  /// The certificate that it replaces.
  package let previous: Certificate
  /// What follows the new certificate in its file.
  package let chain: [Certificate]
  /// What kubeconfigs are given to trust.
  package let trust: ClientTrust
  /// The kubeconfig that holds the certificate, and others that are copies of it.
  package let clients: [KubeconfigClient]

  /// The SANs that the new certificate has and the previous one has not.
  package var addedSANs: [GeneralName] { Self.names(specification.content.sans, without: oldSANs) }

  /// The SANs that the previous certificate has and the new one has not.
  package var droppedSANs: [GeneralName] { Self.names(oldSANs, without: specification.content.sans) }

  /// The previous certificate's SANs; names that cannot be read are as good as none.
  private var oldSANs: [GeneralName] { (try? previous.subjectAlternativeName())?.names ?? [] }

  /// The files that others take the place of.
  func replacedPaths(_ entry: CatalogEntry, in location: TreeLocation) -> [String] {
    let keepsKey = if case .existing = specification.content.key { true } else { false }
    guard entry.isKubeconfig else {
      return keepsKey ? [location.path(of: entry)] : location.paths(of: entry)
    }
    return clients.flatMap { client in
      let changesText = client.newServer != nil || client.sourceToTrust(trust) != nil
      return [client.certificatePath] + (keepsKey ? [] : [client.keyPath])
        + (changesText ? [client.path] : [])
    }
  }

  private static func names(_ names: [GeneralName], without others: [GeneralName]) -> [GeneralName] {
    names.filter { !others.contains($0) }
  }
}

extension Plan {
  /// The plan of `renew`: gives certificates new lifetimes, from nothing but the files of the tree.
  ///
  /// An entry that cannot be renewed does not keep the others from it: it is left out, and ``refusals`` says why. Where
  /// certificates are of other CAs than the tree's, something else is wrong than a date, and nothing is renewed.
  ///
  /// - Parameters:
  ///   - catalog: what a tree may hold; `tree` was read with it.
  ///   - instant: the time of the run, from which lifetimes count.
  /// - Throws: ``PKIErrors`` with what is wrong with the cluster of `options`, with the facts that it does not know and that
  ///   SANs need which replace all others, with SANs to drop that no certificate has, and with certificates that other CAs
  ///   signed than those that are to sign now.
  package init(
    renewing selection: Selection, of catalog: Catalog, in tree: TreeContents, _ options: RenewalOptions,
    at instant: Date
  ) throws(PKIErrors) {
    let needed = options.sans.replaces ? Selection(options.sans.entries) : Selection()
    try options.sans.cluster?.check(needing: needed.facts(in: catalog))
    let cluster = options.sans.cluster ?? ClusterConfiguration.unknown
    let examination = Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant)
    guard !examination.isEmpty else {
      self.init(steps: [], refusals: [examination.nothingThere], examination)
      return
    }
    var builder = RenewPlanBuilder(options: options, examination: examination)
    let unknown = options.sans.errors(for: selection.entries(of: catalog), in: tree)
    guard unknown.isEmpty else { throw PKIErrors(unknown) }
    for entry in selection.entries(of: catalog) { builder.add(entry) }
    builder.addDependents()
    let strangers = examination.newCAFindings(builder.strangers)
    guard strangers.isEmpty else { throw PKIErrors(strangers.map { .unsound($0) }) }
    self.init(
      steps: builder.steps, warnings: builder.allWarnings, refusals: builder.refusals, examination)
    formerNames = builder.formerNames
    shortenedLifetimes = builder.lifetimes.shortened.sorted
  }

  /// The CAs that get new dates.
  package var extensions: [(entry: CatalogEntry, renewed: CAExtension)] {
    steps.compactMap { step in
      if case .rotate(let entry, .extend(let renewed)) = step { (entry, renewed) } else { nil }
    }
  }

  /// Whether certificates that CAs sign get successors.
  package var renewsLeaves: Bool {
    steps.contains { if case .replace = $0 { true } else { false } }
  }

  /// The leaves of a CA that this run does not renew, and that have expired or expire with the CA's old certificate.
  package func leavesEnding(with renewed: CAExtension, of ca: CatalogEntry) -> [CatalogEntry] {
    let replaced = steps.compactMap { step -> CatalogEntry.ID? in
      if case .replace(let entry, _) = step { entry.id } else { nil }
    }
    return tree.catalog.entries.filter { entry in
      guard entry.ca == ca.id, !replaced.contains(entry.id),
        let end = (tree[entry.id].certificate ?? tree[entry.id].kubeconfig.value?.clientCertificates.first)?
          .validity.notAfter
      else { return false }
      return end < instant || end >= renewed.previous.validity.notAfter
    }
  }

  /// The files of other CAs, and those of the kubeconfigs at `paths`, that go on trusting a certificate which is replaced.
  package func holders(of renewed: CAExtension, amongKubeconfigs paths: [String]) -> [String] {
    let extended = Set(extensions.map(\.entry.id))
    let cas = tree.catalog.cas.filter { row in
      !extended.contains(row.id) && tree.ca(row.id)?.accepted.contains(renewed.previous) == true
    }
    return cas.map { tree.location.path(of: $0) }
      + paths.filter { path in
        tree.kubeconfigClient(at: path).value?.embeddedCAs.contains(renewed.previous) == true
      }
  }

  /// A SAN that says what a node or its load balancer was called before.
  package struct FormerName: Sendable {
    /// The SAN.
    package let name: GeneralName
    /// kubeadm's names of the certificates whose successors keep it.
    package let owners: [String]
  }

  /// A kubeconfig outside the tree that holds the certificate which admin.conf is going to lose.
  package struct CopyOfAdmin: Sendable {
    /// Where it is.
    package let path: String
    /// Whether it is admin.conf to the byte, and not only a user of it among others.
    package let isWhole: Bool
  }

  /// What the kubeconfig at `path` has of the certificate that admin.conf is going to lose; `nil` where it has nothing of
  /// it, or is admin.conf itself.
  package func copyOfAdmin(at path: String) -> CopyOfAdmin? {
    for case .replace(let entry, let replacement) in steps where entry.id == .admin {
      let adminPath = tree.location.path(of: entry)
      guard tree.place(of: path) != tree.place(of: adminPath),
        let copy = tree.kubeconfigText(at: path, holding: replacement.previous),
        let admin = tree.kubeconfigText(at: adminPath, holding: replacement.previous)
      else { continue }
      return CopyOfAdmin(path: path, isWhole: copy.hasSameBytes(as: admin))
    }
    return nil
  }
}
