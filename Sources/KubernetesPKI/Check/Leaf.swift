package import OpenSSLX509

/// The common name and the organizations that a certificate should have.
package struct SubjectIdentity: Sendable {
  package let commonName: CatalogEntry.CommonName
  package let organizations: [String]

  /// An identity of these two.
  package init(_ commonName: CatalogEntry.CommonName, _ organizations: [String]) {
    self.commonName = commonName
    self.organizations = organizations
  }

  /// The identity of an entry.
  package init(_ entry: CatalogEntry) { self.init(entry.commonName, entry.organizations) }

  /// Whether a subject has this identity; of a node's name that is not known, any will do.
  package func isSubject(_ subject: DistinguishedName, in cluster: ClusterConfiguration) -> Bool {
    guard subject.organizations.sorted() == organizations.sorted(), let name = subject.commonName else {
      return false
    }
    if let expected = commonName.resolved(in: cluster) { return name == expected }
    let prefix = commonName.text(nodeName: "")
    return name.hasPrefix(prefix) && name != prefix
  }

  /// The subject in words, with `NODE` for a node's name that is not known.
  package func text(in cluster: ClusterConfiguration) -> String {
    (organizations.sorted().map { "O = \($0)" } + ["CN = \(commonName.text(in: cluster))"])
      .joined(separator: ", ")
  }
}

/// A certificate that a CA of the tree should have signed, in a file of its own or in a kubeconfig, with what the catalog
/// says of it.
package struct Leaf {
  /// The file that holds it.
  package let path: String
  package let certificate: Certificate
  /// What follows it in the file.
  package let intermediates: [Certificate]
  /// The CA that should have signed it, or the first of the intermediates' issuers.
  package let ca: CatalogEntry.ID
  package let identity: SubjectIdentity
  package let purposes: [ExtendedKeyUsage.Purpose]
  /// Whether a component takes the subject for a user: clients look at a server's names alone, and etcd without users of its
  /// own accepts whatever its CA signed.
  package let isSubjectRead: Bool
  /// How it gets a new lifetime.
  package let renew: Remedy.Action
  /// How another takes its place.
  package let replace: Remedy.Action

  package init(
    path: String, _ certificates: [Certificate], of entry: CatalogEntry, _ identity: SubjectIdentity,
    remedies: (renew: Remedy.Action, replace: Remedy.Action)
  ) {
    self.path = path
    certificate = certificates[0]
    intermediates = Array(certificates.dropFirst())
    ca = entry.ca ?? entry.id
    self.identity = identity
    purposes = entry.purposes
    isSubjectRead = entry.purposes.contains(.clientAuth) && entry.ca != .etcdCA
    (renew, replace) = remedies
  }
}

extension Examination {
  /// The leaf of an entry; `nil` for a CA, and where there is no certificate that can be read.
  package func leaf(_ entry: CatalogEntry) -> Leaf? {
    guard entry.ca != nil, let certificates = tree[entry.id].certificates.value, !certificates.isEmpty else {
      return nil
    }
    return leaf(certificates, of: entry, at: location.path(of: entry))
  }

  /// Certificates that are, or are to be, those of an entry, wherever they are.
  package func leaf(_ certificates: [Certificate], of entry: CatalogEntry, at path: String) -> Leaf {
    Leaf(
      path: path, certificates, of: entry, SubjectIdentity(entry),
      remedies: (renewAction(entry), replaceAction(entry)))
  }

  /// All leaves that can be read.
  package var leaves: [Leaf] { catalog.entries.compactMap(leaf) }
}
