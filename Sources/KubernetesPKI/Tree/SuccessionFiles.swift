package import OpenSSLX509

/// What lies beside the files of a CA while it is rotated.
package struct SuccessionFiles: Sendable {
  /// The key of the successor, which does not sign yet.
  package let nextKey: FileContent<PrivateKey>
  /// The key of the predecessor, which is still trusted.
  package let previousKey: FileContent<PrivateKey>
  /// The successor, certified by the predecessor.
  package let cross: FileContent<[Certificate]>
  /// The certificate with which kube-controller-manager signs, alone in a file.
  package let signing: FileContent<[Certificate]>

  /// Nothing.
  static let absent = SuccessionFiles(
    nextKey: .absent, previousKey: .absent, cross: .absent, signing: .absent)

  /// What keeps one of them from being read.
  package var findings: [Finding] {
    [nextKey.finding, previousKey.finding, cross.finding, signing.finding].compactMap(\.self)
  }
}

extension TreeReader {
  /// What lies beside the files of a CA.
  mutating func readSuccession(of ca: CatalogEntry, in location: TreeLocation) -> SuccessionFiles {
    SuccessionFiles(
      nextKey: readKey(location.path(of: ca, .nextKey)),
      previousKey: readKey(location.path(of: ca, .previousKey)),
      cross: readCertificates(location.path(of: ca, .crossCertificate)),
      signing: readCertificates(location.path(of: ca, .signingCertificate)))
  }
}
