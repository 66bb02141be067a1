import FoundationEssentials
import TestSupport
import Testing

/// `--config`.
struct ConfigTests {
  private static let node = """
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    localAPIEndpoint: {advertiseAddress: 10.0.0.10}
    nodeRegistration: {name: cp1}

    """

  /// A cluster's configuration with these fields.
  private static func cluster(_ fields: String) -> String {
    "---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nencryptionAlgorithm: ECDSA-P256\n\(fields)\n"
  }

  private func write(_ text: String, in directory: TemporaryDirectory) throws -> String {
    let path = directory.path("kubeadm.yaml")
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  @Test func `a tree is made from the file alone`() async throws {
    let directory = try TemporaryDirectory()
    let fields = "clusterName: prod\nnetworking: {serviceSubnet: \"10.96.0.0/16,fd00:96::/112\"}"
    let config = try write(Self.node + Self.cluster(fields), in: directory)
    let outcome = try await Pkigen.run(
      "init", "--config", config, "-d", directory.path("out"), "--style", "kubeadm")
    try #require(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.isEmpty && !outcome.stdout.contains("note:"))
    let names = try await run(
      Judges.openssl,
      ["x509", "-in", directory.path("out/pki/apiserver.crt"), "-noout", "-ext", "subjectAltName"])
    #expect(
      names.stdout.contains("IP Address:10.96.0.1, IP Address:FD00:96:0:0:0:0:0:1, IP Address:10.0.0.10"))
    let kubeconfig = try String(contentsOfFile: directory.path("out/admin.conf"), encoding: .utf8)
    #expect(kubeconfig.contains("current-context: kubernetes-admin@prod\n"))
  }

