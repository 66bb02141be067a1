internal import COpenSSL

extension PKCS12 {
  /// What a file holds.
  package struct Contents: Sendable {
    /// The private key, where there is one.
    package let key: PrivateKey?
    /// The certificate of the key, then the others in their order.
    package let certificates: [Certificate]
  }

  /// Whether these bytes are a PKCS#12 file in DER, whatever its password is.
  package static func isFile(_ der: SecretBytes) -> Bool {
    guard let file = try? decode(der) else { return false }
    PKCS12_free(file)
    return true
  }

  /// What a file holds.
  ///
  /// - Parameter password: the password; `nil` for a file without one.
  /// - Throws: ``OpenSSLError`` when the password is wrong, or the file is damaged or encrypted with an algorithm that OpenSSL does
  ///   not have without its legacy provider.
  package static func read(
    _ der: SecretBytes, password: SecretBytes?
  ) throws(OpenSSLError) -> Contents {
    let file = try decode(der)
    defer { PKCS12_free(file) }
    var (key, leaf, others): (OpaquePointer?, OpaquePointer?, OpaquePointer?)
    let text = SecretBytes(joining: [password ?? SecretBytes([]), SecretBytes([0])])
    try text.withUnsafeBytes { (bytes) throws(OpenSSLError) in
      let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      _ = try checked("read the PKCS#12 file") { PKCS12_parse(file, start, &key, &leaf, &others) }
    }
    // Each value owns what it is made of, also where another cannot be read.
    let readKey = taken(key) { (pointer) throws(OpenSSLError) in try PrivateKey(owning: pointer) }
    let readLeaf = taken(leaf) { (pointer) throws(OpenSSLError) in try Certificate(owning: pointer) }
    let rest = taken(others) { (stack) throws(OpenSSLError) in try Certificate.all(takenFrom: stack) }
    return Contents(
      key: try readKey?.get(),
      certificates: [try readLeaf?.get()].compactMap(\.self) + (try rest?.get() ?? []))
  }

  private static func decode(_ der: SecretBytes) throws(OpenSSLError) -> OpaquePointer {
    try der.withUnsafeBytes { (bytes) throws(OpenSSLError) in
      try decodeDER("read the PKCS#12 file", in: bytes, free: { PKCS12_free($0) }) { d2i_PKCS12(nil, $0, $1) }
    }
  }
}

/// What is made of a pointer that it then owns, or why not; `nil` where there is no pointer.
private func taken<Value>(
  _ pointer: OpaquePointer?, _ make: (OpaquePointer) throws(OpenSSLError) -> Value
) -> Result<Value, OpenSSLError>? {
  pointer.map { pointer in Result { () throws(OpenSSLError) in try make(pointer) } }
}
