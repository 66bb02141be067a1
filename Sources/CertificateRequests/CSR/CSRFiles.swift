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
  package func request(_ specification: RequestSpecification, out: String) throws(PKIError) -> CSRFiles {
    do throws(OpenSSLError) {
      let key = try random.makeKey(specification.keyAlgorithm, out)
      let request = try CertificateRequest(
        subject: specification.subject, extensions: specification.extensions,
        signedBy: random.signingKey(key, out))
      let (keyPath, requestPath) = ("\(out)-key.pem", "\(out).csr")
      return CSRFiles(
        request: CertificateSigningRequest(request, origin: requestPath, fileName: requestPath),
        keyPath: keyPath, requestPath: requestPath,
        files: [
          PKIFile(.privateKey, at: keyPath, try key.pem()),
          PKIFile(.certificateRequest, at: requestPath, try request.pem()),
        ])
    } catch {
      throw .cryptography(subject: specification.subject.description, reason: error.description)
    }
  }
}
