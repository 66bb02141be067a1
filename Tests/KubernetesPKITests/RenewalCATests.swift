import FoundationEssentials
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import Testing

/// Which CA may sign a successor, and what a CA that expires, a lifetime and usages mean for one.
struct RenewalCATests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(.documented) }

  /// Why a renewal of one name is refused as a whole.
  private func errors(_ name: String) throws -> [Finding] {
    let errors = #expect(throws: PKIErrors.self) { try tree.renewal(name) }
    return (errors?.errors ?? []).compactMap { if case .unsound(let finding) = $0 { finding } else { nil } }
  }

  private func hex(_ bytes: [UInt8]?) -> String { (bytes ?? []).hexadecimal }

  @Test func `a CA of the same name with another key signs no successor, unless it is allowed`() throws {
    let old = try tree.certificate("ca")
    try tree.makeCA("kubernetes-ca", at: "ca")
    let finding = try #require(try errors("all").first)
    #expect(finding.code == .wrongCA && finding.files.count == 7)
    #expect(
      try finding.message
        == #"\#(tree.path("pki/ca.crt")), "CN = kubernetes-ca" (key \#(hex(tree.certificate("ca").subjectKeyIdentifier()))), did not sign these 6 files, but "CN = kubernetes-ca" (key \#(hex(old.subjectKeyIdentifier()))) did: components that trust that CA refuse what this one signs"#
    )
    #expect(
      finding.remedy.actions == [
        .putBackCA(certificate: tree.path("pki/ca.crt"), key: tree.path("pki/ca.key")), .allowNewCA,
      ])
    let plan = try tree.renewal("all") { $0.allowsNewCA = true }
    #expect(plan.refusals.isEmpty && plan.replacements.count == 11)
    #expect(
      plan.warnings.contains(
        "\(tree.path("pki/ca.crt")) did not sign \(tree.path("pki/apiserver.crt")); it signs the successor"))
    try tree.carryOut(plan)
    #expect(try tree.certificate("apiserver").isIssued(by: tree.certificate("ca")))
  }

  @Test func `one certificate of another CA is enough, in a file or a kubeconfig`() throws {
    try tree.replace("apiserver", signedBy: "etcd/ca")
    #expect(try errors("all").map(\.files) == [[tree.path("pki/apiserver.crt"), tree.path("pki/ca.crt")]])
    #expect(try tree.renewal("etcd-server").replacements.count == 1)
    try tree.replaceAuthority("ca") { $0.subject = try DistinguishedName(commonName: "another") }
    #expect(try errors("admin").map(\.files) == [[tree.path("admin.conf"), tree.path("pki/ca.crt")]])
  }

  @Test func `the same CA with another lifetime, and a bundle with the old CA, sign`() throws {
    let old = try tree.text("pki/ca.crt")
    try tree.replaceAuthority("ca") {
      $0.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(5000))
    }
    #expect(try tree.renewal("all").warnings.isEmpty)
    try tree.makeCA("kubernetes-ca", at: "ca")
    try tree.write(tree.text("pki/ca.crt") + old, to: "pki/ca.crt")
    #expect(try tree.renewal("all").replacements.count == 11)
  }

  @Test func `what is not due is not asked who signed it`() throws {
    try tree.makeCA("kubernetes-ca", at: "ca")
    let plan = try tree.renewal("all", at: MadeTree.days(300)) { $0.expiringWithin = .days(30) }
    #expect(plan.replacements.isEmpty)
  }

  @Test func `what would expire with its CA as it does now is not renewed day by day`() throws {
    func due(_ day: Double) throws -> Plan {
      try tree.renewal("all", at: MadeTree.days(day)) {
        $0.expiringWithin = .days(30)
        $0.validity = .days(60)
      }
    }
    let first = try due(3600)
    #expect(first.replacements.count == 11)
    try tree.carryOut(first)
    for day in [3631.0, 3640, 3649] {
      let plan = try due(day)
      #expect(plan.replacements.isEmpty && plan.refusals.isEmpty)
      #expect(plan.warnings.count == 3)
      #expect(
        plan.warnings.first
          == "\(tree.path("pki/ca.crt")) expires at 2037-01-12T08:00:00Z; until then, nothing that it signs is valid longer: extend or replace the CA. Not renewed: apiserver, apiserver-kubelet-client, admin.conf, kubelet.conf, controller-manager.conf, scheduler.conf"
      )
    }
    // Without a limit, everything is renewed as before.
    #expect(try tree.renewal("all", at: MadeTree.days(3640)).replacements.count == 11)
  }

  @Test func `a daily run until a CA ends renews once a year, and then says when the CA ends`() throws {
    var (renewed, warned, refused): ([Int], [Int], [Int]) = ([], [], [])
    for day in [3250] + Array(3580...3655) {
      let plan = try tree.renewal("all", at: MadeTree.days(Double(day))) { $0.expiringWithin = .days(30) }
      if !plan.replacements.isEmpty {
        #expect(plan.replacements.count == 11)
        renewed.append(day)
        try tree.carryOut(plan)
      }
      if plan.warnings.contains(where: { $0.contains("ca.crt expires at 2037-01-12T08:00:00Z; until then") })
      {
        warned.append(day)
      }
      if !plan.refusals.isEmpty { refused.append(day) }
    }
    #expect(renewed == [3250, 3585])
    #expect(warned == Array(3620...3650))
    #expect(refused == Array(3651...3655))
  }

  @Test func `a shorter lifetime than before is a warning, unless it is asked for`() throws {
    func shortened(_ days: Int, isStated: Bool) throws -> [Plan.ShortenedLifetime] {
      try tree.renewal("apiserver", "etcd-peer") {
        $0.validity = .days(days)
        $0.statesValidity = isStated
      }.shortenedLifetimes
    }
    let found = try shortened(90, isStated: false)
    #expect(
      found.map(\.names) == [["apiserver", "etcd-peer"]] && found.map(\.oldDays) == [365]
        && found.map(\.newDays) == [90])
    #expect(try shortened(90, isStated: true).isEmpty)
    #expect(try shortened(365, isStated: false).isEmpty && shortened(730, isStated: false).isEmpty)
  }

  @Test func `usages that are wrong stay, with a warning`() throws {
    try tree.replace("apiserver-kubelet-client", signedBy: "ca") {
      try $0.set(ExtendedKeyUsage([.serverAuth]))
    }
    let plan = try tree.renewal("all")
    #expect(plan.replacements.count == 11)
    let path = tree.path("pki/apiserver-kubelet-client.crt")
    #expect(plan.warnings.count == 1)
    #expect(plan.warnings.first?.hasPrefix("\(path) lacks the usage ") == true, "\(plan.warnings)")
    #expect(plan.warnings.first?.hasSuffix("; its successor has the same usages") == true)
  }
}
