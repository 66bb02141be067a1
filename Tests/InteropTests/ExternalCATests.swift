import FoundationEssentials
import TestSupport
import Testing

/// Requests that other programs sign, on a machine that has the CAs' keys, and what others say of the result.
@Suite(.timeLimit(.minutes(20)))
struct ExternalCATests {
  /// Who signs.
  enum Program: CaseIterable {
    case opensslX509, opensslCA, cfssl, pkigen
  }

  private let signer: Tree
  private let node: TemporaryDirectory

  init() async throws {
    signer = try await Tree(.ecdsaP256)
    node = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: node.path("pki/etcd"), withIntermediateDirectories: true)
    for authority in Authority.allCases {
      try FileManager.default.copyItem(
        atPath: signer.certificate(authority.rawValue), toPath: node.path("pki/\(authority.rawValue).crt"))
    }
    try await pkigen("csr", "create", "all", "--key-algorithm", "ecdsa-p256")
    try await pkigen("init", "--key-algorithm", "ecdsa-p256")
  }

  /// Runs pkigen on the node's tree.
  private func pkigen(_ arguments: String...) async throws {
    let cluster = ["-d", node.path, "--node-name", Leaf.nodeName, "--advertise-ip", Leaf.advertiseAddress]
    let outcome = try await Pkigen.run(arguments + cluster)
    try #require(outcome.status == 0, "\(arguments): \(outcome.stdout)\(outcome.stderr)")
  }

  private func request(_ leaf: Leaf) -> String {
    node.path(leaf.name.hasSuffix(".conf") ? "\(leaf.name).csr" : "pki/\(leaf.name).csr")
  }

  /// Signs a request.
  ///
  /// - Returns: the certificate's file.
  private func sign(_ leaf: Leaf, with program: Program) async throws -> String {
    let path = node.path("signed-\(UUID().uuidString).pem")
    let (certificate, key) = (
      signer.certificate(leaf.authority.rawValue), signer.key(leaf.authority.rawValue)
    )
    let authority = ["-CA", certificate, "-CAkey", key]
    switch program {
    case .opensslX509:
      try await judge(
        Judges.openssl,
        ["x509", "-req", "-in", request(leaf), "-copy_extensions", "copy", "-days", "90", "-out", path]
          + authority)
    case .opensslCA:
      try write(Self.opensslConfiguration, to: "openssl.cnf")
      try write("", to: "index.txt")
      try await judge(
        Judges.openssl,
        [
          "ca", "-batch", "-notext", "-config", "openssl.cnf", "-in", request(leaf), "-out", path, "-days",
          "90",
          "-cert", certificate, "-keyfile", key,
        ])
    case .cfssl:
      try write(Self.cfsslConfiguration, to: "cfssl.json")
      let answer = try await judge(
        Judges.cfssl,
        [
          "sign", "-ca", certificate, "-ca-key", key, "-config", "cfssl.json", "-profile", "kubernetes",
          request(leaf),
        ])
      let document = try JSONDecoder().decode([String: String].self, from: Data(answer.utf8))
      try Data(try #require(document["cert"]).utf8).write(to: URL(filePath: path))
    case .pkigen:
      let outcome = try await Pkigen.run(
        "csr", "sign", request(leaf), "--ca-cert", certificate, "--ca-key", key)
      try #require(outcome.status == 0, "\(outcome.stderr)")
      try Data(outcome.stdout.utf8).write(to: URL(filePath: path))
    }
    return path
  }

  /// What a CA needs that copies what requests ask for.
  private static let opensslConfiguration = """
    [ca]
    default_ca = own
    [own]
    database = index.txt
    new_certs_dir = .
    default_md = sha256
    policy = any
    copy_extensions = copy
    unique_subject = no
    rand_serial = yes
    [any]
    organizationName = optional
    commonName = supplied

    """

  private static let cfsslConfiguration = """
    {"signing": {"profiles": {"kubernetes": {
      "expiry": "2160h", "usages": ["signing", "key encipherment", "server auth", "client auth"]
    }}}}
    """

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: node.path(name)))
  }

  @discardableResult
  private func judge(_ program: String, _ arguments: [String]) async throws -> String {
    let outcome = try await run(program, arguments, directory: node.path)
    try #require(outcome.status == 0, "\(program) \(arguments): \(outcome.stderr)")
    return outcome.stdout
  }

  @Test(arguments: Program.allCases)
  func `for every signer, the certificates fit, and every verifier accepts them`(_ program: Program)
    async throws
  {
    var paths: [String] = []
    for leaf in Leaf.all { paths.append(try await sign(leaf, with: program)) }
    let installed = try await Pkigen.run(["csr", "install", "-d", node.path] + paths)
    #expect(installed.status == 0, "\(installed.stderr)")
    try await pkigen("init")
    try await pkigen("verify", "--strict")
    for leaf in Leaf.files {
      let path = node.path("pki/\(leaf.name).crt")
      let anchor = signer.certificate(leaf.authority.rawValue)
      for usage in leaf.usages {
        try await judge(
          Judges.openssl,
          ["verify", "-x509_strict", "-purpose", "ssl\(usage.rawValue)", "-CAfile", anchor, path])
      }
      try await judge(Judges.certtool, ["--verify", "--load-ca-certificate", anchor, "--infile", path])
    }
  }

  @Test func `openssl and certtool read the same requests`() async throws {
    for leaf in Leaf.all {
      try await judge(Judges.openssl, ["req", "-in", request(leaf), "-noout", "-verify"])
      let text = try await judge(Judges.certtool, ["--crq-info", "--infile", request(leaf)])
      #expect(text.contains("Self signature: verified"), "\(leaf.name)")
      #expect(text.contains("Key Purpose") && text.contains("Basic Constraints (critical)"))
    }
  }

  @Test func `a signer that forgets what was asked for is found out`() async throws {
    let leaf = try #require(Leaf.all.first { $0.name == "apiserver" })
    let (path, authority) = (node.path("bare.crt"), signer.certificate("ca"))
    try await judge(
      Judges.openssl,
      [
        "x509", "-req", "-in", request(leaf), "-days", "90", "-out", path, "-CA", authority, "-CAkey",
        signer.key("ca"),
      ])
    let outcome = try await Pkigen.run("csr", "install", "-d", node.path, path)
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("has no SAN"))
  }
}
