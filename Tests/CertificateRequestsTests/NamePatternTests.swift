@testable import CertificateRequests
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

struct NamePatternTests {
  @Test(arguments: [
    ("jane", "jane", true), ("jane", "Jane", false), ("jane", "janet", false), ("jan", "jane", false),
    ("*", "jane", true), ("*", "", false), ("j*", "jane", true), ("j*", "j", false), ("*e", "jane", true),
    ("j*n*e", "jane", false), ("j*e", "jane", true), ("*a*", "jane", true), ("**", "a", false),
    ("**", "ab", true),
    ("*ab", "aab", true), ("*aab*", "xaaabx", true),
    // A level of names is a level of trust.
    ("*", "system:admin", false), ("system:*", "system:node:w1", false),
    ("system:node:*", "system:node:w1", true),
    ("system:node:*", "system:node:", false), ("system:node:*", "system:node:a:b", false),
    ("*:*", "system:admin", true),
    // To Swift the two spellings are one text, to Kubernetes they are two users.
    ("\u{e9}", "e\u{301}", false), ("\u{e9}", "\u{e9}", true), ("K", "\u{212a}", false),
  ])
  func `a text matches`(pattern: String, value: String, matches: Bool) {
    #expect(NamePattern(text: pattern).matches(value) == matches)
  }

  @Test(arguments: [
    ("a.example.com", "a.example.com", true), ("*.example.com", "a.example.com", true),
    ("*.example.com", "a.b.example.com", false), ("*.example.com", "example.com", false),
    ("*.*.svc", "a.b.svc", true), ("web-*.shop.svc", "web-1.shop.svc", true),
    ("A.Example.com", "a.example.com", true),
    ("*", "localhost", true), ("*", "example.com", false),
    // A wildcard stands for what the pattern grants one by one, and for no more.
    ("*.example.com", "*.example.com", true), ("a*.example.com", "*.example.com", false),
    ("*.com", "*.example.com", false),
  ])
  func `a host name matches`(pattern: String, name: String, matches: Bool) throws {
    #expect(try #require(NamePattern(alternativeName: pattern)).matches(.dnsName(name)) == matches)
  }

  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("10.0.0.0/8", "10.255.0.1", true),
    ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false),
    ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "fd00::1", false), ("::/0", "fd00::1", true),
    ("::/0", "1.2.3.4", false),
    ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe00::1", false), ("10.9.9.9/8", "10.0.0.1", true),
  ])
  func `an address matches`(pattern: String, value: String, matches: Bool) throws {
    #expect(try #require(NamePattern(alternativeName: pattern)).matches(address(value)) == matches)
  }

  @Test(arguments: [
    ("email:*@example.com", GeneralName.rfc822Name("jane@example.com"), true),
    ("email:*@example.com", .rfc822Name("jane@evil@example.com"), false),
    ("email:*", .rfc822Name("jane@example.com"), false),
    (
      "URI:spiffe://cluster.local/ns/*/sa/*", .uniformResourceIdentifier("spiffe://cluster.local/ns/a/sa/b"),
      true
    ),
    ("URI:spiffe://cluster.local/*", .uniformResourceIdentifier("spiffe://cluster.local/ns/a"), false),
    ("example.com", .rfc822Name("example.com"), false), ("email:a@b", .dnsName("a@b"), false),
    ("10.0.0.1", .dnsName("10.0.0.1"), false), ("*", address("10.0.0.1"), false),
    ("*", .other([5, 0]), false),
  ])
  func `other kinds match their own patterns only`(pattern: String, name: GeneralName, matches: Bool) throws {
    #expect(try #require(NamePattern(alternativeName: pattern)).matches(name) == matches)
  }

  @Test(arguments: [
    "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "a/8", "fd00::/129", "1:2", "email:", "URI:", "a:b",
  ])
  func `what can match nothing is refused`(pattern: String) {
    #expect(NamePattern(alternativeName: pattern) == nil)
    #expect(throws: PKIErrors.self) { try NamePattern.list([Setting(pattern, from: .option("--allow-san"))]) }
  }

  @Test func `a long value costs no time`() {
    let pattern = NamePattern(text: String(repeating: "*a", count: 20) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
  }
}
