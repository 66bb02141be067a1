internal import OpenSSLX509

/// What keeps a node from going on before the others, or from going its own way.
extension RotationPlanBuilder {
  /// Refuses to make a successor where another node has one, or has replaced the CA: two successors of one CA have one name.
  mutating func refuseSecondSuccessor(of ca: CatalogEntry) {
    let own = examination.tree.trustedKeys(of: ca.id)
    let given = options.successors?[ca.id].certificate?.publicKey
    for peer in options.peers where peer.isConcerned(by: ca) {
      guard peer.trustedKeys(of: ca.id).contains(where: { !own.contains($0) && $0 != given }) else {
        continue
      }
      let (peerPath, path) = (peer.location.path(of: ca), location.path(of: ca))
      guard leads(to: own, from: peer, ca) else {
        errors.append(.unsound(unrelated(peerPath, path, "CA")))
        continue
      }
      refuseSecondSuccessor(peerPath, path, peer.stage(of: ca).verb ?? .prepare, ca, in: peer)
    }
  }

  /// Refuses to make a key of service-account tokens where another node has a further one.
  mutating func refuseSecondServiceAccountKey() {
    let own = examination.tree.serviceAccountPublicKeys.value ?? []
    let given = options.successors?.serviceAccountKey.value?.publicKey
    for peer in options.peers {
      let keys = peer.serviceAccountPublicKeys.value ?? []
      guard keys.contains(where: { !own.contains($0) && $0 != given }) else { continue }
      let (peerPath, path) = (
        peer.location.serviceAccountPublicKey, location.serviceAccountPublicKey
      )
      guard keys.contains(where: own.contains) else {
        errors.append(.unsound(unrelated(peerPath, path, "key")))
        continue
      }
      refuseSecondSuccessor(peerPath, path, peer.serviceAccountStage.verb ?? .prepare, nil, in: peer)
    }
  }

  /// Whether a node has a CA of these keys, or a CA that one of them certifies.
  private func leads(to keys: [PublicKey], from peer: TreeContents, _ ca: CatalogEntry) -> Bool {
    let cross = peer.succession(of: ca.id).cross.value?.first
    return peer.trustedKeys(of: ca.id).contains(where: keys.contains)
      || cross.map { cross in keys.contains { cross.isSigned(by: $0) } } == true
  }

  /// A node of another cluster, or one whose CA was replaced apart from the others. To copy its CA would cost the one here.
  private func unrelated(_ peerPath: String, _ path: String, _ noun: String) -> Finding {
    Finding(
      .rotationOrder, [peerPath, path],
      "\(peerPath) holds no \(noun) of \(path): it is of another cluster, or its \(noun) was replaced apart from this one",
      remedy: examination.remedy(.nameNodeOfCluster(peerPath)))
  }

  private mutating func refuseSecondSuccessor(
    _ peerPath: String, _ path: String, _ verb: RotationVerb, _ ca: CatalogEntry?, in peer: TreeContents
  ) {
    let noun = ca == nil ? "key" : "CA"
    errors.append(
      .unsound(
        Finding(
          .rotationOrder, [peerPath, path],
          "\(peerPath) holds a \(noun) that \(path) does not: it is being replaced there already, or was",
          remedy: examination.remedy(
            .copyFromPeer(
              peer.location.certificateDirectory, peer.rotationFiles(of: ca, withKeys: true),
              verb, ca?.id)))))
  }

  /// Refuses to switch before another node trusts the successor, or where it has another one.
  ///
  /// - Parameter isCertified: whether the predecessor certifies the successor.
  mutating func refuseUntrustedSuccessor(_ next: PublicKey, of ca: CatalogEntry, isCertified: Bool) {
    let own = examination.tree.trustedKeys(of: ca.id)
    for peer in options.peers where peer.isConcerned(by: ca) {
      let (keys, path) = (peer.trustedKeys(of: ca.id), peer.location.path(of: ca))
      if keys.contains(where: { !own.contains($0) }) {
        errors.append(.unsound(otherSuccessor(path, ca.id)))
      } else if !keys.contains(next), ca.id != .etcdCA || !isCertified {
        // etcd's members and clients accept the certificate that leads to the predecessor.
        errors.append(.unsound(successorNotTrusted(path, ca.id)))
      }
    }
  }

  /// The same for the key of service-account tokens.
  mutating func refuseUntrustedServiceAccountKey(_ next: PublicKey) {
    let own = examination.tree.serviceAccountPublicKeys.value ?? []
    for peer in options.peers where peer.role == .controlPlane {
      let (keys, path) = (
        peer.serviceAccountPublicKeys.value ?? [], peer.location.serviceAccountPublicKey
      )
      if keys.contains(where: { !own.contains($0) }) {
        errors.append(.unsound(otherSuccessor(path, nil)))
      } else if !keys.contains(next) {
        errors.append(.unsound(successorNotTrusted(path, nil)))
      }
    }
  }

  private func successorNotTrusted(_ path: String, _ id: CatalogEntry.ID?) -> Finding {
    Finding(
      .successorNotTrusted, [path],
      "\(path) does not hold the successor: that node would refuse what the successor signs",
      remedy: examination.remedy(.prepareOtherNode(id)))
  }

  private func otherSuccessor(_ path: String, _ id: CatalogEntry.ID?) -> Finding {
    Finding(
      .successorNotTrusted, [path],
      "\(path) holds another successor: that node would refuse what the successor here signs",
      remedy: examination.remedy(.leaveOtherSuccessor(id)))
  }
}
