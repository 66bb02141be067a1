package import OpenSSLX509

/// What the files of a CA hold at a stage of its rotation.
package struct CAArrangement: Sendable {
  /// The certificates of ca.crt; the first is that of the key.
  package private(set) var accepted: [Certificate]
  /// The key that signs.
  package private(set) var key: PrivateKey
  /// The key of the successor, until that signs.
  package private(set) var nextKey: PrivateKey?
  /// The key of the predecessor, as long as that is trusted.
  package private(set) var previousKey: PrivateKey?
  /// The successor, certified by its predecessor.
  package private(set) var cross: Certificate?
  /// Whether kube-controller-manager has its signing certificate in a file of its own.
  package private(set) var hasSigningFile: Bool
  /// The certificates above the CA, where a file leads from it to a root CA; `nil` where there is no such file.
  package let above: [Certificate]?

  /// The arrangement of a CA that is there with its key; `nil` for any other.
  package init?(_ id: CatalogEntry.ID, in tree: TreeContents) {
    guard let ca = tree.ca(id), let key = tree[id].key.value else { return nil }
    let files = tree.succession(of: id)
    let chain = tree.rootChain(of: id).value.flatMap { $0.contains(ca.issuing) ? $0 : nil }
    accepted = ca.accepted
    self.key = key
    nextKey = files.nextKey.value
    previousKey = files.previousKey.value
    cross = files.cross.value?.first
    hasSigningFile = !files.signing.isAbsent
    above = chain?.filter { !ca.accepted.contains($0) }
  }

  /// The certificates that lead from the CA to the root CA, and what is trusted beside it.
  package var rootChain: [Certificate] { above.map { accepted + $0 } ?? [] }

  /// The CA of these files.
  package var ca: CertificateAuthority? {
    CertificateAuthority(accepted, key: .present(key), rootChain: rootChain, cross: cross)
  }
}

extension CAArrangement {
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
    var arrangement = self
    arrangement.accepted = accepted
    arrangement.cross = cross ?? self.cross
    return arrangement
  }

  /// The same with other certificates and keys.
  private func with(
    _ accepted: [Certificate], key: PrivateKey, next: PrivateKey? = nil, previous: PrivateKey? = nil
  ) -> CAArrangement {
    var arrangement = self
    arrangement.accepted = accepted
    arrangement.key = key
    (arrangement.nextKey, arrangement.previousKey) = (next, previous)
    return arrangement
  }

  /// With another certificate of the successor by its predecessor, or none.
  package func crossed(by cross: Certificate?) -> CAArrangement {
    var arrangement = self
    arrangement.cross = cross
    return arrangement
  }

  /// With kube-controller-manager's signing certificate in a file of its own.
  package func separatingSigner() -> CAArrangement {
    var arrangement = self
    arrangement.hasSigningFile = true
    return arrangement
  }

  /// With a successor that is trusted and does not sign yet.
  package func prepared(_ successor: Certificate, key nextKey: PrivateKey, cross: Certificate?)
    -> CAArrangement
  {
    var arrangement = with(certificates(of: key) + [successor], key: key, next: nextKey)
    arrangement.cross = cross
    return arrangement
  }

  /// The successor signs; `nil` where there is none.
  package func switched() -> CAArrangement? {
    nextKey.map { next in with(certificates(of: next) + certificates(of: key), key: next, previous: key) }
  }

  /// The predecessor signs again; `nil` where there is none.
  package func switchedBack() -> CAArrangement? {
    previousKey.map { previous in
      with(certificates(of: previous) + certificates(of: key), key: previous, next: key)
    }
  }

  /// What signs is all that is trusted.
  package func alone() -> CAArrangement {
    var arrangement = with(certificates(of: key), key: key)
    arrangement.cross = nil
    return arrangement
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
