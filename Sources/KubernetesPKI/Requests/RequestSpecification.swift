public import OpenSSLX509

/// A request that is to be made: everything but its key and its signature.
public struct RequestSpecification: Sendable {
  /// The subject's name.
  let subject: DistinguishedName
  /// The extensions that are asked for.
  let extensions: [CertificateExtension]
  /// What kind of key is made for it.
  let keyAlgorithm: KeyAlgorithm

  /// The request for a certificate with these names: its extensions say all that a signer has to know.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a name cannot be encoded.
  init(
    commonName: String, organizations: [String], names: [GeneralName], purposes: [ExtendedKeyUsage.Purpose],
    keyAlgorithm: KeyAlgorithm
  ) throws(PKIError) {
    self.keyAlgorithm = keyAlgorithm
    do throws(OpenSSLError) {
      subject = try DistinguishedName(organizations: organizations, commonName: commonName)
      extensions = try CertificateSpecification.leafExtensions(
        purposes: purposes, names: names, keyAlgorithm: keyAlgorithm)
    } catch {
      throw .cryptography(subject: commonName, reason: error.description)
    }
  }

  /// Whether it asks for a server's certificate that no client would accept, as it has no name.
  public var isServerWithoutName: Bool {
    // These are pkigen's own extensions; one that cannot be read would be no reason to warn.
    let purposes = (try? extensions.first(ExtendedKeyUsage.self))??.purposes ?? []
    let names = (try? extensions.first(SubjectAlternativeName.self))??.names ?? []
    return purposes.contains(.serverAuth) && names.isEmpty
  }
}

/// A key and its request, with the files that they become: `OUT-key.pem` and `OUT.csr`.
public struct RequestFiles: Sendable {
  /// The request.
  public let request: CertificateRequest
  /// The path of the private key.
  public let keyPath: String
  /// The path of the request.
  public let requestPath: String
  /// The files, the key first.
  public let files: [PKIFile]

  /// What the request says.
  ///
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  public func summary() throws(PKIError) -> RequestSummary {
    try RequestSummary(CertificateSigningRequest(request, origin: requestPath, fileName: requestPath))
  }
}

extension Issuer {
  /// Makes a key and its request.
  ///
  /// - Parameter out: what the files' names begin with.
  /// - Throws: ``PKIError/cryptography(subject:reason:)``.
  public func request(_ specification: RequestSpecification, out: String) throws(PKIError) -> RequestFiles {
    do throws(OpenSSLError) {
      let key = try random.makeKey(specification.keyAlgorithm, out)
      let request = try CertificateRequest(
        subject: specification.subject, extensions: specification.extensions,
        signedBy: random.signingKey(key, out))
      let (keyPath, requestPath) = ("\(out)-key.pem", "\(out).csr")
      return RequestFiles(
        request: request, keyPath: keyPath, requestPath: requestPath,
        files: [
          PKIFile(.privateKey, at: keyPath, try key.pem()),
          PKIFile(.certificateRequest, at: requestPath, try request.pem()),
        ])
    } catch {
      throw .cryptography(subject: specification.subject.description, reason: error.description)
    }
  }
}
