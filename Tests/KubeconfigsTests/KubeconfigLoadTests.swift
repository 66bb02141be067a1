import FoundationEssentials
@testable import Kubeconfigs
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What client-go does not load, and what kubectl does not use of what it loads.
struct KubeconfigLoadTests {
  private let tree: MadeTree
  private let good: String

  init() throws {
    tree = try MadeTree()
    good = try tree.text("admin.conf")
  }

  private func read(_ bytes: some Sequence<UInt8>) throws(KubeconfigProblem) -> Kubeconfig {
    try Kubeconfig(SecretBytes(Array(bytes)), path: tree.path("admin.conf"))
  }

  private func problem(_ text: String) -> String? {
    do throws(KubeconfigProblem) {
      _ = try read(text.utf8)
      return nil
    } catch {
      return error.text
    }
  }

  /// The good kubeconfig with further lines at the end of the user.
  private func user(_ lines: String) -> String {
    good + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
  }

  /// The good kubeconfig with further lines of the cluster.
  private func cluster(_ line: String) -> String {
    good.replacing("    server:", with: "    \(line)\n    server:")
  }

  @Test(arguments: [
    (
      "users", "{name: kubernetes-admin}",
      #"its users have two entries named "kubernetes-admin", the second in line 16"#
    ),
    (
      "clusters", "{name: kubernetes}",
      #"its clusters have two entries named "kubernetes", the second in line 4"#
    ),
    (
      "users", "{name: 1}",
      "its name in line 15 is a number, where kubectl wants a string; write it in quotes"
    ),
    (
      "users", "{name: yes}",
      "its name in line 15 is a boolean, where kubectl wants a string; write it in quotes"
    ),
    ("users", "a", "its users in line 15 is a string, where kubectl wants an object"),
    ("users", "{name: x, user: []}", "its user in line 15 is a list, where kubectl wants an object"),
    (
      "users", "{name: x, user: {client-key-data: '!'}}",
      #"the client-key-data of its user "x" is not base64, for which kubectl refuses the whole file"#
    ),
    (
      "clusters", "{name: x, cluster: {certificate-authority-data: a}}",
      #"the certificate-authority-data of its cluster "x" is not base64, for which kubectl refuses the whole file"#
    ),
    (
      "clusters", "{name: x, cluster: {disable-compression: 'true'}}",
      "its disable-compression in line 3 is a string, where kubectl wants true or false; write it without quotes"
    ),
    (
      "users", "{name: x, user: {exec: {args: a}}}",
      "its args in line 15 is a string, where kubectl wants a list"
    ),
    (
      "users", "{name: x, user: {as-user-extra: {a: b}}}",
      "its a in line 15 is a string, where kubectl wants a list"
    ),
  ])
  func `another entry that client-go does not load is an error`(list: String, entry: String, expected: String)
  {
    #expect(problem(good.replacing("\(list):\n", with: "\(list):\n- \(entry)\n")) == expected)
  }

