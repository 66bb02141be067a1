internal import OpenSSLX509
internal import StructuredText

/// What all control-plane nodes of a cluster share.
extension InitPlanBuilder {
  /// Refuses to make CAs or the service-account keys beside others that were put there with their keys: on a further node of
  /// a cluster, those of the other nodes are missing, which trust no new ones.
  ///
  /// This is for the whole PKI of a node: certificates that are selected one by one are meant to be made. An external CA, and
  /// a CA of another name, are what an organization also uses for a new cluster: there it is a warning.
  mutating func checkSharedFiles() {
    guard selection.hasKubeconfigs(in: catalog) else { return }
    let selected = catalog.cas.filter { selection.entries.contains($0.id) }
    let present = selected.filter { tree.ca($0.id) != nil }
    // Of a CA that has signed something there is an error already.
    let missing = selected.filter { ca in
      isAbsent(ca) && !catalog.entries.contains { $0.ca == ca.id && !isAbsent($0) }
    }
    let hasTokenKeys = !tree.serviceAccountKey.isAbsent || !tree.serviceAccountPublicKeys.isAbsent
    let lacksTokenKeys = selection.serviceAccountKey && !hasTokenKeys && tree[.apiserver].isAbsent
    guard !missing.isEmpty || lacksTokenKeys else { return }
    let copied =
      present.filter { $0.isNamedAsUsual(tree) && !tree[$0.id].key.isAbsent }
      .map { location.path(of: $0) } + (hasTokenKeys ? [tokenKeyPath] : [])
    let tokenKeys = lacksTokenKeys ? [location.serviceAccountKey, location.serviceAccountPublicKey] : []
    let paths = missing.flatMap(location.paths) + tokenKeys
    if let first = copied.first {
      let remedy = examination.remedy(
        .copyFromRightNode(paths),
        .makeShared(missing.map(\.id), includesServiceAccountKey: lacksTokenKeys))
      errors.append(
        .unsound(Finding(.missingFile, paths, absenceText(beside: first, paths), remedy: remedy)))
    } else if let first = present.first {
      warnings.append(
        absenceText(beside: location.path(of: first), paths)
          + ". New ones are for a new cluster only; on a further node, start again with copies of the first node's"
      )
    }
  }

  /// The file that shows that the service-account keys were put there.
  private var tokenKeyPath: String {
    tree.serviceAccountKey.isAbsent ? location.serviceAccountPublicKey : location.serviceAccountKey
  }

  private func absenceText(beside path: String, _ missing: [String]) -> String {
    "\(path) is there, but \(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not: all control-plane nodes of a"
      + " cluster share them"
  }
}

extension CatalogEntry {
  /// Whether the certificate of a CA is there, with a name that pkigen or kubeadm gives it.
  fileprivate func isNamedAsUsual(_ tree: TreeContents) -> Bool {
    guard let subject = tree.ca(id)?.issuing.subject else { return false }
    return KnownStyle.all.contains { style in
      style.catalog[id]?.commonName == subject.commonName.map { .fixed($0) } && subject.organizations.isEmpty
    }
  }
}
