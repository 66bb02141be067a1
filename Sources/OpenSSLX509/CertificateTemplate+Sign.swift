internal import COpenSSL

extension CertificateTemplate {
  /// The certificate that a CA signs over this template.
  ///
  /// Adds the subject key identifier (see ``computesKeyIdentifier``), and an authority key identifier of the very bytes of the issuer's own; where the
  /// issuer has none there is nothing that a reader could match, and it is left out.
  ///
  /// - Parameter key: the private key of `issuer`.
  /// - Throws: ``OpenSSLError`` when `key` is not the issuer's, or the certificate cannot be encoded.
  public func signed(by key: PrivateKey, issuer: Certificate) throws(OpenSSLError) -> Certificate {
    guard key.publicKey == issuer.publicKey else {
      throw OpenSSLError(
        operation: "sign for \(issuer.subject)", reasons: ["the key is not that of its certificate"])
    }
    let identifier = try issuer.subjectKeyIdentifier()
    return try signed(by: key, issuer: issuer.subject, authorityKeyIdentifier: identifier)
  }

  /// The certificate that signs itself: a root CA's.
  ///
  /// - Parameter key: the private key whose public half the template names.
  /// - Throws: ``OpenSSLError`` when the certificate cannot be encoded.
  public func selfSigned(by key: PrivateKey) throws(OpenSSLError) -> Certificate {
    try signed(by: key, issuer: subject, authorityKeyIdentifier: nil)
  }

  private func signed(
    by key: PrivateKey, issuer: DistinguishedName, authorityKeyIdentifier: [UInt8]?
  ) throws(OpenSSLError) -> Certificate {
    var all = extensions
    if computesKeyIdentifier {
      all.append(try SubjectKeyIdentifier(publicKey.identifier()).encoded(isCritical: false))
    }
    if let authorityKeyIdentifier {
      all.append(try AuthorityKeyIdentifier(authorityKeyIdentifier).encoded(isCritical: false))
    }
    let certificate = try owned("allocate memory") { X509_new_ex(key.library?.pointer, nil) }
    var isOwned = true
    defer { if isOwned { X509_free(certificate) } }
    try fill(certificate, issuer: issuer)
    for item in all {
      try item.withPointer { (pointer) throws(OpenSSLError) in
        _ = try checked("add the extension \(item.identifier)") { X509_add_ext(certificate, pointer, -1) }
      }
    }
    try checked("sign the certificate of \(subject)") { X509_sign(certificate, key.pointer, key.digest) }
    if key.library != nil {
      // The certificate must not live in the seeded library, which ends with its key.
      return try Certificate(der: encodeDER("encode the certificate") { i2d_X509(certificate, $0) })
    }
    isOwned = false
    return try Certificate(owning: certificate, publicKey: publicKey)
  }

  private func fill(_ certificate: OpaquePointer, issuer: DistinguishedName) throws(OpenSSLError) {
    try checked("set the version") { X509_set_version(certificate, Int(X509_VERSION_3)) }
    try serialNumber.withPointer { (serial) throws(OpenSSLError) in
      _ = try checked("set the serial number") { X509_set_serialNumber(certificate, serial) }
    }
    try subject.withPointer { (name) throws(OpenSSLError) in
      _ = try checked("set the subject") { X509_set_subject_name(certificate, name) }
    }
    try issuer.withPointer { (name) throws(OpenSSLError) in
      _ = try checked("set the issuer") { X509_set_issuer_name(certificate, name) }
    }
    try withTime(validity.notBefore) { (time) throws(OpenSSLError) in
      _ = try checked("set notBefore") { X509_set1_notBefore(certificate, time) }
    }
    try withTime(validity.notAfter) { (time) throws(OpenSSLError) in
      _ = try checked("set notAfter") { X509_set1_notAfter(certificate, time) }
    }
    if let structure = X509_get_X509_PUBKEY(certificate), try publicKey.fill(structure) { return }
    try checked("set the public key") { X509_set_pubkey(certificate, publicKey.pointer) }
  }
}
