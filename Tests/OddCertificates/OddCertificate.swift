package import OpenSSLX509

/// A certificate of which everything can be said wrongly, RFC 5280 section 4.1.
package struct OddCertificate {
  package var version: [UInt8] = der(0xa0, [2, 1, 2])
  package var serialNumber: [UInt8] = [2, 2, 0x4d, 0x51]
  package var algorithm = OddCertificate.ecdsaSHA256
  /// The algorithm outside the signed part; `nil` for the same.
  package var outerAlgorithm: [UInt8]?
  package var issuer = name("2.5.4.3", text(0x0c, "odd-ca"))
  package var notBefore = text(0x17, "260101000000Z")
  package var notAfter = text(0x17, "460101000000Z")
  package var subject = name("2.5.4.3", text(0x0c, "odd"))
  package var publicKey: [UInt8]
  package var uniqueIdentifiers: [UInt8] = []
  /// The extensions; `nil` for none.
  package var extensions: [[UInt8]]? = [
    ext("2.5.29.15", [3, 2, 5, 0xa0], critical: true),
    ext("2.5.29.37", der(0x30, oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))),
    ext("2.5.29.17", der(0x30, text(0x82, "cp1"), der(0x87, [10, 0, 0, 1]))),
  ]
  package var signer: PrivateKey
  package var hash = PrivateKey.Hash.sha256

  /// ecdsa-with-SHA256.
  package static let ecdsaSHA256 = der(0x30, oid("1.2.840.10045.4.3.2"))

  /// A good leaf.
  package init(publicKey: PublicKey, signer: PrivateKey) {
    self.publicKey = publicKey.der
    self.signer = signer
  }

  /// A good CA of this name that signs itself.
  package static func authority(_ commonName: String, key: PrivateKey) -> OddCertificate {
    var ca = OddCertificate(publicKey: key.publicKey, signer: key)
    ca.issuer = name("2.5.4.3", text(0x0c, commonName))
    ca.subject = ca.issuer
    ca.extensions = [
      ext("2.5.29.15", [3, 2, 2, 4], critical: true),
      ext("2.5.29.19", der(0x30, [1, 1, 0xff]), critical: true),
    ]
    return ca
  }

  /// What is signed.
  package var body: [UInt8] {
    der(
      0x30, version, serialNumber, algorithm, issuer, der(0x30, notBefore, notAfter), subject, publicKey,
      uniqueIdentifiers, extensions.map { der(0xa3, der(0x30, $0.flatMap(\.self))) } ?? [])
  }

  /// The certificate in DER, over another body where one is given.
  package func signed(body other: [UInt8]? = nil) throws -> [UInt8] {
    let body = other ?? body
    return der(
      0x30, body, outerAlgorithm ?? algorithm, der(3, [0], try signer.signature(of: body, hash: hash)))
  }

  /// Replaces the extension with this identifier, or adds it.
  package mutating func set(_ identifier: String, _ value: [UInt8], critical: Bool = false) {
    let mark = oid(identifier)
    extensions = (extensions ?? []).filter {
      !$0.dropFirst(2).starts(with: mark) && !$0.dropFirst(3).starts(with: mark)
    }
    extensions?.append(ext(identifier, value, critical: critical))
  }
}
