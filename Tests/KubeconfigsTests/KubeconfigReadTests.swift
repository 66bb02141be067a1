import FoundationEssentials
@testable import Kubeconfigs
import OpenSSLX509
import PKITestSupport
import Testing

struct KubeconfigReadTests {
  private let tree: MadeTree
  private let good: String

  init() throws {
    tree = try MadeTree()
    good = try tree.text("admin.conf")
  }

  private func read(_ text: String) throws -> Kubeconfig {
    try Kubeconfig(SecretBytes(text.utf8), path: tree.path("admin.conf"))
  }

  private func problem(_ text: String) -> String? {
    do throws(KubeconfigProblem) {
      _ = try Kubeconfig(SecretBytes(text.utf8), path: tree.path("admin.conf"))
      return nil
    } catch {
      return error.text
    }
  }

  /// The good kubeconfig with the line of a field changed.
  private func with(_ field: String, _ replacement: String) -> String {
    good.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.contains("\(field): ") ? "    \(replacement)" : String(line)
    }.joined(separator: "\n")
  }

  @Test func `all parts of a good one are read`() throws {
    let kubeconfig = try read(good)
    #expect(kubeconfig.server == "https://10.0.0.10:6443" && kubeconfig.userName == "kubernetes-admin")
    #expect(kubeconfig.certificateAuthorities.count == 1 && kubeconfig.clientCertificates.count == 1)
    #expect(kubeconfig.clientKey != nil && kubeconfig.problems.isEmpty && kubeconfig.files.isEmpty)
  }

  @Test(arguments: [
    ("server", "", Kubeconfig.Part.server, #"its cluster "kubernetes" has no server"#),
    (
      "client-key-data", "client-key-data: '!'", .clientKey, "its client-key-data is not base64"
    ),
    (
      "client-key-data", "x: y", .clientKey,
      #"its user "kubernetes-admin" has neither client-key-data nor client-key"#
    ),
    (
      "certificate-authority-data", "certificate-authority-data: bm90aGluZw==", .certificateAuthority,
      "its certificate-authority-data is unusable: cannot read the certificate: there is no CERTIFICATE block in it"
    ),
    (
      "client-certificate-data", "token: abc", .clientCertificate,
      #"its user "kubernetes-admin" has neither client-certificate-data nor client-certificate"#
    ),
  ])
  func `a broken part is a problem, and the others are there`(
    field: String, replacement: String, part: Kubeconfig.Part, problem: String
  ) throws {
    let kubeconfig = try read(with(field, replacement))
    #expect(kubeconfig.problems == [part: problem])
    #expect(kubeconfig.certificateAuthorities.isEmpty == (part == .certificateAuthority))
    #expect(kubeconfig.clientCertificates.isEmpty == (part == .clientCertificate))
    #expect((kubeconfig.clientKey == nil) == (part == .clientKey))
    #expect(kubeconfig.server.isEmpty == (part == .server))
  }

  @Test func `problems come in the order of the parts`() throws {
    let text = good.split(separator: "\n").filter { !$0.contains("-data: ") }.joined(separator: "\n")
    #expect(
      try read(text).allProblems.map { String($0.prefix(12)) } == [
        "its cluster ", "its user \"ku", "its user \"ku",
      ])
    #expect(try read(text).allProblems[1].contains("client-certificate-data"))
  }

  @Test func `a file that is named counts from the kubeconfig's directory`() throws {
    let kubeconfig = try read(with("certificate-authority-data", "certificate-authority: pki/ca.crt"))
    #expect(kubeconfig.problems.isEmpty && kubeconfig.certificateAuthorities.count == 1)
    #expect(kubeconfig.files == [.certificateAuthority: tree.path("pki/ca.crt")])
  }

  @Test func `embedded data is read where a file stands beside it, which kubectl refuses`() throws {
    let kubeconfig = try read(
      good.replacing("    client-key-data", with: "    client-key: /nowhere\n    client-key-data"))
    #expect(kubeconfig.files.isEmpty && kubeconfig.clientKey != nil)
    #expect(
      kubeconfig.problems == [
        .clientKey:
          "it has both client-key-data and client-key (/nowhere), which kubectl refuses; remove one of them"
      ])
  }

  @Test(arguments: [
    ("", "it is empty"), ("# a\n", "it is empty"), ("- a", "it is not a YAML mapping"),
    ("kind: Secret", "its kind is not Config"),
    ("kind: Config", "it has no current-context"),
    ("current-context: x", #"it has no context "x" in contexts"#),
    (
      "current-context: x\ncontexts: [{name: x}]",
      #"its context "x" does not name a cluster and a user"#
    ),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]",
      #"it has no cluster "c" in clusters"#
    ),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nclusters: [{name: c}]",
      #"it has no user "u" in users"#
    ),
  ])
  func `what makes all of it useless is an error`(text: String, problem: String) {
    #expect(self.problem(text) == problem)
  }
}
