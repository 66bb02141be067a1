public import FoundationEssentials
public import OpenSSLX509

/// An authority that can sign: its certificate and its private key, looked at.
public struct SigningAuthority: Sendable {
  /// The certificate, and what follows it in its file.
  public let certificates: [Certificate]
  /// The authority's own certificate.
  public let certificate: Certificate
  /// Its private key.
  public let key: PrivateKey

  /// The authority's certificate and what is above it, for readers that trust only its root; nothing for a root.
  public var chain: [Certificate] { certificates.filter { !$0.isSelfSigned } }

  /// The authority of a tree, `ca.crt` and `ca.key`.
  ///
  /// - Throws: ``PKIErrors`` with all that is wrong with the two.
  public init(of location: TreeLocation, at instant: Date) throws(PKIErrors) {
    try self.init(
      certificatePath: TreeLocation.join(location.certificateDirectory, "ca.crt"),
      keyPath: TreeLocation.join(location.certificateDirectory, "ca.key"), at: instant)
  }

  /// The authority of these two files.
  ///
  /// - Parameter instant: the time at which it has to be in force.
  /// - Throws: ``PKIErrors`` with all that is wrong with the two.
  public init(certificatePath path: String, keyPath: String, at instant: Date) throws(PKIErrors) {
    let directory = FileSystem.directory(of: path)
    let location = TreeLocation(certificateDirectory: directory, kubeconfigDirectory: directory)
    var reader = TreeReader(location)
    let certificates = reader.readCertificates(path)
    let key = reader.readKey(keyPath)
    let examination = Examination(
      catalog: Catalog(certificates: [], kubeconfigs: []), tree: TreeContents(unreadAt: location),
      cluster: ClusterConfiguration(), instant: instant)
    var findings = [certificates.finding, key.finding].compactMap(\.self)
    for (path, isAbsent) in [(path, certificates.isAbsent), (keyPath, key.isAbsent)] where isAbsent {
      findings.append(
        examination.missing(
          path, "name the authority's files with --ca-cert and --ca-key, or its tree with -d"))
    }
    if let authority = certificates.value?.first {
      let remedy = "sign with another authority"
      if let key = key.value {
        findings += examination.pairFindings(authority, path, key, keyPath, remedy: remedy)
      }
      findings += examination.validityFindings(authority, path, remedy: remedy)
      findings += examination.authorityFindings(authority, path)
    }
    guard findings.isEmpty, let found = certificates.value, let certificate = found.first, let key = key.value
    else { throw PKIErrors(findings.map { .unsound($0) }) }
    self.certificates = found
    self.certificate = certificate
    self.key = key
  }
}
