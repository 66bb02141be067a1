internal import FileStore
internal import FoundationEssentials
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
    guard let row = entry.ca.flatMap({ catalog[$0] }), let ca = tree.ca(row.id), !trusted.isEmpty else {
      return []
    }
    guard !trusted.contains(where: ca.accepts) else { return [] }
    if let leaf = leaf(entry), !ca.accepted.contains(where: { isIssued(leaf, by: $0) }),
      trusted.contains(where: { isIssued(leaf, by: $0) })
    {
      return []
    }
    let (path, caPath) = (location.path(of: entry), location.path(of: row))
    return [
      Finding(
        .kubeconfigCA, [path, caPath], "\(path) does not trust \(caPath): it embeds another CA",
        remedy: remedy(replaceAction(entry)))
    ]
  }

  /// Whether kubeconfigs embed an expired certificate of a CA that has a newer one: clients look at the times of what they
  /// trust, too. Of one whose client certificate has expired there is a finding with the same remedy.
  package func expiredTrustFindings() -> [Finding] {
    let entries = catalog.entries.filter { entry in
      guard let kubeconfig = tree[entry.id].kubeconfig.value, let ca = entry.ca.flatMap(tree.ca),
        currentCertificate(of: ca).validity.contains(instant), validityFindings(entry).isEmpty
      else { return false }
      let known = kubeconfig.certificateAuthorities.filter(ca.accepts)
      return !known.isEmpty && known.allSatisfy { $0.validity.notAfter < instant }
    }
    guard !entries.isEmpty else { return [] }
    let paths = entries.map { location.path(of: $0) }
    return [
      Finding(
        .kubeconfigCA, paths,
        "\(paths.listed) \(paths.count == 1 ? "trusts" : "trust") the CA by a certificate that has expired",
        remedy: remedy(.renew(entries.map(\.id))))
    ]
  }

  /// Whether a kubeconfig points to the cluster's server, where that is known.
  package func serverFindings(
    _ kubeconfig: Kubeconfig, _ entry: CatalogEntry, _ names: CatalogEntry.KubeconfigNames
  ) -> [Finding] {
    guard kubeconfig.problems[.server] == nil, let server = ServerURL(kubeconfig.server),
      let expected = names.serverURL(in: cluster), !isOpen(server, names)
    else { return [] }
    // kubeadm's versions differ in this for all but the administrators, and each way works.
    let others =
      [.admin, .superAdmin].contains(entry.id) ? [] : [cluster.localURL, cluster.controlPlaneURL]
    let isRight = ([expected] + others).compactMap { $0.flatMap(ServerURL.init) }
      .contains(where: server.isSameServer)
    // The node's own address, as far as the tree says it.
    let isOwn =
      !others.isEmpty && cluster.localURL == nil && server.address != nil
      && server.address == context.advertiseAddress
    guard !isRight, !isOwn, !isLocalProxy(server) else { return [] }
    let path = location.path(of: entry)
    return [
      Finding(
        .kubeconfigServer, [path], "\(path) points to \(kubeconfig.server.quoted), not to \(expected)",
        remedy: remedy(
          changesServer(of: entry, from: kubeconfig.server) ? .pointTo(entry.id) : replaceAction(entry)))
    ]
  }

  /// Whether a renewal with what was said of the node and the cluster points a kubeconfig to the right server.
  private func changesServer(of entry: CatalogEntry, from server: String) -> Bool {
    let port = context.others[ClusterField.bindPort.name].flatMap { Int($0) }
    let new = ServerChanges(contextCluster, port: port, in: tree).url(of: entry, insteadOf: server)
    guard let new = new.flatMap({ ServerURL($0) }), entry.ca.map(tree.isExternal) == false else {
      return false
    }
    return [entry.kubeconfig?.serverURL(in: cluster), cluster.localURL, cluster.controlPlaneURL]
      .contains { $0.flatMap(ServerURL.init).map(new.isSameServer) == true }
  }

  /// Whether too little is known of the cluster to say that this is not the server.
  private func isOpen(_ server: ServerURL, _ names: CatalogEntry.KubeconfigNames) -> Bool {
    guard cluster.controlPlaneEndpoint == nil, !cluster.isEndpointKnown else { return false }
    switch names.server {
    // There may be a load balancer of which nothing is known.
    case .controlPlane: return true
    // What is nearest to a node with an API server is that one, whose address is not known.
    case .nearest where cluster.localURL == nil: return !tree[.apiserver].certificates.isAbsent
    // A load balancer has a name, or is the one of admin.conf.
    case .nearest, .local:
      return server.address == nil || context.controlPlaneHost.map { $0 == server.host } == true
    }
  }

  /// Whether a server is at a loopback address that the API server's certificate covers: a proxy on each node, or the API
  /// server itself.
  private func isLocalProxy(_ server: ServerURL) -> Bool {
    guard server.address?.isLoopback == true || server.host == "localhost",
      let names = try? tree[.apiserver].certificate?.subjectAlternativeName()
    else { return false }
    return names.covers(GeneralName(host: server.host))
  }
}
