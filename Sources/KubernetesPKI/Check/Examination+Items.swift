internal import FileStore
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// What an audit says of the items of the catalog.
extension Examination {
  /// Whether there is nothing at all of what the catalog has.
  package var isEmpty: Bool {
    catalog.certificates.allSatisfy {
      tree.certificates[$0.id]?.isAbsent ?? true && tree.keys[$0.id]?.isAbsent ?? true
    }
      && catalog.kubeconfigs.allSatisfy { tree.kubeconfigs[$0.id]?.isAbsent ?? true }
      && tree.serviceAccountPrivateKey.isAbsent && tree.serviceAccountPublicKeys.isAbsent
  }

  /// The one finding of an empty place.
  package var nothingThere: Finding {
    let directories = [location.certificateDirectory, location.kubeconfigDirectory]
    return Finding(
      .missingFile, directories, "there is nothing of a control plane's PKI in \(directories.listed)",
      remedy: "name the tree's directory with -d; or make a tree with pkigen init\(location.commandOptions)")
  }

  /// What is wrong with each item, with what several have in common told of all together.
  package func itemFindings() -> [Finding] {
    var findings = catalog.certificates.flatMap(ownFindings)
    for row in catalog.certificates where row.role == .authority {
      for (signer, leaves) in signers(for: row) {
        guard let finding = finding(signer, leaves.map(\.path), of: row.id) else { continue }
        if signer == .absent {
          // Of a file that is missing, the longer sentence.
          guard let index = findings.firstIndex(of: absence(of: row)) else { continue }
          findings[index] = finding
        } else {
          findings.append(finding)
        }
      }
      findings += lifetimeFindings(row) + bundleFindings(row) + intermediateFindings(row)
    }
    findings += serviceAccountFindings() + catalog.kubeconfigs.flatMap(ownFindings)
    return findings.filter { $0.code != .awaitingCertificate } + awaitingFindings()
  }

  /// Who signed the leaves that an authority should have signed: each signer with its leaves.
  private func signers(for authority: CertificateProfile) -> [(signer: Signer, leaves: [Leaf])] {
    var groups: [(signer: Signer, leaves: [Leaf])] = []
    for leaf in leaves where leaf.authority == authority.id {
      guard let signer = signer(of: leaf) else { continue }
      if let index = groups.firstIndex(where: { $0.signer == signer }) {
        groups[index].leaves.append(leaf)
      } else {
        groups.append((signer, [leaf]))
      }
    }
    return groups
  }

  /// All leaves that can be read.
  package var leaves: [Leaf] { catalog.certificates.compactMap(leaf) + catalog.kubeconfigs.compactMap(leaf) }

  /// Whether leaves say that they are in force when their authority no longer is.
  private func lifetimeFindings(_ row: CertificateProfile) -> [Finding] {
    signers(for: row).compactMap { signer, leaves in
      guard case .expected(let authority) = signer, authority.validity.contains(instant) else { return nil }
      let end = authority.validity.notAfter
      let paths = leaves.filter { $0.certificate.validity.notAfter > end }.map(\.path)
      guard !paths.isEmpty else { return nil }
      let path = location.certificate(row)
      return Finding(
        .outlivesAuthority, paths + [path],
        "\(path) ends at \(end.rfc3339), and with it \(paths.listed), whatever \(paths.count == 1 ? "it says" : "they say")",
        remedy: "plan the replacement of the authority for that time")
    }
  }

  /// Whether kubeconfigs point to a name that the API server's certificate does not have.
  ///
  /// Where the cluster's options say as much of the certificate, or of the kubeconfig, it is not said again.
  package func serverNameFindings() -> [Finding] {
    guard let row = catalog[CertificateProfile.ID.apiserver],
      let certificate = tree.certificates[row.id]?.value?.first,
      let names = try? certificate.subjectAlternativeName(), !names.names.isEmpty
    else { return [] }
    let missing = missingNames(in: certificate, row)
    var paths: [(host: GeneralName, paths: [String])] = []
    for profile in catalog.kubeconfigs {
      guard let kubeconfig = tree.kubeconfigs[profile.id]?.value, serverFindings(kubeconfig, profile).isEmpty,
        let host = Endpoint(url: kubeconfig.server)?.host, !names.covers(host), !missing.contains(host)
      else { continue }
      if let index = paths.firstIndex(where: { $0.host == host }) {
        paths[index].paths.append(location.kubeconfig(profile))
      } else {
        paths.append((host, [location.kubeconfig(profile)]))
      }
    }
    let path = location.certificate(row)
    return paths.map { host, paths in
      Finding(
        .kubeconfigServerName, paths + [path],
        "\(paths.listed) \(paths.count == 1 ? "points" : "point") to \(host), a name that \(path) does not have",
        remedy: "renew apiserver with that name (--apiserver-san); or make the kubeconfig again")
    }
  }

  /// What is worth knowing though nothing is wrong with it.
  package func facts() -> [Finding] {
    let isEtcdExternal = isEtcdExternal
    var findings = catalog.certificates.filter { $0.role == .authority }.compactMap { row -> Finding? in
      guard tree.certificates[row.id]?.value != nil, tree.keys[row.id]?.isAbsent ?? true else { return nil }
      if row.id == .etcdCA, isEtcdExternal { return nil }
      let (path, keyPath) = (location.certificate(row), location.key(row))
      return Finding(
        .externalAuthority, [path],
        "the key of \(path) is not here: what it signs has to be made where the key is",
        remedy: "nothing, if that is how it should be; else put back \(keyPath)")
    }
    // That it is elsewhere is news only to those who did not say so.
    if isEtcdExternal, cluster.externalEtcd == nil {
      findings.append(
        Finding(
          .externalEtcd, [], "there are no certificates of an etcd member: etcd was taken to be elsewhere",
          remedy:
            "nothing, if that is so; else run pkigen phase cert etcd-server etcd-peer etcd-healthcheck-client"
            + location.commandOptions))
    }
    return findings
  }

  /// A finding about an identity in the light of the style that was detected: that of another version of kubeadm is what
  /// upgrades leave.
  package func tolerating(_ finding: Finding, in style: KnownStyle) -> Finding {
    guard finding.code == .wrongIdentity, style.isKubeadm,
      let leaf = leaves.first(where: { [$0.path] == finding.files })
    else { return finding }
    guard let other = KnownStyle.all.first(where: { $0.isKubeadm && has(leaf, identityOf: $0.catalog) })
    else {
      return finding
    }
    return Finding(
      .otherVersionIdentity, finding.files, "\(finding.message): this is one of \(other.name)",
      remedy: "nothing, if the cluster was upgraded; or \(leaf.replaceRemedy)")
  }

  private func has(_ leaf: Leaf, identityOf other: Catalog) -> Bool {
    let rows =
      other.certificates.map { (location.certificate($0), $0.commonName, $0.organizations) }
      + other.kubeconfigs.map { (location.kubeconfig($0), $0.commonName, $0.organizations) }
    return rows.contains { path, commonName, organizations in
      path == leaf.path && commonName.isSubject(leaf.certificate.subject, with: organizations, in: cluster)
    }
  }
}

extension KnownStyle {
  /// The finding that this style was detected.
  package var finding: Finding {
    Finding(
      .detectedStyle, [], "the tree was judged by the identities that fit it best: \(name)",
      remedy: "nothing; or say which it should have with --style and --kubernetes-version")
  }
}
