internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// What the check of a whole tree says of the entries of the catalog.
extension Examination {
  /// Whether there is nothing at all of what the catalog has.
  package var isEmpty: Bool {
    catalog.entries.allSatisfy { tree[$0.id].isAbsent && tree[$0.id].kubeconfig.isAbsent }
      && tree.serviceAccountKey.isAbsent && tree.serviceAccountPublicKeys.isAbsent
  }

  /// The one finding of an empty place.
  package var nothingThere: Finding {
    let directories = location.directories
    return Finding(
      .missingFile, directories, "there is no PKI of a control plane in \(directories.listed)",
      remedy: remedy(.nameTree, .makeTree))
  }

  /// What is wrong with each item, besides the times; what several entries have in common is one finding.
  package func itemFindings() -> [Finding] {
    var findings: [Finding] = []
    for item in catalog.items {
      switch item {
      case .entry(let entry): findings += timelessFindings(entry)
      case .serviceAccountKey where tree.role == .controlPlane: findings += serviceAccountFindings()
      case .serviceAccountKey: break
      }
    }
    for row in catalog.cas {
      // To know a signer takes the verification of signatures.
      let groups = signers(for: row)
      for (signer, leaves) in groups {
        guard let finding = finding(signer, leaves.map(\.path), of: row.id) else { continue }
        if signer == .absent {
          // Of a file that is missing, the longer sentence.
          guard let index = findings.firstIndex(of: absence(of: row)) else { continue }
          findings[index] = finding
        } else {
          findings.append(finding)
        }
      }
      findings += lifetimeFindings(row, groups) + rootChainFindings(row) + intermediateFindings(row)
    }
    for row in catalog.cas { joinAbsences(of: row, in: &findings) }
    return findings.filter { $0.code != .awaitingCertificate } + waitingFindings()
  }

  /// Makes one finding of a CA that is missing and has to be made, and of what it has to sign and is missing with it.
  private func joinAbsences(of ca: CatalogEntry, in findings: inout [Finding]) {
    let leaves = catalog.entries.filter { $0.ca == ca.id && findings.contains(absence(of: $0)) }
    guard !leaves.isEmpty, case .make = absenceAction(ca),
      let index = findings.firstIndex(of: absence(of: ca))
    else { return }
    let paths = ([ca] + leaves).map { location.path(of: $0) }
    findings[index] = Finding(
      .missingFile, paths,
      "\(location.path(of: ca)) and what it signs are missing: \(Array(paths.dropFirst()).listed)",
      remedy: remedy(.make(([ca] + leaves).map(\.id))))
    findings.removeAll { finding in leaves.contains { absence(of: $0) == finding } }
  }

  /// Who signed the leaves that a CA should have signed: each signer with its leaves.
  private func signers(for ca: CatalogEntry) -> [(signer: LeafSigner, leaves: [Leaf])] {
    var groups: [(signer: LeafSigner, leaves: [Leaf])] = []
    for leaf in leaves where leaf.ca == ca.id {
      guard let signer = signer(of: leaf) else { continue }
      if let index = groups.firstIndex(where: { $0.signer == signer }) {
        groups[index].leaves.append(leaf)
      } else {
        groups.append((signer, [leaf]))
      }
    }
    return groups
  }

  /// Whether leaves claim to be valid after their CA has expired.
  ///
  /// - Parameter groups: who signed them.
  private func lifetimeFindings(
    _ row: CatalogEntry, _ groups: [(signer: LeafSigner, leaves: [Leaf])]
  ) -> [Finding] {
    groups.compactMap { signer, leaves in
      guard case .expected(let ca) = signer, ca.validity.contains(instant) else { return nil }
      let end = ca.validity.notAfter
      let paths = leaves.filter { $0.certificate.validity.notAfter > end }.map(\.path)
      guard !paths.isEmpty else { return nil }
      let path = location.path(of: row)
      return Finding(
        .outlivesCA, paths + [path],
        "\(path) expires at \(end.rfc3339), and with it \(paths.listed), which \(paths.count == 1 ? "says" : "say") later",
        remedy: remedy(
          .planReplacement(of: row.id, isKeyHere: !tree[row.id].key.isAbsent, until: end)))
    }
  }

  /// Whether kubeconfigs point to a name that the API server's certificate does not have.
  ///
  /// Where the cluster's settings say as much of the certificate, or of the kubeconfig, it is not said again.
  package func serverNameFindings() -> [Finding] {
    guard let row = catalog[.apiserver], let certificate = tree[row.id].certificate,
      let names = try? certificate.subjectAlternativeName(), !names.names.isEmpty
    else { return [] }
    let missing = missingSANs(in: certificate, row)
    var groups: [(host: GeneralName, paths: [String])] = []
    for entry in catalog.entries {
      guard let server = entry.kubeconfig, let kubeconfig = tree[entry.id].kubeconfig.value,
        serverFindings(kubeconfig, entry, server).isEmpty,
        let host = kubeconfig.verifiedName.map({ GeneralName(host: $0) }), !names.covers(host),
        !missing.contains(host)
      else { continue }
      if let index = groups.firstIndex(where: { $0.host == host }) {
        groups[index].paths.append(location.path(of: entry))
      } else {
        groups.append((host, [location.path(of: entry)]))
      }
    }
    let path = location.path(of: row)
    return groups.map { host, paths in
      Finding(
        .kubeconfigServerName, paths + [path],
        "\(paths.listed) \(paths.count == 1 ? "points" : "point") to \(host), a name that \(path) does not have",
        remedy: remedy(.addSANs(row.id, [host])))
    }
  }

  /// What is worth knowing though nothing is wrong with it.
  package func facts() -> [Finding] {
    let isEtcdExternal = isEtcdExternal
    var findings = catalog.cas.compactMap { row -> Finding? in
      guard tree.ca(row.id) != nil, tree.isExternal(row.id), tree.role.holdsKey(of: row),
        row.id != .etcdCA || !isEtcdExternal
      else {
        return nil
      }
      let (path, keyPath) = (location.path(of: row), location.path(of: row, .key))
      return Finding(
        .externalCA, [path],
        "the key of \(path) is not here: what it signs has to be made where the key is",
        remedy: remedy(.nothingIfIntended, .putBackKey(keyPath, of: path)))
    }
    // That it is external is news only to those who did not say so.
    if isEtcdExternal, cluster.externalEtcd == nil, tree.role == .controlPlane {
      findings.append(
        Finding(
          .externalEtcd, [],
          "there are no certificates of an etcd member: the check assumes an external etcd",
          remedy: remedy(
            .nothingIfIntended, .make([.etcdServer, .etcdPeer, .etcdHealthcheckClient]))))
    }
    return findings
  }
}

extension KnownStyle {
  /// The finding that this style was detected.
  package var finding: Finding {
    Finding(
      .detectedStyle, [], "the identities of the tree fit \(name) best, and were compared with these",
      .nothingIfIntended, .nameStyle)
  }
}
