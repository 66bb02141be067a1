package import OpenSSLX509

extension TreeContents {
  /// The keys of the certificates that a CA's file holds, none twice: a CA that was signed again with its key is the same CA.
  package func trustedKeys(of id: CatalogEntry.ID) -> [PublicKey] {
    var keys: [PublicKey] = []
    for certificate in ca(id)?.accepted ?? [] where !keys.contains(certificate.publicKey) {
      keys.append(certificate.publicKey)
    }
    return keys
  }

  /// The files that bring another node to the stage of this one, relative to the directory of the certificates.
  ///
  /// - Parameters:
  ///   - ca: the CA; `nil` for the key of service-account tokens.
  ///   - withKeys: whether that node has the keys of the CA.
  package func rotationFiles(of ca: CatalogEntry?, withKeys: Bool) -> [String] {
    let layout = location.layout
    guard let ca else {
      let keys: [Layout.Place] =
        switch serviceAccountStage {
        case .prepared: [layout.serviceAccountNextKey]
        case .switched: [layout.serviceAccountKey, layout.serviceAccountPreviousKey]
        case .absent, .idle, .keyless, .irregular: [layout.serviceAccountKey]
        }
      return ([layout.serviceAccountPublicKey] + keys).map(\.path)
    }
    let files = succession(of: ca.id)
    let keys: [Layout.Part] =
      switch stage(of: ca) {
      case .prepared: [.nextKey]
      case .switched: [.key] + (files.previousKey.isAbsent ? [] : [.previousKey])
      case .absent, .idle, .keyless, .irregular: [.key]
      }
    let beside: [(Layout.Part, Bool)] = [
      (.crossCertificate, !files.cross.isAbsent), (.signingCertificate, !files.signing.isAbsent),
    ]
    let parts =
      [Layout.Part.certificate] + (rootChain(of: ca.id).isAbsent ? [] : [.rootChain])
      + (withKeys ? keys + beside.filter(\.1).map(\.0) : [])
    return parts.map { layout.place(of: ca, $0).path }
  }
}
