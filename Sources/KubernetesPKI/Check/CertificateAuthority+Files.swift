package import FileStore
package import FoundationEssentials
internal import OpenSSLX509

extension CertificateAuthority {
  /// The CA of a tree, or of other files: its certificates and, where it has to sign, its key, checked.
  ///
  /// The cross certificate of a rotation is read from the file beside that of its certificates, if there is one.
  ///
  /// - Parameters:
  ///   - certificatePath: the file of its certificates.
  ///   - keyPath: the file of its key; `nil` where it does not have to sign.
  ///   - rootChainPath: the file that leads to the root CA above it, if there is one.
  ///   - reach: the files to which symbolic links may lead.
  ///   - instant: the time at which it must be valid.
  /// - Throws: ``PKIErrors`` with all that is wrong with it.
  package init(
    certificatePath: String, keyPath: String?, rootChainPath: String? = nil,
    within reach: FileReach = .machine,
    at instant: Date
  ) throws(PKIErrors) {
    let directory = Path.directory(of: certificatePath)
    let location = TreeLocation(certificateDirectory: directory, kubeconfigDirectory: directory)
    var reader = TreeReader(location, within: reach)
    let examination = Examination(
      catalog: .empty, tree: TreeContents(emptyAt: location), cluster: ClusterConfiguration.unknown,
      instant: instant)
    let certificates = reader.readCertificates(certificatePath)
    let key = keyPath.map { reader.readKey($0) } ?? .absent
    let rootChain = rootChainPath.map { reader.readCertificates($0) } ?? .absent
    let cross =
      Layout.crossCertificate(beside: certificatePath).map { reader.readCertificates($0) } ?? .absent
    let ca = CertificateAuthority(
      certificates.value ?? [], key: key, rootChain: rootChain.value ?? [], cross: cross.value?.first)
    var findings = [certificates.finding, key.finding, rootChain.finding, cross.finding].compactMap(\.self)
    if certificates.isAbsent { findings.append(examination.missing(certificatePath, .nameAnotherCA)) }
    if let keyPath, key.isAbsent { findings.append(examination.missing(keyPath, .nameAnotherCA)) }
    if let ca {
      findings +=
        examination.validityFindings(ca.issuing, certificatePath, .nameAnotherCA)
        + examination.caBitFindings(ca.issuing, certificatePath)
      if let key = key.value, let keyPath {
        findings += examination.pairFindings(ca.issuing, certificatePath, key, keyPath, or: .nameAnotherCA)
      }
    }
    guard findings.isEmpty, let ca else { throw PKIErrors(findings.map { .unsound($0) }) }
    self = ca
  }

  /// The cluster's CA in a tree.
  ///
  /// - Parameter signs: whether its key is needed.
  /// - Throws: ``PKIErrors`` with all that is wrong with it.
  package init(of location: TreeLocation, signs: Bool, at instant: Date) throws(PKIErrors) {
    guard let row = Catalog.allFiles[.ca] else { throw PKIErrors([]) }
    try self.init(
      certificatePath: location.path(of: row), keyPath: signs ? location.path(of: row, .key) : nil,
      rootChainPath: location.path(of: row, .rootChain), within: location.reach, at: instant)
  }

  /// The hash by which a joining node knows the CA, kubeadm's `discovery-token-ca-cert-hash`, of each certificate: the
  /// SHA-256 of its SubjectPublicKeyInfo.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  package func hashes() throws(PKIError) -> [String] {
    do throws(OpenSSLError) {
      return try accepted.map { (certificate) throws(OpenSSLError) in
        "sha256:\(try Digest.sha256(certificate.publicKey.der).hexadecimal)"
      }
    } catch {
      throw .cryptography(subject: "the CA", reason: error.description)
    }
  }

  /// When the CA expires, where that is before a certificate of this lifetime would.
  package func end(before lifetime: Lifetime, from instant: Date) -> Date? {
    let end = issuing.validity.notAfter
    return end < instant.addingTimeInterval(Double(lifetime.seconds)) ? end : nil
  }
}
