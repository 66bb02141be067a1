package import KubernetesPKI
internal import OpenSSLX509

/// A key and its request, with the files that they become: `OUT-key.pem` and `OUT.csr`.
package struct CSRFiles: Sendable {
  /// The request.
  package let request: CertificateSigningRequest
  /// The path of the private key.
  package let keyPath: String
  /// The path of the request.
  package let requestPath: String
  /// The files, the key first.
  package let files: [PKIFile]
}

extension Issuer {
  /// Makes a key and its request.
  ///
  /// - Parameter out: what the files' names begin with.
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  package func request(_ content: CertificateContent, out: String) throws(PKIError) -> CSRFiles {
    do throws(OpenSSLError) {
      let key: PrivateKey
      switch content.key {
      case .new(let algorithm): key = try random.makeKey(algorithm, out)
      case .existing(let existing): key = existing
      case .requested:
        throw OpenSSLError(operation: "sign the request", reasons: ["its private key is not here"])
      }
      let request = try random.csr(content, signedBy: key, for: out)
      let (keyPath, requestPath) = ("\(out)-key.pem", "\(out).csr")
      return CSRFiles(
        request: CertificateSigningRequest(request, origin: requestPath, fileName: requestPath),
        keyPath: keyPath, requestPath: requestPath,
        files: [
          PKIFile(.privateKey, at: keyPath, try key.pem()),
          PKIFile(.certificateRequest, at: requestPath, try request.pem()),
        ])
    } catch {
      throw .cryptography(subject: content.subject.description, reason: error.description)
    }
  }
}
