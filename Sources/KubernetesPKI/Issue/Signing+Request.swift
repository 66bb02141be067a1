internal import OpenSSLX509

extension Signing {
  /// The files of a request: its key, where that is a new one, and the request itself.
  ///
  /// - Parameter keyFile: what a new key is put into.
  func requestFiles(
    _ specification: RequestSpecification, _ source: Replacement.KeySource, _ newKey: PrivateKey?,
    at path: String, for item: String, keyFile: (PrivateKey) throws(OpenSSLError) -> PKIFile
  ) throws(OpenSSLError) -> [PKIFile] {
    var files: [PKIFile] = []
    let key: PrivateKey
    switch (source, newKey) {
    case (.existing(let existing), _): key = existing
    case (.new, let made?):
      key = made
      files.append(try keyFile(made))
    case (.new(let algorithm), nil):
      throw OpenSSLError(operation: "use a new key of \(algorithm.rawValue)", reasons: ["none was made"])
    }
    let request = try CertificateRequest(
      subject: specification.subject, extensions: specification.extensions, signedBy: random.signingKey(key, item))
    return files + [
      PKIFile(.certificateRequest, at: path, try request.pem(), replaces: specification.replacesRequest)
    ]
  }
}
