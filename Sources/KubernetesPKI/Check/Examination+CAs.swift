internal import GoRules
internal import OpenSSLX509
internal import StructuredText

/// What the CAs of a tree have to do with each other.
extension Examination {
  package func caRelationFindings() -> [Finding] {
    frontProxyFindings() + sharedKeyFindings() + keyIdentifierFindings() + rotationFindings()
  }

  private func accepted(_ id: CatalogEntry.ID) -> [Certificate] { tree.ca(id)?.accepted ?? [] }

  /// Whether the certificate of an ordinary client is accepted as the front proxy's, which may act as any user, or the
  /// reverse, <https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/>.
  private func frontProxyFindings() -> [Finding] {
    guard let clients = catalog[.ca], let proxy = catalog[.frontProxyCA] else { return [] }
    let (path, proxyPath) = (location.path(of: clients), location.path(of: proxy))
    let keys = Set(accepted(clients.id).map(\.publicKey))
    if accepted(proxy.id).contains(where: { keys.contains($0.publicKey) }) {
      return [
        Finding(
          .frontProxyShared, [proxyPath, path],
          "\(proxyPath) has the key of \(path), so that any client can act as the front proxy",
          remedy: remedy(replacement(of: proxy)))
      ]
    }
    let paths = leaves.filter { leaf in
      leaf.purposes.contains(.clientAuth) && isAccepted(leaf, by: clients.id)
        && isAccepted(leaf, by: proxy.id)
    }.map(\.path)
    guard !paths.isEmpty else { return [] }
    return [
      Finding(
        .frontProxyShared, [proxyPath, path] + paths,
        "both \(path) and \(proxyPath) accept \(paths.listed)", remedy: remedy(replacement(of: proxy)))
    ]
  }

  /// Whether a server that trusts a CA's certificates accepts a leaf as a client.
  private func isAccepted(_ leaf: Leaf, by id: CatalogEntry.ID) -> Bool {
    guard case let anchors = accepted(id), !anchors.isEmpty else { return false }
    return isVerified(leaf, by: anchors, for: .client)
  }

  /// Whether CAs have the same key; of the front proxy's and the cluster's alone there is a finding already.
  private func sharedKeyFindings() -> [Finding] {
    var groups: [(key: PublicKey, rows: [CatalogEntry])] = []
    for row in catalog.cas {
      for key in Set(accepted(row.id).map(\.publicKey)) {
        if let index = groups.firstIndex(where: { $0.key == key }) {
          groups[index].rows.append(row)
        } else {
          groups.append((key, [row]))
        }
      }
    }
    return groups.filter { $0.rows.count > 1 && Set($0.rows.map(\.id)) != [.ca, .frontProxyCA] }.map {
      _, rows in
      let paths = rows.map { location.path(of: $0) }
      return Finding(
        .casShareKey, paths,
        "\(paths.listed) have the same key, so that each accepts what the other signed",
        remedy: remedy(replacement(of: rows[rows.count - 1])))
    }
  }

  /// Whether CAs that share a name, and what they signed, have key identifiers that say which is meant.
  private func keyIdentifierFindings() -> [Finding] {
    let all = catalog.cas.flatMap { row in
      accepted(row.id).map { (path: location.path(of: row), certificate: $0) }
    }
    var seen: Set<DistinguishedName> = []
    return all.map(\.certificate.subject).filter { seen.insert($0).inserted }.compactMap { name in
      let namesakes = all.filter { $0.certificate.subject == name }
      guard Set(namesakes.map(\.certificate.publicKey)).count > 1 else { return nil }
      let unmarked =
        namesakes.filter { (try? $0.certificate.subjectKeyIdentifier()) ?? nil == nil }.map(\.path)
        + leaves.filter { leaf in
          leaf.certificate.issuer == name && (try? leaf.certificate.authorityKeyIdentifier()) ?? nil == nil
        }.map(\.path)
      guard !unmarked.isEmpty else { return nil }
      var files: [String] = []
      for path in unmarked + namesakes.map(\.path) where !files.contains(path) { files.append(path) }
      return Finding(
        .noKeyIdentifiers, files,
        "several CAs are named \(name.description.quoted), and \(unmarked.listed)"
          + " \(unmarked.count == 1 ? "lacks" : "lack") the key identifier that says which is meant",
        remedy: remedy(.nameCAsApart))
    }
  }
}
