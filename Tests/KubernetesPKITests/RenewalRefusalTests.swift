import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What cannot be renewed, and why; the others are renewed.
struct RenewalRefusalTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree(.documented) }

  private static let ofEtcd = [
    "etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client",
  ]

  /// Expects one refusal for all that etcd's CA signs, and that everything else is renewed.
  private func expectRefusal(
    _ code: FindingCode, _ problem: String, remedy: Remedy.Action..., at instant: Date = MadeTree.days(366),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let plan = try tree.renewal("all", at: instant)
    #expect(plan.refusals.count == 1, sourceLocation: sourceLocation)
    let refusal = try #require(plan.refusals.first)
    #expect(
      refusal.message == "cannot renew \(Self.ofEtcd.joined(separator: ", ")): \(problem)",
      sourceLocation: sourceLocation)
    #expect(
      refusal.code == code && refusal.remedy.actions == remedy, "\(refusal)", sourceLocation: sourceLocation)
    #expect(Set(plan.replacements.keys).isDisjoint(with: Self.ofEtcd), sourceLocation: sourceLocation)
    #expect(plan.steps.count == 7 && plan.replacements.count == 7, sourceLocation: sourceLocation)
  }

  private var path: String { tree.path("pki/etcd/ca.crt") }
  private var keyPath: String { tree.path("pki/etcd/ca.key") }
  private var putBack: Remedy.Action { .putBackCA(certificate: path, key: keyPath) }

  @Test func `leaves of a CA without its key`() throws {
    try tree.remove("pki/etcd/ca.key")
    try expectRefusal(
      .caKeyMissing, "the key of the CA, \(keyPath), is not here",
      remedy: .request(Self.ofEtcd.compactMap { CatalogEntry.ID(rawValue: $0) }), .lendCAKey(keyPath)
    )
  }

  @Test func `leaves of a CA that has expired`() throws {
    try tree.replaceAuthority("etcd/ca") {
      $0.validity = Validity(notBefore: MadeTree.instant, notAfter: MadeTree.days(365))
    }
    try expectRefusal(
      .expired, "\(path) expired at 2028-01-15T08:00:00Z",
      remedy: .extendCA(
        .etcdCA, thenRenew: Self.ofEtcd.compactMap { CatalogEntry.ID(rawValue: $0) }, keyIsHere: true))
  }

  @Test func `leaves of a CA that is not yet valid`() throws {
    try tree.replaceAuthority("etcd/ca") {
      $0.validity = Validity(notBefore: MadeTree.days(400), notAfter: MadeTree.days(500))
    }
    let plan = try tree.renewal("etcd-peer")
    #expect(plan.steps.isEmpty && plan.refusals.map(\.code) == [.notYetValid])
    #expect(plan.refusals[0].remedy.actions.first == .checkClock(MadeTree.days(366)))
  }

  @Test func `leaves of a CA that is missing, or half of it`() throws {
    try tree.remove("pki/etcd/ca.crt")
    try expectRefusal(
      .certificateMissing, "\(keyPath) is there, but its certificate \(path) is not", remedy: putBack)
    try tree.remove("pki/etcd/ca.key")
    try expectRefusal(.missingFile, "\(path) is missing", remedy: putBack)
  }

  @Test func `leaves of a CA with another's key, or none that can be read`() throws {
    try tree.copy("pki/ca.key", to: "pki/etcd/ca.key")
    try expectRefusal(.keyMismatch, "\(keyPath) is not the private key of \(path)", remedy: putBack)
    try tree.write("nothing", to: "pki/etcd/ca.key")
    try expectRefusal(
      .malformedFile,
      "\(keyPath) does not hold a private key that can be used: cannot read the private key: there is no PRIVATE KEY block in it",
      remedy: putBack)
  }

  @Test func `leaves of a CA that is none`() throws {
    try tree.replaceAuthority("etcd/ca") { try $0.set(BasicConstraints.isEndEntity, isCritical: true) }
    try expectRefusal(
      .notACA,
      "\(path) is not a CA certificate: it lacks CA:TRUE or the key usage keyCertSign",
      remedy: putBack)
  }

  @Test func `after all CAs have expired there is nothing that can be done`() throws {
    let plan = try tree.renewal("all", at: MadeTree.days(3651))
    #expect(plan.steps.isEmpty && plan.refusals.map(\.code) == [.expired, .expired, .expired])
  }

  @Test func `what is wrong with a CA and hinders no signing is no obstacle`() throws {
    // A bundle, and a name that is no style's.
    try tree.write(tree.text("pki/ca.crt") + tree.text("pki/etcd/ca.crt"), to: "pki/ca.crt")
    try tree.replaceAuthority("etcd/ca") { $0.subject = try DistinguishedName(commonName: "ours") }
    let plan = try tree.renewal("all") { $0.allowsNewCA = true }
    #expect(plan.refusals.isEmpty && plan.replacements.count == 11)
  }

  @Test func `a leaf that cannot be read`() throws {
    try tree.write("-----BEGIN CERTIFICATE-----\nMIIB", to: "pki/apiserver.crt")
    let plan = try tree.renewal("apiserver", "etcd-peer")
    #expect(plan.steps.map(\.name) == ["etcd-peer"])
    #expect(plan.refusals.map(\.code) == [.malformedFile])
    #expect(plan.refusals[0].files == [tree.path("pki/apiserver.crt")])
  }

  @Test(arguments: ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"])
  func `a leaf with an extension that cannot be read`(identifier: String) throws {
    try tree.replace("apiserver", signedBy: "ca") {
      $0.extensions.removeAll { $0.identifier == ObjectIdentifier(identifier) }
      $0.extensions.append(
        CertificateExtension(identifier: ObjectIdentifier(identifier), isCritical: false, value: [0x04, 0]))
    }
    let plan = try tree.renewal("apiserver", "etcd-peer")
    #expect(plan.steps.map(\.name) == ["etcd-peer"])
    #expect(plan.refusals.map(\.code) == [.malformedFile])
    #expect(plan.refusals.map(\.files) == [[tree.path("pki/apiserver.crt")]])
  }

  @Test func `a leaf that is missing, where it was named`() throws {
    try tree.remove("pki/apiserver.crt", "pki/apiserver.key", "pki/etcd/peer.crt", "scheduler.conf")
    let plan = try tree.renewal("apiserver", "etcd-peer", "scheduler")
    #expect(
      plan.steps.isEmpty && plan.refusals.map(\.code) == [.missingFile, .certificateMissing, .missingFile])
  }

  @Test func `with all, what is missing is passed over, with a warning where it is needed`() throws {
    try tree.remove("pki/apiserver.crt", "pki/apiserver.key", "scheduler.conf")
    let plan = try tree.renewal("all")
    #expect(plan.refusals.isEmpty && plan.replacements.count == 9)
    #expect(
      plan.warnings
        == ["pki/apiserver.crt", "scheduler.conf"].map {
          "\(tree.path($0)) is missing, and is not renewed"
        })
  }

  @Test func `with all, what is needed nowhere is passed over in silence`() throws {
    for name in ["server", "peer", "healthcheck-client"] {
      try tree.remove("pki/etcd/\(name).crt", "pki/etcd/\(name).key")
    }
    try tree.remove("pki/etcd/ca.crt", "pki/etcd/ca.key")
    try tree.remove("pki/apiserver-etcd-client.crt", "pki/apiserver-etcd-client.key")
    let plan = try tree.renewal("all")
    #expect(plan.refusals.isEmpty && plan.warnings.isEmpty && plan.replacements.count == 7)
  }

  @Test func `a directory without a tree`() throws {
    let empty = try MadeTree(empty: .documented)
    let plan = try empty.renewal("all")
    #expect(plan.steps.isEmpty && plan.warnings.isEmpty && plan.refusals.map(\.code) == [.missingFile])
    #expect(
      plan.refusals[0].message
        == "there is no PKI of a control plane in \(empty.path("pki")) and \(empty.directory.path)")
  }

  @Test(arguments: [
    ("current-context", "current-context: nothing", "it has no context \"nothing\" in contexts"),
    (
      "client-certificate-data", "token: abc",
      "its user \"default-admin\" has neither client-certificate-data nor client-certificate"
    ),
    (
      "client-certificate-data", "client-certificate-data: bm90aGluZw==",
      "its client-certificate-data is unusable: cannot read the certificate: there is no CERTIFICATE block in it"
    ),
    (
      "client-key-data", "client-key: admin.key",
      "its client certificate is embedded and its key is not, or the reverse"
    ),
  ])
  func `a kubeconfig with nothing to go by`(field: String, replacement: String, problem: String) throws {
    let lines = try tree.text("admin.conf").split(separator: "\n").map(String.init)
    try tree.write(
      lines.map { line in
        let spaces = line.prefix { $0 == " " }
        return line.dropFirst(spaces.count).hasPrefix("\(field):") ? spaces + replacement : line
      }.joined(separator: "\n"), to: "admin.conf")
    let plan = try tree.renewal("all")
    #expect(plan.replacements.count == 10)
    #expect(
      plan.refusals.map(\.message) == ["\(tree.path("admin.conf")) is not a usable kubeconfig: \(problem)"])
  }
}

