import FoundationEssentials
import TestSupport
import Testing

/// What `pkigen init` and `pkigen csr create` take from the manifests of static pods beside the tree.
@Suite(.timeLimit(.minutes(20)))
struct ManifestTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path("manifests"), withIntermediateDirectories: false)
  }

  private func write(_ name: String, _ command: String, annotation: String = "x") throws {
    let text = """
      kind: Pod
      metadata: {annotations: {\(annotation): "https://10.0.0.7:2379"}}
      spec:
        containers:
        - command: [\(command)]

      """
    try Data(text.utf8).write(to: URL(filePath: directory.path("manifests/\(name).yaml")))
  }

  private func writeBoth() throws {
    try write(
      "etcd",
      #"etcd, --name=cp7, "--listen-client-urls=https://127.0.0.1:2379,https://10.0.1.7:2379""#,
      annotation: "kubeadm.kubernetes.io/etcd.advertise-client-urls")
    try write(
      "kube-apiserver",
      "kube-apiserver, --advertise-address=10.0.0.7, --service-cluster-ip-range=10.43.0.0/16,"
        + " --etcd-servers=https://127.0.0.1:2379")
  }

  private func initialize(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(
      ["init", "-d", directory.path, "--key-algorithm", "ecdsa-p256", "-o", "json"] + arguments)
  }

  private func names(_ path: String) async throws -> String {
    try await run(
      "openssl", ["x509", "-in", directory.path(path), "-noout", "-ext", "subjectAltName", "-subject"]
    )
    .stdout
  }

  @Test func `what no option says is in the manifests, and notes say in which`() async throws {
    try writeBoth()
    let outcome = try await initialize()
    #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
    let manifests = directory.path("manifests")
    #expect(
      try outcome.document(RunDocument.self).notes == [
        "\(manifests)/etcd.yaml says node-name cp7, etcd-server-san 10.0.1.7",
        "\(manifests)/kube-apiserver.yaml says advertise-ip 10.0.0.7, service-cidr 10.43.0.0/16",
      ])
    let apiserver = try await names("pki/apiserver.crt")
    #expect(
      apiserver.contains("IP Address:10.43.0.1, IP Address:10.0.0.7\n") && apiserver.contains("DNS:cp7"))
    #expect(try await names("pki/etcd/server.crt").contains("IP Address:10.0.1.7"))
    #expect(try await names("pki/etcd/peer.crt").contains("IP Address:10.0.1.7") == false)
    // A second run keeps everything.
    #expect(try await initialize().status == 0)
  }

  @Test func `options win over manifests`() async throws {
    try writeBoth()
    let outcome = try await initialize("--advertise-ip", "10.0.0.8", "--node-name", "cp8", "--dry-run")
    let document = try outcome.document(RunDocument.self)
    #expect(
      document.notes.last
        == "\(directory.path("manifests/kube-apiserver.yaml")) says service-cidr 10.43.0.0/16")
    #expect(
      document.notes.contains {
        $0.hasPrefix("--advertise-ip wins over ") && $0.hasSuffix("which says \"10.0.0.7\"")
      })
    #expect(
      outcome.stdout.contains("https://10.0.0.8:6443") && !outcome.stdout.contains("https://10.0.0.7:6443"))
  }

  @Test func `a member's name is a node's name only where kubeadm wrote the manifest`() async throws {
    try write("etcd", "etcd, --name=infra0")
    let outcome = try await initialize("--advertise-ip", "10.0.0.8", "--dry-run")
    #expect(outcome.status == 0 && !outcome.stdout.contains("infra0"))
  }

  @Test func `an API server with etcd on other hosts has an external etcd`() async throws {
    try write(
      "kube-apiserver", "kube-apiserver, --advertise-address=10.0.0.7, --etcd-servers=https://10.0.0.5:2379")
    let outcome = try await initialize("--node-name", "cp7", "--dry-run")
    #expect(outcome.status == 0 && !outcome.stdout.contains("/etcd/"), "\(outcome)")
    #expect(outcome.stdout.contains("external-etcd true"))
  }

  @Test func `a manifest that cannot be read is a warning`() async throws {
    try Data("kind: [\n".utf8).write(to: URL(filePath: directory.path("manifests/a.yaml")))
    let outcome = try await initialize("--node-name", "cp7", "--advertise-ip", "10.0.0.7", "--dry-run")
    let path = directory.path("manifests/a.yaml")
    #expect(
      outcome.status == 0 && outcome.stderr.hasPrefix("warning: a manifest cannot be read: \(path):"))
    #expect(try outcome.document(RunDocument.self).warnings.count == 1)
  }

  @Test func `without an address in options and manifests it is asked for`() async throws {
    try write("kube-scheduler", "kube-scheduler")
    let outcome = try await initialize("--node-name", "cp7")
    #expect(outcome.status == 64 && outcome.stderr.hasPrefix("error: --advertise-ip is required\n"))
  }
}
