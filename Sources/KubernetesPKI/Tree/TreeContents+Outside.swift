internal import StructuredText

/// What a tree names and does not have.
extension TreeContents {
  /// What was not read, as it is not part of the tree: kubeconfigs, or files outside of it that kubeconfigs name.
  package var outsideFindings: [Finding] {
    let unread = Finding(
      .outsideTree, [], "only the directory of the certificates was named: kubeconfigs are left alone",
      .nameKubeconfigDirectory)
    var findings = location.hasKubeconfigs ? [] : [unread]
    for finding in catalog.entries.compactMap(outsideFinding) where !findings.contains(finding) {
      findings.append(finding)
    }
    return findings
  }

  /// That a kubeconfig names files outside of the tree, or that links lead there; `nil` where that is not so.
  package func outsideFinding(_ entry: CatalogEntry) -> Finding? {
    let own = [self[entry.id].certificates.finding, self[entry.id].key.finding].compactMap(\.self)
    if let link = own.first(where: { $0.code == .outsideTree }) { return link }
    let paths = self[entry.id].outsidePaths
    guard !paths.isEmpty else { return nil }
    let path = location.path(of: entry)
    return Finding(
      .outsideTree, [path],
      "\(path) names \(paths.listed), which \(paths.count == 1 ? "is" : "are") outside of the tree: neither read nor"
        + " written", .nameRootDirectory)
  }

  /// Whether the certificate or the key of an entry is outside of the tree.
  package func isOutside(_ entry: CatalogEntry) -> Bool {
    let contents = self[entry.id]
    return outsideFinding(entry) != nil
      && (contents.certificate == nil || contents.key.isAbsent || contents.key.finding?.code == .outsideTree)
  }
}