  @Test func `the file may come from the standard input`() async throws {
    let outcome = try await Pkigen.run(
      "init", "--config", "-", "-d", "/nonexistent", "--dry-run",
      input: Self.node + Self.cluster("Networking: {}"))
    #expect(outcome.status == 0 && outcome.stdout.contains("CN = system:node:cp1"))
    #expect(
      outcome.stderr.hasPrefix("warning: standard input:9: Networking is not a field of ClusterConfiguration")
    )
    #expect(outcome.stderr.hasSuffix("did you mean networking?\n"))
  }

  @Test func `options win over the file, and the plan says so`() async throws {
    let directory = try TemporaryDirectory()
    let config = try write(
      Self.node + Self.cluster("apiServer: {certSANs: [a.example.com]}\ncertificatesDir: /srv/pki"),
      in: directory)
    let outcome = try await Pkigen.run(
      "init", "--config", config, "-d", directory.path("out"), "--node-name", "cp2", "--apiserver-san",
      "b.example.com", "--advertise-ip", "10.0.0.10", "--dry-run", "-o", "json")
    let document = try outcome.document(RunDocument.self)
    #expect(
      document.notes == [
        "--node-name wins over \(config):4: nodeRegistration.name, which says \"cp1\"",
        "--apiserver-san wins over \(config):9: apiServer.certSANs[0], which says \"a.example.com\"",
        "--kubernetes-dir wins over \(config):10: certificatesDir, which says \"/srv/pki\"",
      ])
    #expect(outcome.stdout.contains("system:node:cp2") && outcome.stdout.contains("DNS:b.example.com"))
    #expect(
      !outcome.stdout.contains("a.example.com\"\n")
        && outcome.stdout.contains(directory.path("out/pki/ca.crt")))
  }

  @Test func `the file's directory is used unless an option names another`() async throws {
    let directory = try TemporaryDirectory()
    let config = try write(
      Self.node + Self.cluster("certificatesDir: \(directory.path("certs"))"), in: directory)
    func paths(_ options: String...) async throws -> String {
      try await Pkigen.run(["init", "--config", config, "--dry-run"] + options).stdout
    }
    let own = try await paths("--kubeconfig-dir", directory.path("conf"))
    #expect(own.contains(directory.path("certs/ca.crt")) && own.contains(directory.path("conf/admin.conf")))
    #expect(try await paths("-d", directory.path("d")).contains(directory.path("d/pki/ca.crt")))
    let other = try await paths("--cert-dir", directory.path("c"), "--kubeconfig-dir", directory.path("conf"))
    #expect(other.contains(directory.path("c/ca.crt")) && !other.contains(directory.path("certs/ca.crt")))
  }

  @Test func `the version of the file decides on kubeadm's identities`() async throws {
    let config = Self.node + Self.cluster("kubernetesVersion: v1.28.4")
    let outcome = try await Pkigen.run(
      "init", "--config", "-", "--style", "kubeadm", "-d", "/nonexistent", "--dry-run", input: config)
    #expect(outcome.stdout.contains("O = system:masters, CN = kubernetes-admin"))
    let newer = try await Pkigen.run(
      "init", "--config", "-", "--style", "kubeadm", "--kubernetes-version", "v1.36.2", "-d", "/nonexistent",
      "--dry-run", input: config)
    #expect(newer.stdout.contains("O = kubeadm:cluster-admins, CN = kubernetes-admin"))
    #expect(newer.stdout.contains("note: --kubernetes-version wins over standard input:9: kubernetesVersion"))
  }

  @Test func `an external etcd is left out`() async throws {
    let config = Self.node + Self.cluster("etcd: {external: {endpoints: [\"https://10.0.0.5:2379\"]}}")
    let outcome = try await Pkigen.run(
      "init", "--config", "-", "-d", "/nonexistent", "--dry-run", input: config)
    #expect(outcome.status == 0 && !outcome.stdout.contains("etcd"))
  }

  @Test func `wrong values end with 78, each with line and field, and nothing is written`() async throws {
    let directory = try TemporaryDirectory()
    let config = try write(
      Self.node.replacing("10.0.0.10", with: "10.0.0.300") + Self.cluster("networking: [a]\nclusterName: 5"),
      in: directory)
    let outcome = try await Pkigen.run("init", "--config", config, "-d", directory.path("out"))
    #expect(outcome.status == 78 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr == """
        error: \(config):9: networking is a list, not an object
        error: \(config):10: clusterName is a number, not a string
        hint: write it in quotes
        error: \(config):3: localAPIEndpoint.advertiseAddress: "10.0.0.300" is not an IP address

        """)
    #expect(!FileManager.default.fileExists(atPath: directory.path("out")))
  }

  @Test func `a wrong option beside a good file ends with 64`() async throws {
    let outcome = try await Pkigen.run(
      "init", "--config", "-", "--bind-port", "0", "-d", "/nonexistent", input: Self.node)
    #expect(outcome.status == 64)
    #expect(outcome.stderr == "error: --bind-port: \"0\" is not a port: a number from 1 to 65535\n")
  }

  @Test func `what the file does not say is asked for`() async throws {
    let outcome = try await Pkigen.run(
      "init", "--config", "-", "-d", "/nonexistent", input: Self.cluster(""))
    #expect(outcome.status == 64 && outcome.stderr.hasPrefix("error: --advertise-ip is required\n"))
  }

  @Test func `a file that cannot be read ends with 74, one that is too large too`() async throws {
    let directory = try TemporaryDirectory()
    let missing = try await Pkigen.run("init", "--config", directory.path("none"))
    #expect(missing.status == 74)
    #expect(missing.stderr == "error: cannot open \(directory.path("none")): No such file or directory\n")
    let folder = try await Pkigen.run("init", "--config", directory.path)
    #expect(folder.status == 74 && folder.stderr == "error: cannot read \(directory.path): Is a directory\n")
    let large = try write(String(repeating: "# long\n", count: 150_000), in: directory)
    let outcome = try await Pkigen.run("init", "--config", large)
    #expect(outcome.status == 74 && outcome.stderr == "error: cannot read \(large): File too large\n")
  }

  @Test func `phase takes the file as well`() async throws {
    let directory = try TemporaryDirectory()
    let config = try write(Self.node + Self.cluster(""), in: directory)
    for arguments in [["phase", "cert", "ca"], ["phase", "kubeconfig", "admin"]] {
      let outcome = try await Pkigen.run(arguments + ["--config", config, "-d", directory.path("out")])
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
  }

  @Test func `quiet silences no warning`() async throws {
    let outcome = try await Pkigen.run(
      "init", "--config", "-", "-q", "-d", "/nonexistent", "--dry-run",
      input: Self.node + Self.cluster("a: b"))
    #expect(outcome.status == 0 && outcome.stdout.isEmpty)
    #expect(outcome.stderr.hasPrefix("warning: standard input:9: a is not a field"))
  }
}
