package import OpenSSLX509

/// What the files of a CA hold at a stage of its rotation.
package struct CAArrangement: Sendable {
  /// The certificates of ca.crt; the first is that of the key.
  package let accepted: [Certificate]
  /// The key that signs.
  package let key: PrivateKey
  /// The key of the successor, until that signs.
  package let nextKey: PrivateKey?
  /// The key of the predecessor, as long as that is trusted.
  package let previousKey: PrivateKey?
  /// The successor, certified by its predecessor.
  package let cross: Certificate?
  /// Whether kube-controller-manager has its signing certificate in a file of its own.
  package let hasSigningFile: Bool

  /// The files of an arrangement.
  package init(
    accepted: [Certificate], key: PrivateKey, nextKey: PrivateKey? = nil, previousKey: PrivateKey? = nil,
    cross: Certificate? = nil, hasSigningFile: Bool
  ) {
    self.accepted = accepted
    self.key = key
    self.nextKey = nextKey
    self.previousKey = previousKey
    self.cross = cross
    self.hasSigningFile = hasSigningFile
  }

  /// The CA of these files.
  package func ca(rootChain: [Certificate] = []) -> CertificateAuthority? {
    CertificateAuthority(accepted, key: .present(key), rootChain: rootChain, cross: cross)
  }
}

extension CAArrangement {
  /// The arrangement of a CA that is there with its key; `nil` for any other.
  package init?(_ id: CatalogEntry.ID, in tree: TreeContents) {
    guard let ca = tree.ca(id), let key = tree[id].key.value else { return nil }
    let files = tree.succession(of: id)
    self.init(
      accepted: ca.accepted, key: key, nextKey: files.nextKey.value, previousKey: files.previousKey.value,
      cross: files.cross.value?.first, hasSigningFile: !files.signing.isAbsent)
  }

  /// The certificates of a key, in the order of ca.crt.
  private func certificates(of key: PrivateKey) -> [Certificate] {
    accepted.filter { $0.publicKey == key.publicKey }
  }

  /// With a certificate that was made again with its key in the place of the one that it had; another of the same CA would
  /// lead readers to an end that has passed.
  package func extended(by certificate: Certificate, cross: Certificate?) -> CAArrangement {
    var accepted: [Certificate] = []
    for present in self.accepted {
      let isOld = present.isSameCA(as: certificate) && present.subject == present.issuer
      if !isOld {
        accepted.append(present)
      } else if !accepted.contains(certificate) {
        accepted.append(certificate)
      }
    }
    return CAArrangement(
      accepted: accepted, key: key, nextKey: nextKey, previousKey: previousKey, cross: cross ?? self.cross,
      hasSigningFile: hasSigningFile)
  }

  /// With kube-controller-manager's signing certificate in a file of its own, or not.
  package func separatingSigner() -> CAArrangement {
    CAArrangement(
      accepted: accepted, key: key, nextKey: nextKey, previousKey: previousKey, cross: cross,
      hasSigningFile: true)
  }

  /// With a successor that is trusted and does not sign yet.
  package func prepared(_ successor: Certificate, key nextKey: PrivateKey, cross: Certificate?)
    -> CAArrangement
  {
    CAArrangement(
      accepted: certificates(of: key) + [successor], key: key, nextKey: nextKey, cross: cross,
      hasSigningFile: hasSigningFile)
  }

  /// The successor signs; `nil` where there is none.
  package func switched() -> CAArrangement? {
    nextKey.map { next in
      CAArrangement(
        accepted: certificates(of: next) + certificates(of: key), key: next, previousKey: key, cross: cross,
        hasSigningFile: hasSigningFile)
    }
  }

  /// The predecessor signs again; `nil` where there is none.
  package func switchedBack() -> CAArrangement? {
    previousKey.map { previous in
      CAArrangement(
        accepted: certificates(of: previous) + certificates(of: key), key: previous, nextKey: key,
        cross: cross, hasSigningFile: hasSigningFile)
    }
  }

  /// What signs is all that is trusted.
  package func alone() -> CAArrangement {
    CAArrangement(accepted: certificates(of: key), key: key, hasSigningFile: hasSigningFile)
  }
}

/// What the files of the key of service-account tokens hold at a stage of its rotation.
package struct ServiceAccountArrangement: Sendable {
  /// The keys that verify tokens; the first is that of the key that signs them.
  package let publicKeys: [PublicKey]
  /// The key that signs.
  package let key: PrivateKey
  /// The key that is going to sign.
  package let nextKey: PrivateKey?
  /// The key that has signed.
  package let previousKey: PrivateKey?

  /// One key signs, and verifies.
  package init(_ key: PrivateKey) { self.init(key, next: nil, previous: nil) }

  /// One key signs, and its successor or predecessor verifies too.
  package init(_ key: PrivateKey, next: PrivateKey?, previous: PrivateKey?) {
    self.key = key
    nextKey = next
    previousKey = previous
    publicKeys = [key, next, previous].compactMap { $0?.publicKey }
  }

  /// The arrangement of the keys that are there; `nil` without a key that signs.
  package init?(in tree: TreeContents) {
    guard let key = tree.serviceAccountKey.value else { return nil }
    self.init(key, next: tree.serviceAccountNextKey.value, previous: tree.serviceAccountPreviousKey.value)
  }
}
