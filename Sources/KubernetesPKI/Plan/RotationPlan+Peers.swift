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
      let verb = peer.stage(of: ca).verb ?? .prepare
      refuseSecondSuccessor(peer.location.path(of: ca), location.path(of: ca), verb, ca, in: peer)
    }
  }

  /// Refuses to make a key of service-account tokens where another node has a further one.
  mutating func refuseSecondServiceAccountKey() {
    let own = examination.tree.serviceAccountPublicKeys.value ?? []
    let given = options.successors?.serviceAccountKey.value?.publicKey
    for peer in options.peers {
      let keys = peer.serviceAccountPublicKeys.value ?? []
      guard keys.contains(where: { !own.contains($0) && $0 != given }) else { continue }
      refuseSecondSuccessor(
        peer.location.serviceAccountPublicKey, location.serviceAccountPublicKey,
        peer.serviceAccountStage.verb ?? .prepare, nil, in: peer)
    }
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
