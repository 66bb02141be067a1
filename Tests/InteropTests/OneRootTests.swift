import FoundationEssentials
import TestSupport
import Testing

/// A tree whose CAs are below one root: which file serves which reader. `docs/one-root.md` draws its conclusions
/// from what is proved here.
@Suite(.timeLimit(.minutes(20)))
struct OneRootTests {
  /// What a reader may be given to trust for a CA of the tree.
  private enum Anchor: CaseIterable {
    /// `ca.crt`: the CA, an intermediate.
    case authority
    /// `ca-bundle.crt`: the CA and the root.
    case bundle
    /// The root alone.
    case root
  }

  private let tree: Tree
  private let rootDirectory: TemporaryDirectory
  private let port: UInt16

  init() async throws {
    rootDirectory = try TemporaryDirectory()
    port = try freePort()
    tree = try await Tree(
      .ecdsaP256, "--node-name", Leaf.nodeName, "--advertise-ip", "127.0.0.1", "--bind-port", "\(port)",
      "--new-root", rootDirectory.path)
  }

  private func path(_ anchor: Anchor, _ authority: Authority) -> String {
    switch anchor {
    case .authority: tree.certificate(authority.rawValue)
    case .bundle: tree.certificate("\(authority.rawValue)-bundle")
    case .root: rootDirectory.path("root.crt")
    }
  }

  private func certificateCount(_ path: String) throws -> Int {
    try text(of: path).ranges(of: "-----BEGIN CERTIFICATE-----").count
  }

  // MARK: what is where

  @Test
  func `ca.crt holds the one certificate that kube-controller-manager takes, and the bundle the root too`()
    throws
  {
    for authority in Authority.allCases {
      #expect(try certificateCount(path(.authority, authority)) == 1)
      let both = try text(of: path(.authority, authority)) + text(of: path(.root, authority))
      #expect(try text(of: path(.bundle, authority)) == both)
    }
  }

