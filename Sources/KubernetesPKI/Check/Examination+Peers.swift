internal import OpenSSLX509
internal import StructuredText

/// What the tree of another control-plane node must have in common with this one, and what it must not.
extension Examination {
  package func peerFindings(_ peer: TreeContents) -> [Finding] {
    peerCAFindings(peer) + peerServiceAccountFindings(peer) + sharedLeafKeyFindings(peer)
  }

  private func peerCAFindings(_ peer: TreeContents) -> [Finding] {
    catalog.cas.compactMap { row in
      guard let own = tree.ca(row.id) else { return nil }
      let (path, peerPath) = (location.path(of: row), peer.location.path(of: row))
      if let finding = peer[row.id].certificates.finding { return finding }
      if let other = peer.ca(row.id), own.isSame(as: other) { return nil }
      return Finding(
        .peerCA, [peerPath, path],
        peer[row.id].certificates.isAbsent
          ? "\(peerPath) is missing; all control-plane nodes have the same CA"
          : "\(peerPath) is not the CA of \(path)",
        remedy: remedy(
          .copyFromRightNode([row.id].compactMap { catalog[$0] }.flatMap(location.paths)),
          .makeAgainWhatItSigned))
    }
  }

  private func peerServiceAccountFindings(_ peer: TreeContents) -> [Finding] {
    guard let own = tree.serviceAccountKey.value?.publicKey else { return [] }
    let unusable = [peer.serviceAccountKey.finding, peer.serviceAccountPublicKeys.finding].compactMap(\.self)
    guard unusable.isEmpty else { return unusable }
    let isSame =
      peer.serviceAccountKey.value?.publicKey == own
      && peer.serviceAccountPublicKeys.value?.contains(own) == true
    guard !isSame else { return [] }
    let other = peer.location
    return [
      Finding(
        .peerServiceAccountKey,
        [other.serviceAccountKey, other.serviceAccountPublicKey, location.serviceAccountKey],
        "\(other.serviceAccountKey) and \(other.serviceAccountPublicKey) are not the pair of"
          + " \(location.serviceAccountKey)",
        remedy: remedy(
          .copyFromRightNode([location.serviceAccountKey, location.serviceAccountPublicKey])))
    ]
  }

  private func sharedLeafKeyFindings(_ peer: TreeContents) -> [Finding] {
    let own = leafKeys(of: tree)
    let shared = leafKeys(of: peer).filter { other in own.contains { $0.key == other.key } }
    guard !shared.isEmpty else { return [] }
    let paths = shared.map(\.path)
    return [
      Finding(
        .peerSharesKey, paths,
        "\(paths.listed) \(paths.count == 1 ? "holds the private key" : "hold the private keys") of leaves of this tree",
        remedy: remedy(.makeLeavesAgainOnOneNode))
    ]
  }

  /// The keys of leaves, and where they are.
  private func leafKeys(of tree: TreeContents) -> [(path: String, key: PublicKey)] {
    catalog.entries.filter { !$0.isCA }.compactMap { entry in
      tree[entry.id].key.value.map { (tree.location.path(of: entry, .key), $0.publicKey) }
    }
  }
}
