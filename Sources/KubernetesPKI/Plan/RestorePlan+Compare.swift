internal import FileStore
package import FoundationEssentials
internal import Kubeconfigs
package import OpenSSLX509
internal import StructuredText

extension RestorePlan {
  /// The SANs that a certificate gets and loses when it comes back.
  package struct SANChange: Sendable {
    package let added: [GeneralName]
    package let dropped: [GeneralName]
  }

  /// Compares the certificates of the backup with the tree that they are to come back to.
  ///
  /// What has expired is among ``warnings`` afterwards, and the SANs that come and go are among the changes.
  ///
  /// Files that are neither the tree's nor named by its kubeconfigs are left out, and are among ``refusals``: a backup says
  /// itself where its files belong, and may be crafted.
  ///
  /// - Parameters:
  ///   - copies: kubeconfigs outside of the tree that a renewal may have replaced.
  ///   - allowsNewCA: whether certificates come back that no CA of the tree signed; each of them is among
  ///     ``warnings`` then.
  /// - Throws: ``PKIErrors`` with every certificate that no CA of the tree has signed: the backup is of another cluster, or of
  ///   a time before the CA was replaced.
  package mutating func compare(
    with tree: TreeContents, besides copies: [String] = [], allowingNewCA allowsNewCA: Bool = false,
    at instant: Date
  ) throws(PKIErrors) {
    leaveOutUnknown(in: tree, copies)
    let owners = Self.owners(in: tree)
    let trusted = Dictionary(
      uniqueKeysWithValues: Catalog.allFiles.cas.map { ($0.id, accepted($0.id, in: tree)) })
    var errors: [PKIError] = []
    var expired: [(path: String, end: Date)] = []
    for file in files {
      guard let certificate = Self.certificate(in: file, tree.location) else { continue }
      let entry = Catalog.allFiles.entries.first { tree.location.path(of: $0) == file.path }
      // What lies outside of the tree is a client's of the cluster.
      let id = owners[file.path] ?? .ca
      let cas = trusted[id] ?? []
      if !cas.isEmpty, !cas.contains(where: { certificate.isIssued(by: $0) || certificate.isSameCA(as: $0) })
      {
        let finding = Self.foreign(file.path, certificate, Self.caPath(id, tree))
        guard allowsNewCA else {
          errors.append(.unsound(finding))
          continue
        }
        warnings.append(finding.message)
      }
      if certificate.validity.notAfter < instant {
        expired.append((file.path, certificate.validity.notAfter))
      }
      if let previous = entry.flatMap({ tree[$0.id].certificate }) {
        changes[file.path] = Self.change(from: previous, to: certificate)
      }
    }
    errors += stageFindings(in: tree).map { .unsound($0) }
    if !errors.isEmpty { throw PKIErrors(errors) }
    guard let first = expired.map(\.end).min() else { return }
    warnings.append(
      "what comes back has expired, the first at \(first.rfc3339): \(expired.map(\.path).listed)")
  }

  private mutating func leaveOutUnknown(in tree: TreeContents, _ copies: [String]) {
    let named = Catalog.allFiles.entries.flatMap { tree[$0.id].referencedPaths } + copies
    let places = Set(named.map(tree.place))
    let own = tree.location.knownPaths
    let unknown = files.filter { !own.contains($0.path) && !places.contains(tree.place(of: $0.path)) }
    files.removeAll { file in unknown.contains { $0.path == file.path } }
    refusals += unknown.map { file in
      Finding(
        .outsideTree, [file.path],
        "the backup has \(file.path), which is no file of a PKI, and which no kubeconfig of the tree names: it is not put"
          + " back", .advice("copy it to its place by hand, if it belongs there"))
    }
  }

  /// The CA of each file in which a CA's or a leaf's certificate is.
  private static func owners(in tree: TreeContents) -> [String: CatalogEntry.ID] {
    let leaves = Catalog.allFiles.entries.map { (tree.location.path(of: $0), $0.ca ?? $0.id) }
    let parts: [Layout.Part] = [.crossCertificate, .signingCertificate]
    let cas = Catalog.allFiles.cas.flatMap { row in parts.map { (tree.location.path(of: row, $0), row.id) } }
    return Dictionary(leaves + cas) { first, _ in first }
  }

  /// The CAs whose certificates come back: those that the tree accepts; and those of the backup's own file, where that has one
  /// of them: it is of another stage of a rotation then, and comes back too.
  private func accepted(_ id: CatalogEntry.ID, in tree: TreeContents) -> [Certificate] {
    let present = tree.ca(id)?.accepted ?? []
    let path = Self.caPath(id, tree)
    let stored = files.first { $0.path == path }.flatMap { try? Certificate.all(pem: $0.content) } ?? []
    let isRelated = stored.contains { one in present.contains { one.isSameCA(as: $0) } }
    return isRelated ? present + stored : present
  }

  private static func caPath(_ id: CatalogEntry.ID, _ tree: TreeContents) -> String {
    Catalog.allFiles[id].map { tree.location.path(of: $0) } ?? id.rawValue
  }

  /// The certificate in a file, or the client certificate in a kubeconfig.
  private static func certificate(in file: PKIFile, _ location: TreeLocation) -> Certificate? {
    guard file.kind == .kubeconfig else { return file.certificate }
    // What cannot be read now could not be read when it was copied, and comes back as it was.
    return (try? KubeconfigClient(file.content, path: file.path, reach: location.reach))?.certificates.first
  }

  private static func change(from previous: Certificate, to certificate: Certificate) -> SANChange {
    func names(_ certificate: Certificate) -> [GeneralName] {
      // Names that cannot be read cannot be compared.
      (try? certificate.subjectAlternativeName().names) ?? []
    }
    let (old, new) = (names(previous), names(certificate))
    return SANChange(
      added: new.filter { !old.contains($0) }, dropped: old.filter { !new.contains($0) })
  }

  private static func foreign(_ path: String, _ certificate: Certificate, _ ca: String) -> Finding {
    Finding(
      .wrongCA, [path, ca],
      "the backup's \(path) is not signed by \(ca) but by another CA, \(certificate.issuer): it is of another cluster,"
        + " or from before the CA was replaced",
      .restoreAnotherBackup, .allowNewCA)
  }
}
