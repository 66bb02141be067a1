package import KubernetesPKI
package import OpenSSLX509

/// A tree of which an export takes parts: each part that is missing or cannot be used is an error with its file.
package struct ExportSource: Sendable {
  /// The tree.
  package let tree: TreeContents
  private let catalog = Catalog.allFiles

  /// The parts of `tree`.
  package init(_ tree: TreeContents) { self.tree = tree }

  /// A certificate and what follows it in its file.
  package func certificates(_ id: CatalogEntry.ID) throws(PKIError) -> [Certificate] {
    try value(tree[id].certificates, path(id, .certificate), "certificate")
  }

  /// The certificates of a CA: the one that signs, and all that are trusted.
  package func ca(_ id: CatalogEntry.ID) throws(PKIError) -> CertificateAuthority {
    _ = try certificates(id)
    guard let ca = tree.ca(id) else { throw missing(path(id, .certificate), "certificate") }
    return ca
  }

  /// A private key.
  package func key(_ id: CatalogEntry.ID) throws(PKIError) -> PrivateKey {
    try value(tree[id].key, path(id, .key), "private key")
  }

  /// The private key of service-account tokens.
  package func serviceAccountKey() throws(PKIError) -> PrivateKey {
    try value(tree.serviceAccountKey, tree.location.serviceAccountKey, "private key")
  }

  /// The public keys of service-account tokens.
  package func serviceAccountPublicKeys() throws(PKIError) -> [PublicKey] {
    try value(tree.serviceAccountPublicKeys, tree.location.serviceAccountPublicKey, "public key")
  }

  /// The value of a file that may be absent; `nil` where it is.
  package func optional<Value>(_ content: FileContent<Value>) throws(PKIError) -> Value? {
    if let finding = content.finding { throw .unsound(finding) }
    return content.value
  }

  /// The CAs and the client of an external etcd, with the names of the files that they are in; `nil` where the tree has its
  /// own etcd.
  package var externalEtcd: (cas: FileContent<[Certificate]>, client: EntryContents)? {
    let client = tree.externalEtcdClient
    if !tree.externalEtcdCAs.isAbsent || !client.isAbsent { return (tree.externalEtcdCAs, client) }
    guard let server = catalog[.etcdServer], !tree.shouldHold(server) else { return nil }
    return (tree[.etcdCA].certificates, tree[.apiserverEtcdClient])
  }

  /// The external etcd's CAs, and its client's certificates and key.
  package func externalEtcdParts(
    _ etcd: (cas: FileContent<[Certificate]>, client: EntryContents)
  ) throws(PKIError) -> (cas: [Certificate], certificates: [Certificate], key: PrivateKey) {
    let own = (ca: path(.etcdCA, .certificate), client: CatalogEntry.ID.apiserverEtcdClient)
    return (
      try value(etcd.cas, own.ca, "certificate of the external etcd's CA"),
      try value(etcd.client.certificates, path(own.client, .certificate), "client certificate for etcd"),
      try value(etcd.client.key, path(own.client, .key), "private key")
    )
  }

  private func value<Value>(
    _ content: FileContent<Value>, _ path: String, _ noun: String
  ) throws(PKIError) -> Value {
    guard let value = try optional(content) else { throw missing(path, noun) }
    return value
  }

  private func missing(_ path: String, _ noun: String) -> PKIError {
    .unsound(
      Finding(.missingFile, [path], "\(path) has no \(noun), and this format needs it", .putBack([path])))
  }

  /// The path of a part of an entry.
  package func path(_ id: CatalogEntry.ID, _ part: Layout.Part) -> String {
    catalog[id].map { tree.location.path(of: $0, part) } ?? id.rawValue
  }
}

/// The value of a call to OpenSSL, whose errors become ``PKIError/cryptography(subject:reason:)``.
func exporting<Value>(
  _ subject: String, _ body: () throws(OpenSSLError) -> Value
) throws(PKIError) -> Value {
  do throws(OpenSSLError) {
    return try body()
  } catch {
    throw .cryptography(subject: subject, reason: error.description)
  }
}
