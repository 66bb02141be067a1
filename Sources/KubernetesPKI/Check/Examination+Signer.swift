internal import GoRules
internal import Kubeconfigs
package import OpenSSLX509
internal import StructuredText

/// Who signed a leaf, compared with who should have.
package enum LeafSigner: Hashable {
  /// The right CA: this certificate of it.
  case expected(Certificate)
  /// The right CA, but every component refuses the chain, for Go's reason.
  case refused(reason: String)
  /// A CA of the right name with another key.
  case namesake
  /// Another CA: the file of the one of this tree that did it, where one did.
  case other(path: String?)
  /// The CA's certificate is missing.
  case absent
  /// The CA's certificate cannot be used.
  case unusable(Finding)
}

extension Examination {
  /// Whether a leaf was signed by the CA that should have signed it, and if not, by which.
  package func issuerFindings(_ leaf: Leaf) -> [Finding] {
    signer(of: leaf).flatMap { finding($0, [leaf.path], of: leaf.ca) }.map { [$0] } ?? []
  }

  /// Who signed a leaf; `nil` where the catalog does not have the CA.
  package func signer(of leaf: Leaf) -> LeafSigner? {
    guard catalog[leaf.ca] != nil else { return nil }
    guard let ca = tree.ca(leaf.ca) else {
      return tree[leaf.ca].certificates.finding.map { .unusable($0) } ?? .absent
    }
    return verdict(leaf, ca)
  }

  /// The CA of the tree that signed a leaf instead of the expected one.
  package func stranger(_ leaf: Leaf, _ expected: CertificateAuthority) -> LeafSigner {
    let signer = catalog.cas.first { row in
      tree.ca(row.id).map { isVerified(leaf, by: $0.accepted, for: .any) } == true
    }
    let names = Set(expected.accepted.map(\.subject))
    if signer == nil, ([leaf.certificate] + leaf.intermediates).contains(where: { names.contains($0.issuer) })
    {
      return .namesake
    }
    return .other(path: signer.map { location.path(of: $0) })
  }

  /// With these a CA signs nothing that anything accepts; what else is wrong with one is not made better by leaves that
  /// expire.
  private static let obstacles: Set<FindingCode> = [
    .missingFile, .unreadableFile, .malformedFile, .certificateMissing, .keyMismatch, .notACA,
    .expired, .notYetValid, .outsideTree,
  ]

  /// What keeps a CA from signing.
  ///
  /// - Parameter codes: what does not, where the CA itself gets another certificate.
  package func signingObstacle(_ ca: CatalogEntry, ignoring codes: Set<FindingCode> = []) -> Finding? {
    let (path, keyPath) = (location.path(of: ca), location.path(of: ca, .key))
    let obstacles = Self.obstacles.subtracting(codes)
    if let finding = ownFindings(ca).first(where: { obstacles.contains($0.code) }) {
      guard ![.expired, .notYetValid, .unreadableFile, .outsideTree].contains(finding.code) else {
        return finding
      }
      return Finding(
        finding.code, finding.files, finding.message,
        remedy: remedy(.putBackCA(certificate: path, key: keyPath)))
    }
    guard tree[ca.id].key.isAbsent else { return nil }
    return Finding(
      .caKeyMissing, [keyPath, path], "the key of the CA, \(keyPath), is not here",
      remedy: remedy(tree.isExternal(ca.id) ? .lendCAKey(keyPath) : .putBackKey(keyPath, of: path)))
  }

  /// That the certificate of a CA cannot be made again.
  func certificateProblem(_ ca: CatalogEntry, _ reason: String) -> Finding {
    let (path, keyPath) = (location.path(of: ca), location.path(of: ca, .key))
    return Finding(
      .malformedFile, [path], "cannot renew \(path): \(reason)",
      remedy: remedy(.putBackCA(certificate: path, key: keyPath)))
  }

  /// Whether the names and signatures lead from a leaf, by way of what follows it in its file, to `anchor`.
  package func isIssued(_ leaf: Leaf, by anchor: Certificate) -> Bool {
    leaf.certificate.isIssued(by: anchor) || isVerified(leaf, by: [anchor], for: .any)
  }

  /// Whether a CA signed some certificate of its place beside these.
  func hasSignedOthers(_ id: CatalogEntry.ID, than entries: [CatalogEntry]) -> Bool {
    guard let ca = tree.ca(id) else { return false }
    return catalog.entries.contains { entry in
      guard entry.ca == id, !entries.contains(where: { $0.id == entry.id }), let leaf = leaf(entry) else {
        return false
      }
      return isSigned([leaf.certificate] + leaf.intermediates, of: entry, by: ca)
    }
  }

  /// What is wrong with the leaves in `paths`, which have the same signer instead of the CA `id`.
  package func finding(_ signer: LeafSigner, _ paths: [String], of id: CatalogEntry.ID) -> Finding? {
    guard let row = catalog[id] else { return nil }
    let ca = location.path(of: row)
    let (leaves, were) = (paths.listed, paths.count == 1 ? "was" : "were")
    let entries = catalog.entries.filter { paths.contains(location.path(of: $0)) }
    // With a CA that cannot sign, nothing is made again.
    let isCAUsable = tree.isExternal(id) || signingObstacle(row) == nil
    let again = isCAUsable ? [again(entries, entries.flatMap(location.paths))] : []
    // Where the CA has signed others, the leaf is the wrong one, and not the CA.
    let isCARight = !again.isEmpty && hasSignedOthers(id, than: entries)
    let putBack = replaceAction(row)
    func found(_ code: FindingCode, _ message: String, _ actions: [Remedy.Action]) -> Finding {
      Finding(code, paths + [ca], message, remedy: Remedy(actions, in: context))
    }
    switch signer {
    case .expected: return nil
    case .refused(let reason):
      return found(
        .chainRefused, "\(ca) signed \(leaves), and Go refuses the chain: \(reason)",
        again.isEmpty ? [putBack] : again)
    case .namesake:
      return found(
        .caRekeyed,
        "\(leaves) \(were) signed by a CA of the same name as \(ca), but with another key; or changed since",
        isCARight ? again : [putBack] + again)
    case .other(let path):
      let other = path.map { "; \($0) signed" } ?? ", nor by another CA of this tree"
      return found(
        .wrongCA, "\(leaves) \(were) not signed by \(ca)\(other)", isCARight ? again : [putBack] + again)
    case .absent:
      return Finding(
        .missingFile, [ca] + paths,
        "\(leaves) \(paths.count == 1 ? "is" : "are") there, but the certificate of the CA, \(ca), is not",
        remedy: remedy(putBack))
    case .unusable(let finding): return finding
    }
  }
}
