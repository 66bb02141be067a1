import FoundationEssentials
import TestSupport
import Testing

/// `pkigen export`: what it writes where, and what it refuses.
struct ExportTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.copyTree()
  }

  private func export(_ arguments: String...) async throws -> Outcome {
    try await Pkigen.run(["export"] + arguments + ["-d", "."], directory: directory.path)
  }

  /// The Secrets that an export prints as JSON.
  private struct Secrets: Decodable {
    /// A Secret.
    struct Secret: Decodable {
      /// Its names.
      struct Metadata: Decodable {
        let name: String
        let namespace: String?
        let labels: [String: String]?
      }

      let kind: String
      let metadata: Metadata
      let type: String?
      let data: [String: String]?

      func text(_ key: String) -> String? {
        data?[key].flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
      }
    }

    let items: [Secret]
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: directory.path(name))[.posixPermissions] as? Int
  }

  @Test func `a Secret has the certificate, the key and the CA`() async throws {
    let outcome = try await export("secret", "apiserver", "--name", "web", "-o", "json", "--out", "-")
    #expect(outcome.status == 0 && outcome.stderr.isEmpty)
    let secret: Secrets.Secret = try outcome.document()
    #expect(secret.metadata.name == "web" && secret.metadata.namespace == "default")
    #expect(secret.type == "kubernetes.io/tls" && secret.data?.count == 3)
    #expect(try secret.text("tls.crt") == text("pki/apiserver.crt"))
    #expect(try secret.text("tls.key") == text("pki/apiserver.key"))
    #expect(try secret.text("ca.crt") == text("pki/ca.crt"))
  }

  @Test(arguments: ["admin", "admin.conf"])
  func `a kubeconfig's certificate is exported too`(name: String) async throws {
    let secret: Secrets.Secret = try await export("secret", name, "-o", "json", "--out", "-").document()
    #expect(secret.metadata.name == "admin" && secret.text("tls.key")?.contains("PRIVATE KEY") == true)
  }

  @Test func `a file is for the caller alone, and none is overwritten`() async throws {
    #expect(try await export("secret", "apiserver", "--out", "s.yaml") == Outcome(status: 0))
    #expect(try mode("s.yaml") == 0o600)
    let before = try text("s.yaml")
    let again = try await export("secret", "etcd-peer", "--out", "s.yaml")
    #expect(again.status == 73 && again.stderr.contains("s.yaml is there already"))
    #expect(try text("s.yaml") == before)
  }

  @Test func `the certificate key is new, for the caller alone, and goes with the Secret`() async throws {
    let outcome = try await export("kubeadm-certs", "--new-certificate-key", "key", "--out", "s.yaml")
    #expect(outcome.status == 0 && outcome.stderr.contains("note: the Secret does not expire"))
    #expect(try mode("key") == 0o600)
    #expect(try text("key").wholeMatch(of: #/[0-9a-f]{64}\n/#) != nil)
    // Where the Secret cannot be written there is no key either.
    let refused = try await export("kubeadm-certs", "--new-certificate-key", "key2", "--out", "s.yaml")
    #expect(refused.status == 73 && !FileManager.default.fileExists(atPath: directory.path("key2")))
    let noOverwriting = try await export("kubeadm-certs", "--new-certificate-key", "key", "--out", "-")
    #expect(noOverwriting.status == 73 && noOverwriting.stdout.isEmpty)
  }

  @Test func `Cluster API gets four Secrets with its label`() async throws {
    let outcome = try await export(
      "cluster-api", "--cluster", "prod", "--namespace", "clusters", "-o", "json", "--out", "-")
    let secrets = try outcome.document(Secrets.self).items
    #expect(secrets.map(\.metadata.name) == ["prod-ca", "prod-etcd", "prod-proxy", "prod-sa"])
    let files = ["ca", "etcd/ca", "front-proxy-ca", "sa"]
    for (secret, file) in zip(secrets, files) {
      #expect(secret.metadata.namespace == "clusters" && secret.type == "cluster.x-k8s.io/secret")
      #expect(secret.metadata.labels == ["cluster.x-k8s.io/cluster-name": "prod"])
      #expect(try secret.text("tls.crt") == text("pki/\(file).\(file == "sa" ? "pub" : "crt")"))
      #expect(try secret.text("tls.key") == text("pki/\(file).key"))
    }
  }

  @Test func `Cluster API gets the client of an external etcd, and no key of its CA`() async throws {
    let files = FileManager.default
    for name in [
      "etcd/server.crt", "etcd/server.key", "etcd/peer.crt", "etcd/peer.key", "etcd/healthcheck-client.crt",
      "etcd/healthcheck-client.key", "etcd/ca.key",
    ] { try files.removeItem(atPath: directory.path("pki/\(name)")) }
    let outcome = try await export("cluster-api", "--cluster", "prod", "-o", "json", "--out", "-")
    let secrets = try outcome.document(Secrets.self).items
    #expect(
      secrets.map(\.metadata.name) == [
        "prod-apiserver-etcd-client", "prod-ca", "prod-etcd", "prod-proxy", "prod-sa",
      ])
    #expect(try secrets[0].text("tls.key") == text("pki/apiserver-etcd-client.key"))
    #expect(secrets[2].data?.keys.sorted() == ["tls.crt"])
    let kubeadm = try await export(
      "kubeadm-certs", "--new-certificate-key", "key", "-o", "json", "--out", "-")
    #expect(
      try kubeadm.document(Secrets.self).items[0].data?.keys.sorted() == [
        "ca.crt", "ca.key", "external-etcd-ca.crt", "external-etcd.crt", "external-etcd.key",
        "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub",
      ])
  }

  @Test func `a CA of the cluster goes to cert-manager only when that is intended`() async throws {
    for ca in ["ca", "front-proxy-ca", "etcd-ca"] {
      let refused = try await export("cert-manager", ca, "--out", "-")
      #expect(refused.status == 64 && refused.stdout.isEmpty && refused.stderr.contains("--insecure"))
    }
    let outcome = try await export("cert-manager", "etcd-ca", "--insecure", "-o", "json", "--out", "-")
    let items = try outcome.document(Secrets.self).items
    #expect(items.map(\.kind) == ["Secret", "ClusterIssuer"])
    #expect(items[0].metadata.namespace == "cert-manager")
    #expect(try items[0].text("tls.crt") == text("pki/etcd/ca.crt"))
  }

  @Test func `a PKI with errors is exported only by force`() async throws {
    try Data().write(to: URL(filePath: directory.path("pki/etcd/peer.crt")))
    let refused = try await export("secret", "apiserver", "--out", "-")
    #expect(refused.status == 65 && refused.stdout.isEmpty)
    #expect(refused.stderr.contains("error: ./pki/etcd/peer.crt does not hold a certificate"))
    let forced = try await export("secret", "apiserver", "--out", "-", "--force")
    #expect(forced.status == 0 && forced.stdout.contains("kind: Secret"))
    #expect(forced.stderr.contains("warning: exported although ./pki/etcd/peer.crt does not hold"))
    let part = try await export("secret", "etcd-peer", "--out", "-", "--force")
    #expect(part.status == 65 && part.stdout.isEmpty)
  }

  @Test func `a CA without its key is no source for k0s and Cluster API`() async throws {
    try FileManager.default.removeItem(atPath: directory.path("pki/ca.key"))
    for arguments in [["k0s"], ["cluster-api", "--cluster", "prod"]] {
      let outcome = try await Pkigen.run(
        ["export"] + arguments + ["-d", ".", "--out", "-"], directory: directory.path)
      #expect(outcome.status == 65 && outcome.stdout.isEmpty)
      #expect(outcome.stderr.contains("./pki/ca.key has no private key, and this format needs it"))
    }
  }

  @Test(
    arguments: [
      (["secret", "apiserver"], "--out"), (["secret", "apiserver", "--out", ""], "--out"),
      (["secret", "ca", "--out", "-"], "NAME"), (["secret", "none", "--out", "-"], "NAME"),
      (["secret", "apiserver", "--name", "A", "--out", "-"], "--name"),
      (["secret", "apiserver", "--name", "a..b", "--out", "-"], "--name"),
      (["secret", "apiserver", "--namespace", "a.b", "--out", "-"], "--namespace"),
      (["cluster-api", "--cluster", "-a", "--out", "-"], "--cluster"),
      (["cluster-api", "--out", "-"], "--cluster"),
      (["kubeadm-certs", "--out", "-"], "--certificate-key-file"),
      (
        ["kubeadm-certs", "--certificate-key-file", "a", "--new-certificate-key", "b", "--out", "-"], "One of"
      ),
      (["kubeadm-certs", "--certificate-key-file", "pki/ca.crt", "--out", "-"], "64 hexadecimal digits"),
      (["pkcs12", "ca", "--password-file", "pki/ca.crt", "--out", "-"], "NAME"),
      (["pkcs12", "apiserver", "--password-file", "empty", "--out", "-"], "--password-file"),
      (["java-truststore", "apiserver", "--password-file", "pki/ca.crt", "--out", "-"], "NAME"),
      (["jks", "--out", "-"], "jks"),
    ] as [([String], String)])
  func `a wrong command line exports nothing`(arguments: [String], word: String) async throws {
    try Data("\nsecret\n".utf8).write(to: URL(filePath: directory.path("empty")))
    let outcome = try await Pkigen.run(["export"] + arguments, directory: directory.path)
    let inTree = try await Pkigen.run(["export"] + arguments + ["-d", "."], directory: directory.path)
    #expect(outcome.status != 0 && outcome.stdout.isEmpty)
    #expect(inTree.status == 64 && inTree.stdout.isEmpty && inTree.stderr.contains(word), "\(inTree)")
  }

  @Test func `a password is not asked for without a terminal`() async throws {
    let pkigen = try Pkigen.path
    let outcome = try await run(
      "setsid", ["-w", pkigen, "export", "pkcs12", "admin", "-d", ".", "--out", "a.p12"],
      directory: directory.path)
    #expect(outcome.status == 64 && outcome.stderr.contains("there is no terminal"), "\(outcome)")
  }
}
