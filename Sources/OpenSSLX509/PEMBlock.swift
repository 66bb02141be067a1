internal import COpenSSL

/// One block of a PEM file, RFC 7468: a label and the bytes between its two lines.
public struct PEMBlock: Sendable {
  /// The word between the dashes: `CERTIFICATE`, `RSA PRIVATE KEY`.
  public let label: String

  /// Whether the content is encrypted, RFC 1421's `Proc-Type: 4,ENCRYPTED` or PKCS#8's own label.
  public let isEncrypted: Bool

  /// The decoded content.
  public let der: SecretBytes

  /// A block that is not encrypted, of its parts.
  public init(label: String, der: SecretBytes) {
    self.init(label: label, isEncrypted: false, der: der)
  }

  init(label: String, isEncrypted: Bool, der: SecretBytes) {
    self.label = label
    self.isEncrypted = isEncrypted
    self.der = der
  }

  /// Whether the block holds a private key, whatever its form.
  public var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }

  /// All blocks of `text`, in order; what stands between them is skipped, as every PEM reader does.
  ///
  /// - Throws: ``OpenSSLError`` when a block is begun and not ended, or its content is not base64.
  public static func blocks(in text: SecretBytes) throws(OpenSSLError) -> [PEMBlock] {
    let (blocks, error) = wholeBlocks(in: text)
    if let error { throw error }
    return blocks
  }

  /// The blocks of `text` before one that cannot be read, and why it cannot; all of them where every one can.
  public static func wholeBlocks(in text: SecretBytes) -> (blocks: [PEMBlock], error: OpenSSLError?) {
    var blocks: [PEMBlock] = []
    do throws(OpenSSLError) {
      try text.withUnsafeBytes { (bytes) throws(OpenSSLError) in
        guard !bytes.isEmpty else { return }
        let bio = try MemoryBIO(reading: bytes)
        try bio.withPointer { (pointer) throws(OpenSSLError) in
          while let block = try next(in: pointer) { blocks.append(block) }
        }
      }
    } catch {
      return (blocks, error)
    }
    return (blocks, nil)
  }

  private static func next(in bio: OpaquePointer) throws(OpenSSLError) -> PEMBlock? {
    var name: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var data: UnsafeMutablePointer<UInt8>?
    var length = 0
    ERR_clear_error()
    guard PEM_read_bio(bio, &name, &header, &data, &length) == 1, let name, let header, let data else {
      let isEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
      let error = OpenSSLError.drainingQueue("read the PEM block")
      if isEnd { return nil }
      throw error
    }
    defer {
      shim_OPENSSL_free(name)
      shim_OPENSSL_free(header)
      shim_OPENSSL_clear_free(data, length)
    }
    let label = String(cString: name)
    return PEMBlock(
      label: label,
      isEncrypted: label == "ENCRYPTED PRIVATE KEY" || String(cString: header).contains("ENCRYPTED"),
      der: SecretBytes(UnsafeRawBufferPointer(start: data, count: length)))
  }

  /// The block as PEM again, in lines of 64 characters and without headers.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  public func pem() throws(OpenSSLError) -> SecretBytes {
    try Self.encode("write the PEM block") { bio in
      der.withUnsafeBytes { bytes in
        PEM_write_bio(bio, label, "", bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      }
    }
  }

  /// A PEM text of one block, in lines of 64 characters.
  static func encode(
    _ operation: @autoclosure () -> String, _ write: (OpaquePointer) -> Int32
  ) throws(OpenSSLError) -> SecretBytes {
    let bio = try MemoryBIO()
    try bio.withPointer { (pointer) throws(OpenSSLError) in
      _ = try checked(operation()) { write(pointer) }
    }
    return bio.contents()
  }
}
