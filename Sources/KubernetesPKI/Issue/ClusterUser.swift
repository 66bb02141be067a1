public import FoundationEssentials
package import Kubeconfigs
package import OpenSSLX509
internal import StructuredText

/// A user of the cluster and his groups: the common name and the organizations of a client certificate.
public struct ClusterUser: Sendable {
  package let name: String
  package let groups: [String]

  /// The group that no authorization rule stops, and that no rule can be taken from.
  private static let masters = "system:masters"

  /// A user of this name in these groups.
  ///
  /// - Parameter allowsMasters: whether the group system:masters is let through.
  /// - Throws: ``PKIErrors`` with all that is wrong with them.
  public init(name: Setting, groups: [Setting], allowsMasters: Bool) throws(PKIErrors) {
    var check = ClusterSettings.Check()
    self.name = check.optional(name, HostName.parseText) ?? ""
    self.groups = groups.compactMap { check.optional($0, HostName.parseText) }
    if !allowsMasters {
      check.errors += groups.filter { $0.text.isIdentical(to: Self.masters) }.map {
        $0.invalid(
          "the group that no authorization rule stops; who has this file rules the cluster until it expires",
          hint: "name a group of your own and bind a role to it; or say --insecure-masters")
      }
    }
    guard check.errors.isEmpty else { throw PKIErrors(check.errors) }
  }

  /// The user's client certificate in this cluster.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  public func specification(
    in cluster: ClusterConfiguration, under authority: SigningAuthority, at instant: Date
  ) throws(PKIError) -> CertificateSpecification {
    let end = instant.addingTimeInterval(Double(cluster.certificateValidity.seconds))
    return try CertificateSpecification(
      commonName: name, organizations: groups, purposes: [.clientAuth], names: [], authority: .ca,
      validity: Validity(
        notBefore: instant.addingTimeInterval(-300),
        notAfter: min(end, authority.certificate.validity.notAfter)),
      keyAlgorithm: cluster.keyAlgorithm)
  }
}

extension Issuer {
  /// The kubeconfig at `path` of a user, with a new key and its certificate.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  package func kubeconfig(
    of specification: CertificateSpecification, for cluster: ClusterEntry, by authority: SigningAuthority,
    at path: String
  ) throws(PKIError) -> PKIFile {
    let name = specification.subject.commonName ?? ""
    do throws(OpenSSLError) {
      let key = try random.makeKey(specification.keyAlgorithm, name)
      let certificate = try sign(for: name, by: authority) { (serial) in
        CertificateTemplate(
          serialNumber: serial, subject: specification.subject, validity: specification.validity,
          publicKey: key.publicKey, extensions: specification.extensions)
      }
      let kubeconfig = Kubeconfig(
        clusterName: cluster.name, userName: name, contextName: "\(name)@\(cluster.name)",
        server: cluster.server, certificateAuthorities: cluster.authorities,
        clientCertificates: [certificate] + authority.chain, clientKey: key)
      return PKIFile(
        .kubeconfig, at: path, try kubeconfig.encodedForOpenSSL(), certificate: certificate)
    } catch {
      throw .cryptography(subject: name, reason: error.description)
    }
  }

  /// The certificate that `makeTemplate` fills, for the item of this name, by an authority that is not part of a plan.
  package func sign(
    for item: String, by authority: SigningAuthority,
    _ makeTemplate: (SerialNumber) throws(OpenSSLError) -> CertificateTemplate
  ) throws(OpenSSLError) -> Certificate {
    let template = try makeTemplate(random.makeSerialNumber(item))
    return try template.signed(by: random.signingKey(authority.key, item), issuer: authority.certificate)
  }
}
