import OpenSSLX509
import TestSupport
import Testing

/// Names: their order, their string types and what they say.
struct DistinguishedNameTests {
  @Test func `organizations come before the common name`() async throws {
    let name = try DistinguishedName(organizations: ["system:masters"], commonName: "kubernetes-admin")
    #expect(name.description == "O = system:masters, CN = kubernetes-admin")
    #expect(name.commonName == "kubernetes-admin" && name.organizations == ["system:masters"])
    #expect(
      try await Self.parsed(name) == ["PRINTABLESTRING:system:masters", "PRINTABLESTRING:kubernetes-admin"])
  }

  /// As Go writes them: one SET, which DER sorts.
  @Test func `several organizations share one set`() async throws {
    let name = try DistinguishedName(organizations: ["c-org", "a-org", "b-org"], commonName: "x")
    #expect(name.organizations == ["a-org", "b-org", "c-org"])
    let sets = try await openssl("asn1parse", input: pem("NAME", name.der)).split(separator: "\n")
      .filter { $0.contains("SET") }
    #expect(sets.count == 2)
  }

  @Test func `names that are alike are alike whatever order they were given in`() throws {
    let one = try DistinguishedName(organizations: ["a", "b"], commonName: "x")
    #expect(try one == DistinguishedName(organizations: ["b", "a"], commonName: "x"))
    #expect(try one != DistinguishedName(organizations: ["a"], commonName: "x"))
  }

  @Test(arguments: [
    "abcxyz ABCXYZ 0189", "'()+,-./:=?", "system:node:cp1.example.com", String(repeating: "n", count: 265),
  ])
  func `what PrintableString can write is one`(value: String) async throws {
    let name = try DistinguishedName(commonName: value)
    #expect(try await Self.parsed(name) == ["PRINTABLESTRING:\(value)"])
    #expect(name.commonName == value)
  }

  @Test(arguments: [
    "a@b", "a*b", "a&b", "a_b", "a;b", "a\"b", "é", "名前", "👩‍🚀", String(repeating: "é", count: 200),
  ])
  func `everything else is UTF8String`(value: String) async throws {
    let name = try DistinguishedName(commonName: value)
    #expect(try await Self.parsed(name).map { $0.prefix(11) } == ["UTF8STRING:"])
    #expect(name.commonName == value)
    let subject = try await openssl(
      "x509", "-noout", "-subject", "-nameopt", "utf8", input: Certificate.selfSigned(name).pem())
    #expect(
      subject == "subject=CN=\(value)\n" || subject == "subject=CN = \(value)\n"
        || value.contains { ";\"".contains($0) })
  }

  @Test(arguments: [
    "a,IP:10.0.0.1", "a/O=system:masters", "a\nO=system:masters", "a + O=system:masters", "a\0b",
  ])
  func `a value is one value whatever is in it`(value: String) throws {
    let name = try DistinguishedName(der: DistinguishedName(commonName: value).der)
    #expect(name.attributes.map(\.value) == [value])
    #expect(name.organizations.isEmpty)
  }

  @Test func `a name without attributes is legal, and has no common name`() throws {
    let name = try DistinguishedName(commonName: nil)
    #expect(name.der == [0x30, 0] && name.commonName == nil && name.description.isEmpty)
  }

  @Test(arguments: ["", "30", "3001", "0400", "3000 00"])
  func `what is no name is refused`(der: String) {
    #expect(throws: OpenSSLError.self) { try DistinguishedName(der: bytes(der)) }
  }

  /// The string types and values in a name, by `openssl asn1parse`.
  private static func parsed(_ name: DistinguishedName) async throws -> [String] {
    try await openssl("asn1parse", input: pem("NAME", name.der)).split(separator: "\n")
      .compactMap { line in
        let parts =
          line.split(separator: "prim:", maxSplits: 1).last?.split(separator: ":", maxSplits: 1) ?? []
        guard parts.count == 2, parts[0].contains("STRING") else { return nil }
        return "\(parts[0].filter { $0 != " " }):\(parts[1])"
      }
  }

  @Test(arguments: [
    ("x", "CN = x"), ("system:kube-scheduler", "CN = system:kube-scheduler"), ("a = b", "CN = a = b"),
    ("jane, O = system:masters", #"CN = "jane, O = system:masters""#), ("a+b", #"CN = "a+b""#),
    ("say \"x\"", #"CN = "say \"x\"""#), (#"a\b"#, #"CN = "a\\b""#), (" x", #"CN = " x""#),
    ("x ", #"CN = "x ""#),
    ("#0101ff", ##"CN = "#0101ff""##), ("a\nb", #"CN = "a\0Ab""#), ("a\u{202e}b", #"CN = "a\E2\80\AEb""#),
    ("Müller", "CN = Müller"), ("a;b", #"CN = "a;b""#),
  ])
  func `no value can look like another attribute`(value: String, description: String) throws {
    #expect(try DistinguishedName(commonName: value).description == description)
  }

  /// A BIT STRING is no text to Go, which then sees no common name.
  @Test func `a value that is no text is shown in hexadecimal and is no name`() throws {
    let type = bytes("0603550403")
    let value = der(3, [0, 0xca, 0xfe])
    let name = try DistinguishedName(der: der(0x30, der(0x31, der(0x30, type, value))))
    #expect(name.description == "CN = #030300cafe")
    #expect(name.commonName == nil && name.attributes.map(\.isText) == [false])
  }
}
