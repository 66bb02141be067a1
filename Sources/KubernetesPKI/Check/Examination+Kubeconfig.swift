package import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

extension Examination {
  /// What is wrong with what a kubeconfig says beside its certificate; nothing for other entries.
  package func kubeconfigFindings(_ entry: CatalogEntry) -> [Finding] {
    guard let names = entry.kubeconfig, let kubeconfig = tree[entry.id].kubeconfig.value else { return [] }
    return trustFindings(kubeconfig, entry) + serverFindings(kubeconfig, entry, names)
  }

  /// Whether a kubeconfig trusts the tree's CA.
  ///
  /// One whose client certificate comes from the CA that it trusts is of another cluster as a whole, which the finding
  /// about that certificate says.
  private func trustFindings(_ kubeconfig: Kubeconfig, _ entry: CatalogEntry) -> [Finding] {
    let trusted = kubeconfig.certificateAuthorities
    guard let row = entry.ca.flatMap({ catalog[$0] }), let ca = tree.ca(row.id), !trusted.isEmpty,
      !trusted.contains(where: { one in ca.accepted.contains { $0.isSameCA(as: one) } })
    else { return [] }
    if let leaf = leaf(entry), !ca.accepted.contains(where: { isIssued(leaf, by: $0) }),
      trusted.contains(where: { isIssued(leaf, by: $0) })
    {
      return []
    }
    let (path, caPath) = (location.path(of: entry), location.path(of: row))
    return [
      Finding(
        .kubeconfigAuthority, [path, caPath], "\(path) does not trust \(caPath): it embeds another CA",
        remedy: remedy(replaceAction(entry)))
    ]
  }

  /// Whether a kubeconfig points to the cluster's server, where that is known.
  package func serverFindings(
    _ kubeconfig: Kubeconfig, _ entry: CatalogEntry, _ names: CatalogEntry.KubeconfigNames
  ) -> [Finding] {
    // What is nearest to a node with an API server is that one, whose address is not known; and there may be a load
    // balancer of which nothing is known.
    let isOpen =
      names.server == .nearest && cluster.localURL == nil && !tree[.apiserver].certificates.isAbsent
      || names.server == .controlPlane && cluster.controlPlaneEndpoint == nil && !cluster.isEndpointKnown
    guard kubeconfig.problems[.server] == nil, !isOpen, let expected = names.serverURL(in: cluster) else {
      return []
    }
    // kubeadm's versions differ in this for all but the administrators, and each way works.
    let others =
      [.admin, .superAdmin].contains(entry.id) ? [] : [cluster.localURL, cluster.controlPlaneURL]
    guard kubeconfig.server != expected, !others.contains(kubeconfig.server) else { return [] }
    let path = location.path(of: entry)
    return [
      Finding(
        .kubeconfigServer, [path], "\(path) points to \(kubeconfig.server.quoted), not to \(expected)",
        remedy: remedy(replaceAction(entry)))
    ]
  }
}
