internal import OpenSSLX509
internal import StructuredText

/// What the authorities of a tree have to do with each other.
extension Examination {
  package func authorityRelationFindings() -> [Finding] {
    frontProxyFindings() + sharedKeyFindings() + keyIdentifierFindings() + bundleFindings()
  }

  private func anchors(_ id: CertificateProfile.ID) -> [Certificate] { tree.certificates[id]?.value ?? [] }

  /// Whether a certificate of an ordinary client passes for the front proxy's, which may speak for anybody, or the other way
  /// round, <https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/>.
  private func frontProxyFindings() -> [Finding] {
    guard let clients = catalog[CertificateProfile.ID.ca],
      let proxy = catalog[CertificateProfile.ID.frontProxyCA]
    else { return [] }
    let (path, proxyPath) = (location.certificate(clients), location.certificate(proxy))
    let remedy =
      "make a front-proxy authority of its own: move \(proxyPath) and \(location.key(proxy)), and front-proxy-client's"
      + " certificate and key, away, then run pkigen phase cert front-proxy-ca front-proxy-client\(location.commandOptions)"
    let keys = Set(anchors(clients.id).map(\.publicKey))
    if anchors(proxy.id).contains(where: { keys.contains($0.publicKey) }) {
      return [
        Finding(
          .frontProxyShared, [proxyPath, path],
          "\(proxyPath) has the key of \(path), so that any client can pass for the front proxy",
          remedy: remedy)
      ]
    }
    let accepted = leaves.filter { leaf in
      leaf.purposes.contains(.clientAuth) && isAccepted(leaf, by: clients.id)
        && isAccepted(leaf, by: proxy.id)
    }
    guard !accepted.isEmpty else { return [] }
    let paths = accepted.map(\.path)
    return [
      Finding(
        .frontProxyShared, [proxyPath, path] + paths,
        "\(paths.listed) \(paths.count == 1 ? "is" : "are") accepted by both \(path) and \(proxyPath)",
        remedy: remedy)
    ]
  }

  /// Whether a server that trusts what is in an authority's file takes a leaf for a client.
  private func isAccepted(_ leaf: Leaf, by id: CertificateProfile.ID) -> Bool {
    guard case let anchors = anchors(id), !anchors.isEmpty else { return false }
    do throws(OpenSSLError) {
      return try leaf.certificate.verificationError(
        anchors: anchors, intermediates: leaf.intermediates, purpose: .client, at: nil, isStrict: false)
        == nil
    } catch {
      return false
    }
  }

  /// Whether authorities have the same key; of the front proxy's and the clients' alone it was said already.
  private func sharedKeyFindings() -> [Finding] {
    let rows = catalog.certificates.filter { $0.role == .authority }
    var groups: [(key: PublicKey, rows: [CertificateProfile.ID])] = []
    for row in rows {
      for key in Set(anchors(row.id).map(\.publicKey)) {
        if let index = groups.firstIndex(where: { $0.key == key }) {
          groups[index].rows.append(row.id)
        } else {
          groups.append((key, [row.id]))
        }
      }
    }
    return groups.filter { $0.rows.count > 1 && Set($0.rows) != [.ca, .frontProxyCA] }.map { _, ids in
      let paths = rows.filter { ids.contains($0.id) }.map(location.certificate)
      return Finding(
        .authoritiesShareKey, paths,
        "\(paths.listed) have the same key, so that each accepts what the other signed",
        remedy: "make an authority of its own for each, and again what it signs")
    }
  }

  /// Whether authorities that share a name, and what they signed, say by key identifiers which is meant.
  private func keyIdentifierFindings() -> [Finding] {
    let rows = catalog.certificates.filter { $0.role == .authority }
    let authorities = rows.flatMap { row in
      anchors(row.id).map { (path: location.certificate(row), certificate: $0) }
    }
    var seen: Set<DistinguishedName> = []
    return authorities.map(\.certificate.subject).filter { seen.insert($0).inserted }.compactMap { name in
      let namesakes = authorities.filter { $0.certificate.subject == name }
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
        "several authorities are named \(name.description.quoted), and \(unmarked.listed)"
          + " \(unmarked.count == 1 ? "lacks" : "lack") the key identifier that says which is meant",
        remedy: "give each authority a name of its own; or make again what lacks the identifier")
    }
  }

  /// Whether kube-controller-manager finds more than the one certificate that it signs with.
  private func bundleFindings() -> [Finding] {
    guard let row = catalog[CertificateProfile.ID.ca], case let count = anchors(row.id).count, count > 1,
      tree.keys[row.id]?.isAbsent == false
    else { return [] }
    let path = location.certificate(row)
    return [
      Finding(
        .authorityBundle, [path],
        "\(path) holds \(count) certificates, and kube-controller-manager signs with a file of exactly one",
        remedy:
          "keep the one that \(location.key(row)) belongs to in \(path), and all of them in another file for"
          + " --client-ca-file and --root-ca-file")
    ]
  }
}
