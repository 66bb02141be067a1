import Foundation
import TestSupport
import Testing

/// What `pkigen renew` does after something else was said of the node.
@Suite(.timeLimit(.minutes(20)))
struct RenewNodeTests {
  private let tree: ExpiredTree
  private var directory: String { tree.directory.path }

  init() async throws { tree = try await ExpiredTree() }

  @Test func `another address of the node is followed everywhere, and the old one stays with a note`()
    async throws
  {
    let outcome = try await tree.renew("all", "--advertise-ip", "10.0.0.9", "-o", "json")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
    let document = try outcome.document(RunDocument.self)
    #expect(
      document.notes == [
        "apiserver, etcd-server, etcd-peer: IP:10.0.0.10 stays, the former name or address; --drop-san IP:10.0.0.10 drops it"
      ])
    for name in ["admin", "kubelet", "controller-manager", "scheduler"] {
      #expect(try tree.text("\(name).conf").contains("    server: https://10.0.0.9:6443\n"))
    }
    let verification = try await Pkigen.run("verify", "-d", directory, "--advertise-ip", "10.0.0.9")
    #expect(!verification.stdout.contains("10.0.0.10"))
  }

  @Test func `what verify would still find is said last`() async throws {
    let outcome = try await tree.renew("apiserver", "--advertise-ip", "10.0.0.9", "-q")
    #expect(outcome.status == 0 && outcome.stdout.isEmpty)
    let config = tree.path("scheduler.conf")
    #expect(
      outcome.stderr.contains(
        "warning: pkigen verify still finds: \(config) points to \"https://10.0.0.10:6443\", not to https://10.0.0.9:6443: "
      ), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("etcd/peer.crt lacks the SAN IP:10.0.0.9"))
  }

  @Test func `manifests beside the tree say what a replacement of SANs needs, before the tree does`()
    async throws
  {
    try FileManager.default.createDirectory(
      atPath: tree.path("manifests"), withIntermediateDirectories: false)
    let manifest = tree.path("manifests/kube-apiserver.yaml")
    try Data(
      """
      kind: Pod
      spec:
        containers:
        - command: [kube-apiserver, --service-cluster-ip-range=10.43.0.0/16, --secure-port=7443]

      """.utf8
    ).write(to: URL(filePath: manifest))
    let outcome = try await tree.renew(
      "apiserver", "--replace-sans", "--apiserver-san", "x", "-o", "json", "--dry-run")
    let document = try outcome.document(RunDocument.self)
    #expect(document.files.first?.addedNames == ["DNS:x", "IP:10.43.0.1"])
    #expect(document.files.first?.droppedNames == ["IP:10.96.0.1"])
    #expect(document.notes == ["\(manifest) says bind-port 7443, service-cidr 10.43.0.0/16"])
    // What is there stays otherwise, whatever manifests say, and none of it is added.
    let plain = try await tree.renew("apiserver", "--apiserver-san", "x", "-o", "json", "--dry-run")
      .document(RunDocument.self)
    #expect(plain.notes == document.notes)
    #expect(plain.files.first?.addedNames == ["DNS:x"] && plain.files.first?.droppedNames == [])
  }
}
