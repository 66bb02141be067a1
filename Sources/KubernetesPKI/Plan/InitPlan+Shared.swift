internal import OpenSSLX509
internal import StructuredText

/// What all control-plane nodes of a cluster share.
extension InitPlanBuilder {
  /// Refuses to make CAs or the service-account keys beside a CA that was put there with its key: on a further node of a
  /// cluster, those of the other nodes are missing, which trust no new ones.
  ///
  /// This is for the whole PKI of a node: certificates that are selected one by one are meant to be made. A CA of another name is one that an organization uses
  /// for a new cluster.
  mutating func refuseStrangers() {
    guard selection.hasKubeconfigs(in: catalog) else { return }
    let selected = catalog.cas.filter { selection.entries.contains($0.id) }
    let present = selected.filter { $0.isNamedAsUsual(tree) && !tree[$0.id].key.isAbsent }
    // Of a CA that has signed something there is an error already.
    let missing = selected.filter { ca in
      isAbsent(ca) && !catalog.entries.contains { $0.ca == ca.id && !isAbsent($0) }
    }
    let lacksTokenKeys =
      selection.serviceAccountKey && tree.serviceAccountKey.isAbsent && tree.serviceAccountPublicKeys.isAbsent
      && tree[.apiserver].isAbsent
    guard let first = present.first, !missing.isEmpty || lacksTokenKeys else { return }
    let tokenKeys = lacksTokenKeys ? [location.serviceAccountKey, location.serviceAccountPublicKey] : []
    let paths = missing.flatMap(location.paths) + tokenKeys
    errors.append(
      .unsound(
        Finding(
          .missingFile, paths,
          "\(location.path(of: first)) is there, but \(paths.listed) \(paths.count == 1 ? "is" : "are") not: all"
            + " control-plane nodes of a cluster share them",
          remedy: examination.remedy(
            .copyFromRightNode(paths),
            .makeShared(missing.map(\.id), includesServiceAccountKey: lacksTokenKeys)))))
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
