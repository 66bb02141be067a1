import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Addresses, ports and endpoints.
struct EndpointTests {
  @Test(arguments: [
    ("10.0.0.10", "10.0.0.10"), ("2001:DB8::10", "2001:db8::10"), ("::ffff:10.0.0.10", "10.0.0.10"),
    ("127.0.0.1", "127.0.0.1"),
  ])
  func `an advertised address is one that clients can connect to`(text: String, address: String) throws {
    #expect(try configuration(advertiseAddress: text).advertiseAddress?.description == address)
  }

  @Test(arguments: [
    ("", "not an IP address"), ("cp1", "not an IP address"), ("010.0.0.10", "not an IP address"),
    ("10.0.0", "not an IP address"),
    ("10.0.0.10/24", "not an IP address"), ("10.0.0.10:6443", "not an IP address"),
    ("[::1]", "not an IP address"),
    (" 10.0.0.10", "not an IP address"),
    ("fe80::1%eth0", "not an IP address: a zone has no meaning to other machines"),
    ("0.0.0.0", "the unspecified address, which no client can connect to"),
    ("::", "the unspecified address, which no client can connect to"),
    ("224.0.0.1", "a multicast address"), ("ff02::1", "a multicast address"),
    ("255.255.255.255", "the broadcast address"),
    ("169.254.1.1", "a link-local address, which other machines cannot connect to"),
    ("fe80::1", "a link-local address, which other machines cannot connect to"),
  ])
  func `other addresses are refused with a reason`(text: String, problem: String) throws {
    try expectProblem(problem, of: text) { $0[.advertiseAddress] = $1 }
  }

  @Test(arguments: ["1", "443", "6443", "65535"])
  func `a port is a number from 1 to 65535`(text: String) throws {
    #expect(try configuration(bindPort: text).bindPort == Int(text))
  }

  @Test(arguments: [
    "", "0", "-1", "+1", "065", "65536", "99999999999999999999", "6443.0", "6443 ", "0x50", "https", "٤",
  ])
  func `other ports are refused`(text: String) throws {
    try expectProblem("not a port: a number from 1 to 65535", of: text) { $0[.bindPort] = $1 }
  }

  @Test(arguments: [
    ("api", "https://api:6443"), ("api:443", "https://api:443"), ("api:", "https://api:6443"),
    ("API.Example.com:443", "https://api.example.com:443"), ("10.0.0.1", "https://10.0.0.1:6443"),
    ("10.0.0.1:443", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:6443"),
    ("[fd00::1]", "https://[fd00::1]:6443"),
    ("[fd00::1]:443", "https://[fd00::1]:443"), ("[fd00::1]:", "https://[fd00::1]:6443"),
    // As in kubeadm: without brackets it is an address, whole.
    ("fd00::1:443", "https://[fd00::1:443]:6443"),
  ])
  func `an endpoint is a host and maybe a port`(text: String, url: String) throws {
    #expect(try configuration(endpoint: text).controlPlaneURL == url)
  }

  @Test(arguments: [
    ("", "empty"), (":443", "empty"), ("api:0", port), ("api:65536", port), ("api:x", port), ("api:-1", port),
    ("api:443 ", port),
    ("[fd00::1]:x", port), ("https://api", port), ("https://api:443", HostNameTests.colon),
    ("api:443:444", HostNameTests.colon),
    ("api/path", HostNameTests.letters),
    ("*.example.com", HostNameTests.wildcard), ("user@api", HostNameTests.letters), ("[api]:443", brackets),
    ("[10.0.0.1]:443", brackets),
    ("[fd00::1", brackets),
    ("[fd00::1]x", brackets), ("[]", brackets), ("[", brackets), ("fd00::1]", HostNameTests.colon),
    ("0.0.0.0:443", "the unspecified address, which no client can connect to"),
    ("[::]:443", "the unspecified address, which no client can connect to"),
    ("224.0.0.1", "a multicast address"),
    ("10.0.0.256", "not an IP address"), ("[fe80::1%eth0]:443", brackets), ("a_b", HostNameTests.letters),
    ("a\nb:1", HostNameTests.letters),
  ])
  func `other endpoints are refused with a reason`(text: String, problem: String) throws {
    try expectProblem(problem, of: text) { $0[.controlPlaneEndpoint] = $1 }
  }

  static let port = "not HOST:PORT: a port is a number from 1 to 65535"
  static let brackets = "not an IPv6 address in brackets"
}
