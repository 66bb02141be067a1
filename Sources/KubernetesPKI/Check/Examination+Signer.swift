internal import Kubeconfigs
package import OpenSSLX509
internal import StructuredText

/// Who signed a leaf, compared with who should have.
package enum Signer: Hashable {
  /// The right authority: this certificate of it.
  case expected(Certificate)
  /// The right authority, but verifiers refuse the chain, for OpenSSL's reason.
  case refused(reason: String)
  /// An authority of the right name with another key.
  case namesake
  /// Another authority: the file of the one of this tree that did it, where one did.
  case other(path: String?)
  /// The authority's certificate is not there to tell.
  case absent
  /// The authority's certificate cannot be used.
  case unusable(Finding)
}

extension Examination {
  /// Whether a leaf was signed by the authority that it should be, and if not, by which.
  package func issuerFindings(_ leaf: Leaf) -> [Finding] {
    signer(of: leaf).flatMap { finding($0, [leaf.path], of: leaf.authority) }.map { [$0] } ?? []
  }

  /// Who signed a leaf; `nil` where the catalog does not have the authority.
  package func signer(of leaf: Leaf) -> Signer? {
    guard let content = tree.certificates[leaf.authority], catalog[leaf.authority] != nil else { return nil }
    switch content {
    case .absent: return .absent
    case .unusable(let finding): return .unusable(finding)
    case .present(let anchors):
      // A file of several certificates is a bundle from which every reader takes the one that fits.
      guard let anchor = anchors.first(where: { isIssued(leaf, by: $0) }) else {
        return stranger(leaf, anchors)
      }
      return .expected(anchor).checked(leaf, anchor)
    }
  }

  private func stranger(_ leaf: Leaf, _ anchors: [Certificate]) -> Signer {
    let top = leaf.intermediates.last ?? leaf.certificate
    let signer = catalog.certificates.first { row in
      row.role == .authority && (tree.certificates[row.id]?.value ?? []).contains { isIssued(leaf, by: $0) }
    }
    if signer == nil, anchors.contains(where: { $0.subject == top.issuer }) { return .namesake }
    return .other(path: signer.map(location.certificate))
  }

  /// Whether the names and signatures lead from a leaf, by way of what follows it in its file, to `anchor`.
  package func isIssued(_ leaf: Leaf, by anchor: Certificate) -> Bool {
    var certificate = leaf.certificate
    for issuer in leaf.intermediates + [anchor] {
      if certificate.isIssued(by: anchor) { return true }
      guard certificate.isIssued(by: issuer) else { return false }
      certificate = issuer
    }
    return false
  }

  /// What is wrong with the leaves in `paths`, which have the same signer instead of the authority `id`.
  package func finding(_ signer: Signer, _ paths: [String], of id: CertificateProfile.ID) -> Finding? {
    guard let profile = catalog[id] else { return nil }
    let authority = location.certificate(profile)
    let (leaves, were) = (paths.listed, paths.count == 1 ? "was" : "were")
    let replace =
      "put back the authority that signed; or move \(leaves) away with the keys, and make new ones"
    switch signer {
    case .expected: return nil
    case .refused(let reason):
      return Finding(
        .chainRefused, paths + [authority],
        "\(leaves) \(were) signed by \(authority), and OpenSSL refuses the chain all the same: \(reason)",
        remedy: "move \(leaves) away, and make new ones")
    case .namesake:
      return Finding(
        .authorityRekeyed, paths + [authority],
        "\(leaves) \(were) signed by an authority of the same name as \(authority), but with another key; or changed since",
        remedy: replace)
    case .other(let path):
      let found = path.map { "; \($0) signed" } ?? ", nor by another authority of this tree"
      return Finding(
        .wrongAuthority, paths + [authority], "\(leaves) \(were) not signed by \(authority)\(found)",
        remedy: replace)
    case .absent:
      return Finding(
        .missingFile, [authority] + paths,
        "\(leaves) \(paths.count == 1 ? "is" : "are") there, but the certificate of the authority, \(authority), is not",
        remedy: "put back \(authority); a new authority would not be the one that signed \(leaves)")
    case .unusable(let finding): return finding
    }
  }
}

extension Certificate {
  /// Whether the names and the signature say that `authority` issued the certificate.
  package func isIssued(by authority: Certificate) -> Bool {
    issuer == authority.subject && isSigned(by: authority.publicKey)
  }
}

extension Signer {
  /// The signer, or OpenSSL's reason to refuse the chain although every signature in it is right.
  ///
  /// Times, and what the leaf itself is for, are judged for themselves; and nobody is told that an authority which is none
  /// was refused.
  fileprivate func checked(_ leaf: Leaf, _ anchor: Certificate) -> Signer {
    guard (try? anchor.isAuthority()) == true else { return self }
    func error(_ purpose: Certificate.Purpose) -> Certificate.VerificationError? {
      // Without memory nothing else goes on either.
      (try? leaf.certificate.verificationError(
        anchors: [anchor], intermediates: leaf.intermediates, purpose: purpose, at: nil, isStrict: false))
        ?? nil
    }
    let purposes: [Certificate.Purpose] = leaf.purposes.map { $0 == .serverAuth ? .server : .client }
    let ofPurposes = purposes.compactMap(error)
    // A leaf that is not for its purpose hides what else there is.
    let found = ofPurposes.first { $0.depth > 0 } ?? (ofPurposes.isEmpty ? nil : error(.any))
    return found.map { .refused(reason: $0.reason) } ?? self
  }
}
