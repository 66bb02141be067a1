import FoundationEssentials
import TestSupport
import Testing

/// `pkigen bootstrap` and what belongs to it: what they print, say and leave behind.
struct BootstrapTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    try await directory.copyTree()
    try "abcdef.0123456789abcdef\n".write(toFile: directory.path("token"), atomically: true, encoding: .utf8)
  }

  private func pkigen(_ arguments: String..., input: String? = nil) async throws -> Outcome {
    try await Pkigen.run(arguments, input: input, directory: directory.path)
  }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: directory.path(name))[.posixPermissions] as? Int
  }

  @Test func `a token is printed, or written for the caller alone`() async throws {
    let printed = try await pkigen("bootstrap", "token")
    #expect(printed.status == 0 && printed.stderr.isEmpty)
    #expect(printed.stdout.wholeMatch(of: #/[a-z0-9]{6}\.[a-z0-9]{16}\n/#) != nil)
    let dashed = try await pkigen("bootstrap", "token", "--out", "-")
    #expect(dashed.status == 0 && dashed.stdout.count == 24)
    #expect(!FileManager.default.fileExists(atPath: directory.path("-")))
    let written = try await pkigen("bootstrap", "token", "--out", "new")
    #expect(written == Outcome(status: 0))
    #expect(try mode("new") == 0o600)
    #expect(try await pkigen("bootstrap", "token", "--out", "new").status == 73)
  }

  @Test func `a token that is given is kept in every form`() async throws {
    func text(_ options: String...) async throws -> String {
      try await Pkigen.run(
        ["bootstrap", "token", "--token-file", "token"] + options, directory: directory.path
      ).stdout
    }
    #expect(try await text() == "abcdef.0123456789abcdef\n")
    #expect(
      try await text("-o", "secret", "--ttl", "0", "--description", "rack 7") == """
        apiVersion: v1
        kind: Secret
        metadata:
          name: bootstrap-token-abcdef
          namespace: kube-system
        stringData:
          auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
          description: rack 7
          token-id: abcdef
          token-secret: "0123456789abcdef"
          usage-bootstrap-authentication: "true"
          usage-bootstrap-signing: "true"
        type: bootstrap.kubernetes.io/token

        """)
    #expect(
      try await text("-o", "json", "--ttl", "0") == """
        {
          "description" : "",
          "expiration" : null,
          "groups" : [
            "system:bootstrappers:kubeadm:default-node-token"
          ],
          "id" : "abcdef",
          "token" : "abcdef.0123456789abcdef",
          "usages" : [
            "authentication",
            "signing"
          ]
        }

        """)
    let piped = try await pkigen("bootstrap", "token", "--token-file", "-", input: "abcdef.0123456789abcdef")
    #expect(piped.stdout == "abcdef.0123456789abcdef\n")
  }

  @Test(
    arguments: [
      (["-o", "csv", "--token-file", "token"], 64, "too short for 128 random bits"),
      (["-o", "csv", "--ttl", "1h"], 64, "--ttl has no effect with -o csv"),
      (["--user", "x"], 64, "--user has no effect with -o text"),
      (["-o", "secret", "--uid", "1"], 64, "--uid has no effect with -o secret"),
      (["-o", "secret", "--groups", "system:masters"], 64, "not a group of bootstrap tokens"),
      (["-o", "secret", "--ttl", "soon"], 64, "--ttl"),
      (["--token-file", "pki/ca.key"], 65, "does not hold one token"),
      (["--token-file", "none"], 74, "cannot open none"),
    ] as [([String], Int32, String)])
  func `what cannot be is reported, and no token is`(arguments: [String], status: Int32, word: String)
    async throws
  {
    let outcome = try await Pkigen.run(["bootstrap", "token"] + arguments, directory: directory.path)
    #expect(outcome.status == status && outcome.stdout.isEmpty && outcome.stderr.contains(word), "\(outcome)")
    #expect(!outcome.stderr.contains("0123456789abcdef"))
  }

  @Test func `the kubeconfig of a bootstrapping kubelet lies beside the others, for the caller alone`()
    async throws
  {
    let outcome = try await pkigen(
      "bootstrap", "kubeconfig", "--token-file", "token", "-d", ".", "--control-plane-endpoint",
      "k8s.example.com")
    #expect(outcome == Outcome(status: 0, stdout: "create  ./bootstrap-kubelet.conf\n"))
    #expect(try mode("bootstrap-kubelet.conf") == 0o600)
    let text = try String(contentsOfFile: directory.path("bootstrap-kubelet.conf"), encoding: .utf8)
    #expect(text.contains("    server: https://k8s.example.com:6443\n"))
    #expect(
      text.hasSuffix("users:\n- name: kubelet-bootstrap\n  user:\n    token: abcdef.0123456789abcdef\n"))
    let again = try await pkigen(
      "bootstrap", "kubeconfig", "--token-file", "token", "-d", ".", "--server", "https://a")
    #expect(again.status == 73)
    let printed = try await pkigen(
      "bootstrap", "kubeconfig", "--token-file", "token", "-d", ".", "--server", "https://a", "--out", "-")
    #expect(printed.status == 0 && printed.stdout.contains("    server: https://a\n"))
  }

  @Test(
    arguments: [
      ([], 64, "--server is required"), (["--server", "http://a"], 64, "--server"),
      (["--server", "a:6443"], 64, "--server"),
      (["--server", "https://a b"], 64, "--server"), (["--server", "https://"], 64, "--server"),
      (["--server", "https://a:0"], 64, "--server"), (["--advertise-ip", "x"], 64, "--advertise-ip"),
      (["--server", "https://a", "--ca-cert", "none"], 65, "none is missing"),
      (
        ["--server", "https://a", "--ca-cert", "pki/apiserver.crt"], 65,
        "is not a CA certificate"
      ),
      (["--server", "https://a", "--ca-cert", "token"], 65, "does not hold a certificate"),
    ] as [([String], Int32, String)])
  func `a kubeconfig needs a server and a CA`(arguments: [String], status: Int32, word: String)
    async throws
  {
    let command = ["bootstrap", "kubeconfig", "--token-file", "token", "-d", ".", "--out", "x.conf"]
    let outcome = try await Pkigen.run(command + arguments, directory: directory.path)
    #expect(outcome.status == status && outcome.stderr.contains(word), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("x.conf")))
  }

  @Test func `roles are documented ones, or kubeadm's`() async throws {
    func names(_ options: String...) async throws -> [String] {
      let outcome = try await Pkigen.run(["bootstrap", "rbac"] + options)
      try #require(outcome.status == 0, "\(outcome)")
      let lines = outcome.stdout.split(separator: "\n")
      return zip(lines, lines.dropFirst()).filter { $0.0 == "metadata:" }.map { String($0.1.dropFirst(8)) }
    }
    #expect(
      try await names() == [
        "create-csrs-for-bootstrapping", "approve-node-client-csr", "auto-approve-csrs-for-group",
        "approve-node-client-renewal-csr", "auto-approve-renewals-for-nodes",
      ])
    #expect(
      try await names("--selfnodeserver").suffix(2) == [
        "approve-node-server-renewal-csr", "auto-approve-server-renewals-for-nodes",
      ])
    #expect(
      try await names("--style", "kubeadm") == [
        "kubeadm:kubelet-bootstrap", "kubeadm:node-autoapprove-bootstrap",
        "kubeadm:node-autoapprove-certificate-rotation",
      ])
  }

  @Test func `the groups of the tokens are bound, and nodes to their own rights only`() async throws {
    let outcome = try await pkigen(
      "bootstrap", "rbac", "--group", "system:kubelet-bootstrap", "--group", "yes")
    let documents = outcome.stdout.components(separatedBy: "---\n")
    let groups = documents.map { document in
      document.components(separatedBy: "subjects:").dropFirst().flatMap { $0.split(separator: "\n") }
        .filter { $0.contains("name: ") }.map { String($0.drop { $0 == " " }.dropFirst(6)) }
    }
    let tokens = ["system:kubelet-bootstrap", "\"yes\""]
    #expect(groups == [tokens, [], tokens, [], ["system:nodes"]])
  }

  @Test func `arguments are a table, a command, a document`() async throws {
    let table = try await pkigen("bootstrap", "flags", "etcdctl", "kubelet", "-d", "/k")
    #expect(
      table.stdout == """
        etcdctl  --cacert                      /k/pki/etcd/ca.crt
                 --cert                        /k/pki/etcd/healthcheck-client.crt
                 --key                         /k/pki/etcd/healthcheck-client.key
        kubelet  --bootstrap-kubeconfig        /k/bootstrap-kubelet.conf
                 --kubeconfig                  /k/kubelet.conf
                 --client-ca-file              /k/pki/ca.crt
                 --cert-dir                    /var/lib/kubelet/pki
                 --rotate-certificates         true
                 --rotate-server-certificates  true

        """)
    let command = try await pkigen("bootstrap", "flags", "etcdctl", "--cert-dir", "/p", "-o", "yaml")
    #expect(
      command.stdout == """
        - etcdctl
        - --cacert=/p/etcd/ca.crt
        - --cert=/p/etcd/healthcheck-client.crt
        - --key=/p/etcd/healthcheck-client.key

        """)
    let document = try await pkigen("bootstrap", "flags", "etcdctl", "-o", "json")
    #expect(document.stdout.contains("\"component\" : \"etcdctl\""))
    #expect(try await pkigen("bootstrap", "flags", "kube-proxy").status == 64)
    let unused = try await pkigen("bootstrap", "flags", "kubelet", "--token-auth-file", "/t")
    #expect(unused.status == 64 && unused.stderr.contains("--token-auth-file is for kube-apiserver"))
    let tokens = try await pkigen("bootstrap", "flags", "kube-apiserver", "--token-auth-file", "/t").stdout
    #expect(tokens.contains("--token-auth-file ") && !tokens.contains("--enable-bootstrap-token-auth"))
  }

  /// As the tree's own kubeconfigs do: clients on OpenSSL start from a root only.
  @Test func `below a root, kubeconfigs lead to it`() async throws {
    let made = try await pkigen(
      "init", "-d", "below", "--new-root", "root", "--node-name", "cp1", "--advertise-ip", "10.0.0.10",
      "--key-algorithm", "ecdsa-p256", "-q")
    try #require(made.status == 0, "\(made)")
    let bundle = try Data(contentsOf: URL(filePath: directory.path("below/pki/ca-bundle.crt")))
    let line = "    certificate-authority-data: \(bundle.base64EncodedString())\n"
    let options = ["-d", "below", "--server", "https://a", "--out", "-"]
    for command in [
      ["bootstrap", "kubeconfig", "--token-file", "token"],
      ["kubeconfig", "user", "--client-name", "j", "--key-algorithm", "ecdsa-p256"],
    ] {
      let outcome = try await Pkigen.run(command + options, directory: directory.path)
      #expect(outcome.status == 0 && outcome.stdout.contains(line), "\(outcome)")
      let named = try await Pkigen.run(
        command + options + ["--ca-cert", "pki/ca.crt"]
          + (command[0] == "bootstrap" ? [] : ["--ca-key", "pki/ca.key"]),
        directory: directory.path)
      #expect(named.status == 0 && !named.stdout.contains(line), "\(named)")
    }
    try Data().write(to: URL(filePath: directory.path("below/pki/ca-bundle.crt")))
    let torn = try await Pkigen.run(
      ["bootstrap", "kubeconfig", "--token-file", "token"] + options, directory: directory.path)
    #expect(torn.status == 65 && torn.stdout.isEmpty && torn.stderr.contains("below/pki/ca-bundle.crt"))
  }

  /// A worker's directory beside the control plane's, with the CA of that.
  @Test func `a worker's kubelet talks to the control plane`() async throws {
    let worker = [
      "--node-name", "w1", "--cert-dir", "pki", "--kubeconfig-dir", "w1", "--key-algorithm", "ecdsa-p256",
    ]
    let missing = try await Pkigen.run(
      ["phase", "kubeconfig", "kubelet"] + worker, directory: directory.path)
    #expect(missing.status == 64 && missing.stderr.contains("--advertise-ip is required"))
    let outcome = try await Pkigen.run(
      ["phase", "kubeconfig", "kubelet"] + worker + ["--control-plane-endpoint", "k8s.example.com:8443"],
      directory: directory.path)
    #expect(outcome.status == 0, "\(outcome)")
    let text = try String(contentsOfFile: directory.path("w1/kubelet.conf"), encoding: .utf8)
    #expect(text.contains("    server: https://k8s.example.com:8443\n"))
    #expect(outcome.stdout.contains("CN = system:node:w1"))
    let again = try await Pkigen.run(
      ["phase", "kubeconfig", "kubelet"] + worker + ["--control-plane-endpoint", "k8s.example.com:8443"],
      directory: directory.path)
    #expect(again.status == 0 && again.stdout.hasPrefix("keep"))
  }

  @Test(arguments: [
    ["bootstrap"], ["bootstrap", "token"], ["bootstrap", "kubeconfig"], ["bootstrap", "rbac"],
    ["bootstrap", "flags"],
    ["ca-hash"], ["kubeconfig"], ["kubeconfig", "user"],
  ])
  func `every help page has an example that fits a terminal`(command: [String]) async throws {
    let outcome = try await Pkigen.run(command + ["--help"])
    let examples = outcome.stdout.split(separator: "EXAMPLES\n")
    try #require(outcome.status == 0 && examples.count == 2)
    let lines = examples[1].split(separator: "\n\nUSAGE")[0].split(separator: "\n")
    #expect(
      lines.contains { $0.contains("pkigen ") } && lines.allSatisfy { $0.count <= 80 && $0.hasPrefix("  ") })
  }
}