  @Test(arguments: [
    ("apiVersion: v1", "apiVersion: v2", "its apiVersion is not v1"),
    (
      "apiVersion: v1", "apiVersion: 1",
      "its apiVersion in line 1 is a number, where kubectl wants a string; write it in quotes"
    ),
    ("kind: Config", "kind: config", "its kind is not Config"),
    ("kind: Config", "Kind: Secret", "its kind is not Config"),
    (
      "kind: Config", "kind: Config\npreferences: []",
      "its preferences in line 14 is a list, where kubectl wants an object"
    ),
    ("kind: Config", "kind: Config\nusers: [", "it is not YAML: line "),
    ("kind: Config", "kind: Config\n~: a", "line 14: a field has no name"),
    ("contexts:", "Contexts:", #"it has no context "kubernetes-admin@kubernetes" in contexts"#),
  ])
  func `what is wrong with the whole is an error`(old: String, new: String, expected: String) {
    #expect(problem(good.replacing(old, with: new))?.hasPrefix(expected) == true)
  }

  @Test func `what client-go loads is no error`() throws {
    let texts = [
      good.replacing("apiVersion: v1\n", with: ""), good.replacing("kind: Config\n", with: ""),
      good + "---\nx: [\n",
      "\u{feff}" + good, "users: []\n" + good, good + "x: [1]\n",
      good.replacing("users:\n", with: "users:\n- null\n"),
      good.replacing("users:\n", with: "users:\n- {name: x, user: {client-key-data: YWJj}}\n"),
      good.replacing(
        "clusters:\n",
        with:
          "clusters:\n- {name: x, cluster: {server: 'http://x', insecure-skip-tls-verify: true, certificate-authority: none}}\n"
      ),
    ]
    for text in texts {
      let kubeconfig = try read(text.utf8)
      #expect(kubeconfig.problems.isEmpty && kubeconfig.clientKey != nil, "\(text.prefix(80))")
    }
    let wide: [UInt8] = [0xff, 0xfe] + good.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    #expect(try read(wide).problems.isEmpty)
  }

  @Test(arguments: [
    (
      "insecure-skip-tls-verify: true", Kubeconfig.Part.certificateAuthority,
      #"its cluster "kubernetes" has insecure-skip-tls-verify beside a CA, which kubectl refuses"#
    ),
    (
      "proxy-url: ftp://x", .server,
      #"the proxy-url of its cluster "kubernetes" is not a URL with http, https or socks5"#
    ),
    (
      "certificate-authority: x", .certificateAuthority,
      "it has both certificate-authority-data and certificate-authority (DIR/x), which kubectl refuses; remove one of them"
    ),
  ])
  func `what kubectl does not use of a cluster is a problem of a part`(
    line: String, part: Kubeconfig.Part, expected: String
  ) throws {
    let kubeconfig = try read(cluster(line).utf8)
    #expect(kubeconfig.problems == [part: expected.replacing("DIR", with: tree.directory.path)])
    #expect(kubeconfig.certificateAuthorities.count == 1 && kubeconfig.server == "https://10.0.0.10:6443")
  }

  @Test(arguments: [
    ("token: a\nusername: b", "it has a token and a user name or password, of which kubectl takes one kind"),
    ("tokenFile: none", "its tokenFile cannot be used: cannot open DIR/none: No such file or directory"),
    ("as-uid: a", "it impersonates a UID or groups without a user (as)"),
    ("auth-provider: {name: gcp}", #"its auth-provider "gcp" is none that kubectl has"#),
    (
      "exec: {}",
      "its exec has no command; the apiVersion of its exec is none that kubectl knows; the interactiveMode of its exec is not Never, IfAvailable or Always"
    ),
    (
      "exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, env: [{value: a}]}",
      "its exec sets a variable without a name"
    ),
  ])
  func `what kubectl does not use beside a certificate is a problem`(lines: String, expected: String) throws {
    let kubeconfig = try read(user(lines).utf8)
    #expect(kubeconfig.problems == [.clientCertificate: expected.replacing("DIR", with: tree.directory.path)])
    #expect(kubeconfig.clientCertificates.count == 1)
  }

  @Test(arguments: [
    "token: a", "username: a", "as: a\nas-groups: [b]", "exec:", "client-key: ''",
    "exec: {command: a, apiVersion: client.authentication.k8s.io/v1beta1}", "auth-provider: {name: oidc}",
  ])
  func `what kubectl takes beside a certificate is none`(lines: String) throws {
    #expect(try read(user(lines).utf8).problems.isEmpty)
  }

  @Test(arguments: [
    ("http://10.0.0.10:6443", false), ("10.0.0.10:6443", false), ("https://", false), ("https:/x", false),
    ("'https://10.0.0.10:6443 '", false), ("https://10.0.0.10:x", false), ("HTTPS://10.0.0.10:6443", true),
    ("https://[::1]:6443/prefix", true), ("https://a:b@cp.example", true),
  ])
  func `only a server that is reached by TLS can be used`(server: String, isGood: Bool) throws {
    let text = good.replacing("server: https://10.0.0.10:6443", with: "server: \(server)")
    #expect((try read(text.utf8).problems[.server] == nil) == isGood)
  }

  @Test func `the name that the server's certificate must have is known`() throws {
    #expect(try read(good.utf8).verifiedName == "10.0.0.10")
    let named = try read(cluster("tls-server-name: cp.example").utf8)
    #expect(named.tlsServerName == "cp.example" && named.verifiedName == "cp.example")
    #expect(try read(cluster("tls-server-name: ''").utf8).tlsServerName == nil)
    #expect(ServerURL("https://[fd00::1]:6443")?.host == "fd00::1")
    #expect(ServerURL("https://u@h.example")?.host == "h.example")
    #expect(ServerURL("https://h:443/x")?.port == "443")
  }

  @Test func `a server that is not verified is a problem, also without a CA`() throws {
    let text = good.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.contains("certificate-authority-data") ? "    insecure-skip-tls-verify: yes" : $0
    }.joined(separator: "\n")
    #expect(
      try read(text.utf8).problems == [
        .certificateAuthority:
          #"its cluster "kubernetes" does not verify the API server: insecure-skip-tls-verify is true"#
      ])
  }

  @Test(arguments: ["Y Q==", "YQ", "YQ=", "Y===", "YQ==YQ==", "YQ== ", "YQ-_", "=", "YQ=a"])
  func `what Go does not decode is not base64`(text: String) { #expect(Base64.decode(text) == nil) }

  @Test(arguments: [("", ""), ("YQ==", "a"), ("Y\r\nW\nI=\n", "ab"), ("YWJj\r", "abc"), ("YR==", "a")])
  func `what Go decodes is base64`(text: String, expected: String) {
    #expect(Base64.decode(text)?.utf8 == expected)
  }
}
