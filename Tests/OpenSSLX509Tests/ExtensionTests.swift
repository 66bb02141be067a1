import OpenSSLX509
import TestSupport
import Testing

/// Each extension: its bytes, what `openssl` reads in them, and back.
struct ExtensionTests {
  @Test(
    arguments: [
      ([], "030100", ""), ([.digitalSignature], "03020780", "Digital Signature"),
      ([.digitalSignature, .keyEncipherment], "030205A0", "Digital Signature, Key Encipherment"),
      (
        [.digitalSignature, .keyCertSign, .cRLSign], "03020186",
        "Digital Signature, Certificate Sign, CRL Sign"
      ),
      ([.decipherOnly], "0303070080", "Decipher Only"),
      (
        [
          .digitalSignature, .contentCommitment, .keyEncipherment, .dataEncipherment, .keyAgreement,
          .keyCertSign,
          .cRLSign, .encipherOnly, .decipherOnly,
        ], "030307FF80",
        "Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment, Key Agreement, Certificate Sign,"
          + " CRL Sign, Encipher Only, Decipher Only"
      ),
    ] as [(KeyUsage, String, String)])
  func `key usage`(usage: KeyUsage, der: String, text: String) async throws {
    try await expect(usage, der: der, isCritical: true, text: ["X509v3 Key Usage: critical", text])
  }

  @Test func `key usages have RFC 5280's names`() {
    #expect(KeyUsage([.cRLSign, .digitalSignature]).description == "digitalSignature, cRLSign")
    #expect(KeyUsage(rawValue: 0x1ff).names.count == 9)
  }

  @Test(
    arguments: [
      ([.serverAuth], "300A06082B06010505070301", "TLS Web Server Authentication"),
      (
        [.serverAuth, .clientAuth], "301406082B0601050507030106082B06010505070302",
        "TLS Web Server Authentication, TLS Web Client Authentication"
      ),
      ([.any], "30060604551D2500", "Any Extended Key Usage"),
      ([.init(ObjectIdentifier("1.2.3.4"))], "300506032A0304", "1.2.3.4"),
    ] as [([ExtendedKeyUsage.Purpose], String, String)])
  func `extended key usage`(purposes: [ExtendedKeyUsage.Purpose], der: String, text: String) async throws {
    try await expect(ExtendedKeyUsage(purposes), der: der, text: ["X509v3 Extended Key Usage:", text])
  }

