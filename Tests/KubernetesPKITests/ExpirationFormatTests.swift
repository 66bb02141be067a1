import FoundationEssentials
import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// The documents that programs read.
struct ExpirationFormatTests {
  @Test func `the document is kubeadm's, with more in it`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/etcd/peer.crt")
    let data = try JSONEncoder().encode(tree.report(after: 86_400))
    let document = try JSONDecoder().decode(ExpirationDocument.self, from: data)
    #expect(document.apiVersion == "output.kubeadm.k8s.io/v1alpha3")
    #expect(document.kind == "CertificateExpirationInfo")
    let admin = try #require(document.certificates.first)
    #expect(admin.name == "admin.conf" && admin.caName == "ca" && !admin.missing && !admin.externallyManaged)
    #expect(admin.expirationDate == "2028-01-15T08:00:00Z" && admin.notBefore == "2027-01-15T07:55:00Z")
    #expect(admin.residualTime == 364 * 86_400 && admin.state == "valid" && admin.reason == nil)
    #expect(
      admin.subject == "O = kubeadm:cluster-admins, CN = kubernetes-admin"
        && admin.issuer == "CN = kubernetes")
    #expect(
      admin.path == tree.path("admin.conf") && admin.serialNumber?.count == 32 && admin.sha256?.count == 64)
    let peer = try #require(document.certificates.first { $0.name == "etcd-peer" })
    #expect(
      peer.missing && peer.state == "missing" && peer.reason == "\(tree.path("pki/etcd/peer.crt")) is missing"
    )
    #expect(peer.residualTime == 0 && peer.caName == nil && peer.subject == nil)
    #expect(document.certificateAuthorities.allSatisfy { $0.caName == nil && !$0.missing })
    // kubeadm has the field of a missing certificate, as a null.
    #expect(String(decoding: data, as: UTF8.self).contains(#""expirationDate":null"#))
  }

  @Test func `YAML says the same as JSON`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/apiserver.crt")
    let yaml = try tree.report().yaml()
    let lines = yaml.split(separator: "\n")
    #expect(lines.first == "apiVersion: output.kubeadm.k8s.io/v1alpha3")
    #expect(lines.last == "kind: CertificateExpirationInfo")
    let start = try #require(lines.firstIndex(of: "  name: apiserver"))
    #expect(
      lines[(start - 3)...(start + 4)] == [
        "- expirationDate: null", "  externallyManaged: false", "  missing: true", "  name: apiserver",
        "  path: \(tree.path("pki/apiserver.crt"))", "  reason: \(tree.path("pki/apiserver.crt")) is missing",
        "  residualTime: 0", "  state: missing",
      ])
    #expect(lines.contains(#"  expirationDate: "2028-01-15T08:00:00Z""#))
  }
}
