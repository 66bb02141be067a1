package import Kubeconfigs
public import OpenSSLX509

/// A certificate that an authority elsewhere has signed, on its way to its place.
public struct Installation: Sendable {
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

  /// The certificate, and what leads from it to its authority.
  public let certificates: [Certificate]
  package let place: Place

  /// The certificate that it replaces, where one is there.
  public var previous: Certificate? {
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

  /// The files that put it there.
  ///
  /// - Parameters:
  ///   - path: where the certificate goes that has a file of its own.
  ///   - anchors: what a kubeconfig is to trust.
  package func files(at path: String, trusting anchors: [Certificate]) throws(OpenSSLError) -> [PKIFile] {
    let pem = try certificates.pem()
    switch place {
    case .empty, .certificate:
      return [
        PKIFile(.certificate, at: path, pem, certificate: certificates.first, replaces: previous != nil)
      ]
    case .waitingKubeconfig(let kubeconfig):
      do throws(KubeconfigProblem) {
        let text = try kubeconfig.text(with: certificates, trusting: anchors)
        return [
          PKIFile(.kubeconfig, at: kubeconfig.path, text, certificate: certificates.first, replaces: true)
        ]
      } catch {
        throw OpenSSLError(operation: "write \(kubeconfig.path)", reasons: [error.text])
      }
    case .client(let client):
      guard let certificate = certificates.first, let authority = anchors.first, let key = client.key else {
        return []
      }
      let renewed = Renewed(certificate: certificate, pem: pem, keyPEM: try key.pem(), isKeyNew: false)
      let anchorsPEM = try anchors.pem()
      do throws(KubeconfigProblem) {
        return try renewed.files(for: client, trusting: authority, anchorsPEM)
      } catch {
        throw OpenSSLError(operation: "write \(client.path)", reasons: [error.text])
      }
    }
  }
}
