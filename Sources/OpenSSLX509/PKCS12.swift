internal import COpenSSL

/// Files of PKCS#12, RFC 7292: encrypted with PBES2, PBKDF2 and AES-256, RFC 8018, with a MAC of SHA-256.
package enum PKCS12 {
  /// How often PBKDF2 hashes the password, keytool's number.
  private static let iterations: Int32 = 10_000
  private static let operation = "write the PKCS#12 file"

  /// A key with its certificate and the certificates that follow it.
  ///
  /// - Parameters:
  ///   - certificates: the certificate of the key first.
  ///   - name: what readers call the key: the friendly name, Java's alias.
  /// - Throws: ``OpenSSLError`` when the key is not that of the first certificate, or OpenSSL refuses.
  package static func keyStore(
    _ key: PrivateKey, _ certificates: [Certificate], name: String, password: SecretBytes
  ) throws(OpenSSLError) -> SecretBytes {
    guard let leaf = try certificates.first?.decoded() else {
      throw OpenSSLError(operation: operation, reasons: ["there is no certificate"])
    }
    defer { X509_free(leaf) }
    let others = try owned(operation) { shim_sk_X509_new() }
    defer { shim_sk_X509_free(others) }
    for certificate in certificates.dropFirst() {
      try checked(operation) { shim_sk_X509_push(others, certificate.pointer) }
    }
    return try withPassword(password) { (password) throws(OpenSSLError) in
      let file = try owned(operation) {
        PKCS12_create(
          password, name, key.pointer, leaf, others, NID_aes_256_cbc, NID_aes_256_cbc, iterations, -1,
          0)
      }
      return try finished(file, password)
    }
  }

  /// Certificates that Java trusts, each with its alias.
  ///
  /// - Throws: ``OpenSSLError`` when OpenSSL refuses.
  package static func javaTrustStore(
    _ certificates: [(alias: String, certificate: Certificate)], password: SecretBytes
  ) throws(OpenSSLError) -> SecretBytes {
    try withPassword(password) { (password) throws(OpenSSLError) in
      var bags: OpaquePointer?
      defer { shim_sk_PKCS12_SAFEBAG_pop_free(bags) }
      for (alias, certificate) in certificates {
        let bag = try owned(operation) { PKCS12_add_cert(&bags, certificate.pointer) }
        try checked(operation) { PKCS12_add_friendlyname_utf8(bag, alias, -1) }
        try addJavaTrust(to: bag)
      }
      var safes: OpaquePointer?
      defer { shim_sk_PKCS7_pop_free(safes) }
      try checked(operation) { PKCS12_add_safe(&safes, bags, NID_aes_256_cbc, iterations, password) }
      return try finished(try owned(operation) { PKCS12_add_safes(safes, 0) }, password)
    }
  }

  /// Java takes a certificate for trusted only with Oracle's attribute, whose value says for which usages.
  private static func addJavaTrust(to bag: OpaquePointer) throws(OpenSSLError) {
    let trustedKeyUsage = try owned(operation) { OBJ_txt2obj("2.16.840.1.113894.746875.1.1", 1) }
    defer { ASN1_OBJECT_free(trustedKeyUsage) }
    let anyUsage = try owned(operation) { OBJ_nid2obj(NID_anyExtendedKeyUsage) }
    let attribute = try owned(operation) {
      X509_ATTRIBUTE_create_by_OBJ(nil, trustedKeyUsage, V_ASN1_OBJECT, UnsafeRawPointer(anyUsage), -1)
    }
    do throws(OpenSSLError) {
      try checked(operation) { shim_PKCS12_SAFEBAG_push_attribute(bag, attribute) }
    } catch {
      X509_ATTRIBUTE_free(attribute)
      throw error
    }
  }

  /// The file in DER, with its MAC; frees `file`.
  private static func finished(
    _ file: OpaquePointer, _ password: UnsafePointer<CChar>
  ) throws(OpenSSLError) -> SecretBytes {
    defer { PKCS12_free(file) }
    try checked(operation) { PKCS12_set_mac(file, password, -1, nil, 0, iterations, EVP_sha256()) }
    return SecretBytes(try encodeDER(operation) { i2d_PKCS12(file, $0) })
  }

  /// Lends a password as C has them.
  private static func withPassword(
    _ password: SecretBytes, _ body: (UnsafePointer<CChar>) throws(OpenSSLError) -> SecretBytes
  ) throws(OpenSSLError) -> SecretBytes {
    try SecretBytes(joining: [password, SecretBytes([0])]).withUnsafeBytes { (bytes) throws(OpenSSLError) in
      guard let start = bytes.baseAddress, bytes.firstIndex(of: 0) == bytes.count - 1, bytes.count > 1 else {
        throw OpenSSLError(operation: operation, reasons: ["the password is empty, or has a zero byte"])
      }
      return try body(start.assumingMemoryBound(to: CChar.self))
    }
  }
}
