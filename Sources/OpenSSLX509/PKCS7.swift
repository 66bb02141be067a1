internal import COpenSSL

/// Certificates in a PKCS#7 file: SignedData of RFC 5652 without a signature, as CAs hand out chains.
package enum PKCS7 {
  /// The labels of such blocks in PEM, RFC 7468 section 8 and OpenSSL's.
  package static let pemLabels = ["PKCS7", "PKCS #7 SIGNED DATA", "CMS"]

  /// The certificates of a file in DER, in their order.
  ///
  /// - Throws: ``OpenSSLError`` when it is no such file.
  package static func certificates(der: SecretBytes) throws(OpenSSLError) -> [Certificate] {
    let operation = "read the PKCS#7 file"
    let content = try der.withUnsafeBytes { (bytes) throws(OpenSSLError) in
      try decodeDER(operation, in: bytes, free: { CMS_ContentInfo_free($0) }) {
        d2i_CMS_ContentInfo(nil, $0, $1)
      }
    }
    defer { CMS_ContentInfo_free(content) }
    return try Certificate.all(takenFrom: try owned(operation) { CMS_get1_certs(content) })
  }
}

extension Certificate {
  /// The certificates of one of OpenSSL's stacks, which is freed.
  static func all(takenFrom stack: OpaquePointer) throws(OpenSSLError) -> [Certificate] {
    defer { shim_sk_X509_pop_free(stack) }
    var certificates: [Certificate] = []
    for index in 0..<max(0, shim_sk_X509_num(stack)) {
      let pointer = try owned("read the certificate") { shim_sk_X509_value(stack, index) }
      try checked("read the certificate") { X509_up_ref(pointer) }
      certificates.append(try Certificate(owning: pointer))
    }
    return certificates
  }
}
