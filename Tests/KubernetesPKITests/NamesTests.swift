@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Which names the servers' certificates carry, by table.
struct NamesTests {
  /// What is said of a cluster, and the names that follow from it; `K` stands for the names of the service `kubernetes`.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var nodeName = "cp1"
    var address = "10.0.0.10"
    var endpoint: String?
    var subnets: String?
    var domain: String?
    var extra: [String] = []
    let apiserver: [String]
    let etcd: [String]
  }

  static let cases = [
    Case(
      testDescription: "the usual node",
      apiserver: ["DNS:cp1", "K", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "IPv6 only", address: "2001:DB8::0010", subnets: "fd00:10:96::/112",
      apiserver: ["DNS:cp1", "K", "IP:fd00:10:96::1", "IP:2001:db8::10"],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:2001:db8::10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "dual-stack", subnets: "10.96.0.0/16,fd00:10:96::/112",
      apiserver: ["DNS:cp1", "K", "IP:10.96.0.1", "IP:fd00:10:96::1", "IP:10.0.0.10"],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "dual-stack, IPv6 first", subnets: "fd00:10:96::/112,10.96.0.128/25",
      apiserver: ["DNS:cp1", "K", "IP:fd00:10:96::1", "IP:10.96.0.129", "IP:10.0.0.10"],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a load balancer by name", endpoint: "API.example.com:443",
      apiserver: ["DNS:api.example.com", "DNS:cp1", "K", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a load balancer by address", endpoint: "[2001:db8::1]:6443",
      apiserver: ["DNS:cp1", "K", "IP:10.96.0.1", "IP:10.0.0.10", "IP:2001:db8::1"],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "labels of 63 characters", nodeName: label63 + "." + label63,
      apiserver: ["DNS:" + label63 + "." + label63, "K", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: ["DNS:" + label63 + "." + label63, "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a node name of 253 characters", nodeName: name253,
      apiserver: ["DNS:" + name253, "K", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: ["DNS:" + name253, "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "an upper-case node name", nodeName: "CP1.Example.COM",
      apiserver: ["DNS:cp1.example.com", "K", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: ["DNS:cp1.example.com", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a node named localhost", nodeName: "localhost",
      apiserver: ["K", "DNS:localhost", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: ["DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a node named by its address", nodeName: "10.0.0.10",
      apiserver: ["K", "IP:10.0.0.10", "IP:10.96.0.1"],
      etcd: ["DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a node named kubernetes, on loopback", nodeName: "kubernetes", address: "127.0.0.1",
      apiserver: ["K", "IP:10.96.0.1", "IP:127.0.0.1"],
      etcd: ["DNS:kubernetes", "DNS:localhost", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "names that are there already, twice, in another case and form",
      extra: [
        "cp1", "CP1", "kubernetes", "10.0.0.10", "::ffff:10.0.0.10", "*.example.com", "*.EXAMPLE.com", "z",
        "a",
      ],
      apiserver: ["DNS:*.example.com", "DNS:a", "DNS:cp1", "K", "DNS:z", "IP:10.96.0.1", "IP:10.0.0.10"],
      etcd: [
        "DNS:*.example.com", "DNS:a", "DNS:cp1", "DNS:kubernetes", "DNS:localhost", "DNS:z", "IP:10.0.0.10",
        "IP:127.0.0.1", "IP:::1",
      ]),
    Case(
      testDescription: "addresses that the user adds come last, in their order",
      extra: ["192.0.2.9", "2001:db8::9", "192.0.2.1"],
      apiserver: [
        "DNS:cp1", "K", "IP:10.96.0.1", "IP:10.0.0.10", "IP:192.0.2.9", "IP:2001:db8::9", "IP:192.0.2.1",
      ],
      etcd: [
        "DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1", "IP:192.0.2.9",
        "IP:2001:db8::9",
        "IP:192.0.2.1",
      ]),
    Case(
      testDescription: "another domain", domain: "K8S.example.com",
      apiserver: [
        "DNS:cp1", "DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc",
        "DNS:kubernetes.default.svc.k8s", "DNS:kubernetes.default.svc.k8s.example.com", "IP:10.96.0.1",
        "IP:10.0.0.10",
      ],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
    Case(
      testDescription: "a domain of one label", domain: "local",
      apiserver: [
        "DNS:cp1", "DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc",
        "DNS:kubernetes.default.svc.local", "IP:10.96.0.1", "IP:10.0.0.10",
      ],
      etcd: ["DNS:cp1", "DNS:localhost", "IP:10.0.0.10", "IP:127.0.0.1", "IP:::1"]),
  ]

  static let label63 = String(repeating: "a", count: 63)
  static let name253 = String(repeating: label63 + ".", count: 3) + String(repeating: "b", count: 61)

  /// The names of the service `kubernetes`, as the documentation tables them.
  static let service = [
    "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster",
    "kubernetes.default.svc.cluster.local",
  ].map { "DNS:\($0)" }

  @Test(arguments: cases)
  func `names follow from the cluster`(given: Case) throws {
    let cluster = try configuration(
      nodeName: given.nodeName, advertiseAddress: given.address, endpoint: given.endpoint,
      serviceSubnet: given.subnets, dnsDomain: given.domain,
      extra: [.apiServer: given.extra, .etcdServer: given.extra, .etcdPeer: given.extra])
    let expected: [CatalogEntry.ID: [String]] = [
      .apiserver: given.apiserver, .etcdServer: given.etcd, .etcdPeer: given.etcd,
    ]
    for profile in Catalog.documented.certificates where !profile.isOptional {
      let names = (expected[profile.id] ?? []).flatMap { $0 == "K" ? Self.service : [$0] }
      #expect(profile.sans(in: cluster).map(\.description) == names, "\(profile.id)")
    }
    // kubeadm lacks the one name that the documentation has and no client uses.
    let kubeadm = try #require(Catalog.kubeadm(.newestKnown)[CatalogEntry.ID.apiserver])
    let documented = try #require(Catalog.documented[CatalogEntry.ID.apiserver]).sans(in: cluster)
    let fewer = given.domain == "local" ? 0 : 1
    #expect(kubeadm.sans(in: cluster).count == documented.count - fewer)
  }

  @Test func `what is added to one certificate is not in the others`() throws {
    let cluster = try configuration(
      extra: [.apiServer: ["a"], .etcdServer: ["b"], .etcdPeer: ["c"], .kubeletServer: ["d"]])
    let names = Catalog.documented.certificates.filter { !$0.sans.isEmpty }.map { profile in
      profile.sans(in: cluster).map(\.description).filter { $0.count == 5 }
    }
    #expect(names == [["DNS:a"], ["DNS:b"], ["DNS:c"], ["DNS:d"]])
  }

  /// A worker has no API server, so its address may be unknown; what is added comes after it.
  @Test(
    arguments: [
      ("w1", "10.0.0.21", ["DNS:w1", "DNS:w1.example.com", "IP:10.0.0.21", "IP:fd00::21"]),
      ("w1", nil, ["DNS:w1", "DNS:w1.example.com", "IP:fd00::21"]),
      ("10.0.0.21", "10.0.0.21", ["DNS:w1.example.com", "IP:10.0.0.21", "IP:fd00::21"]),
    ] as [(String, String?, [String])])
  func `a kubelet serves as its node`(node: String, address: String?, expected: [String]) throws {
    let cluster = try configuration(
      nodeName: node, advertiseAddress: address, endpoint: "api.example.com",
      extra: [.kubeletServer: ["fd00::21", "w1.example.com"], .apiServer: ["a"]])
    let profile = try #require(Catalog.documented[CatalogEntry.ID.kubeletServer])
    #expect(profile.sans(in: cluster).map(\.description) == expected)
    #expect(profile.facts == [.nodeName])
  }

  /// A node with an API server has its kubelet talk to that; any other needs the control plane's address.
  @Test(
    arguments: [
      ("10.0.0.10", "api.example.com:8443", "https://10.0.0.10:6443"),
      ("10.0.0.10", nil, "https://10.0.0.10:6443"),
      (nil, "api.example.com:8443", "https://api.example.com:8443"),
      (nil, "api.example.com", "https://api.example.com:6443"),
    ] as [(String?, String?, String)])
  func `a kubelet talks to the nearest API server`(address: String?, endpoint: String?, url: String) throws {
    let cluster = try configuration(nodeName: "w1", advertiseAddress: address, endpoint: endpoint)
    for catalog in [Catalog.documented, .kubeadm(.newestKnown)] {
      #expect(catalog[.kubelet]?.kubeconfig?.serverURL(in: cluster) == url)
      #expect(catalog[.kubelet]?.facts == [.nodeName, .controlPlane])
      #expect(catalog[.scheduler]?.facts == [.advertiseAddress])
    }
  }

  @Test(arguments: [
    (nil, nil, "https://10.0.0.10:6443", "https://10.0.0.10:6443"),
    (nil, "443", "https://10.0.0.10:443", "https://10.0.0.10:443"),
    ("api.example.com", nil, "https://10.0.0.10:6443", "https://api.example.com:6443"),
    ("api.example.com", "7443", "https://10.0.0.10:7443", "https://api.example.com:7443"),
    ("api.example.com:8443", "7443", "https://10.0.0.10:7443", "https://api.example.com:8443"),
    ("2001:db8::1", nil, "https://10.0.0.10:6443", "https://[2001:db8::1]:6443"),
    ("[2001:db8::1]:443", nil, "https://10.0.0.10:6443", "https://[2001:db8::1]:443"),
    ("192.0.2.1:443", nil, "https://10.0.0.10:6443", "https://192.0.2.1:443"),
  ])
  func `the administrators' kubeconfigs point to the load balancer and the others to the node`(
    endpoint: String?, port: String?, local: String, controlPlane: String
  ) throws {
    let cluster = try configuration(
      nodeName: "cp1", advertiseAddress: "10.0.0.10", bindPort: port, endpoint: endpoint)
    for catalog in [Catalog.documented, .kubeadm(.newestKnown)] {
      for profile in catalog.kubeconfigs {
        let expected = [.admin, .superAdmin].contains(profile.id) ? controlPlane : local
        #expect(profile.kubeconfig?.serverURL(in: cluster) == expected, "\(profile.id)")
      }
    }
  }

  @Test func `an IPv6 address stands in brackets in a URL`() throws {
    let cluster = try configuration(advertiseAddress: "fd00::10")
    #expect(cluster.localURL == "https://[fd00::10]:6443" && cluster.controlPlaneURL == cluster.localURL)
    #expect(try configuration().localURL == nil && configuration().controlPlaneURL == nil)
  }
}
