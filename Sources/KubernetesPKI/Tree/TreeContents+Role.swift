internal import FileStore

/// What the machine is whose tree it is.
extension TreeContents {
  /// The role that the files show: that of a worker or of an etcd host where all files fit it, and some of them only such
  /// a machine and a control-plane node need.
  var shownRole: NodeRole { [NodeRole.worker, .etcd].first(where: fits) ?? .controlPlane }

  private func fits(_ role: NodeRole) -> Bool {
    let present = catalog.entries.filter { !self[$0.id].isAbsent || !self[$0.id].kubeconfig.isAbsent }
    guard serviceAccountKey.isAbsent, serviceAccountPublicKeys.isAbsent,
      present.contains(where: { !$0.isCA && $0.roles.contains(role) })
    else { return false }
    return present.allSatisfy { entry in
      let hasForeignKey = entry.isCA && !self[entry.id].key.isAbsent && !role.holdsKey(of: entry)
      return (entry.roles.contains(role) || entry.otherRoles.contains(role)) && !hasForeignKey
    } && !hasManifest(role.foreignManifests)
  }

  /// The entries that a machine of the role has or may have, where the role was said; otherwise all.
  package func concerned(_ catalog: Catalog) -> Catalog {
    guard let statedRole else { return catalog }
    return catalog.filter { $0.roles.contains(statedRole) || $0.otherRoles.contains(statedRole) }
  }

  /// Whether the manifests run a member of etcd.
  var hasEtcdManifest: Bool { hasManifest(["etcd.yaml"]) }

  private func hasManifest(_ names: [String]) -> Bool {
    guard isOnDisk, location.hasKubeconfigs else { return false }
    // What cannot be looked at may be one.
    return names.contains { name in
      (try? FileSystem.status(Path.join(location.manifestDirectory, name)) == nil) != true
    }
  }

  /// That the role was found, where it is another than that of a control-plane node.
  package var roleFinding: Finding? {
    guard statedRole == nil, role != .controlPlane else { return nil }
    let noun = role == .worker ? "a worker" : "an etcd host"
    return Finding(
      .detectedRole, [], "the files are those of \(noun), and only what such a machine needs is expected",
      .nothingIfIntended, .nameRole)
  }
}
