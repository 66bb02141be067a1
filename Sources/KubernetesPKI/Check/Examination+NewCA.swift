package import OpenSSLX509
internal import StructuredText

/// Whether the CA that is to sign a successor is the one that signed the certificate.
extension Examination {
  /// A certificate that another CA signed than the one that is to sign its successor.
  package struct Stranger {
    /// What the certificate is for.
    let entry: CatalogEntry
    /// The file that has it.
    let path: String
    /// The certificate.
    let certificate: Certificate

    /// A stranger.
    package init(_ entry: CatalogEntry, at path: String, _ certificate: Certificate) {
      self.entry = entry
      self.path = path
      self.certificate = certificate
    }
  }

  /// Whether a CA signed a certificate, by way of what follows it in its file. A CA that was issued again with its name and
  /// key is the same.
  package func isSigned(_ certificates: [Certificate], of entry: CatalogEntry, by ca: CertificateAuthority)
    -> Bool
  {
    let leaf = leaf(certificates, of: entry, at: location.path(of: entry))
    return ca.accepted.contains { isIssued(leaf, by: $0) }
  }

  /// The findings that certificates are of other CAs than the tree's, one for each of those.
  package func newCAFindings(_ strangers: [Stranger]) -> [Finding] {
    catalog.cas.flatMap { row -> [Finding] in
      guard let ca = tree.ca(row.id) else { return [] }
      let ours = strangers.filter { $0.entry.ca == row.id }
      var seen: Set<String> = []
      let signers = ours.map { signerText($0.certificate, ca) }.filter { seen.insert($0).inserted }
      return signers.map { signer in
        let paths = ours.filter { signerText($0.certificate, ca) == signer }.map(\.path)
        let (path, keyPath) = (location.path(of: row), location.path(of: row, .key))
        return Finding(
          .wrongCA, paths + [path],
          "\(path), \(caText(ca)), did not sign \(paths.listed), but \(signer) did:"
            + " components that trust that CA refuse what this one signs",
          remedy: remedy(.putBackCA(certificate: path, key: keyPath), .allowNewCA))
      }
    }
  }

  /// A CA, with the identifier of its key.
  private func caText(_ ca: CertificateAuthority) -> String {
    text(ca.issuing.subject, (try? ca.issuing.subjectKeyIdentifier()) ?? nil)
  }

  /// The CA that a certificate names as its issuer, with the identifier of its key.
  private func signerText(_ certificate: Certificate, _ ca: CertificateAuthority) -> String {
    text(certificate.issuer, (try? certificate.authorityKeyIdentifier()) ?? nil)
  }

  private func text(_ name: DistinguishedName, _ key: [UInt8]?) -> String {
    name.description.quoted + (key.map { " (key \($0.hexadecimal))" } ?? "")
  }
}