/// Kubeconfigs that lead to what is not theirs.
struct RenewalStrayTests {
  @Test func `a kubeconfig that names a CA's files is to be moved away, and not they`() throws {
    let tree = try MadeTree()
    try tree.replace("client-certificate-data", in: "scheduler.conf", with: "client-certificate: pki/ca.crt")
    try tree.replace("client-key-data", in: "scheduler.conf", with: "client-key: pki/ca.key")
    let plan = try tree.renewal("all")
    #expect(!plan.steps.map(\.name).contains("scheduler.conf") && plan.steps.count > 9)
    #expect(
      plan.refusals.map(\.message) == [
        "cannot renew \(tree.path("pki/ca.crt")): it says CA:TRUE, and its successor would be a CA again"
      ])
    #expect(
      plan.refusals[0].remedy.actions == [.makeAgain([.scheduler], files: [tree.path("scheduler.conf")])])
  }
}

/// Which names can be said.
struct RenewalSelectionTests {
  @Test func `leaves and kubeconfigs, with or without their suffix`() throws {
    let selection = try Selection.test(
      ["apiserver", "etcd-peer", "admin", "kubelet.conf", "super-admin"], .leaves, in: .allFiles)
    #expect(selection.entries == [.apiserver, .etcdPeer, .admin, .kubelet, .superAdmin])
    #expect(!selection.serviceAccountKey)
  }

  @Test func `all is every leaf and kubeconfig, and no CA`() throws {
    let selection = try Selection.test(["all", "admin"], .leaves, in: .allFiles)
    #expect(selection.entries == Set(Catalog.allFiles.entries.filter { !$0.isCA }.map(\.id)))
    #expect(selection.entries.count == 13 && !selection.serviceAccountKey)
  }

  @Test func `CAs, the service-account pair and unknown names select nothing`() {
    let (selection, unknown) = Selection.named(
      ["ca", "all", "etcd-ca", "sa", "apiserver.conf", "x"], .leaves, in: .allFiles)
    #expect(selection.entries.count == 13)
    #expect(unknown.map(\.name) == ["ca", "etcd-ca", "sa", "apiserver.conf", "x"])
    #expect(unknown.map(\.meaning) == [.ca, .ca, .serviceAccountKey, .none, .none])
    #expect(
      unknown[0].known == [
        "apiserver", "apiserver-kubelet-client", "front-proxy-client", "etcd-server", "etcd-peer",
        "etcd-healthcheck-client", "apiserver-etcd-client", "kubelet-server", "admin.conf",
        "super-admin.conf",
        "kubelet.conf", "controller-manager.conf", "scheduler.conf",
      ])
  }
}
