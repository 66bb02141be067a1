internal import Kubeconfigs
package import OpenSSLX509

/// A certificate that an authority of the tree should have signed, in a file of its own or in a kubeconfig, with what the
/// catalog says of it.
package struct Leaf {
  /// The file that holds it.
  package let path: String
  /// The certificate itself.
  package let certificate: Certificate
  /// What follows it in the file, up to the authority.
  package let intermediates: [Certificate]
  /// Who should have signed it, or the first of the intermediates' issuers.
  package let authority: CertificateProfile.ID
  package let commonName: CertificateProfile.CommonName
  package let organizations: [String]
  package let purposes: [ExtendedKeyUsage.Purpose]
  /// The command that gives it a new lifetime.
  package let renewRemedy: String
  /// How to make another in its place.
  package let replaceRemedy: String
}

extension Examination {
  /// The leaf in the file of a profile; `nil` for an authority, and where there is none that can be read.
  package func leaf(_ profile: CertificateProfile) -> Leaf? {
    guard let authority = profile.authority, let chain = tree.certificates[profile.id]?.value,
      let first = chain.first
    else { return nil }
    return Leaf(
      path: location.certificate(profile), certificate: first, intermediates: Array(chain.dropFirst()),
      authority: authority, commonName: profile.commonName, organizations: profile.organizations,
      purposes: profile.purposes, renewRemedy: renewRemedy(profile), replaceRemedy: replaceRemedy(profile))
  }

  /// The client certificate of a kubeconfig; `nil` where there is none that can be read.
  package func leaf(_ profile: KubeconfigProfile) -> Leaf? {
    guard let chain = tree.kubeconfigs[profile.id]?.value?.clientCertificates, let first = chain.first else {
      return nil
    }
    return Leaf(
      path: location.kubeconfig(profile), certificate: first, intermediates: Array(chain.dropFirst()),
      authority: profile.authority, commonName: profile.commonName, organizations: profile.organizations,
      purposes: [.clientAuth],
      renewRemedy: "run pkigen renew \(profile.id.rawValue)\(location.commandOptions)",
      replaceRemedy: replaceRemedy(profile))
  }
}
