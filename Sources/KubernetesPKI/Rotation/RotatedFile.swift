package import OpenSSLX509

/// A file that a rotation changes.
package struct RotatedFile: Sendable {
  /// What it holds afterwards.
  package enum Content: Sendable {
    /// Certificates.
    case certificates([Certificate])
    /// A private key.
    case key(PrivateKey)
    /// Public keys.
    case publicKeys([PublicKey])
    /// Nothing: the file goes away.
    case nothing(PKIFile.Kind)
  }

  /// Where it is.
  package let path: String
  /// What it holds afterwards.
  package let content: Content
  /// Whether there is a file now.
  package let isThere: Bool

  /// What kind of file it is.
  package var kind: PKIFile.Kind {
    switch content {
    case .certificates: .certificate
    case .key: .privateKey
    case .publicKeys: .publicKey
    case .nothing(let kind): kind
    }
  }

  /// Whether the file goes away.
  package var isRemoved: Bool {
    if case .nothing = content { true } else { false }
  }

  /// The file of certificates, where it changes.
  init?(_ path: String, _ present: FileContent<[Certificate]>, _ wanted: [Certificate]) {
    guard !wanted.isEmpty || !present.isAbsent, present.value != wanted else { return nil }
    self.path = path
    content = wanted.isEmpty ? .nothing(.certificate) : .certificates(wanted)
    isThere = !present.isAbsent
  }

  /// The file of a key, where it changes.
  init?(_ path: String, _ present: FileContent<PrivateKey>, _ wanted: PrivateKey?) {
    guard wanted != nil || !present.isAbsent, present.value?.publicKey != wanted?.publicKey else {
      return nil
    }
    self.path = path
    content = wanted.map { .key($0) } ?? .nothing(.privateKey)
    isThere = !present.isAbsent
  }

  /// The file of public keys, where it changes.
  init?(_ path: String, _ present: FileContent<[PublicKey]>, _ wanted: [PublicKey]) {
    guard present.value != wanted else { return nil }
    self.path = path
    content = .publicKeys(wanted)
    isThere = !present.isAbsent
  }
}

extension CAArrangement {
  /// The files that change, in the order in which they have to: what is trusted comes first, then the key before the
  /// certificate that is alone in a file, as kube-controller-manager watches these two.
  package func changes(of entry: CatalogEntry, in tree: TreeContents) -> [RotatedFile] {
    let (contents, beside) = (tree[entry.id], tree.succession(of: entry.id))
    func path(_ part: Layout.Part) -> String { tree.location.path(of: entry, part) }
    return [
      RotatedFile(path(.certificate), contents.certificates, accepted),
      above.flatMap { _ in RotatedFile(path(.rootChain), tree.rootChain(of: entry.id), rootChain) },
      RotatedFile(path(.previousKey), beside.previousKey, previousKey),
      RotatedFile(path(.key), contents.key, key),
      RotatedFile(
        path(.signingCertificate), beside.signing,
        hasSigningFile ? [ca?.issuing].compactMap(\.self) : []),
      RotatedFile(path(.crossCertificate), beside.cross, [cross].compactMap(\.self)),
      RotatedFile(path(.nextKey), beside.nextKey, nextKey),
    ].compactMap(\.self)
  }
}

extension ServiceAccountArrangement {
  /// The files that change, what is trusted first.
  package func changes(in tree: TreeContents) -> [RotatedFile] {
    let (location, layout) = (tree.location, tree.location.layout)
    return [
      RotatedFile(location.serviceAccountPublicKey, tree.serviceAccountPublicKeys, publicKeys),
      RotatedFile(
        location.path(layout.serviceAccountPreviousKey), tree.serviceAccountPreviousKey, previousKey),
      RotatedFile(location.serviceAccountKey, tree.serviceAccountKey, key),
      RotatedFile(location.path(layout.serviceAccountNextKey), tree.serviceAccountNextKey, nextKey),
    ].compactMap(\.self)
  }
}
