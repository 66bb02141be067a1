import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// What the times of a tree's certificates say: one finding for each cause, with one command.
struct AuditTimesTests {
  private static let day = 86_400.0

  private func validity(_ old: Validity, until days: Double) -> Validity {
    Validity(notBefore: old.notBefore, notAfter: MadeTree.instant + days * Self.day)
  }

  @Test func `a tree whose certificates have expired is one finding, which renewing all mends`() throws {
    let tree = try MadeTree()
    let finding = try tree.expect(.expired, after: 366 * Self.day)
    #expect(finding.files.count == 12)
    #expect(finding.remedy.actions == [.renewAll])
  }

  @Test func `some that end soon are one finding, which renewing these mends`() throws {
    let tree = try MadeTree()
    try tree.replaceKubeconfig("admin.conf") { $0.validity = validity($0.validity, until: 20) }
    try tree.replace("apiserver", signedBy: "ca") { $0.validity = validity($0.validity, until: 10) }
    let finding = try tree.expect(.expiringSoon)
    #expect(finding.files == ["pki/apiserver.crt", "admin.conf"].map(tree.path))
    #expect(finding.message.hasSuffix("expire, the first at 2027-01-25T08:00:00Z"))
    #expect(finding.remedy.actions == [.renew([.apiserver, .admin])])
  }

  @Test func `an expired CA is one finding with all that it signed, and nothing is to be renewed before it`()
    throws
  {
    let tree = try MadeTree()
    let findings = try tree.findings(after: 3700 * Self.day).filter { $0.severity == .error }
    #expect(findings.map(\.code) == [.expired, .expired, .expired])
    #expect(
      findings.map(\.files.first)
        == ["pki/ca.crt", "pki/front-proxy-ca.crt", "pki/etcd/ca.crt"].map(tree.path))
    #expect(findings[1].files == ["pki/front-proxy-ca.crt", "pki/front-proxy-client.crt"].map(tree.path))
    #expect(
      findings[1].remedy.actions == [
        .extendCA(.frontProxyCA, thenRenew: [.frontProxyClient], keyIsHere: true)
      ])
  }

  @Test func `what ends with its CA is not renewed before that`() throws {
    let tree = try MadeTree()
    try tree.replaceAuthority("front-proxy-ca") { $0.validity = validity($0.validity, until: 20) }
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      $0.validity = validity($0.validity, until: 20)
    }
    let finding = try tree.expect(.expiringSoon)
    #expect(finding.files == ["pki/front-proxy-ca.crt", "pki/front-proxy-client.crt"].map(tree.path))
    // One that ends before its CA can be renewed.
    try tree.replace("front-proxy-client", signedBy: "front-proxy-ca") {
      $0.validity = validity($0.validity, until: 10)
    }
    try tree.expect(.expiringSoon, .expiringSoon)
  }

  @Test func `an external CA signs again where its key is`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/ca.key")
    let actions = try tree.findings(after: 366 * Self.day).filter { $0.code == .expired }.map(
      \.remedy.actions)
    #expect(
      actions == [
        [.renew([.frontProxyClient, .etcdServer, .etcdPeer, .etcdHealthcheckClient, .apiserverEtcdClient])],
        [
          .request([
            .apiserver, .apiserverKubeletClient, .admin, .superAdmin, .kubelet, .controllerManager,
            .scheduler,
          ])
        ],
      ])
    let ca = try #require(try tree.findings(after: 3700 * Self.day).first)
    guard case .extendCA(.ca, _, keyIsHere: false) = ca.remedy.actions.first else {
      Issue.record("\(ca.remedy)")
      return
    }
  }

  @Test func `a clock that is wrong is one finding`() throws {
    let tree = try MadeTree()
    let finding = try tree.expect(.notYetValid, after: -Self.day)
    #expect(finding.files.count == 15)
    #expect(finding.remedy.actions == [.checkClock(MadeTree.instant - Self.day)])
  }

  @Test func `kubeconfigs that embed an expired certificate of a renewed CA are one finding`() throws {
    let tree = try MadeTree()
    let old = try tree.certificate("ca")
    try tree.replaceAuthority("ca") { $0.validity = validity($0.validity, until: 7000) }
    for name in ["admin.conf", "super-admin.conf"] {
      try tree.replaceKubeconfig(name, authorities: [old]) {
        $0.validity = validity($0.validity, until: 7000)
      }
    }
    for name in ["kubelet.conf", "controller-manager.conf", "scheduler.conf"] {
      try tree.replaceKubeconfig(name, authorities: [old, tree.certificate("ca")]) {
        $0.validity = validity($0.validity, until: 7000)
      }
    }
    let findings = try tree.findings(after: 3700 * Self.day).filter { $0.code == .kubeconfigCA }
    #expect(findings.map(\.files) == [["admin.conf", "super-admin.conf"].map(tree.path)])
    #expect(findings.first?.remedy.actions == [.renew([.admin, .superAdmin])])
  }
}
