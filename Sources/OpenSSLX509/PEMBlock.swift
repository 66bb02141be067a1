internal import COpenSSL

/// One block of a PEM file, RFC 7468: a label and the bytes between its two lines.
package struct PEMBlock: Sendable {
  /// The word between the dashes: `CERTIFICATE`, `RSA PRIVATE KEY`.
  package let label: String

  /// Whether the content is encrypted, RFC 1421's `Proc-Type: 4,ENCRYPTED` or PKCS#8's own label.
  package let isEncrypted: Bool

  /// Whether there are header lines, RFC 1421 section 4.6. Go's pools of CAs skip such blocks.
  package let hasHeaders: Bool

  /// The decoded content.
  package let der: SecretBytes

  /// A block that is not encrypted, of its parts.
  package init(label: String, der: SecretBytes) {
    self.init(label: label, isEncrypted: false, hasHeaders: false, der: der)
  }

  init(label: String, isEncrypted: Bool, hasHeaders: Bool, der: SecretBytes) {
    self.label = label
    self.isEncrypted = isEncrypted
    self.hasHeaders = hasHeaders
    self.der = der
  }

  /// Whether the block holds a private key, whatever its form: Go's `crypto/tls` goes by the label.
  package var isPrivateKey: Bool { label == "PRIVATE KEY" || label.hasSuffix(" PRIVATE KEY") }

  /// Whether the content, where it is an ECPrivateKey, is of version 1, RFC 5915 section 3: OpenSSL reads others too, and Go
  /// does not. No other form of a key has an OCTET STRING after the version.
  var hasKnownVersion: Bool {
    der.withUnsafeBytes { der in
      let header = der.count > 1 && der[1] & 0x80 != 0 ? 2 + Int(der[1] & 0x7f) : 2
      let start = Array(der.dropFirst(header).prefix(4))
      return start.count < 4 || start[3] != 4 || start.starts(with: [2, 1, 1])
    }
  }

  /// All blocks of `text` that Go's `encoding/pem` finds, in order; what stands between them is skipped.
  ///
  /// - Throws: ``OpenSSLError`` when a block begins that Go skips: nothing is left out here without an error.
  package static func blocks(in text: SecretBytes) throws(OpenSSLError) -> [PEMBlock] {
    let (blocks, problems) = read(text)
    guard let problem = problems.first else { return blocks }
    throw OpenSSLError(
      operation: "read the PEM block", reasons: ["in line \(problem.line), \(problem.reason)"])
  }

  /// The blocks of `text` that Go's `encoding/pem` finds, and those that begin and are skipped.
  package static func read(_ text: SecretBytes) -> (blocks: [PEMBlock], problems: [PEMProblem]) {
    text.withUnsafeBytes { bytes in
      let found = PEMDecoder.all(in: bytes)
      return (found.map(\.block), PEMProblem.all(in: bytes, besides: found))
    }
  }

  /// The block as PEM again, in lines of 64 characters and without headers.
  ///
  /// - Throws: ``OpenSSLError`` when memory runs out.
  package func pem() throws(OpenSSLError) -> SecretBytes {
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
