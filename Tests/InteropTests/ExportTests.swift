import FoundationEssentials
import TestSupport
import Testing

/// What `pkigen export` writes, as other programs read it.
struct ExportTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", "out", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
      "ecdsa-p256", "-q", directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
    try Data("a secret word\nnot this\n".utf8).write(to: URL(filePath: directory.path("password")))
  }

  private func export(_ arguments: String...) async throws {
    let outcome = try await Pkigen.run(["export"] + arguments + ["-d", "out"], directory: directory.path)
    try #require(outcome.status == 0 && outcome.stdout.isEmpty, "\(outcome)")
  }

  private func read<Document: Decodable>(_ arguments: String..., as kind: Document.Type) async throws
    -> Document
  {
    let outcome = try await run(Judges.python, [Judges.exported] + arguments, directory: directory.path)
    try #require(outcome.status == 0, "\(outcome)")
    return try outcome.document()
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path("out/\(name)"), encoding: .utf8)
  }

  private static let files = [
    "ca.crt": "ca.crt", "ca.key": "ca.key", "front-proxy-ca.crt": "front-proxy-ca.crt",
    "front-proxy-ca.key": "front-proxy-ca.key", "sa.pub": "sa.pub", "sa.key": "sa.key",
    "etcd-ca.crt": "etcd/ca.crt", "etcd-ca.key": "etcd/ca.key",
  ]

  @Test func `kubeadm decrypts the files of the tree`() async throws {
    try await export("kubeadm-certs", "--new-certificate-key", "key", "-o", "json", "--out", "secret.json")
    let decrypted = try await read("kubeadm-certs", "secret.json", "key", as: [String: String].self)
    #expect(decrypted == (try Self.files.mapValues { try text("pki/\($0)") }))
    let outcome = try await run(
      Judges.kubernetesValidate, ["--strict", "secret.json"], directory: directory.path)
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func `the key of an external CA is an empty value`() async throws {
    try FileManager.default.removeItem(atPath: directory.path("out/pki/ca.key"))
    let key = String(repeating: "0123456789ABCDEFabcdef9876543210", count: 2)
    try Data(key.utf8).write(to: URL(filePath: directory.path("key")))
    try await export("kubeadm-certs", "--certificate-key-file", "key", "-o", "json", "--out", "secret.json")
    let decrypted = try await read("kubeadm-certs", "secret.json", "key", as: [String: String].self)
    #expect(decrypted.count == 8 && decrypted["ca.key"]?.isEmpty == true)
    #expect(try decrypted["etcd-ca.key"] == text("pki/etcd/ca.key"))
  }

  /// What is read in a PKCS#12 file.
  private struct Store: Decodable {
    let name: String
    let subject: String
    let chain: [String]
    let isPair: Bool
  }

  @Test(arguments: [
    ("apiserver", "CN=kube-apiserver"), ("admin.conf", "CN=kubernetes-admin,O=system:masters"),
  ])
  func `OpenSSL, GnuTLS and Python read a key store`(name: String, subject: String) async throws {
    try await export("pkcs12", name, "--password-file", "password", "--alias", "my key", "--out", "store.p12")
    let store = try await read("pkcs12", "store.p12", "password", as: Store.self)
    #expect(store.name == "my key" && store.subject == subject && store.isPair)
    #expect(store.chain == ["CN=kubernetes-ca"])
    let openssl = try await run(
      Judges.openssl, ["pkcs12", "-in", "store.p12", "-passin", "file:password", "-noenc"],
      directory: directory.path)
    #expect(openssl.status == 0 && openssl.stdout.contains("PRIVATE KEY"), "\(openssl.stderr)")
    let gnutls = try await run(
      Judges.certtool,
      ["--p12-info", "--inder", "--infile", "store.p12", "--password", "a secret word"],
      directory: directory.path)
    #expect(
      gnutls.status == 0 && gnutls.stdout.contains("PRIVATE KEY")
        && gnutls.stdout.contains("Friendly name: my key"), "\(gnutls)")
    let wrong = try await run(
      Judges.openssl, ["pkcs12", "-in", "store.p12", "-passin", "pass:other", "-noout"],
      directory: directory.path)
    #expect(wrong.status != 0)
  }

  @Test func `a trust store has the CA alone, with the attribute that Java asks for`() async throws {
    try await export("java-truststore", "ca", "--password-file", "password", "--out", "trust.p12")
    let openssl = try await run(
      Judges.openssl, ["pkcs12", "-in", "trust.p12", "-passin", "file:password", "-noenc"],
      directory: directory.path)
    #expect(openssl.status == 0)
    #expect(
      openssl.stdout.contains("2.16.840.1.113894.746875.1.1") && openssl.stdout.contains("friendlyName: ca"))
    #expect(openssl.stdout.contains("CN = kubernetes-ca") && !openssl.stdout.contains("PRIVATE KEY"))
  }

  /// A member of an archive.
  private struct Member: Decodable {
    let name: String
    let mode: Int
    let owner: String
    let isFile: Bool
    let text: String
  }

  @Test func `tar unpacks what the tree has, and the same tree is the same archive`() async throws {
    try await export("tar", "--out", "one.tar")
    try await export("tar", "--out", "two.tar")
    let contents = FileManager.default
    #expect(contents.contentsEqual(atPath: directory.path("one.tar"), andPath: directory.path("two.tar")))
    let members = try await read("tar", "one.tar", as: [Member].self)
    #expect(members.map(\.name) == members.map(\.name).sorted() && members.allSatisfy { $0.owner == "0:0" })
    #expect(members.count == 28)
    for member in members where member.isFile {
      #expect(try member.text == text(member.name), "\(member.name)")
      let isSecret = member.name.hasSuffix(".key") || member.name.hasSuffix(".conf")
      #expect(member.mode == (isSecret ? 0o600 : 0o644), "\(member.name)")
    }
    let unpacked = try await run(
      "bash", ["-c", "mkdir copy && tar --no-same-owner -xpf one.tar -C copy"], directory: directory.path)
    #expect(unpacked.status == 0 && unpacked.stderr.isEmpty, "\(unpacked)")
    let verified = try await Pkigen.run("verify", "-d", "copy", directory: directory.path)
    #expect(verified.status == 0, "\(verified)")
  }

  @Test func `k0s gets its eight files`() async throws {
    try await export("k0s", "--out", "k0s.tar")
    let members = try await read("tar", "k0s.tar", as: [Member].self)
    #expect(members.filter(\.isFile).count == 8)
    for member in members where member.isFile {
      #expect(try member.text == text(member.name), "\(member.name)")
      #expect(member.mode == (member.name.hasSuffix(".key") ? 0o640 : 0o644))
    }
    #expect(members.filter { !$0.isFile }.map(\.mode) == [0o751, 0o711])
  }

  @Test func `the API server's schema takes the Secrets`() async throws {
    try await export("secret", "apiserver", "--namespace", "kube-system", "--out", "tls.yaml")
    try await export("cluster-api", "--cluster", "prod", "--out", "capi.yaml")
    for name in ["tls.yaml", "capi.yaml"] {
      let outcome = try await run(Judges.kubernetesValidate, ["--strict", name], directory: directory.path)
      #expect(outcome.status == 0, "\(name): \(outcome)")
    }
  }
}
