import FoundationEssentials
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// What an audit says of the files that static pods use.
struct AuditManifestTests {
  private let tree: MadeTree

  init() throws { tree = try MadeTree() }

  private func use(
    _ component: ComponentReading.Component, _ argument: String, _ content: FileUse.Content, _ name: String,
    from source: FileUse.Source? = nil
  ) -> FileUse {
    let path = name.hasPrefix("/") ? name : tree.path(name)
    return FileUse(
      component, argument, content, at: path, from: source ?? .host(path),
      in: (tree.path("manifests/\(component.rawValue).yaml"), 7))
  }

  /// The arguments of the API server, etcd and kube-controller-manager, as kubeadm writes them.
  private var usual: [FileUse] {
    [
      use(.kubeAPIServer, "tls-cert-file", .certificate(key: "tls-private-key-file"), "pki/apiserver.crt"),
      use(.kubeAPIServer, "tls-private-key-file", .key, "pki/apiserver.key"),
      use(.kubeAPIServer, "client-ca-file", .cas, "pki/ca.crt"),
      use(.kubeAPIServer, "etcd-cafile", .cas, "pki/etcd/ca.crt"),
      use(
        .kubeAPIServer, "etcd-certfile", .certificate(key: "etcd-keyfile"), "pki/apiserver-etcd-client.crt"),
      use(.kubeAPIServer, "etcd-keyfile", .key, "pki/apiserver-etcd-client.key"),
      use(.kubeAPIServer, "service-account-key-file", .serviceAccountKeys, "pki/sa.pub"),
      use(.kubeAPIServer, "service-account-signing-key-file", .key, "pki/sa.key"),
      use(
        .kubeAPIServer, "proxy-client-cert-file", .certificate(key: "proxy-client-key-file"),
        "pki/front-proxy-client.crt"),
      use(.kubeAPIServer, "proxy-client-key-file", .key, "pki/front-proxy-client.key"),
      use(.kubeAPIServer, "requestheader-client-ca-file", .cas, "pki/front-proxy-ca.crt"),
      use(.etcd, "cert-file", .certificate(key: "key-file"), "pki/etcd/server.crt"),
      use(.etcd, "key-file", .key, "pki/etcd/server.key"),
      use(.etcd, "trusted-ca-file", .cas, "pki/etcd/ca.crt"),
      use(.etcd, "peer-cert-file", .certificate(key: "peer-key-file"), "pki/etcd/peer.crt"),
      use(.etcd, "peer-key-file", .key, "pki/etcd/peer.key"),
      use(.etcd, "peer-trusted-ca-file", .cas, "pki/etcd/ca.crt"),
      use(.kubeControllerManager, "kubeconfig", .kubeconfig, "controller-manager.conf"),
      use(.kubeControllerManager, "root-ca-file", .cas, "pki/ca.crt"),
      use(
        .kubeControllerManager, "cluster-signing-cert-file", .certificate(key: "cluster-signing-key-file"),
        "pki/ca.crt"),
      use(.kubeControllerManager, "cluster-signing-key-file", .key, "pki/ca.key"),
      use(.kubeControllerManager, "service-account-private-key-file", .key, "pki/sa.key"),
    ]
  }

  /// The usual arguments, of which one names another file.
  private func uses(_ argument: String, _ name: String) throws -> [FileUse] {
    let old = try #require(usual.first { $0.argument == argument })
    let new = use(old.component, argument, old.content, name)
    return usual.map { $0 == old ? new : $0 }
  }

  @Test func `what kubeadm writes is sound`() throws {
    try tree.expectSoundness { $0.fileUses = usual }
  }

