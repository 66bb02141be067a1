package import OpenSSLX509

/// A CA of a tree, or of two files: the certificate that it issues with, all certificates that are trusted, and its key.
///
/// The file of a CA may hold several certificates, as while a CA is replaced by another. The first whose key is there
/// signs; all of them are trusted.
package struct CertificateAuthority: Sendable {
  /// Where the key of a CA is.
  package enum Key: Sendable {
    /// In a file of the tree.
    case file(PrivateKey)
    /// Not in the tree: the CA is an external CA.
    case absent
    /// In a file that cannot be used.
    case unusable(Finding)

    init(_ content: FileContent<PrivateKey>) {
      switch content {
      case .present(let key): self = .file(key)
      case .absent: self = .absent
      case .unusable(let finding): self = .unusable(finding)
      }
    }

    /// The key, where it can sign.
    package var signing: PrivateKey? {
      if case .file(let key) = self { key } else { nil }
    }

    /// Whether there is no key.
    package var isAbsent: Bool {
      if case .absent = self { true } else { false }
    }
  }

  /// The certificate of the key: the issuer of new certificates.
  package let issuing: Certificate
  /// All certificates that are trusted, the issuing one included, in the order of the file.
  package let accepted: [Certificate]
  /// The key.
  package let key: Key
  /// The certificates that lead from the CA to the root CA above it, in a file of their own; none without such a file.
  private let rootChain: [Certificate]
  /// The CA, or its successor, certified by its predecessor; `nil` where no rotation is under way.
  package let cross: Certificate?

  /// The CA of these certificates; `nil` where there are none.
  package init?(
    _ certificates: [Certificate], key: FileContent<PrivateKey>, rootChain: [Certificate] = [],
    cross: Certificate? = nil
  ) {
    guard let first = certificates.first else { return nil }
    accepted = certificates
    self.key = Key(key)
    self.rootChain = rootChain
    self.cross = cross
    let signer = self.key.signing?.publicKey
    // With one certificate there is nothing to choose.
    let issuer =
      certificates.count == 1 ? first : certificates.first { signer == nil || $0.publicKey == signer }
    // A CA that was signed again with its key is the same CA; what it signs may be valid as long as the longest of these.
    issuing =
      certificates.filter { signer != nil && $0.isSameCA(as: issuer ?? first) }
      .reduce(issuer ?? first) { $1.validity.notAfter > $0.validity.notAfter ? $1 : $0 }
  }

  /// What clients are given to trust, in one order everywhere: the accepted certificates, then what leads to the root CA.
  package var trust: [Certificate] {
    guard rootChain.contains(issuing) else { return accepted }
    return accepted + rootChain.filter { !accepted.contains($0) }
  }

  /// What follows a leaf in its file: everything between it and the root CA, as far as it is in the CA's files; during a
  /// rotation, what leads to the predecessor, for those that trust nothing else yet.
  package var chain: [Certificate] {
    if let cross, cross.isSameCA(as: issuing) { return [cross] }
    let known = rootChain + accepted
    var chain: [Certificate] = []
    var current: Certificate? = issuing
    while let certificate = current, !certificate.isSelfSigned, !chain.contains(certificate) {
      chain.append(certificate)
      current = known.first { certificate.isIssued(by: $0) }
    }
    return chain
  }

  /// What follows the successor of a leaf: those of the certificates after the leaf that still lead from the CA upwards, with
  /// the CA as it is now. Below a root CA there are some in any case.
  package func chain(continuing following: [Certificate]) -> [Certificate] {
    guard cross == nil else { return chain }
    var rest = following
    guard let first = rest.firstIndex(where: issuing.isSameCA) else { return chain }
    let present = rest.remove(at: first)
    // The successor as its predecessor certifies it, where the file that has it is lost.
    if issuing.isSelfSigned, !present.isSelfSigned, accepted.contains(where: present.isIssued) {
      return [present]
    }
    var chain = [issuing]
    while let last = chain.last, let next = rest.firstIndex(where: { last.isIssued(by: $0) }) {
      chain.append(rest.remove(at: next))
    }
    return chain
  }

  /// The root CA to which the certificates lead; `nil` where they lead to none.
  package var root: Certificate? {
    var current = issuing
    for _ in rootChain {
      guard let issuer = rootChain.first(where: { current.isIssued(by: $0) }) else { return nil }
      if issuer == current { return issuer }
      current = issuer
    }
    return nil
  }

  /// Whether a certificate is one of a CA that is trusted.
  package func accepts(_ certificate: Certificate) -> Bool {
    accepted.contains { $0.isSameCA(as: certificate) }
  }

  /// Whether another CA is the same one: each accepts what the other issues.
  package func isSame(as other: CertificateAuthority) -> Bool {
    accepts(other.issuing) && other.accepts(issuing)
  }
}

extension Certificate {
  /// Whether the names and the signature say that `ca` issued the certificate.
  package func isIssued(by ca: Certificate) -> Bool {
    issuer == ca.subject && isSigned(by: ca.publicKey)
  }
}
