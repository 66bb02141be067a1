@testable import CertificateRequests
import OpenSSLX509
import Testing

/// What an approver is told of a request.
struct RequestSummaryTests {
  @Test(arguments: [
    // The signer demands the group, not the one who asks.
    (RequestFixture.kubeletClient, []),
    (RequestFixture(organizations: ["dev"]), []),
    (RequestFixture(organizations: ["dev"], requestor: Requestor(username: "jane")), []),
    (RequestFixture(organizations: ["dev"], requestor: Requestor(username: "jane", groups: ["dev"])), []),
    (
      RequestFixture(organizations: ["dev", "ops"], requestor: Requestor(username: "jane", groups: ["dev"])),
      ["\"jane\" asks for groups that he is not in: \"ops\""]
    ),
  ])
  func `who asks for more groups than he has is told of`(request: RequestFixture, notes: [String]) throws {
    let all = try RequestSummary(request.made()).notes
    #expect(all.filter { $0.contains(" asks for groups ") } == notes)
  }

  @Test(arguments: [
    (RequestFixture.kubeletClient, "nodeclient"),
    (.kubeletClient.with { $0.requestor = Requestor(username: "system:node:w1") }, "selfnodeclient"),
    (.kubeletServing, "selfnodeserver"), (.kubeletServing.with { $0.requestor = nil }, "selfnodeserver"),
    (.kubeletServing.with { $0.requestor = Requestor(username: "tom") }, "none"),
    (RequestFixture(), "apiserver-client"),
    (RequestFixture().with { $0.organizations = ["system:masters"] }, "none"),
    (RequestFixture().with { $0.signerName = "example.com/x" }, "none"),
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
      RequestFixture().with {
        $0.signerName = nil; $0.usages = nil; $0.purposes = [.clientAuth]
      }, "apiserver-client"
    ),
    (
      RequestFixture().with {
        $0.signerName = nil; $0.usages = nil; $0.purposes = [.serverAuth]
      }, "none"
    ),
    (
      RequestFixture().with {
        $0.signerName = nil; $0.usages = nil
      }, "none"
    ),
  ])
  func `the kind is what the approving controller takes it for`(request: RequestFixture, kind: String) throws
  {
    #expect(try RequestSummary(request.made()).kind.rawValue == kind)
  }
}
