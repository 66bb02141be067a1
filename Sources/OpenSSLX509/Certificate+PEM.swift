extension [Certificate] {
  /// The certificates in PEM, one after the other.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  package func pem() throws(OpenSSLError) -> SecretBytes {
    var pem: [UInt8] = []
    for certificate in self { pem += try certificate.pem().copy }
    return SecretBytes(pem)
  }
}