  @Test func `a purpose that is no object identifier is refused`() {
    #expect(throws: OpenSSLError.self) {
      try ExtendedKeyUsage([.init(ObjectIdentifier("serverAuth"))]).encoded(isCritical: false)
    }
  }

  @Test(
    arguments: [
      (.isEndEntity, "3000", "CA:FALSE"), (.ca(pathLength: nil), "30030101FF", "CA:TRUE"),
      (.ca(pathLength: 0), "30060101FF020100", "CA:TRUE, pathlen:0"),
      (.ca(pathLength: 300), "30070101FF0202012C", "CA:TRUE, pathlen:300"),
    ] as [(BasicConstraints, String, String)])
  func `basic constraints`(constraints: BasicConstraints, der: String, text: String) async throws {
    try await expect(
      constraints, der: der, isCritical: true, text: ["X509v3 Basic Constraints: critical", text])
    #expect(constraints.isCA == text.hasPrefix("CA:TRUE"))
  }

  @Test func `key identifiers`() async throws {
    // The signing adds a subject key identifier of its own, so the bytes alone are looked at.
    let subject = SubjectKeyIdentifier([1, 2, 0xff])
    #expect(try subject.encoded(isCritical: false).value == bytes("04030102FF"))
    #expect(try SubjectKeyIdentifier(der: bytes("04030102FF")) == subject)
    try await expect(
      AuthorityKeyIdentifier([1, 2, 0xff]), der: "300580030102FF",
      text: ["X509v3 Authority Key Identifier:", "01:02:FF"])
  }

  /// With `authorityCertIssuer` and `authorityCertSerialNumber` only, as old tools wrote it.
  @Test func `an authority key identifier may name the issuer in another way`() throws {
    let der = bytes("3014 A10F A40D300B3109300706035504030C00 820107")
    #expect(try AuthorityKeyIdentifier(der: der).keyIdentifier == nil)
  }

  @Test(
    arguments: [
      ([.dnsName("cp1")], "3005 8203637031", "DNS:cp1"),
      ([.dnsName("*.example.com")], "300F 820D2A2E6578616D706C652E636F6D", "DNS:*.example.com"),
      ([address("10.0.0.10")], "3006 87040A00000A", "IP Address:10.0.0.10"),
      (
        [address("fd00::1")], "3012 8710FD000000000000000000000000000001",
        "IP Address:FD00:0:0:0:0:0:0:1"
      ),
      (
        [.dnsName("a"), .rfc822Name("b@c"), .uniformResourceIdentifier("d:e")],
        "300D 820161 8103624063 8603643A65",
        "DNS:a, email:b@c, URI:d:e"
      ),
      ([.other([0x88, 3, 0x2a, 3, 4])], "3005 88032A0304", "Registered ID:1.2.3.4"),
    ] as [([GeneralName], String, String)])
  func `subject alternative name`(names: [GeneralName], der: String, text: String) async throws {
    try await expect(
      SubjectAlternativeName(names), der: der,
      text: ["X509v3 Subject Alternative Name:", text])
  }

  @Test(arguments: ["cp1,IP:10.0.0.1", "cp1\nIP:10.0.0.1", "cp1\0.example.com", "DNS:cp1", ""])
  func `a hostile name stays one name`(name: String) throws {
    let encoded = try SubjectAlternativeName([.dnsName(name)]).encoded(isCritical: false)
    let decoded = try SubjectAlternativeName(der: encoded.value)
    #expect(decoded.names == [.dnsName(name)] && decoded.ipAddresses.isEmpty)
  }

  /// Addresses that map IPv4 into IPv6 and networks have no meaning in a certificate: they match no address.
  @Test(arguments: ["871000000000000000000000FFFF0A00000A", "87080A000000FF000000", "8700"])
  func `an address of a strange form is not taken for an address`(der: String) throws {
    let content = bytes(der)
    let names = try SubjectAlternativeName(der: [0x30, UInt8(content.count)] + content)
    #expect(names.names == [.other(content)] && names.ipAddresses.isEmpty)
  }

  @Test func `broken values are refused`() {
    for der in ["", "30", "0500", "3003010", "300000"] {
      let value = bytes(der.count.isMultiple(of: 2) ? der : der + "0")
      #expect(throws: OpenSSLError.self, "\(der)") { try KeyUsage(der: value) }
      #expect(throws: OpenSSLError.self, "\(der)") { try ExtendedKeyUsage(der: value) }
      #expect(throws: OpenSSLError.self, "\(der)") { try BasicConstraints(der: value) }
      #expect(throws: OpenSSLError.self, "\(der)") { try SubjectAlternativeName(der: value) }
      #expect(throws: OpenSSLError.self, "\(der)") { try SubjectKeyIdentifier(der: value) }
      #expect(throws: OpenSSLError.self, "\(der)") { try AuthorityKeyIdentifier(der: value) }
    }
  }

  /// Encodes, compares, decodes, and has `openssl` read a certificate with it.
  private func expect<Value: CertificateExtensionValue & Equatable>(
    _ value: Value, der: String, isCritical: Bool = false, text: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let encoded = try value.encoded(isCritical: isCritical)
    #expect(encoded.value == bytes(der), "\(encoded.value.hexadecimal)", sourceLocation: sourceLocation)
    #expect(
      encoded.isCritical == isCritical && encoded.identifier == Value.identifier,
      sourceLocation: sourceLocation)
    #expect(try Value(der: bytes(der)) == value, sourceLocation: sourceLocation)
    let certificate = try Certificate.selfSigned(extensions: [encoded])
    let read = try certificate.extensions.first(Value.self)
    #expect(read == value, sourceLocation: sourceLocation)
    let shown = try await openssl("x509", "-noout", "-text", input: certificate.pem())
    let lines = shown.split(separator: "\n").map { $0.drop { $0 == " " } }
    let index = try #require(
      lines.firstIndex { $0.hasPrefix(text[0]) }, "\(shown)", sourceLocation: sourceLocation)
    let found = lines[(index + 1)...].first ?? ""
    #expect(text[1].isEmpty || found == text[1], sourceLocation: sourceLocation)
  }
}
