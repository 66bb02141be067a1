import FoundationEssentials
import OpenSSLX509
import TestSupport
import Testing

/// Certificates: signed, written, read and verified.
struct CertificateTests {
  @Test func `a certificate says what its template said`() async throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let usage = try KeyUsage.digitalSignature.encoded(isCritical: true)
    let certificate = try Certificate.selfSigned(
      DistinguishedName(commonName: "x"), by: key, extensions: [usage])
    #expect(certificate.version == 3 && certificate.publicKey == key.publicKey && certificate.isSelfSigned)
    #expect(certificate.subject.description == "CN = x" && certificate.issuer == certificate.subject)
    #expect(
      certificate.extensions.map(\.identifier) == [KeyUsage.identifier, SubjectKeyIdentifier.identifier])
    #expect(try certificate.keyUsage() == .digitalSignature)
    #expect(try certificate.subjectKeyIdentifier() == key.publicKey.identifier())
    #expect(try certificate.authorityKeyIdentifier() == nil && certificate.basicConstraints() == nil)
    let fingerprint = try await openssl("x509", "-noout", "-fingerprint", "-sha256", input: certificate.pem())
    #expect(
      fingerprint.drop { $0 != "=" }.filter(\.isHexDigit).lowercased()
        == (try certificate.fingerprint().hexadecimal))
  }

  @Test func `a certificate is read again from its PEM and its DER`() throws {
    let (one, other) = (try Certificate.selfSigned(), try Certificate.selfSigned())
    #expect(try Certificate(der: one.der) == one && one != other)
    let bundle = try SecretBytes(
      text: "comment\n" + one.pem().text + PrivateKey.generate(.ecdsaP256).pem().text + other.pem().text)
    #expect(try Certificate.all(pem: bundle) == [one, other])
  }

  /// `TRUSTED CERTIFICATE` is OpenSSL's own form, and Go reads `CERTIFICATE` only.
  @Test func `a text without a CERTIFICATE block is refused`() async throws {
    let certificate = try Certificate.selfSigned()
    let trusted = try await openssl("x509", "-trustout", "-addtrust", "serverAuth", input: certificate.pem())
    for text in [
      "", "x", try PrivateKey.generate(.ecdsaP256).pem().text, trusted,
      pem("X509 CERTIFICATE", certificate.der).text,
    ] {
      let error = try #require(throws: OpenSSLError.self) {
        try Certificate.all(pem: SecretBytes(text: text))
      }
      #expect(error.description == "cannot read the certificate: there is no CERTIFICATE block in it")
    }
  }

  @Test func `a torn certificate is refused wherever it is torn`() throws {
    let certificate = try Certificate.selfSigned()
    for length in 0..<certificate.der.count {
      #expect(throws: OpenSSLError.self, "\(length)") { try Certificate(der: certificate.der.prefix(length)) }
    }
    #expect(throws: OpenSSLError.self) { try Certificate(der: certificate.der + [0]) }
  }

  /// X.690 sections 8.1.3 and 10.1: BER lets a length have more octets than it needs, or none.
  @Test func `a certificate in BER is refused, as by Go`() throws {
    let certificate = try Certificate.selfSigned().der
    try #require(certificate[1] == 0x82)
    let content = certificate.dropFirst(4)
    for other in [[0x30, 0x83, 0] + certificate[2...], [0x30, 0x80] + content + [0, 0]] {
      let error = try #require(throws: OpenSSLError.self) { try Certificate(der: other) }
      #expect(error.description == "cannot read the certificate: it is not in DER")
    }
  }

  @Test func `etcd takes every block of its CA's file for a certificate`() throws {
    let ca = try Certificate.selfSigned()
    let text = try ca.pem().text + pem("EC PARAMETERS", [5, 0]).text
    #expect(try Certificate.all(pem: SecretBytes(text: text), as: .clientCA) == [ca])
    let error = try #require(throws: OpenSSLError.self) {
      try Certificate.all(pem: SecretBytes(text: text), as: .etcdCA)
    }
    #expect(error.description.contains("EC PARAMETERS"))
    #expect(try Certificate.all(pem: ca.pem(), as: .etcdCA) == [ca])
  }

  @Test func `changing any byte never makes it verify`() throws {
    let certificate = try Certificate.selfSigned()
    for index in certificate.der.indices {
      var der = certificate.der
      der[index] ^= 1
      let isSigned = (try? Certificate(der: der))?.isSigned(by: certificate.publicKey) ?? false
      #expect(!isSigned, "byte \(index)")
    }
  }

  @Test func `the authority key identifier repeats the issuer's own, whatever made it`() throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let name = try DistinguishedName(commonName: "authority")
    // A second identifier, which a reader meets first: made by others, and not of 20 octets.
    let foreign = try SubjectKeyIdentifier([1, 2, 3]).encoded(isCritical: false)
    let authority = try Certificate.selfSigned(name, by: key, extensions: [foreign])
    let leaf = try Self.template().signed(by: key, issuer: authority)
    #expect(try leaf.authorityKeyIdentifier() == [1, 2, 3])
    #expect(leaf.issuer == name && leaf.isSigned(by: key.publicKey))
  }

  @Test func `where the issuer has no identifier the leaf names none`() async throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let request = try await run(
      Judges.openssl,
      ["req", "-x509", "-key", "/dev/stdin", "-subj", "/CN=old", "-addext", "subjectKeyIdentifier=none"],
      input: key.pem().text)
    let authority = try #require(try Certificate.all(pem: SecretBytes(text: request.stdout)).first)
    #expect(try authority.subjectKeyIdentifier() == nil)
    let leaf = try Self.template().signed(by: key, issuer: authority)
    #expect(try leaf.authorityKeyIdentifier() == nil && leaf.subjectKeyIdentifier()?.count == 20)
  }

  @Test func `a key signs for its own certificate only`() throws {
    let authority = try Certificate.selfSigned()
    let error = try #require(throws: OpenSSLError.self) {
      try Self.template().signed(by: .generate(.ecdsaP256), issuer: authority)
    }
    #expect(error.description == "cannot sign for CN = test: the key is not that of its certificate")
  }

  @Test(
    arguments: [
      (.rsa2048, "sha256WithRSAEncryption"), (.ecdsaP256, "ecdsa-with-SHA256"),
      (.ecdsaP384, "ecdsa-with-SHA384"),
    ] as [(KeyAlgorithm, String)])
  func `the hash goes with the signer's key`(algorithm: KeyAlgorithm, signature: String) throws {
    let certificate = try Certificate.selfSigned(by: .generate(algorithm))
    #expect(certificate.signatureAlgorithm.longName == signature)
  }

  @Test func `a CA has CA:TRUE, and keyCertSign where there is a key usage`() throws {
    let authority = try BasicConstraints.ca(pathLength: nil).encoded(isCritical: true)
    let leaf = try BasicConstraints.isEndEntity.encoded(isCritical: true)
    let signs = try KeyUsage.keyCertSign.encoded(isCritical: true)
    let signsNot = try KeyUsage.digitalSignature.encoded(isCritical: true)
    for (extensions, expected) in [
      ([authority], true), ([authority, signs], true), ([authority, signsNot], false),
      ([leaf, signs], false),
      ([signs], false), ([], false),
    ] {
      #expect(try Certificate.selfSigned(extensions: extensions).isCA() == expected)
    }
  }

  @Test func `a chain is refused for the reason that openssl gives`() throws {
    let key = try PrivateKey.generate(.ecdsaP256)
    let authority = try Certificate.selfSigned(
      DistinguishedName(commonName: "authority"), by: key,
      extensions: [
        BasicConstraints.ca(pathLength: nil).encoded(isCritical: true),
        KeyUsage.keyCertSign.encoded(isCritical: true),
      ])
    let leaf = try Self.template().signed(by: key, issuer: authority)
    let during = try instant("2026-06-01T00:00:00Z")
    func reason(_ anchor: Certificate, _ purpose: Certificate.Purpose, _ time: Date) throws -> String? {
      try leaf.verificationError(anchors: [anchor], purpose: purpose, at: time)?.reason
    }
    #expect(try reason(authority, .client, during) == nil && reason(authority, .any, during) == nil)
    #expect(try reason(authority, .server, during) == "unsuitable certificate purpose")
    #expect(try reason(authority, .client, instant("2028-01-01T00:00:00Z")) == "certificate has expired")
    #expect(try reason(authority, .client, instant("2025-01-01T00:00:00Z")) == "certificate is not yet valid")
    #expect(try reason(.selfSigned(), .client, during) == "unable to get local issuer certificate")
  }

  /// A leaf for a TLS client.
  private static func template() throws -> CertificateTemplate {
    CertificateTemplate(
      serialNumber: try .random(), subject: try DistinguishedName(commonName: "leaf"),
      validity: Validity(
        notBefore: try instant("2026-01-01T00:00:00Z"), notAfter: try instant("2027-01-01T00:00:00Z")),
      publicKey: try PrivateKey.generate(.ecdsaP256).publicKey,
      extensions: [
        try BasicConstraints.isEndEntity.encoded(isCritical: true),
        try KeyUsage.digitalSignature.encoded(isCritical: true),
        try ExtendedKeyUsage([.clientAuth]).encoded(isCritical: false),
      ])
  }
}
