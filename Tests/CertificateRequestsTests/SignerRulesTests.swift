@testable import CertificateRequests
import FoundationEssentials
import OpenSSLX509
import TestSupport
import Testing

/// The rules of signers and the words of usages as tables.
struct SignerRulesTests {
  @Test func `the signers of Kubernetes are those that issue`() {
    #expect(
      SignerRules.kubernetes.map(\.signerName) == [
        "kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving",
        "kubernetes.io/kube-apiserver-client",
      ])
    for rules in SignerRules.kubernetes {
      #expect(SignerRules.problem(ofSignerName: rules.signerName) == nil)
      #expect(Set(rules.requiredUsages).isDisjoint(with: rules.optionalUsages))
      #expect(!rules.summary.isEmpty)
    }
  }

  @Test(arguments: [
    ("kubernetes.io/kube-apiserver-client", ["digital signature", "client auth"]),
    ("kubernetes.io/kube-apiserver-client-kubelet", ["digital signature", "client auth"]),
    ("kubernetes.io/kubelet-serving", ["digital signature", "server auth"]), ("example.com/x", []),
  ])
  func `by default a request has the usages of a kubelet's`(signer: String, usages: [String]) throws {
    let rules = try #require(SignerRules.rules(for: signer))
    #expect(rules.defaultUsages(isRSA: false).map(\.rawValue) == usages)
    let withRSA = usages.isEmpty ? [] : [usages[0], "key encipherment", usages[1]]
    #expect(rules.defaultUsages(isRSA: true).map(\.rawValue) == withRSA)
  }

  @Test(arguments: ["example.com/a", "a.b/c.d-e", "kubernetes.io/kubelet-serving"])
  func `a signer's name is a domain and a path`(name: String) {
    #expect(SignerRules.problem(ofSignerName: name) == nil)
  }

  @Test(arguments: [
    "", "a", "/", "a/b", "example.com", "example.com/", "/a", "example.com/a/b", "Example.com/a",
    "example.com/A",
    "example_.com/a", "example.com/a b", "kubernetes.io/legacy-unknown", "kubernetes.io/x",
    "a.kubernetes.io/x",
  ])
  func `what is no signer's name is refused`(name: String) {
    #expect(SignerRules.problem(ofSignerName: name) != nil)
  }

  /// The vocabulary of the API, written a second time.
  @Test func `usages are the API's words`() {
    #expect(
      CertificateUsage.allCases.map(\.rawValue) == [
        "signing", "digital signature", "content commitment", "key encipherment", "key agreement",
        "data encipherment", "cert sign", "crl sign", "encipher only", "decipher only", "any", "server auth",
        "client auth", "code signing", "email protection", "s/mime", "ipsec end system", "ipsec tunnel",
        "ipsec user", "timestamping", "ocsp signing", "microsoft sgc", "netscape sgc",
      ])
    #expect(
      CertificateUsage(name: "server") == .serverAuth && CertificateUsage(name: "client") == .clientAuth)
    #expect(CertificateUsage(name: "Server Auth") == nil)
  }

  @Test func `each usage is a bit or a purpose that OpenSSL knows`() {
    for usage in CertificateUsage.allCases {
      #expect(usage.keyUsage.isEmpty == (usage.purpose != nil), "\(usage)")
      #expect(usage.keyUsage.names.count <= 1)
    }
    #expect(
      CertificateUsage.allCases.compactMap(\.purpose).map(\.description) == [
        "anyExtendedKeyUsage", "serverAuth", "clientAuth", "codeSigning", "emailProtection",
        "emailProtection",
        "ipsecEndSystem", "ipsecTunnel", "ipsecUser", "timeStamping", "OCSPSigning", "msSGC", "nsSGC",
      ])
  }

  @Test func `each code is explained to those who read it`() throws {
    let page = try String(contentsOfFile: Judges.repository + "/docs/requests.md", encoding: .utf8)
    for code in DenialCode.allCases { #expect(page.contains("| `\(code.rawValue)` | "), "\(code)") }
  }

  @Test func `codes of denials do not change`() {
    #expect(
      DenialCode.allCases.map(\.rawValue) == [
        "malformed-request", "request-too-large", "signature-invalid", "weak-signature", "weak-key",
        "unsupported-key",
        "malformed-subject", "subject-attribute-not-allowed", "privileged-organization",
        "attribute-not-allowed",
        "duplicate-extension", "malformed-extension", "extension-not-allowed", "authority-requested",
        "malformed-name", "signer-not-usable", "signer-mismatch", "wrong-organization", "wrong-common-name",
        "name-required", "name-kind-not-allowed", "usage-missing", "usage-not-allowed", "malformed-usage",
        "expiration-too-short", "already-decided", "unknown-subject", "authority-mismatch", "wrong-requestor",
        "common-name-not-allowed",
        "organization-not-allowed", "name-not-allowed",
      ])
  }
}
