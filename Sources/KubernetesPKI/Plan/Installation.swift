package import Kubeconfigs
package import OpenSSLX509

/// A certificate that an external CA has signed, on its way to its place.
package struct Installation: Sendable {
  /// What stands in the place.
  package enum Place: Sendable {
    /// Nothing.
    case empty
    /// The certificate's predecessor, in a file of its own.
    case certificate(Certificate)
    /// A kubeconfig that waits for the certificate.
    case waitingKubeconfig(WaitingKubeconfig)
    /// A kubeconfig that has its predecessor.
    case client(KubeconfigClient)
  }

  /// The certificate, and what leads from it to its CA.
  package let certificates: [Certificate]
  /// What a kubeconfig is given to trust.
  package let trust: ClientTrust
  package let place: Place

  /// The certificate that it replaces, where one is there.
  package var previous: Certificate? {
    switch place {
    case .empty, .waitingKubeconfig: nil
    case .certificate(let certificate): certificate
    case .client(let client): client.certificates.first
    }
  }

  /// The kubeconfig that has its predecessor.
  package var client: KubeconfigClient? {
    if case .client(let client) = place { client } else { nil }
  }
}
