internal import FileStore
public import FoundationEssentials
public import OpenSSLX509

/// An authority that is trusted: the certificates of one file, looked at.
public struct TrustedAuthority: Sendable {
  /// The authority's own certificate, and what follows it in its file.
  public let certificates: [Certificate]

  /// The authority of this file.
  ///
  /// - Parameter instant: the time at which it has to be in force.
  /// - Throws: ``PKIErrors`` with all that is wrong with it.
  public init(_ path: String, at instant: Date) throws(PKIErrors) {
    var examination = AuthorityExamination(path, at: instant)
    let certificates = examination.reader.readCertificates(path)
    let findings = examination.findings(certificates, path)
    guard findings.isEmpty, let certificates = certificates.value else {
      throw PKIErrors(findings.map { .unsound($0) })
    }
    self.certificates = certificates
  }

  /// What a client trusts of this authority of a tree: with the way to the root, where there is one above it.
  ///
  /// - Throws: ``PKIErrors`` when the file with that way cannot be used.
  public func withBundle(of location: TreeLocation) throws(PKIErrors) -> TrustedAuthority {
    var reader = TreeReader(location)
    let content = reader.readCertificates(location.authorityBundle)
    if let finding = content.finding { throw PKIErrors([.unsound(finding)]) }
    guard let bundle = content.value, let own = certificates.first, bundle.contains(own) else { return self }
    return TrustedAuthority(certificates: bundle)
  }

  fileprivate init(certificates: [Certificate]) { self.certificates = certificates }

  /// The hash by which a joining node knows the authority, kubeadm's `discovery-token-ca-cert-hash`, of each certificate:
  /// the SHA-256 of its SubjectPublicKeyInfo.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  public func hashes() throws(PKIError) -> [String] {
    do throws(OpenSSLError) {
      var hashes: [String] = []
      for certificate in certificates {
        hashes.append("sha256:\(try Digest.sha256(certificate.publicKey.der).hexadecimal)")
      }
      return hashes
    } catch {
      throw .cryptography(subject: "the authority", reason: error.description)
    }
  }
}

/// An authority that can sign: its certificate and its private key, looked at.
public struct SigningAuthority: Sendable {
  /// The certificate, and what follows it in its file.
  public let trusted: TrustedAuthority
  /// The authority's own certificate.
  public let certificate: Certificate
  /// Its private key.
  public let key: PrivateKey

  /// The authority's last instant, where it comes before a certificate of this lifetime would end.
  public func end(before lifetime: Lifetime, from instant: Date) -> Date? {
    let end = certificate.validity.notAfter
    return end < instant.addingTimeInterval(Double(lifetime.seconds)) ? end : nil
  }

  /// The authority's certificate and what is above it, for readers that trust only its root; nothing for a root.
  public var chain: [Certificate] { trusted.certificates.filter { !$0.isSelfSigned } }

  /// The authority of these two files.
  ///
  /// - Parameter instant: the time at which it has to be in force.
  /// - Throws: ``PKIErrors`` with all that is wrong with the two.
  public init(certificatePath path: String, keyPath: String, at instant: Date) throws(PKIErrors) {
    var examination = AuthorityExamination(path, at: instant)
    let certificates = examination.reader.readCertificates(path)
    let key = examination.reader.readKey(keyPath)
    let findings =
      examination.findings(certificates, path)
      + examination.findings(key, keyPath, of: certificates.value?.first, path)
    guard findings.isEmpty, let found = certificates.value, let certificate = found.first, let key = key.value
    else { throw PKIErrors(findings.map { .unsound($0) }) }
    trusted = TrustedAuthority(certificates: found)
    self.certificate = certificate
    self.key = key
  }
}

/// Looks at the files of one authority, in a tree or not.
private struct AuthorityExamination {
  var reader: TreeReader
  private let examination: Examination

  init(_ path: String, at instant: Date) {
    let directory = Path.directory(of: path)
    let location = TreeLocation(certificateDirectory: directory, kubeconfigDirectory: directory)
    reader = TreeReader(location)
    examination = Examination(
      catalog: Catalog(certificates: [], kubeconfigs: []), tree: TreeContents(unreadAt: location),
      cluster: ClusterConfiguration(), instant: instant)
  }

  private let remedy = "name another authority with --ca-cert and --ca-key, or another tree with -d"

  func findings(_ content: FileContent<[Certificate]>, _ path: String) -> [Finding] {
    if content.isAbsent { return [examination.missing(path, remedy)] }
    guard let certificate = content.value?.first else { return content.finding.map { [$0] } ?? [] }
    return examination.validityFindings(certificate, path, remedy: remedy)
      + examination.authorityFindings(certificate, path)
  }

  func findings(
    _ content: FileContent<PrivateKey>, _ keyPath: String, of certificate: Certificate?, _ path: String
  ) -> [Finding] {
    if content.isAbsent { return [examination.missing(keyPath, remedy)] }
    guard let key = content.value, let certificate else { return content.finding.map { [$0] } ?? [] }
    return examination.pairFindings(certificate, path, key, keyPath, remedy: remedy)
  }
}
