@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import StructuredText
import Testing

/// Names of nodes, servers and domains.
struct HostNameTests {
  @Test(arguments: [
    "a", "cp1", "1", "42", "CP1", "a-b", "a.b.c", "xn--nxasmq6b", "1.2.3.d", "10.0.0.10", "localhost",
    NamesTests.label63, NamesTests.name253,
  ])
  func `a node's name is an RFC 1123 subdomain or an IPv4 address`(name: String) throws {
    #expect(try configuration(nodeName: name).nodeName == name.lowercased())
  }

  @Test(arguments: [
    ("", "empty"), ("-a", start), ("a-", start), ("a.-b", start), ("a..b", dots), (".a", dots), ("a.", dots),
    (".", dots),
    ("a_b", letters), ("a b", letters), ("a,IP:10.0.0.1", letters), ("a\nb", letters), ("a\0b", letters),
    ("../x", dots),
    ("x/y", letters), ("👩‍🚀", letters), ("ä", letters), ("\u{212A}", letters), ("a@b", letters),
    ("system:node:a", letters),
    ("::1", letters), ("*.a", wildcard), ("*", wildcard), ("a" + NamesTests.label63, label),
    ("a" + NamesTests.name253, long),
    (String(repeating: "a", count: 10_000), long), ("300.1.1.1", "not an IP address"),
    ("1.2.3", "not an IP address"),
    ("010.0.0.1", "not an IP address"), ("1.2.3.4.5", "not an IP address"),
    ("0.0.0.0", "the unspecified address, which no client can connect to"),
    ("224.0.0.1", "a multicast address"),
    ("255.255.255.255", "the broadcast address"),
  ])
  func `other names are refused with a reason`(name: String, problem: String) throws {
    try expectProblem(problem, of: name) { $0[.nodeName] = $1 }
  }

  static let letters = "not a host name: only the letters a-z, digits, '-' and '.' may be in it"
  static let dots = "not a host name: there is nothing before, between or after its dots"
  static let start = "not a host name: each part between dots starts and ends with a letter or digit"
  static let label = "not a host name: a part between dots has at most 63 characters"
  static let long = "too long: a host name has at most 253 characters"
  static let wildcard = "not a host name: no wildcard can stand here"
  static let leadingWildcard =
    "not a host name: a wildcard may only be its whole first label, as in *.example.com"

  @Test(arguments: NamingStyle.allCases)
  func `a node must not be named as a CA of its tree`(style: NamingStyle) throws {
    var settings = ClusterSettings()
    settings[.style] = Setting(style.rawValue, from: .option("--style"))
    for name in settings.catalog.caNames {
      for spelling in [name, name.uppercased()] {
        settings[.nodeName] = Setting(spelling, from: .option("--node-name"))
        let errors = #expect(throws: PKIErrors.self) { try settings.configuration() }
        #expect(errors?.description == "--node-name: \(spelling.quoted) is the name of a CA of the tree")
      }
    }
  }

  @Test func `a node may be named as a CA of another tree`() throws {
    var settings = ClusterSettings()
    settings[.nodeName] = Setting("kubernetes", from: .option("--node-name"))
    #expect(try settings.configuration().nodeName == "kubernetes")
    settings[.nodeName] = Setting("etcd-ca", from: .option("--node-name"))
    settings[.externalEtcd] = Setting("true", from: .option("--external-etcd"))
    #expect(try settings.configuration().nodeName == "etcd-ca")
  }

  @Test(arguments: [
    ("a", "DNS:a"), ("*.Example.com", "DNS:*.example.com"), ("*.a", "DNS:*.a"), ("10.0.0.1", "IP:10.0.0.1"),
    ("FD00::1", "IP:fd00::1"), ("::ffff:10.0.0.1", "IP:10.0.0.1"), ("127.0.0.1", "IP:127.0.0.1"),
    ("169.254.1.1", "IP:169.254.1.1"),
  ])
  func `a further name is a host name, with a wildcard if need be, or an address`(text: String, name: String)
    throws
  {
    for list in ClusterConfiguration.ExtraNames.allCases {
      let cluster = try configuration(extra: [list: [text]])
      #expect(cluster.extraNames[list]?.map(\.description) == [name])
    }
  }

  @Test(arguments: [
    ("", "empty"), ("*", leadingWildcard), ("*.", "empty"), ("*a.b", leadingWildcard),
    ("a.*.b", leadingWildcard),
    ("*.*.b", leadingWildcard), ("a*", leadingWildcard),
    (
      "a,IP:10.0.0.1",
      colon
    ),
    ("a b", letters), ("a\nb", letters), ("../x", dots), ("https://a", colon), ("a:443", colon),
    ("[::1]", colon),
    ("::1/128", colon), ("10.0.0.0/8", letters), ("a@b", letters),
    ("fe80::1%eth0", "not an IP address: a zone has no meaning to other machines"),
    ("10.0.0.256", "not an IP address"), ("010.0.0.1", "not an IP address"),
    ("0.0.0.0", "the unspecified address, which no client can connect to"),
    ("::", "the unspecified address, which no client can connect to"), ("ff02::1", "a multicast address"),
    ("*.10.0.0", "not an IP address"),
  ])
  func `other further names are refused with a reason`(text: String, problem: String) throws {
    for list in ClusterConfiguration.ExtraNames.allCases {
      let field = try #require(CatalogEntry.SANRule.extra(list).field)
      try expectProblem(problem, of: text) { $0[list: field] = [$1] }
    }
  }

  static let colon = "neither an IP address nor a host name"

  @Test(arguments: [
    ("", "empty"), ("a_b", letters), ("*.a", wildcard), ("cluster.local.", dots),
    ("1.2", "not an IP address"),
    (
      String(NamesTests.name253.prefix(253 - 22)),
      "too long: with kubernetes.default.svc before it, it has more than 253 characters"
    ),
  ])
  func `a domain is an RFC 1123 subdomain that leaves room for the service`(text: String, problem: String)
    throws
  {
    try expectProblem(problem, of: text) { $0[.dnsDomain] = $1 }
    let longest = String(NamesTests.name253.suffix(253 - 23))
    #expect(try configuration(dnsDomain: longest).dnsDomain == longest)
  }
}
