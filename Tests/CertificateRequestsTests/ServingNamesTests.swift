@testable import CertificateRequests
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// The SANs with which a node could pose as another server.
struct ServingNamesTests {
  private let apiServer: [GeneralName] = [
    .dnsName("cp1"), .dnsName("K8s.Example.Com"), address("10.96.0.1"), address("10.0.0.10"),
  ]

  @Test(
    arguments: [
      ("w1", "w1", nil), ("w1", "w1.example.com", nil), ("w1.example.com", "w1", nil),
      ("w1.example.com", "w1.example.com", nil), ("W1", "w1", nil), ("cp1", "cp1", nil),
      ("w1.example.com", "W1.internal", nil), ("w1.example.com", "w1.example.org", nil),
      // A cloud's names of the same machine look like those of another one.
      (
        "ip-10-0-0-21.ec2.internal", "ec2-203-0-113-21.compute.amazonaws.com",
        "not known as a name of the node ip-10-0-0-21.ec2.internal"
      ),
      ("w1", "w2.example.com", "not known as a name of the node w1"),
      ("w1", "w1-internal.example.com", "not known as a name of the node w1"),
      ("w1.a.example.com", "w2.b.example.com", "not known as a name of the node w1.a.example.com"),
      ("w1", "w2", "the name of another machine"), ("w1", "w", "the name of another machine"),
      ("w1.example.com", "w2.example.com", "the name of another machine"),
      ("w1.example.com", "w2", "the name of another machine"),
      ("w1", "kubernetes", "a name of the API server"), ("w1", "KUBERNETES", "a name of the API server"),
      ("w1", "kubernetes.default", "a name of the API server"),
      ("w1", "kubernetes.default.svc.any.domain", "a name of the API server"),
      ("kubernetes", "kubernetes", "a name of the API server"),
      ("w1", "k8s.example.com", "a name of the API server"), ("w1", "cp1", "a name of the API server"),
      ("k8s", "k8s.example.com", "a name of the API server"), ("k8s", "k8s", nil),
      ("k8s", "k8s.example.org", nil),
      ("k8s.example.com.pods", "k8s.example.com", "a name of the API server"),
      ("w1", "localhost", "a name of every machine"),
      ("w1", "*.example.com", "a name of the API server"),
      ("w1", "*.default.svc", "a name of the API server"),
      ("w1.example.org", "*.example.org", "a name of every machine of its domain"),
      ("w1.example.org", "*.w1.example.org", nil), ("w1.example.org", "*.pods.w1.example.org", nil),
    ] as [(String, String, String?)])
  func `a DNS name is the node's own, or another server's`(node: String, name: String, owner: String?) throws
  {
    #expect(try self.owner(of: .dnsName(name), node: node) == owner)
  }

  @Test(
    arguments: [
      ("10.0.0.21", nil), ("fd00::21", nil), ("10.0.0.10", "an address of the API server"),
      ("10.96.0.1", "an address of the API server"), ("127.0.0.1", "an address of every machine"),
      ("127.1.2.3", "an address of every machine"), ("::1", "an address of every machine"),
    ] as [(String, String?)])
  func `an address is the node's own, or another server's`(text: String, owner: String?) throws {
    #expect(try self.owner(of: address(text), node: "w1") == owner)
  }

  /// Each: a pattern, a name, and whether it is granted to w1.
  @Test(
    arguments: [
      ("*", "w1", true), ("*", "w2", false), ("w2", "w2", true), ("w*", "w2", false),
      ("*", "kubernetes", false), ("kubernetes", "kubernetes", true),
      ("*.example.com", "w1.example.com", true),
      ("*.example.com", "w1.example.com", true), ("*.example.com", "w2.example.com", false),
      ("w*.example.com", "w2.example.com", false), ("w2.example.com", "w2.example.com", true),
      ("*.example.com", "k8s.example.com", false), ("*.example.com", "*.example.com", false),
      ("10.0.0.0/24", "10.0.0.21", true),
      ("10.0.0.0/24", "10.0.0.10", false), ("10.0.0.10/32", "10.0.0.10", true),
      ("10.0.0.10", "10.0.0.10", true),
    ])
  func `only a pattern for one name grants another server's`(pattern: String, name: String, isGranted: Bool)
    throws
  {
    var policy = ApprovalPolicy(cn: ["system:node:*"], san: [pattern])
    policy.apiServerNames = apiServer
    let request = CSRFixture.kubeletServing.with {
      $0.names = [IPAddress(name).map { .ipAddress($0) } ?? .dnsName(name)]
    }
    #expect(try request.codes(policy) == (isGranted ? [] : ["name-not-allowed"]))
  }

  @Test func `other signers are asked for servers of any name`() throws {
    let request = CSRFixture(
      names: [.dnsName("kubernetes")], signerName: "example.com/x", usages: ["server auth"])
    #expect(try request.codes(ApprovalPolicy(cn: ["jane"], san: ["*"])) == [])
  }

  @Test func `a summary points such names out`() throws {
    let request = CSRFixture.kubeletServing.with { $0.names = [.dnsName("kubernetes"), .dnsName("w1")] }
    let notes = try CSRSummary(request.made()).notes
    #expect(notes.contains("DNS:kubernetes is a name of the API server"), "\(notes)")
    #expect(!notes.contains { $0.hasPrefix("DNS:w1 ") })
  }

  private func owner(of name: GeneralName, node: String) throws -> String? {
    let request = CSRFixture.kubeletServing.with {
      $0.commonName = "system:node:\(node)"
      $0.names = [name]
    }
    let examination = CSRExamination(try request.made())
    return examination.foreignOwner(of: try #require(examination.content.names.first), apiServer: apiServer)
  }
}
