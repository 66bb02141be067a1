import FoundationEssentials
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// What an audit says of the serving certificate in the kubelet's own directory.
struct AuditKubeletTests {
  private let root: TemporaryDirectory
  private let tree: MadeTree

  /// A machine below a root directory, with a tree and the kubelet's directory.
  init() throws {
    root = try TemporaryDirectory()
    tree = try MadeTree()
    for name in ["etc", "var/lib/kubelet/pki"] {
      try FileManager.default.createDirectory(
        atPath: root.path(name), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(atPath: tree.directory.path, toPath: root.path("etc/kubernetes"))
  }

  private var directory: String { root.path("var/lib/kubelet/pki") }

  /// Puts the pair of a tree into the kubelet's directory.
  private func serve(_ name: String, with pair: String) throws {
    let (certificate, key) = (try tree.text("pki/\(pair).crt"), try tree.text("pki/\(pair).key"))
    let text = name.hasSuffix(".pem") ? certificate + key : certificate
    try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
  }

  private func findings(_ uses: [FileUse] = [], after seconds: Double = 60, at rootDirectory: String? = nil)
    throws
    -> [Finding]
  {
    let location = TreeLocation(
      certificateDirectory: root.path("etc/kubernetes/pki"), kubeconfigDirectory: root.path("etc/kubernetes"),
      rootDirectory: rootDirectory ?? root.path)
    var audit = Audit(for: .unknown, owner: 0)
    audit.fileUses = uses
    return try audit.findings(of: location, at: MadeTree.instant.addingTimeInterval(seconds))
      .filter { $0.files.contains { $0.contains("/var/lib/kubelet/") } }
  }

  private var kubeletCAs: FileUse {
    FileUse(
      .kubeAPIServer, "kubelet-certificate-authority", .cas, at: "/etc/kubernetes/pki/ca.crt",
      from: .host("/etc/kubernetes/pki/ca.crt"), in: ("kube-apiserver.yaml", 23))
  }

  @Test func `one that the kubelet signed itself is worth knowing, expired or not`() throws {
    #expect(try findings().isEmpty)
    try serve("kubelet.crt", with: "front-proxy-client")
    let finding = try #require(try findings().first)
    #expect(finding.code == .kubeletSelfSigned && finding.files == ["\(directory)/kubelet.crt"])
    let expired = try #require(try findings(after: 400 * 86_400).first)
    #expect(expired.code == .kubeletSelfSigned && expired.message.contains("; it expired at "))
  }

  @Test func `an API server that verifies kubelets refuses it`() throws {
    try serve("kubelet.crt", with: "front-proxy-client")
    let finding = try #require(try findings([kubeletCAs]).first)
    #expect(
      finding.code == .manifestMismatch
        && finding.message.hasSuffix("--kubelet-certificate-authority names it"))
    try serve("kubelet-server-current.pem", with: "apiserver")
    #expect(try findings([kubeletCAs]).isEmpty)
  }

  @Test func `one that the kubelet asked for expires`() throws {
    try serve("kubelet.crt", with: "front-proxy-client")
    try serve("kubelet-server-current.pem", with: "apiserver")
    #expect(try findings().isEmpty)
    let finding = try #require(try findings(after: 400 * 86_400).first)
    #expect(finding.code == .expired && finding.files == ["\(directory)/kubelet-server-current.pem"])
    #expect(finding.remedy.actions == [.approveServing])
  }

  @Test func `of a copy, nothing is said of this machine's kubelet`() throws {
    try serve("kubelet.crt", with: "front-proxy-client")
    let other = try TemporaryDirectory()
    #expect(try findings(at: other.path).isEmpty)
  }
}
