import FoundationEssentials
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

struct ExpirationReportTests {
  private static let year = 365 * 86_400.0

  @Test func `a sound tree has kubeadm's rows, kubelet.conf and super-admin.conf, all of them valid`() throws
  {
    let report = try MadeTree().report()
    #expect(
      report.certificates.map(\.name) == [
        "admin.conf", "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client",
        "controller-manager.conf",
        "etcd-healthcheck-client", "etcd-peer", "etcd-server", "front-proxy-client", "kubelet.conf",
        "scheduler.conf",
        "super-admin.conf",
      ])
    #expect(
      report.certificates.map(\.ca) == [
        "ca", "ca", "etcd-ca", "ca", "ca", "etcd-ca", "etcd-ca", "etcd-ca", "front-proxy-ca", "ca", "ca",
        "ca",
      ])
    #expect(report.certificateAuthorities.map(\.name) == ["ca", "etcd-ca", "front-proxy-ca"])
    #expect(report.certificateAuthorities.allSatisfy { $0.ca == nil })
    #expect(report.entries.allSatisfy { $0.state == .valid && $0.finding == nil && !$0.isExternallyManaged })
    #expect(report.isSound && report.remarks.isEmpty)
  }

  @Test func `the last second of a certificate belongs to it, and the first one too`() throws {
    let tree = try MadeTree()
    let states = { (seconds: Double) in Set(tree.report(after: seconds).certificates.map(\.state)) }
    #expect(states(Self.year) == [.valid])
    #expect(states(Self.year + 1) == [.expired])
    #expect(states(-300) == [.valid])
    #expect(states(-301) == [.notYetValid])
    let expired = tree.report(after: Self.year + 1)
    #expect(!expired.isSound)
    #expect(expired.certificateAuthorities.allSatisfy { $0.state == .valid })
    #expect(
      expired.certificates[1].finding?.message
        == "\(tree.path("pki/apiserver.crt")) expired at 2028-01-15T08:00:00Z")
    #expect(tree.report(after: 10 * Self.year + 1).certificateAuthorities.allSatisfy { $0.state == .expired })
  }

  @Test func `a certificate that has less than the margin left expires soon`() throws {
    let tree = try MadeTree()
    let states = { (margin: ExpiryMargin) in
      Set(tree.report(after: Self.year - 86_400, margin: margin).certificates.map(\.state))
    }
    #expect(states(.days(1)) == [.expiring])
    #expect(states(.time(Lifetime(seconds: 86_399))) == [.valid])
    #expect(!tree.report(after: Self.year - 86_400, margin: .days(1)).isSound)
    #expect(tree.report(after: Self.year - 86_400).isSound)
  }

  @Test func `the life that is left goes from one to zero`() throws {
    let tree = try MadeTree()
    let life = { (seconds: Double) in tree.report(after: seconds).certificates[0].remainingLife }
    #expect(life(-300) == 1)
    #expect(life(-400) == 1)
    #expect(life((Self.year - 300) / 2) == 0.5)
    #expect(life(Self.year) == 0)
    #expect(life(2 * Self.year) == 0)
  }

  @Test func `what is missing is a row, but super-admin.conf, which older versions do not have`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/apiserver.crt", "pki/front-proxy-ca.crt", "scheduler.conf", "super-admin.conf")
    let report = tree.report()
    #expect(
      report.entries.filter { $0.state == .missing }.map(\.name) == [
        "apiserver", "scheduler.conf", "front-proxy-ca",
      ])
    #expect(!report.entries.contains { $0.name == "super-admin.conf" })
    #expect(report.remarks.isEmpty && !report.isSound)
    let entry = try #require(report.entries.first { $0.state == .missing })
    #expect(entry.finding?.message == "\(tree.path("pki/apiserver.crt")) is missing")
    #expect(entry.notAfter == nil && entry.residualTime == nil && entry.remainingLife == nil)
  }

  @Test func `a tree that is not there is all missing, and says so once`() throws {
    let directory = try TemporaryDirectory()
    let location = TreeLocation(
      certificateDirectory: directory.path("pki"), kubeconfigDirectory: directory.path)
    let catalog = Catalog.documented
    let report = ExpirationReport(
      of: TreeContents(reading: location, catalog: catalog), catalog: catalog, at: MadeTree.instant)
    #expect(report.entries.allSatisfy { $0.state == .missing })
    #expect(report.remarks.map(\.code) == [.missingFile])
    #expect(report.remarks[0].files == [directory.path("pki"), directory.path])
  }

  @Test func `an external etcd has no rows, but for its client here`() throws {
    let tree = try MadeTree()
    let etcd = { tree.report().entries.filter { $0.name.contains("etcd") }.map { "\($0.name) \($0.state)" } }
    try tree.remove(
      "pki/etcd/server.crt", "pki/etcd/peer.crt", "pki/etcd/healthcheck-client.crt",
      "pki/apiserver-etcd-client.crt")
    #expect(etcd().filter { $0.hasSuffix("missing") }.count == 4)
    try tree.remove("pki/etcd/server.key", "pki/etcd/peer.key", "pki/etcd/healthcheck-client.key")
    // The CA key is here: so is etcd, with none of its certificates.
    #expect(etcd().filter { $0.hasSuffix("missing") }.count == 4)
    try tree.remove("pki/etcd/ca.key")
    #expect(etcd() == ["apiserver-etcd-client missing", "etcd-ca valid"])
    try tree.remove("pki/etcd", "pki/apiserver-etcd-client.key")
    #expect(etcd() == [])
    #expect(tree.report().isSound)
  }

  @Test func `an unreadable file is a row, a reason, and no obstacle to the others`() throws {
    let tree = try MadeTree()
    try tree.write("-----BEGIN CERTIFICATE-----\nAAAA\n", to: "pki/apiserver.crt")
    try tree.write("users: [", to: "admin.conf")
    try tree.remove("pki/ca.crt")
    try FileManager.default.createDirectory(
      atPath: tree.path("pki/ca.crt"), withIntermediateDirectories: false)
    let report = tree.report()
    #expect(
      report.entries.filter { $0.state == .unreadable }.map(\.name) == ["admin.conf", "apiserver", "ca"])
    #expect(report.entries.count == 15)
    let reasons = report.remarks.map(\.message)
    #expect(reasons.count == 3)
    #expect(reasons[0].hasPrefix("\(tree.path("admin.conf")) is not a usable kubeconfig: it is not YAML"))
    #expect(reasons[1].hasPrefix("\(tree.path("pki/apiserver.crt")) does not hold a certificate"))
    #expect(reasons[2].hasPrefix("cannot read \(tree.path("pki/ca.crt")): Is a directory"))
  }

  @Test func `a CA without its key makes what it signs externally managed`() throws {
    let tree = try MadeTree()
    try tree.remove("pki/etcd/ca.key")
    #expect(
      tree.report().entries.filter(\.isExternallyManaged).map(\.name) == [
        "apiserver-etcd-client", "etcd-healthcheck-client", "etcd-peer", "etcd-server", "etcd-ca",
      ])
    // Without its certificate a CA is not external, but lost.
    try tree.remove("pki/etcd/ca.crt")
    #expect(tree.report().entries.allSatisfy { !$0.isExternallyManaged })
  }

  @Test func `a kubeconfig shows its certificate whatever is wrong with the rest of it`() throws {
    let tree = try MadeTree()
    try tree.replace("client-key-data", in: "admin.conf", with: "client-key-data: bm90aGluZw==")
    try tree.replace(
      "certificate-authority-data", in: "admin.conf", with: "certificate-authority: nowhere.crt")
    try tree.replace("server", in: "admin.conf", with: "proxy-url: none")
    #expect(tree.report().isSound)
    try tree.replace("client-certificate-data", in: "admin.conf", with: "token: secret")
    let entry = tree.report().certificates[0]
    #expect(entry.state == .unreadable)
    #expect(
      entry.finding?.message.hasSuffix("has neither client-certificate-data nor client-certificate") == true)
  }

  @Test func `kubelet.conf is followed to the certificate that the kubelet renews itself`() throws {
    let tree = try MadeTree()
    let pair = try ["client-certificate-data", "client-key-data"].map {
      try tree.embedded($0, in: "kubelet.conf")
    }
    try tree.write(pair.joined(), to: "kubelet-client-2027-01-15.pem")
    try FileManager.default.createSymbolicLink(
      atPath: tree.path("kubelet-client-current.pem"), withDestinationPath: "kubelet-client-2027-01-15.pem")
    let current = tree.path("kubelet-client-current.pem")
    try tree.replace("client-certificate-data", in: "kubelet.conf", with: "client-certificate: \(current)")
    try tree.replace("client-key-data", in: "kubelet.conf", with: "client-key: \(current)")
    let entry = try #require(tree.report().certificates.first { $0.name == "kubelet.conf" })
    #expect(
      entry.state == .valid && entry.path == tree.path("kubelet.conf") && entry.referencedPath == current)
    try tree.remove("kubelet-client-2027-01-15.pem")
    let broken = try #require(tree.report().certificates.first { $0.name == "kubelet.conf" })
    #expect(broken.state == .unreadable && broken.finding?.message.contains(current) == true)
  }
}
