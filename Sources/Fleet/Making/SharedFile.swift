internal import KubernetesPKI

/// A file that several nodes of a cluster have in common: of a CA, or a key of service-account tokens.
struct SharedFile: Hashable, Sendable {
  let place: Layout.Place
  let kind: PKIFile.Kind
  /// The CA whose file it is; `nil` for the keys of service-account tokens.
  let ca: CatalogEntry.ID?

  private init(_ place: Layout.Place, _ kind: PKIFile.Kind, of ca: CatalogEntry.ID?) {
    self.place = place
    self.kind = kind
    self.ca = ca
  }

  /// All of them, in the order of the catalog.
  static let all: [SharedFile] = {
    let layout = Layout.kubeadm
    let cas = Catalog.allFiles.cas.flatMap { row in
      [
        SharedFile(layout.place(of: row, .certificate), .certificate, of: row.id),
        SharedFile(layout.place(of: row, .key), .privateKey, of: row.id),
        SharedFile(layout.place(of: row, .rootChain), .certificate, of: row.id),
      ]
    }
    return cas + [
      SharedFile(layout.serviceAccountKey, .privateKey, of: nil),
      SharedFile(layout.serviceAccountPublicKey, .publicKey, of: nil),
    ]
  }()

  /// Whether a node has the file: a machine that signs with a CA has its key, and those that trust it its certificate.
  func belongs(to roles: Set<NodeRole>, runningEtcd: Bool) -> Bool {
    guard let ca, let row = Catalog.allFiles[ca] else { return roles.contains(.controlPlane) }
    if kind == .privateKey, ca == .etcdCA { return runningEtcd }
    return roles.contains { role in
      row.roles.contains(role) && (kind != .privateKey || role.holdsKey(of: row))
    }
  }
}
