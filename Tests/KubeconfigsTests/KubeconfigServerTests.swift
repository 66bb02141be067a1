@testable import Kubeconfigs
import OpenSSLX509
import PKITestSupport
import Testing

/// How another server takes the place of the one in a kubeconfig: nothing but its URL changes.
struct KubeconfigServerTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  /// The kubeconfig in which the line of the server is another, pointing to a new server.
  private func edited(_ line: String, to url: String) throws -> (before: String, after: String) {
    try tree.replace("server", in: "admin.conf", with: line)
    let before = try tree.text("admin.conf")
    let client = try KubeconfigClient(SecretBytes(before.utf8), path: tree.path("admin.conf"))
    let after = try client.pointing(to: url).text(replacing: [])
    return (before, String(decoding: after.copy, as: UTF8.self))
  }

  @Test(arguments: [
    ("server: https://10.0.0.10:6443", "server: NEW"),
    ("server:   https://10.0.0.10:6443  # the node", "server:   NEW  # the node"),
    ("server: 'https://10.0.0.10:6443'", "server: 'NEW'"),
    (#"server: "https://10.0.0.10:6443""#, #"server: "NEW""#),
    ("server: https://[fd00::10]:6443", "server: NEW"),
    ("server: https://10.0.0.10", "server: NEW"),
    ("server: https://lb_1.example.com/k8s/clusters/c-1?x=1&y=~a%20", "server: NEW"),
  ])
  func `a URL is edited in place, however it is written`(line: String, expected: String) throws {
    for url in ["https://10.0.0.9:6443", "https://[fd00::9]:6443"] {
      let (before, after) = try edited(line, to: url)
      #expect(after == before.replacing(line, with: expected.replacing("NEW", with: url)))
      try tree.write(after, to: "admin.conf")
      #expect(try tree.kubeconfig("admin.conf").server == url)
    }
  }

  @Test(arguments: [
    "server: &url https://10.0.0.10:6443", "server: !!str https://10.0.0.10:6443",
    "server: https://10.0.0.10:6443 and more",
  ])
  func `a URL that cannot be edited is a problem`(line: String) throws {
    #expect(throws: KubeconfigProblem.self) { try edited(line, to: "https://10.0.0.9:6443") }
  }
}
