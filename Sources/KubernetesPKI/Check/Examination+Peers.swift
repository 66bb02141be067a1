internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// What the tree of another control-plane node has to have in common with this one, and what it must not.
extension Examination {
  package func peerFindings(_ peer: TreeContents) -> [Finding] {
    peerAuthorityFindings(peer) + peerServiceAccountFindings(peer) + sharedLeafKeyFindings(peer)
  }

  private func peerAuthorityFindings(_ peer: TreeContents) -> [Finding] {
    catalog.certificates.filter { $0.role == .authority }.compactMap { row in
      guard let own = authority(row.id) else { return nil }
      let (path, peerPath) = (location.certificate(row), peer.location.certificate(row))
      let content = peer.certificates[row.id] ?? .absent
      if let finding = content.finding { return finding }
      if let other = content.value?.first, other.subject == own.subject, other.publicKey == own.publicKey {
        return nil
      }
      return Finding(
        .peerAuthority, [peerPath, path],
        content.isAbsent
          ? "\(peerPath) is missing; all control-plane nodes have the same"
          : "\(peerPath) is not the authority of \(path)",
        remedy: "copy the authority from the node that is right, and make again what another one signed")
    }
  }

  private func peerServiceAccountFindings(_ peer: TreeContents) -> [Finding] {
    guard let own = tree.serviceAccountPrivateKey.value?.publicKey else { return [] }
    let unusable = [peer.serviceAccountPrivateKey.finding, peer.serviceAccountPublicKeys.finding].compactMap(
      \.self)
    guard unusable.isEmpty else { return unusable }
    let isSame =
      peer.serviceAccountPrivateKey.value?.publicKey == own
      && peer.serviceAccountPublicKeys.value?.contains(own) == true
    guard !isSame else { return [] }
    let other = peer.location
    return [
      Finding(
        .peerServiceAccountKey,
        [other.serviceAccountPrivateKey, other.serviceAccountPublicKey, location.serviceAccountPrivateKey],
        "\(other.serviceAccountPrivateKey) and \(other.serviceAccountPublicKey) are not the pair of"
          + " \(location.serviceAccountPrivateKey)",
        remedy: "copy sa.key and sa.pub from the node that is right")
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
        remedy:
          "on one of the two nodes, move the leaves and kubeconfigs away and make them again with pkigen init"
      )
    ]
  }

  /// The keys of leaves and kubeconfigs, and where they are.
  private func leafKeys(of tree: TreeContents) -> [(path: String, key: PublicKey)] {
    let leaves = catalog.certificates.filter { $0.role != .authority }.compactMap { row in
      tree.keys[row.id]?.value.map { (tree.location.key(row), $0.publicKey) }
    }
    return leaves
      + catalog.kubeconfigs.compactMap { row in
        tree.kubeconfigs[row.id]?.value?.clientKey.map { (tree.location.kubeconfig(row), $0.publicKey) }
      }
  }
}
