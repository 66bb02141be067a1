import FoundationEssentials
import TestSupport
import Testing

/// What `pkigen verify`, `check-expiration` and `renew` make of the manifests of static pods beside the tree.
@Suite(.timeLimit(.minutes(20)))
struct VerifyManifestTests {
  private let directory: TemporaryDirectory

  /// A tree of the node cp1, with manifests as kubeadm writes them, shortened.
  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.copyTree()
    try FileManager.default.createDirectory(
      atPath: directory.path("manifests"), withIntermediateDirectories: false)
    try write(
      "etcd",
      [
        "--cert-file=/etc/kubernetes/pki/etcd/server.crt", "--key-file=/etc/kubernetes/pki/etcd/server.key",
        "--listen-client-urls=https://127.0.0.1:2379,https://10.0.0.10:2379", "--name=member7",
        "--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt",
      ])
    try write(
      "kube-apiserver",
      [
        "--advertise-address=10.0.0.10", "--client-ca-file=/etc/kubernetes/pki/ca.crt",
        "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt",
        "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
        "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key",
        "--etcd-servers=https://127.0.0.1:2379", "--secure-port=6443",
        "--service-account-issuer=https://kubernetes.default.svc.other.example",
        "--service-cluster-ip-range=10.96.0.0/12", "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt",
        "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
      ])
  }

  private func write(_ name: String, _ arguments: [String]) throws {
    let lines = ([name] + arguments).map { "    - \($0)\n" }.joined()
    let text = """
      kind: Pod
      metadata: {annotations: {kubeadm.kubernetes.io/x: x}}
      spec:
        containers:
        - command:
      \(lines)    volumeMounts: [{name: certs, mountPath: /etc/kubernetes}]
        volumes: [{name: certs, hostPath: {path: /etc/kubernetes}}]

      """
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }

  private func path(_ name: String) -> String { directory.path("manifests/\(name).yaml") }

  private func replace(_ old: String, with new: String, in name: String) throws {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    try #require(text.contains(old))
    try Data(text.replacing(old, with: new).utf8).write(to: URL(filePath: path(name)))
  }

  private func verify(_ arguments: String...) async throws -> (outcome: Outcome, document: AuditDocument) {
    let outcome = try await Pkigen.run(["verify", "-d", directory.path, "-o", "json"] + arguments)
    return (outcome, try outcome.document(AuditDocument.self))
  }

  @Test func `a sound node is sound, and infos say what the manifests say`() async throws {
    let (outcome, document) = try await verify()
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    #expect(
      document.findings.filter { $0.code == "manifest-values" }.map(\.message) == [
        "\(path("etcd")) says etcd-server-san 10.0.0.10",
        "\(path("kube-apiserver")) says advertise-ip 10.0.0.10, bind-port 6443, service-cidr 10.96.0.0/12",
      ])
  }

  @Test(arguments: [
    ("10.0.0.10", "10.0.0.77", "kube-apiserver", "pki/apiserver.crt"),
    ("10.96.0.0/12", "10.43.0.0/16", "kube-apiserver", "pki/apiserver.crt"),
    ("https://10.0.0.10", "https://etcd7.example.com", "etcd", "pki/etcd/server.crt"),
  ])
  func `certificates need the names in manifests`(old: String, new: String, name: String, file: String)
    async throws
  {
    try replace(old, with: new, in: name)
    let (outcome, document) = try await verify()
    #expect(outcome.status == 1)
    #expect(document.findings.contains { $0.code == "name-missing" && $0.files == [directory.path(file)] })
  }

  @Test func `an etcd with an address of its own needs no other`() async throws {
    let names = ["--node-name", "cp1", "--etcd-server-san", "10.0.1.7", "--etcd-peer-san", "10.0.1.7"]
    let renewed = try await Pkigen.run(
      [
        "renew", "etcd-server", "etcd-peer", "--replace-sans", "--advertise-ip", "10.0.1.7", "-d",
        directory.path,
      ]
        + names)
    try #require(renewed.status == 0, "\(renewed)")
    try replace("https://10.0.0.10:2379", with: "https://10.0.1.7:2379", in: "etcd")
    let (outcome, document) = try await verify()
    #expect(outcome.status == 0, "\(document)")
    let options = try await Pkigen.run(
      "verify", "--advertise-ip", "10.0.0.10", "--etcd-server-san", "10.0.1.7", "-q", "-d", directory.path)
    #expect(options == Outcome(status: 0))
    // Where nothing says another address, etcd has that of the node.
    try FileManager.default.removeItem(atPath: path("etcd"))
    let alone = try await verify().document.findings.filter { $0.code == "name-missing" }
    #expect(alone.map(\.files) == ["server", "peer"].map { [directory.path("pki/etcd/\($0).crt")] })
  }

  @Test func `renew says last what verify finds of the manifests`() async throws {
    let sound = try await Pkigen.run("renew", "all", "-d", directory.path)
    #expect(sound.status == 0 && !sound.stderr.contains("pkigen verify still finds"), "\(sound)")
    try replace("10.0.0.10", with: "10.0.0.77", in: "kube-apiserver")
    try replace("pki/etcd/ca.crt", with: "pki/ca.crt", in: "etcd")
    let found = try await verify().document.findings.filter { $0.severity == "error" }
    #expect(found.contains { $0.code == "name-missing" } && found.contains { $0.code == "manifest-mismatch" })
    for arguments in [["all"], ["scheduler.conf", "-q"], ["all", "--expiring-within", "1d"]] {
      let outcome = try await Pkigen.run(["renew", "-d", directory.path] + arguments)
      #expect(outcome.status == 0)
      let said = outcome.stderr.split(separator: "\n").filter {
        $0.hasPrefix("warning: pkigen verify still finds: ")
      }
      #expect(said.count == found.count, "\(outcome)")
      for finding in found { #expect(said.contains { $0.contains(finding.message) }, "\(finding)") }
      #expect(
        outcome.stdout.contains("note: \(path("kube-apiserver")) says advertise-ip 10.0.0.77,")
          || arguments.contains("-q"),
        "\(outcome)")
    }
  }

  @Test func `an option wins over a manifest, and an info says so`() async throws {
    try replace("10.0.0.10", with: "10.0.0.77", in: "kube-apiserver")
    let (outcome, document) = try await verify("--advertise-ip", "10.0.0.10")
    #expect(outcome.status == 0)
    #expect(
      document.findings.contains {
        $0.message
          == "--advertise-ip wins over \(path("kube-apiserver")):7: --advertise-address, which says \"10.0.0.77\""
      })
  }

  @Test(arguments: [
    ("pki/apiserver.crt", "pki/none.crt", "manifest-file"),
    ("pki/apiserver.key", "pki/sa.key", "manifest-mismatch"),
    (
      "etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt", "etcd-cafile=/etc/kubernetes/pki/ca.crt",
      "manifest-mismatch"
    ),
    ("mountPath: /etc/kubernetes", "mountPath: /srv", "manifest-file"),
  ])
  func `files that manifests name are there, fit, and are mounted`(old: String, new: String, code: String)
    async throws
  {
    try replace(old, with: new, in: "kube-apiserver")
    let (outcome, document) = try await verify()
    #expect(outcome.status == 1 && document.findings.first?.code == code)
    #expect(document.findings.first?.remedy?.contains("in \(path("kube-apiserver"))") == true)
  }

  @Test func `a manifest that cannot be read is an error`() async throws {
    try Data("a: [".utf8).write(to: URL(filePath: path("broken")))
    let (outcome, document) = try await verify()
    #expect(outcome.status == 1 && document.findings.first?.files == [path("broken")])
  }

  /// Leaves of the etcd member what a client of an external etcd has.
  private func makeEtcdExternal() throws {
    for name in [
      "server.crt", "server.key", "peer.crt", "peer.key", "healthcheck-client.crt", "healthcheck-client.key",
      "ca.key",
    ] {
      try FileManager.default.removeItem(atPath: directory.path("pki/etcd/\(name)"))
    }
    try FileManager.default.removeItem(atPath: path("etcd"))
    try replace("https://127.0.0.1:2379", with: "https://10.0.0.5:2379", in: "kube-apiserver")
  }

  @Test func `an external etcd is known by the manifest`() async throws {
    try makeEtcdExternal()
    let (outcome, document) = try await verify()
    #expect(outcome.status == 0 && !document.findings.contains { $0.code == "external-etcd" })
    let renewal = try await Pkigen.run("renew", "all", "-d", directory.path)
    #expect(
      renewal.status == 0 && !renewal.stdout.contains("replace  \(directory.path("pki/apiserver-etcd"))"))
    #expect(renewal.stdout.contains("note: \(path("kube-apiserver")) says "), "\(renewal)")
    #expect(renewal.stdout.contains(", external-etcd true"))
    let expiry = try await Pkigen.run("check-expiration", "-d", directory.path)
    #expect(
      expiry.status == 0 && expiry.stderr.hasPrefix("note: \(path("kube-apiserver")) says external-etcd true")
    )
  }

  @Test func `the files for an external etcd are checked where the manifest has them`() async throws {
    try makeEtcdExternal()
    try FileManager.default.moveItem(
      atPath: directory.path("pki/etcd/ca.crt"), toPath: directory.path("etcd-ca.crt"))
    try replace("pki/etcd/ca.crt", with: "etcd-ca.crt", in: "kube-apiserver")
    #expect(try await verify().outcome.status == 0)
    try FileManager.default.copyItem(
      atPath: directory.path("pki/apiserver.crt"), toPath: directory.path("client.crt"))
    try replace("pki/apiserver-etcd-client.crt", with: "client.crt", in: "kube-apiserver")
    let (outcome, document) = try await verify()
    #expect(outcome.status == 1)
    #expect(
      document.findings.filter { $0.severity == "error" }.allSatisfy {
        $0.files.contains(directory.path("client.crt"))
      })
  }

  @Test func `files of a machine whose root directory is said are found there`() async throws {
    let root = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: root.path("etc"), withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: directory.path, toPath: root.path("etc/kubernetes"))
    let outcome = try await Pkigen.run("verify", "--rootfs", root.path)
    #expect(outcome.status == 0, "\(outcome)")
    try FileManager.default.moveItem(
      atPath: root.path("etc/kubernetes/pki/apiserver.key"), toPath: root.path("api.key"))
    let manifest = root.path("etc/kubernetes/manifests/kube-apiserver.yaml")
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
      .replacing("file=/etc/kubernetes/pki/apiserver.key", with: "file=/keys/api.key")
      .replacing("/etc/kubernetes}]", with: "/etc/kubernetes}, {name: keys, mountPath: /keys}]")
      .replacing(
        "path: /etc/kubernetes}}]", with: "path: /etc/kubernetes}}, {name: keys, hostPath: {path: /}}]")
    try Data(text.utf8).write(to: URL(filePath: manifest))
    let moved = try await Pkigen.run("verify", "--rootfs", root.path, "-o", "json")
    // The pair of the tree is broken; the manifest's is not.
    #expect(
      try moved.document(AuditDocument.self).findings.filter { $0.severity == "error" }.map(\.code) == [
        "key-missing"
      ])
    try FileManager.default.removeItem(atPath: root.path("api.key"))
    let gone = try await Pkigen.run("verify", "--rootfs", root.path, "-o", "json")
    #expect(
      try gone.document(AuditDocument.self).findings.contains {
        $0.code == "manifest-file" && $0.files.first == root.path("api.key")
      })
  }
}