  @Test func `the CAs are below the root, and can have none below themselves`() async throws {
    for authority in Authority.allCases {
      let certificate = try await CertificateText(path(.authority, authority))
      #expect(certificate.subject == "CN = \(authority.commonName)")
      #expect(certificate.issuer == "CN = kubernetes-root-ca")
      #expect(certificate.extensions["Basic Constraints: critical"] == "CA:TRUE, pathlen:0")
      #expect(certificate.extensions["Authority Key Identifier"]?.isEmpty == false)
    }
    let root = try await CertificateText(path(.root, .kubernetes))
    #expect(
      root.issuer == root.subject && root.extensions["Basic Constraints: critical"] == "CA:TRUE, pathlen:1")
  }

  @Test func `each leaf and each kubeconfig brings its CA certificate along`() throws {
    for leaf in Leaf.all {
      let file = try text(of: tree.certificate(leaf.name))
      #expect(try file.hasSuffix(text(of: path(.authority, leaf.authority))), "\(leaf.name)")
      #expect(try certificateCount(tree.certificate(leaf.name)) == 2)
    }
  }

  @Test func `the root's key is nowhere in the tree`() async throws {
    let key = try text(of: rootDirectory.path("root.key"))
    let listing = try await run("/usr/bin/find", [tree.directory.path, "-type", "f"])
    let files = listing.stdout.split(separator: "\n").map(String.init)
    #expect(files.count > 25)
    for file in files { #expect(try text(of: file) != key, "\(file)") }
    let modes = try await run("/usr/bin/stat", ["-c", "%a", rootDirectory.path("root.key")])
    #expect(modes.stdout == "600\n")
  }

  // MARK: verifiers

  @Test func `OpenSSL starts from a root, and from a CA only with -partial_chain`() async throws {
    for leaf in Leaf.all {
      for anchor in Anchor.allCases {
        for options in [[], ["-partial_chain"]] {
          let outcome = try await run(
            Judges.openssl,
            [
              "verify", "-x509_strict", "-purpose", "ssl\(leaf.usages[0])", "-CAfile",
              path(anchor, leaf.authority),
            ]
              + options + ["-untrusted", tree.certificate(leaf.name), tree.certificate(leaf.name)])
          let isAccepted = anchor != .authority || !options.isEmpty
          #expect(
            (outcome.status == 0) == isAccepted, "\(leaf.name), \(anchor), \(options): \(outcome.stderr)")
        }
      }
    }
  }

  @Test func `GnuTLS starts from each of them`() async throws {
    for leaf in Leaf.all {
      for anchor in Anchor.allCases {
        let outcome = try await run(
          Judges.certtool,
          [
            "--verify", "--load-ca-certificate", path(anchor, leaf.authority), "--infile",
            tree.certificate(leaf.name), "--verify-profile", "medium",
          ])
        #expect(outcome.status == 0, "\(leaf.name), \(anchor): \(outcome.stdout)")
      }
    }
  }

  @Test func `Go starts from each of them, and so does Python's cryptography`() async throws {
    let questions = Leaf.all.flatMap { leaf in
      Anchor.allCases.flatMap { anchor in
        leaf.usages.map { usage in
          Question(
            leaf: tree.certificate(leaf.name), key: tree.key(leaf.name), root: path(anchor, leaf.authority),
            name: usage == .server ? "localhost" : "", usage: usage, time: tree.made.upperBound, flaw: nil)
        }
      }
    }.filter { $0.name.isEmpty || !$0.leaf.hasSuffix("/apiserver.crt") }
    try await Question.ask(questions, of: Judges.goVerify, phrases: [:])
    try await Question.ask(questions, of: Judges.python, [Judges.pythonVerify], phrases: [:])
  }

  /// The reason why a server is never given the root to verify its clients with.
  @Test
  func `a client that trusts the root trusts all three CAs, and one that trusts a CA trusts only that CA`()
    async throws
  {
    let strangers = Leaf.all.filter { $0.authority != .kubernetes && $0.usages.contains(.client) }
    for (anchor, flaw) in [(Anchor.bundle, nil), (.root, nil), (.authority, Question.Flaw.authority)] {
      let questions = strangers.map { leaf in
        Question(
          leaf: tree.certificate(leaf.name), key: tree.key(leaf.name), root: path(anchor, .kubernetes),
          name: "",
          usage: .client, time: tree.made.upperBound, flaw: flaw)
      }
      try await Question.ask(
        questions, of: Judges.goVerify, phrases: [.authority: "certificate signed by unknown authority"])
    }
  }

  // MARK: connections

  @Test func `kubectl and OpenSSL's clients log in with what the kubeconfigs hold`() async throws {
    let arguments = [
      "127.0.0.1:\(port)", tree.certificate("apiserver"), tree.key("apiserver"),
      path(.authority, .kubernetes),
    ]
    let log = tree.directory.path("server.log")
    try await withServer(Judges.goServe, arguments, log: log) {
      let kubectl = try Kubectl(kubeconfig: tree.kubeconfig("admin.conf"))
      try await kubectl.waitForServer()
      for leaf in Leaf.kubeconfigs {
        let login = try await Kubectl(kubeconfig: tree.kubeconfig(leaf.name))("auth", "whoami")
        #expect(login.status == 0, "\(leaf.name): \(login.stderr)")
      }
      #expect(try embeddedAuthorities() == text(of: path(.bundle, .kubernetes)))
      for (anchor, isAccepted) in [(Anchor.authority, false), (.bundle, true), (.root, true)] {
        let outcome = try await python(trusting: path(anchor, .kubernetes))
        #expect((outcome.status == 0) == isAccepted, "\(anchor): \(outcome.stderr)")
      }
      // The CAs of etcd and of the front proxy are below the same root, and let no client in.
      for name in ["etcd/healthcheck-client", "front-proxy-client", "apiserver-etcd-client"] {
        try await expectRefusal(loggedIn: log, because: "certificate signed by unknown authority") {
          let outcome = try await python(trusting: path(.bundle, .kubernetes), as: name)
          return Outcome(status: min(outcome.status, 1), stderr: outcome.stderr)
        }
      }
    }
  }

  @Test(arguments: [true, false])
  func `etcd distinguishes its clients from others only with its own CA`(isSafe: Bool)
    async throws
  {
    let ports = try freePorts(2)
    let (url, peer) = ("https://127.0.0.1:\(ports[0])", "https://127.0.0.1:\(ports[1])")
    let trusted = path(isSafe ? .authority : .bundle, .etcd)
    let arguments = [
      "--name", "cp1", "--data-dir", tree.directory.path("data"), "--logger", "zap", "--listen-client-urls",
      url,
      "--advertise-client-urls", url, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
      "--initial-cluster", "cp1=\(peer)", "--cert-file", tree.certificate("etcd/server"), "--key-file",
      tree.key("etcd/server"), "--trusted-ca-file", trusted, "--client-cert-auth", "--peer-cert-file",
      tree.certificate("etcd/peer"), "--peer-key-file", tree.key("etcd/peer"), "--peer-trusted-ca-file",
      tree.certificate("etcd/ca"), "--peer-client-cert-auth",
    ]
    try await withServer(Judges.etcd, arguments, log: tree.directory.path("etcd.log")) {
      var outcome = Outcome(status: 1)
      for _ in 1...60 where outcome.status != 0 {
        outcome = try await etcdctl("etcd/healthcheck-client", at: url, "endpoint", "health")
        guard outcome.status == 0 else { continue }
        outcome = try await etcdctl("apiserver-etcd-client", at: url, "put", "key", "value")
      }
      try #require(outcome.status == 0, "\(outcome.stderr)")
      // A kubelet's certificate, say: of another CA below the same root.
      let refused = try await etcdctl("kubelet.conf", at: url, "get", "key")
      #expect(refused.stdout.contains("value") == !isSafe, "\(refused)")
    }
  }

  private func etcdctl(_ name: String, at url: String, _ command: String...) async throws -> Outcome {
    try await run(
      Judges.etcdctl,
      [
        "--dial-timeout", "1s", "--command-timeout", "2s", "--cacert", path(.authority, .etcd), "--endpoints",
        url,
        "--cert", tree.certificate(name), "--key", tree.key(name),
      ] + command, environment: ["ETCDCTL_API": "3"])
  }

  /// What Python's ssl, OpenSSL's library, says to the server: a client as there are many in pods.
  private func python(trusting anchor: String, as name: String = "admin.conf") async throws -> Outcome {
    let script = """
      import ssl, sys, urllib.request
      context = ssl.create_default_context(cafile=sys.argv[2])
      context.verify_flags &= ~0x80000  # VERIFY_X509_PARTIAL_CHAIN, which Python 3.13 sets and older ones do not
      context.load_cert_chain(sys.argv[3], sys.argv[4])
      print(urllib.request.urlopen(sys.argv[1] + "/version", context=context).read())
      """
    return try await run(
      Judges.python,
      ["-c", script, "https://127.0.0.1:\(port)", anchor, tree.certificate(name), tree.key(name)])
  }

  private func embeddedAuthorities() throws -> String {
    let prefix = "    certificate-authority-data: "
    let line = try text(of: tree.kubeconfig("admin.conf")).split(separator: "\n").first {
      $0.hasPrefix(prefix)
    }
    let data = try Data(base64Encoded: String(#require(line).dropFirst(prefix.count)))
    return try String(decoding: #require(data), as: UTF8.self)
  }
}
