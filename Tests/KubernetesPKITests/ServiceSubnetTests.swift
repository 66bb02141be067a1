import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Networks of service addresses.
struct ServiceSubnetTests {
  @Test(arguments: [
    ("10.96.0.0/12", ["10.96.0.0/12"], ["10.96.0.1"]), ("10.96.1.77/16", ["10.96.0.0/16"], ["10.96.0.1"]),
    ("10.96.0.128/25", ["10.96.0.128/25"], ["10.96.0.129"]),
    ("10.96.0.16/28", ["10.96.0.16/28"], ["10.96.0.17"]),
    ("10.96.0.31/28", ["10.96.0.16/28"], ["10.96.0.17"]),
    ("FD00:10:96::/112", ["fd00:10:96::/112"], ["fd00:10:96::1"]),
    ("fd00::f0/124", ["fd00::f0/124"], ["fd00::f1"]), ("fd00::/108", ["fd00::/108"], ["fd00::1"]),
    ("10.96.0.0/16,fd00::/112", ["10.96.0.0/16", "fd00::/112"], ["10.96.0.1", "fd00::1"]),
    ("fd00::/112,10.96.0.0/16", ["fd00::/112", "10.96.0.0/16"], ["fd00::1", "10.96.0.1"]),
  ])
  func `a service network is one that kube-apiserver takes`(
    text: String, networks: [String], addresses: [String]
  ) throws {
    let cluster = try configuration(serviceSubnet: text)
    #expect(cluster.serviceSubnets.map(\.description) == networks)
    #expect(cluster.serviceSubnets.map(\.firstAddress.description) == addresses)
  }

  @Test(arguments: [
    ("", network), ("10.96.0.0", network), ("10.96.0.0/", network), ("/12", network),
    ("10.96.0.0/33", network),
    ("10.96.0.0/-1", network), ("10.96.0.0/+12", network), ("10.96.0.0/012", network),
    ("10.96.0.0/12/12", network),
    ("10.96.0.0/255.240.0.0", network), ("010.96.0.0/12", network), ("10.96.0/12", network),
    ("fd00::/129", network),
    ("10.96.0.0/16, fd00::/112", network), ("10.96.0.0/16,", network), (",", network),
    ("cluster/12", network),
    ("10.96.0.0/99999999999999999999", network), ("10.96.0.0/١٢", network),
    ("10.96.0.0/29", "too small: it needs room for an API server address, a prefix of at most /28"),
    ("10.96.0.0/32", "too small: it needs room for an API server address, a prefix of at most /28"),
    ("fd00::/125", "too small: it needs room for an API server address, a prefix of at most /124"),
    ("10.0.0.0/8", "too large for kube-apiserver: its prefix must be at least /12"),
    ("0.0.0.0/0", "too large for kube-apiserver: its prefix must be at least /12"),
    ("fd00::/64", "too large for kube-apiserver: its prefix must be at least /108"),
    ("10.96.0.0/16,10.97.0.0/16", families), ("fd00::/112,fd01::/112", families),
    ("10.96.0.0/16,fd00::/112,10.97.0.0/16", families), ("224.0.0.0/16", "a network of multicast addresses"),
    ("ff02::/112", "a network of multicast addresses"),
    ("::ffff:10.96.0.0/112", mapped), ("::ffff:10.96.0.0/16", mapped),
  ])
  func `other networks are refused with a reason`(text: String, problem: String) throws {
    try expectProblem(problem, of: text) { $0[.serviceSubnets] = $1 }
  }

  static let network = "not a network; write it as 10.96.0.0/12 or fd00:10:96::/112"
  static let families = "not one network, or one of IPv4 and one of IPv6"
  static let mapped = "not a network: addresses that map IPv4 into IPv6 are not used in one"
}
