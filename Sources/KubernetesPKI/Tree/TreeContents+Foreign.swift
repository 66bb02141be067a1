internal import OpenSSLX509

extension TreeContents {
  /// The tree without the leaves that name another CA than the tree's as their issuer, where others name that: they are of
  /// another PKI, and say nothing of this one.
  package var withoutForeignLeaves: TreeContents {
    var foreign: Set<CatalogEntry.ID> = []
    for row in catalog.cas {
      guard let ca = ca(row.id) else { continue }
      let leaves = catalog.entries.filter { $0.ca == row.id && self[$0.id].certificate != nil }
      let others = leaves.filter { entry in
        !(self[entry.id].certificates.value ?? []).contains { $0.namesAsIssuer(ca) }
      }
      if others.count < leaves.count { foreign.formUnion(others.map(\.id)) }
    }
    return foreign.isEmpty ? self : without(foreign)
  }
}

extension Certificate {
  /// Whether it has the name of a CA as its issuer's, and no other key's identifier.
  fileprivate func namesAsIssuer(_ ca: CertificateAuthority) -> Bool {
    ca.accepted.contains { certificate in
      guard issuer == certificate.subject else { return false }
      guard let wanted = (try? authorityKeyIdentifier()) ?? nil,
        let found = (try? certificate.subjectKeyIdentifier()) ?? nil
      else { return true }
      return wanted == found
    }
  }
}
