public import OpenSSLX509

/// A certificate that somebody else has signed, on its way to its place.
public struct Installation: Sendable {
  /// The certificate, and what leads from it to its authority.
  public let certificates: [Certificate]
  /// The certificate that it replaces, where one is there.
  public let previous: Certificate?
  /// The text of a kubeconfig that waits for the certificate.
  let awaitingKubeconfig: SecretBytes?
  /// The kubeconfig that has another certificate.
  let client: KubeconfigClient?

  /// The file for a certificate's place.
  func file(at path: String) throws(OpenSSLError) -> PKIFile {
    PKIFile(
      .certificate, at: path, try certificates.pem(), certificate: certificates.first, replaces: previous != nil)
  }

  /// The files for a kubeconfig: its own, or the one that it points to.
  func files(
    of profile: KubeconfigProfile, trusting anchors: [Certificate], in location: TreeLocation
  ) throws(OpenSSLError) -> [PKIFile] {
    let path = location.kubeconfig(profile)
    guard let certificate = certificates.first else { return [] }
    do throws(KubeconfigDocument.Problem) {
      if let client {
        let pem = try pem()
        return try Renewed(certificate: certificate, pem: pem, keyPEM: nil).files(for: client, trusting: anchors)
      }
      guard let awaitingKubeconfig else { return [] }
      let text = try KubeconfigDocument.completed(
        awaitingKubeconfig, path: path, with: certificates, trusting: anchors)
      return [PKIFile(.kubeconfig, at: path, text, certificate: certificate, replaces: true)]
    } catch {
      throw OpenSSLError(operation: "write \(path)", reasons: [error.text])
    }
  }

  private func pem() throws(KubeconfigDocument.Problem) -> SecretBytes {
    do throws(OpenSSLError) {
      return try certificates.pem()
    } catch {
      throw .init("\(error)")
    }
  }
}
