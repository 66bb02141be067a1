import OpenSSLX509
import TestSupport
import Testing

/// What the `openssl` command prints about its standard input, which has to satisfy it.
func openssl(_ arguments: String..., input: SecretBytes) async throws -> String {
  let outcome = try await run(Judges.openssl, arguments, input: input.text)
  try #require(outcome.status == 0, "openssl \(arguments): \(outcome.stderr)")
  return outcome.stdout
}

extension SecretBytes {
  /// The bytes of a text.
  convenience init(text: String) { self.init(Array(text.utf8)) }

  /// The bytes as a text.
  var text: String { String(decoding: copy, as: UTF8.self) }
}

extension Certificate {
  /// A certificate that signs itself, with these fields.
  static func selfSigned(
    _ subject: DistinguishedName? = nil, by key: PrivateKey? = nil,
    extensions: [CertificateExtension] = [],
    serialNumber: SerialNumber = SerialNumber(magnitude: [1]), validity: Validity? = nil
  ) throws -> Certificate {
    let key = try key ?? PrivateKey.generate(.ecdsaP256)
    return try CertificateTemplate(
      serialNumber: serialNumber, subject: subject ?? DistinguishedName(commonName: "test"),
      validity: validity
        ?? Validity(notBefore: instant("2026-01-01T00:00:00Z"), notAfter: instant("2027-01-01T00:00:00Z")),
      publicKey: key.publicKey, extensions: extensions
    ).selfSigned(by: key)
  }
}
