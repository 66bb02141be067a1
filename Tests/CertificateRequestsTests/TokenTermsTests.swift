@testable import CertificateRequests
import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import StructuredText
import TestSupport
import Testing

/// The terms of tokens, and the lines of static token files.
struct TokenTermsTests {
  private func setting(_ text: String, _ option: String = "--option") -> Setting {
    Setting(text, from: .option(option))
  }

  private func token(_ text: String = "abcdef.0123456789abcdef") throws -> BootstrapToken {
    let directory = try TemporaryDirectory()
    try text.write(toFile: directory.path("t"), atomically: true, encoding: .utf8)
    return try BootstrapToken(reading: setting(directory.path("t"), "--token-file"))
  }

  @Test func `by default a token is kubeadm's`() throws {
    let secret = try TokenTerms().secret(token(), at: MadeTree.instant).manifest()
    #expect(
      secret == [
        "apiVersion": "v1", "kind": "Secret",
        "metadata": ["name": "bootstrap-token-abcdef", "namespace": "kube-system"],
        "stringData": [
          "token-id": "abcdef", "token-secret": "0123456789abcdef", "expiration": "2027-01-16T08:00:00Z",
          "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "true",
          "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        ],
        "type": "bootstrap.kubernetes.io/token",
      ])
  }

  @Test func `terms are what was said`() throws {
    var terms = TokenTerms()
    terms.lifetime = setting("2h")
    terms.usages = [setting("authentication")]
    terms.groups = [setting("system:bootstrappers:a"), setting("system:bootstrappers:b:c-d9")]
    terms.text = setting("rack 7")
    let data = try terms.secret(token(), at: MadeTree.instant).manifest()["stringData"]
    #expect(
      data == [
        "token-id": "abcdef", "token-secret": "0123456789abcdef", "expiration": "2027-01-15T10:00:00Z",
        "usage-bootstrap-authentication": "true", "description": "rack 7",
        "auth-extra-groups": "system:bootstrappers:a,system:bootstrappers:b:c-d9",
      ])
  }

  @Test(arguments: ["0", "0s", "0h0m0s"])
  func `a token without an end has none`(lifetime: String) throws {
    var terms = TokenTerms()
    terms.lifetime = setting(lifetime)
    #expect(try terms.secret(token(), at: MadeTree.instant).manifest()["stringData"]?["expiration"] == nil)
  }

  /// kubeadm's `token create --usages signing` fails over its own default group.
  @Test func `a token that only signs is in no group`() throws {
    var terms = TokenTerms()
    terms.usages = [setting("signing")]
    let data = try terms.secret(token(), at: MadeTree.instant).manifest()["stringData"]
    #expect(data?["auth-extra-groups"] == nil && data?["usage-bootstrap-authentication"] == nil)
    terms.groups = [setting("system:bootstrappers:a")]
    #expect(throws: PKIErrors.self) { try terms.secret(token(), at: MadeTree.instant) }
  }

  @Test(arguments: [
    "", "a", "system:bootstrappers", "system:bootstrappers:", "system:bootstrappers:A",
    "system:bootstrappers:a:",
    "system:bootstrappers:a-", "system:bootstrappers:a b", "system:masters", "system:bootstrappers:a,b",
    "system:bootstrappers:" + String(repeating: "a", count: 257),
  ])
  func `a group of tokens is one that the API server takes`(group: String) throws {
    var terms = TokenTerms()
    terms.groups = [setting(group)]
    let errors = #expect(throws: PKIErrors.self) { try terms.secret(token(), at: MadeTree.instant) }
    #expect(errors?.errors.count == 1)
  }

  @Test func `everything that is wrong is reported at once`() throws {
    var terms = TokenTerms()
    terms.lifetime = setting("-1h", "--ttl")
    terms.usages = [setting("sign", "--usages")]
    terms.text = setting("a\nb", "--description")
    let errors = try #require(throws: PKIErrors.self) { try terms.secret(token(), at: MadeTree.instant) }
    #expect(
      errors.errors.map { $0.description.prefix { $0 != ":" } } == ["--ttl", "--usages", "--description"])
  }

  @Test(
    arguments: [
      ([], nil, nil, "kubelet-bootstrap,10001,system:kubelet-bootstrap"),
      (["a"], "u", "1", "u,1,a"), (["a", "b"], nil, nil, "kubelet-bootstrap,10001,\"a,b\""),
      (["a"], "say \"x\"", nil, "\"say \"\"x\"\"\",10001,a"), (["a"], "#u", nil, "\"#u\",10001,a"),
      (["a"], " u", nil, "\" u\",10001,a"),
    ] as [([String], String?, String?, String)])
  func `fields are quoted where they have to be`(
    groups: [String], user: String?, uid: String?, rest: String
  ) throws {
    var terms = TokenTerms()
    terms.groups = groups.map { setting($0) }
    terms.user = user.map { setting($0) }
    terms.uid = uid.map { setting($0) }
    let token = try token("02b50b05283e98dd0fd71db496ef01e8")
    #expect(try terms.line(token) == "02b50b05283e98dd0fd71db496ef01e8,\(rest)\n")
  }

  @Test func `a field is of one line`() throws {
    var terms = TokenTerms()
    terms.user = setting("a\nb")
    #expect(throws: PKIErrors.self) { try terms.line(token("02b50b05283e98dd0fd71db496ef01e8")) }
  }

  @Test func `a static token has no Secret, and the error does not show it`() throws {
    let secret = try TokenTerms().secret(token("02b50b05283e98dd0fd71db496ef01e8"), at: MadeTree.instant)
    let error = try #require(throws: PKIError.self) { try secret.manifest() }
    #expect(error.description.hasPrefix("--token-file: ") && !error.description.contains("02b50b"))
  }
}
