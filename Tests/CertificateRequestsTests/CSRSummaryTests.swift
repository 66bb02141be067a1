@testable import CertificateRequests
import OpenSSLX509
import Testing

/// What an approver learns about a request.
struct CSRSummaryTests {
  @Test(arguments: [
    // The signer demands the group, not the one who asks.
    (CSRFixture.kubeletClient, []),
    (CSRFixture(organizations: ["dev"]), []),
    (CSRFixture(organizations: ["dev"], requestor: Requestor(username: "jane")), []),
    (CSRFixture(organizations: ["dev"], requestor: Requestor(username: "jane", groups: ["dev"])), []),
    (
      CSRFixture(organizations: ["dev", "ops"], requestor: Requestor(username: "jane", groups: ["dev"])),
      ["\"jane\" asks for groups without being in them: \"ops\""]
    ),
  ])
  func `a user who asks for groups beyond the user's own is reported`(request: CSRFixture, notes: [String])
    throws
  {
    let all = try CSRSummary(request.made()).notes
    #expect(all.filter { $0.contains(" asks for groups ") } == notes)
  }

  @Test(arguments: [
    (CSRFixture.kubeletClient, "nodeclient"),
    (.kubeletClient.with { $0.requestor = Requestor(username: "system:node:w1") }, "selfnodeclient"),
    (.kubeletServing, "selfnodeserver"), (.kubeletServing.with { $0.requestor = nil }, "selfnodeserver"),
    (.kubeletServing.with { $0.requestor = Requestor(username: "tom") }, "none"),
    (CSRFixture(), "apiserver-client"),
    (CSRFixture().with { $0.organizations = ["system:masters"] }, "none"),
    (CSRFixture().with { $0.signerName = "example.com/x" }, "none"),
    // Bare requests are what their shape says: a kubelet's has no usages in it.
    (
      .kubeletClient.with {
        $0.signerName = nil; $0.usages = nil; $0.requestor = nil
      }, "nodeclient"
    ),
    (
      .kubeletServing.with {
        $0.signerName = nil; $0.usages = nil; $0.requestor = nil
      }, "selfnodeserver"
    ),
    (
      CSRFixture().with {
        $0.signerName = nil; $0.usages = nil; $0.purposes = [.clientAuth]
      }, "apiserver-client"
    ),
    (
      CSRFixture().with {
        $0.signerName = nil; $0.usages = nil; $0.purposes = [.serverAuth]
      }, "none"
    ),
    (
      CSRFixture().with {
        $0.signerName = nil; $0.usages = nil
      }, "none"
    ),
  ])
  func `the kind is what the approving controller takes it for`(request: CSRFixture, kind: String) throws {
    #expect(try CSRSummary(request.made()).kind.rawValue == kind)
  }
}
