package import FoundationEssentials
package import Kubeconfigs
package import OpenSSLX509
internal import StructuredText

/// A user of the cluster with groups: the common name and the organizations of a client certificate.
package struct ClusterUser: Sendable {
  package let name: String
  package let groups: [String]

  /// The group that no authorization rule stops, and that has all rights.
  package static let masters = "system:masters"

  /// A user of this name in these groups.
  ///
  /// - Parameter allowsMasters: whether the user may be in the group system:masters.
  /// - Throws: ``PKIErrors`` with all that is wrong with them.
  package init(name: Setting, groups: [Setting], allowsMasters: Bool) throws(PKIErrors) {
    var check = ClusterSettings.Check()
    self.name = check.optional(name, HostName.parseText) ?? ""
    self.groups = groups.compactMap { check.optional($0, HostName.parseText) }
    if !allowsMasters {
      check.errors += groups.filter { $0.text.isIdentical(to: Self.masters) }.map {
        $0.invalid(
          "the group that no authorization rule stops: anyone with this file controls the cluster until it expires"
        )
      }
    }
    guard check.errors.isEmpty else { throw PKIErrors(check.errors) }
  }

  /// The user's client certificate in this cluster.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  package func specification(
    in cluster: ClusterConfiguration, under ca: CertificateAuthority, at instant: Date
  ) throws(PKIError) -> CertificateSpecification {
    let (validity, _) = Validity.starting(
      instant, lifetime: cluster.certificateValidity, within: ca.issuing.validity.notAfter)
    return CertificateSpecification(
      try CertificateContent(name, groups, purposes: [.clientAuth], key: .new(cluster.keyAlgorithm)),
      validity: validity, issuer: .ca(.ca))
  }
}

extension Issuer {
  /// The kubeconfig at `path` of a user, with a new key and its certificate.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``, or ``PKIError/encoding(subject:reason:)``.
  package func kubeconfig(
    of specification: CertificateSpecification, for cluster: ClusterEntry, by ca: CertificateAuthority,
    at path: String
  ) throws(PKIError) -> PKIFile {
    let name = specification.content.subject.commonName ?? ""
    do throws(IssueError) {
      guard let algorithm = specification.content.key.newAlgorithm else {
        throw IssueError("a user's kubeconfig has a new key")
      }
      let key = try IssueError.from { () throws(OpenSSLError) in try random.makeKey(algorithm, name) }
      let certificate = try sign(specification, key.publicKey, for: name, by: ca)
      let kubeconfig = Kubeconfig(
        clusterName: cluster.name, userName: name, contextName: "\(name)@\(cluster.name)",
        server: cluster.server, certificateAuthorities: cluster.cas,
        clientCertificates: [certificate] + ca.chain, clientKey: key)
      let text = try IssueError.from { () throws(KubeconfigProblem) in try kubeconfig.encoded() }
      return PKIFile(.kubeconfig, at: path, text, certificate: certificate)
    } catch {
      throw error.error(of: name)
    }
  }

  /// The certificate of a key, for the item of this name, by a CA that is not part of a plan.
  package func sign(
    _ specification: CertificateSpecification, _ key: PublicKey, for item: String,
    by ca: CertificateAuthority
  ) throws(IssueError) -> Certificate {
    guard let signer = ca.key.signing else { throw IssueError("the CA's key is missing") }
    return try IssueError.from { () throws(OpenSSLError) in
      try random.certificate(specification, of: key, for: item, by: signer, issuer: ca.issuing)
    }
  }
}
