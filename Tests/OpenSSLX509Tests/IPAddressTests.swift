import OpenSSLX509
import Testing

/// Addresses as texts and as bytes.
struct IPAddressTests {
  @Test(arguments: [
    ("10.0.0.10", "10.0.0.10", "0A00000A"), ("0.0.0.0", "0.0.0.0", "00000000"),
    ("255.255.255.255", "255.255.255.255", "FFFFFFFF"), ("::1", "::1", "00000000000000000000000000000001"),
    ("FD00:10:96::1", "fd00:10:96::1", "FD000010009600000000000000000001"),
    ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1", "20010DB8000000000001000000000001"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "20010DB8000000010001000100010001"),
    ("64:ff9b::10.0.0.1", "64:ff9b::a00:1", "0064FF9B00000000000000000A000001"),
    // What maps IPv4 into IPv6 is IPv4, as in Go.
    ("::ffff:10.0.0.10", "10.0.0.10", "0A00000A"), ("::ffff:a00:a", "10.0.0.10", "0A00000A"),
  ])
  func `an address is read and written`(text: String, canonical: String, content: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == canonical && address.bytes == bytes(content))
    #expect(address.isIPv6 == (content.count == 32))
    #expect(IPAddress(canonical) == address && IPAddress(bytes: bytes(content)) == address)
    #expect(address.urlHost == (address.isIPv6 ? "[\(canonical)]" : canonical))
  }

  @Test(arguments: [
    "", " ", "10.0.0", "10.0.0.0.1", "10.0.0.256", "010.0.0.1", "10.0.0.01", "10.0.0.00", "0x0a.0.0.1", "1",
    "10.0.0.1 ", " 10.0.0.1", "10.0.0.1\n", "10.0.0.1\0", "10.0.0.1/8", "10.0.0.1:80", "１０.0.0.1",
    "fe80::1%eth0",
    "fe80::1%1", "[::1]", ":", ":::", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g",
    "::ffff:010.0.0.1", "::ffff:10.0.0.256", "localhost", "١.٢.٣.٤",
    "0000:0000:0000:0000:0000:ffff:192.168.100.2288",
  ])
  func `what is no address is none`(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: [0, 1, 3, 5, 15, 17])
  func `an address has 4 bytes or 16`(count: Int) {
    #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test(arguments: [
    ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("::ffff:0.0.0.0", "unspecified"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.255", "loopback"), ("::1", "loopback"), ("128.0.0.1", ""), ("::2", ""), ("1::1", ""),
    ("224.0.0.1", "multicast"), ("239.255.255.255", "multicast"), ("223.255.255.255", ""), ("240.0.0.1", ""),
    ("ff02::1", "multicast"), ("fe00::1", ""), ("169.254.1.1", "link-local"), ("169.255.1.1", ""),
    ("fe80::1", "link-local"), ("febf::1", "link-local"), ("fec0::1", ""), ("255.255.255.255", "broadcast"),
    ("255.255.255.254", ""), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"), ("10.0.0.10", ""),
    ("fd00::1", ""), ("2001:db8::1", ""),
  ])
  func `the kinds of address are distinguished`(text: String, kind: String) throws {
    let address = try #require(IPAddress(text))
    let kinds = [
      "unspecified": address.isUnspecified, "loopback": address.isLoopback, "multicast": address.isMulticast,
      "link-local": address.isLinkLocal, "broadcast": address.isBroadcast,
    ]
    #expect(kinds.filter(\.value).map(\.key) == (kind.isEmpty ? [] : [kind]))
  }
}
