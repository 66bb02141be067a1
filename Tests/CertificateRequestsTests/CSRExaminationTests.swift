@testable import CertificateRequests
import OpenSSLX509
import PKITestSupport
import Testing

/// Each rule of Kubernetes' signers, kept and broken; the messages are kube-controller-manager's where it has one.
struct CSRExaminationTests {
  /// A request and the reasons against it.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let request: CSRFixture
    let codes: [String]

    init(_ description: String, _ request: CSRFixture, _ codes: String...) {
      testDescription = description
      self.request = request
      self.codes = codes
    }
  }

  static let kubeletClient: [Case] = [
    Case("as the kubelet asks", .kubeletClient),
    Case(
      "as it asks with an RSA key",
      .kubeletClient.with { $0.usages = ["digital signature", "key encipherment", "client auth"] }),
    Case("the order says nothing", .kubeletClient.with { $0.usages = ["client auth", "digital signature"] }),
    Case("no group", .kubeletClient.with { $0.organizations = [] }, "wrong-organization"),
    Case("another group", .kubeletClient.with { $0.organizations = ["system:node"] }, "wrong-organization"),
    Case(
      "a group more", .kubeletClient.with { $0.organizations = ["system:nodes", "dev"] }, "wrong-organization"
    ),
    Case(
      "the group twice", .kubeletClient.with { $0.organizations = ["system:nodes", "system:nodes"] },
      "wrong-organization"),
    Case("no node", .kubeletClient.with { $0.commonName = "w1" }, "wrong-common-name"),
    Case("another case", .kubeletClient.with { $0.commonName = "system:Node:w1" }, "wrong-common-name"),
    Case("a DNS name", .kubeletClient.with { $0.names = [.dnsName("w1")] }, "name-kind-not-allowed"),
    Case("an address", .kubeletClient.with { $0.names = [address("10.0.0.1")] }, "name-kind-not-allowed"),
    Case(
      "a mail address", .kubeletClient.with { $0.names = [.rfc822Name("a@b.c")] }, "name-kind-not-allowed"),
    Case(
      "a URI", .kubeletClient.with { $0.names = [.uniformResourceIdentifier("a:b")] }, "name-kind-not-allowed"
    ),
    Case("no signature", .kubeletClient.with { $0.usages = ["client auth"] }, "usage-missing"),
    Case("no client", .kubeletClient.with { $0.usages = ["digital signature"] }, "usage-missing"),
    Case(
      "a server too",
      .kubeletClient.with { $0.usages = ["digital signature", "client auth", "server auth"] },
      "usage-not-allowed"),
  ]

  static let kubeletServing: [Case] = [
    Case("as the kubelet asks", .kubeletServing),
    Case(
      "as it asks with an RSA key",
      .kubeletServing.with { $0.usages = ["digital signature", "key encipherment", "server auth"] }),
    Case("a name alone", .kubeletServing.with { $0.names = [.dnsName("w1")] }),
    Case("an address alone", .kubeletServing.with { $0.names = [address("fd00::21")] }),
    Case("another node's name", .kubeletServing.with { $0.names = [.dnsName("w2")] }),
    Case("no name", .kubeletServing.with { $0.names = [] }, "name-required"),
    Case(
      "a mail address alone", .kubeletServing.with { $0.names = [.rfc822Name("a@b.c")] },
      "name-kind-not-allowed", "name-required"),
    Case(
      "a mail address too", .kubeletServing.with { $0.names.append(.rfc822Name("a@b.c")) },
      "name-kind-not-allowed"),
    Case(
      "a URI too", .kubeletServing.with { $0.names.append(.uniformResourceIdentifier("spiffe://a/b")) },
      "name-kind-not-allowed"),
    Case("no group", .kubeletServing.with { $0.organizations = [] }, "wrong-organization"),
    Case("no node", .kubeletServing.with { $0.commonName = "node:w1" }, "wrong-common-name"),
    Case("no server", .kubeletServing.with { $0.usages = ["digital signature"] }, "usage-missing"),
    Case(
      "a client too",
      .kubeletServing.with { $0.usages = ["digital signature", "client auth", "server auth"] },
      "usage-not-allowed"),
  ]

  static let client: [Case] = [
    Case("a client", CSRFixture()),
    Case(
      "any user", CSRFixture().with { $0.organizations = ["a", "kubeadm:cluster-admins", "system:x"] }),
    Case(
      "all usages",
      CSRFixture().with { $0.usages = ["digital signature", "key encipherment", "client auth"] }),
    Case(
      "names of all kinds",
      CSRFixture().with {
        $0.names = [
          .dnsName("a"), address("10.0.0.1"), .rfc822Name("a@b.c"),
          .uniformResourceIdentifier("spiffe://a/b"),
        ]
      }),
    Case(
      "the masters", CSRFixture().with { $0.organizations = ["system:masters"] },
      "privileged-organization"),
    Case(
      "the masters among others", CSRFixture().with { $0.organizations = ["a", "system:masters"] },
      "privileged-organization"),
    Case("no client", CSRFixture().with { $0.usages = ["digital signature"] }, "usage-missing"),
    Case(
      "a server too", CSRFixture().with { $0.usages = ["client auth", "server auth"] },
      "usage-not-allowed"),
    Case(
      "a signer of certificates", CSRFixture().with { $0.usages = ["client auth", "cert sign"] },
      "usage-not-allowed"),
    Case("no usage", CSRFixture().with { $0.usages = [] }, "usage-missing"),
    Case(
      "an unknown usage", CSRFixture().with { $0.usages = ["client auth", "Client Auth"] },
      "malformed-usage"),
    Case(
      "a usage twice", CSRFixture().with { $0.usages = ["client auth", "client auth"] }, "malformed-usage"
    ),
    Case("ten minutes", CSRFixture().with { $0.expirationSeconds = 600 }),
    Case("less than that", CSRFixture().with { $0.expirationSeconds = 599 }, "expiration-too-short"),
    Case("a negative time", CSRFixture().with { $0.expirationSeconds = -1 }, "expiration-too-short"),
    Case(
      "an extension that the usages do not have",
      CSRFixture().with {
        $0.purposes = [.serverAuth]; $0.keyUsage = [.digitalSignature, .keyAgreement]
      }),
    Case(
      "an unknown extension",
      CSRFixture().with {
        $0.purposes = [.any]; $0.keyUsage = .cRLSign
      },
      "usage-not-allowed", "usage-not-allowed"),
  ]

  static let signers: [Case] = [
    Case(
      "a signer of one's own",
      CSRFixture().with {
        $0.signerName = "example.com/serving"; $0.usages = ["server auth"]
      }),
    Case(
      "which signs no CAs either",
      CSRFixture().with {
        $0.signerName = "example.com/serving"; $0.usages = ["cert sign", "any"]
      },
      "usage-not-allowed", "usage-not-allowed"),
    Case(
      "nor masters",
      CSRFixture().with {
        $0.signerName = "example.com/x"; $0.organizations = ["system:masters"]
      },
      "privileged-organization"),
    Case(
      "legacy-unknown", CSRFixture().with { $0.signerName = "kubernetes.io/legacy-unknown" },
      "signer-not-usable"),
    Case(
      "a name under kubernetes.io", CSRFixture().with { $0.signerName = "kubernetes.io/serving" },
      "signer-not-usable"),
    Case(
      "a name under its domain", CSRFixture().with { $0.signerName = "x.kubernetes.io/serving" },
      "signer-not-usable"),
    Case(
      "no usage at all",
      CSRFixture().with {
        $0.signerName = "example.com/x"
        $0.usages = []
      }, "usage-missing"),
    Case("no signer", CSRFixture().with { $0.signerName = nil }, "signer-not-usable"),
  ]

  @Test(arguments: kubeletClient + kubeletServing + client + signers)
  func `the signer's rules decide`(given: Case) throws {
    #expect(try given.request.codes() == given.codes)
  }

  /// Who asks, and for whom: a node only ever for itself.
  @Test(arguments: [
    Case("a bootstrapper asks for a node", .kubeletClient),
    Case(
      "the node for itself",
      .kubeletClient.with { $0.requestor = Requestor(username: "system:node:w1", groups: ["system:nodes"]) }),
    Case(
      "another node",
      .kubeletClient.with { $0.requestor = Requestor(username: "system:node:w2", groups: ["system:nodes"]) },
      "wrong-requestor"),
    Case(
      "another node whose groups are unknown",
      .kubeletClient.with { $0.requestor = Requestor(username: "system:node:w2") }, "wrong-requestor"),
    Case(
      "one that is a node by its group alone",
      .kubeletClient.with { $0.requestor = Requestor(username: "x", groups: ["system:nodes"]) },
      "wrong-requestor"),
    Case("an unknown requestor", .kubeletClient.with { $0.requestor = nil }),
    Case("the node for its serving certificate", .kubeletServing),
    Case("an unknown requestor, for a serving certificate", .kubeletServing.with { $0.requestor = nil }),
    Case(
      "another node for the serving certificate",
      .kubeletServing.with { $0.requestor = Requestor(username: "system:node:w2") }, "wrong-requestor"),
    Case(
      "a bootstrapper for the serving certificate",
      .kubeletServing.with { $0.requestor = Requestor(username: "system:bootstrap:abcdef") },
      "wrong-requestor"),
  ])
  func `a node may only ask for itself`(given: Case) throws {
    let policy = ApprovalPolicy(cn: ["system:node:*"], san: ["w1", "10.0.0.21"])
    #expect(try given.request.codes(policy) == given.codes)
  }

  @Test func `the one who may have asked is the one who has to have asked`() throws {
    let policy = { ApprovalPolicy(cn: ["*", "system:node:*"], san: ["w1", "10.0.0.21"], requestor: $0) }
    let bare = CSRFixture()
    #expect(try bare.codes(policy("jane")) == [])
    #expect(try bare.codes(policy("system:node:w1")) == ["wrong-requestor"])
    let noted = bare.with { $0.requestor = Requestor(username: "tom") }
    #expect(try noted.codes(policy("tom")) == [])
    #expect(try noted.codes(policy("jane")) == ["wrong-requestor"])
    // An administrator may have asked for a node, if the approver says so; another node never.
    let serving = CSRFixture.kubeletServing
    #expect(try serving.with { $0.requestor = Requestor(username: "tom") }.codes(policy("tom")) == [])
    #expect(
      try serving.with { $0.requestor = Requestor(username: "system:node:w2") }.codes(
        policy("system:node:w2"))
        == ["wrong-requestor"])
  }

  @Test func `nothing is granted that no pattern lets through`() throws {
    let request = CSRFixture(
      organizations: ["dev", "ops"],
      names: [.dnsName("a.example.com"), address("10.0.0.1"), .rfc822Name("j@b.c")])
    #expect(
      try request.codes(ApprovalPolicy()) == [
        "common-name-not-allowed", "organization-not-allowed", "organization-not-allowed", "name-not-allowed",
        "name-not-allowed", "name-not-allowed",
      ])
    let policy = ApprovalPolicy(
      cn: ["jane"], org: ["dev", "ops"], san: ["*.example.com", "10.0.0.0/8", "email:j@b.c"])
    #expect(try request.codes(policy) == [])
    // The group that the signer demands is no favour; its names are.
    #expect(
      try CSRFixture.kubeletServing.codes(ApprovalPolicy(cn: ["system:node:w1"]))
        == ["name-not-allowed", "name-not-allowed"])
  }

  @Test(arguments: [
    (CertificateSigningRequest.State.pending, [String]()), (.approved, []), (.denied, ["already-decided"]),
    (.failed, ["already-decided"]), (.issued, ["already-decided"]),
  ])
  func `what was decided stays decided`(state: CertificateSigningRequest.State, codes: [String]) throws {
    #expect(try CSRFixture(state: state).codes(ApprovalPolicy(cn: ["jane"])) == codes)
  }

  @Test func `a request goes to the signer that it names`() throws {
    var policy = ApprovalPolicy(cn: ["jane"])
    policy.signerName = CSRFixture.serving
    #expect(try CSRFixture().codes(policy) == ["signer-mismatch"])
  }

  @Test func `messages are kube-controller-manager's`() throws {
    let request = CSRFixture.kubeletServing.with {
      $0.organizations = ["a"]
      $0.commonName = "b"
      $0.names = [.rfc822Name("a@b.c")]
    }
    #expect(
      CSRExamination(try request.made()).denials.map(\.message) == [
        "subject organization is not system:nodes", "subject common name does not begin with system:node:",
        "Email subjectAltNames are not allowed", "DNS or IP subjectAltName is required",
      ])
  }
}
