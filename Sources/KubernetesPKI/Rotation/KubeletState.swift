internal import FileStore
package import Kubeconfigs
package import OpenSSLX509

/// How far a kubelet is that has to get a certificate of the CA that signs now.
///
/// A kubelet renews its certificate by its age alone, and ignores a pair in kubelet.conf as long as it has a file of its own. It
/// asks for a certificate at its start if kubelet.conf holds the present pair and that file is not there.
package enum KubeletState: Sendable {
  /// Its certificate is of the CA that signs.
  case current
  /// kubelet.conf names a file, which is ``file`` unless said otherwise, and its certificate is of another CA: the pair must be
  /// embedded.
  case named(KubeconfigClient, isUsual: Bool)
  /// kubelet.conf holds a pair of another CA: the file must be moved away, where there is one, and the kubelet must be restarted.
  case embedded(hasFile: Bool)
  /// The file holds a certificate of the CA that signs, and kubelet.conf does not name the file yet.
  case renewed(KubeconfigClient, [Certificate])

  /// Where a kubelet keeps its client certificate and key, on its machine.
  package static let file = "/var/lib/kubelet/pki/kubelet-client-current.pem"
}

extension TreeContents {
  /// How far the kubelet of kubelet.conf is; `nil` where there is no kubelet.conf with a certificate that can be read.
  ///
  /// - Parameter ca: the CA of the cluster.
  package func kubeletState(_ ca: CertificateAuthority) -> KubeletState? {
    guard let entry = catalog[.kubelet],
      let client = kubeconfigClient(at: location.path(of: entry)).value, let leaf = client.certificates.first
    else { return nil }
    guard !leaf.isIssued(by: ca.issuing) else { return .current }
    let file = location.reach.place(ofAbsolute: KubeletState.file)
    if let named = client.certificateSource.file { return .named(client, isUsual: named == file) }
    guard let file, let certificates = certificates(at: file).value, let current = certificates.first
    else { return .embedded(hasFile: false) }
    return current.isIssued(by: ca.issuing) ? .renewed(client, certificates) : .embedded(hasFile: true)
  }
}