  @Test(arguments: [
    ("root-ca-file", "pki/front-proxy-ca.crt"), ("tls-private-key-file", "pki/sa.key"),
    ("etcd-cafile", "pki/ca.crt"), ("trusted-ca-file", "pki/ca.crt"), ("peer-trusted-ca-file", "pki/ca.crt"),
    ("requestheader-client-ca-file", "pki/ca.crt"), ("client-ca-file", "pki/etcd/ca.crt"),
    ("service-account-key-file", "pki/apiserver.crt"), ("service-account-private-key-file", "pki/ca.key"),
    ("service-account-signing-key-file", "pki/ca.key"), ("cluster-signing-key-file", "pki/etcd/ca.key"),
  ])
  func `a file that does not fit the others is one finding`(argument: String, name: String) throws {
    let uses = try uses(argument, name)
    let finding = try tree.expect(.manifestMismatch) { $0.fileUses = uses }
    #expect(finding.files.contains(tree.path(name)) && finding.message.contains(": --\(argument)"))
    let manifest = try #require(usual.first { $0.argument == argument }).manifest
    #expect(finding.files.contains(manifest))
    #expect(finding.remedy.actions.contains(.correctManifest(manifest, argument: argument)))
  }

  @Test func `several files that do not verify under one file of CAs are one finding`() throws {
    let uses = try uses("client-ca-file", "pki/etcd/ca.crt")
    let finding = try tree.expect(.manifestMismatch) { $0.fileUses = uses }
    #expect(finding.files.starts(with: [tree.path("pki/ca.crt"), tree.path("controller-manager.conf")]))
    #expect(
      finding.remedy.actions.first
        == .correctManifest(tree.path("manifests/kube-apiserver.yaml"), argument: "client-ca-file"))
  }

  @Test func `kube-controller-manager signs with one certificate`() throws {
    try tree.write(tree.text("pki/ca.crt") + tree.text("pki/etcd/ca.crt"), to: "pki/both.crt")
    let uses = try uses("cluster-signing-cert-file", "pki/both.crt")
    let finding = try tree.expect(.manifestMismatch) { $0.fileUses = uses }
    #expect(finding.message.hasSuffix("holds 2 certificates: kube-controller-manager signs with exactly one"))
  }

  @Test func `a file that is missing is one finding, whoever names it`() throws {
    let both = [usual[0], usual[11]].map { use($0.component, $0.argument, $0.content, "pki/none.crt") }
    let others = usual.filter { ["tls-private-key-file", "key-file"].contains($0.argument) }
    let finding = try tree.expect(.manifestFile) { $0.fileUses = both + others }
    #expect(finding.files == [tree.path("pki/none.crt")] + both.map(\.manifest))
  }

  @Test func `of a file of the tree that is missing it is not said again`() throws {
    try tree.remove("pki/apiserver.crt", "pki/apiserver.key", "pki/sa.pub")
    let codes = try tree.findings { $0.fileUses = usual }.filter { $0.severity == .error }.map(\.code)
    #expect(codes == [.missingFile, .missingFile])
  }

  @Test func `a pod does not find a file that it does not mount`() throws {
    let hidden = use(.etcd, "trusted-ca-file", .cas, "/etc/etcd/ca.crt", from: .nowhere)
    let finding = try tree.expect(.manifestFile) { $0.fileUses = [hidden] }
    #expect(finding.message.hasSuffix("which the pod does not find: no volume is mounted there"))
    // Nothing is known of a volume that is not of the host.
    try tree.expectSoundness {
      $0.fileUses = [use(.etcd, "trusted-ca-file", .cas, "/etc/etcd/ca.crt", from: .volume)]
    }
  }

  @Test func `a certificate needs an argument that names its key`() throws {
    let finding = try tree.expect(.manifestMismatch) { $0.fileUses = [usual[0]] }
    #expect(finding.message.hasSuffix("names a certificate, and no --tls-private-key-file names its key"))
  }

  @Test func `what cannot be used is said with the argument`() throws {
    try tree.write("nothing", to: "pki/other.crt")
    let uses = try uses("client-ca-file", "pki/other.crt")
    let finding = try tree.expect(.manifestFile) { $0.fileUses = uses }
    #expect(
      finding.message.contains("kube-apiserver.yaml:7: --client-ca-file names a file that cannot be used"))
  }

  @Test func `a certificate that is none of the tree's has to be valid, with the names`() throws {
    for (from, to) in [("server.crt", "api.crt"), ("server.key", "api.key")] {
      try FileManager.default.copyItem(atPath: tree.path("pki/etcd/\(from)"), toPath: tree.path("pki/\(to)"))
    }
    let uses = [
      use(.kubeAPIServer, "tls-cert-file", .certificate(key: "tls-private-key-file"), "pki/api.crt"),
      use(.kubeAPIServer, "tls-private-key-file", .key, "pki/api.key"),
    ]
    let finding = try tree.expect(.nameMissing) { $0.fileUses = uses }
    #expect(finding.message.contains("pki/api.crt lacks the SAN DNS:kubernetes"))
    let codes = try tree.findings(after: 400 * 86_400) { $0.fileUses = uses }.filter {
      $0.files.first == tree.path("pki/api.crt")
    }
    #expect(codes.map(\.code) == [.expired, .nameMissing])
  }

  @Test func `a manifest beside a copy names the files of the copy by their places in the original`() throws {
    let copy = TreeLocation(kubernetesDirectory: tree.directory.path)
    #expect(copy.place(onMachine: "/etc/kubernetes/pki/ca.crt") == tree.path("pki/ca.crt"))
    #expect(copy.place(onMachine: "/etc/kubernetes/admin.conf") == tree.path("admin.conf"))
    #expect(copy.place(onMachine: tree.path("pki/ca.crt")) == tree.path("pki/ca.crt"))
    for path in ["/etc/kubernetes/pki/../../../outside", "/srv/ca.crt", "/etc/kubernetes"] {
      #expect(copy.place(onMachine: path) == nil)
    }
    #expect(
      TreeLocation(kubernetesDirectory: "/etc/kubernetes").place(onMachine: "/srv/ca.crt") == "/srv/ca.crt")
    var audit = Audit(for: .unknown, owner: 0)
    audit.fileUses = [use(.kubeAPIServer, "client-ca-file", .cas, "/srv/ca.crt")]
    let findings = try audit.findings(of: copy, at: MadeTree.instant.addingTimeInterval(60))
    #expect(
      findings.contains { $0.code == .outsideTree && $0.message.contains("names /srv/ca.crt, outside") })
  }

  @Test func `a member's manifest shows that etcd is not external`() throws {
    try FileManager.default.removeItem(atPath: tree.path("pki/etcd"))
    try tree.remove("pki/apiserver-etcd-client.crt", "pki/apiserver-etcd-client.key")
    #expect(try tree.findings().contains { $0.code == .externalEtcd })
    try FileManager.default.createDirectory(
      atPath: tree.path("manifests"), withIntermediateDirectories: false)
    try tree.write("", to: "manifests/etcd.yaml")
    let findings = try tree.findings()
    #expect(
      findings.contains { $0.code == .missingFile && $0.files.contains(tree.path("pki/etcd/server.crt")) })
    #expect(!findings.contains { $0.code == .externalEtcd })
  }

  @Test func `files of an external etcd that are not of the tree are not read`() throws {
    var cluster = ClusterConfiguration.unknown
    cluster.externalEtcd = ExternalEtcd()
    cluster.externalEtcd?.caFile = "/etc/kubernetes/pki/etcd/none.crt"
    cluster.externalEtcd?.certFile = "/etc/hostname"
    let audit = Audit(for: cluster, owner: 0)
    let findings = try audit.findings(
      of: TreeLocation(kubernetesDirectory: tree.directory.path), at: MadeTree.instant.addingTimeInterval(60))
    #expect(findings.first { $0.code == .missingFile }?.files == [tree.path("pki/etcd/none.crt")])
    #expect(
      findings.contains {
        $0.code == .outsideTree && $0.message.hasPrefix("/etc/hostname, the external etcd's")
      })
    #expect(!findings.contains { $0.code == .malformedFile })
  }

  @Test func `what manifests say is among the findings`() throws {
    let note = Finding(.manifestValues, ["/m"], "it says something", .nothingIfIntended)
    #expect(try tree.findings { $0.manifestFindings = [note] }.contains(note))
  }
}
