import FoundationEssentials
import TestSupport
import Testing

/// A tree whose CAs, and whose key of service-account tokens, are at a stage of a rotation: a copy of a fixture.
struct StagedTree {
  /// What is rotated, and how far: a word of a fixture's specification.
  struct Case: CustomTestStringConvertible {
    let stage: String
    let names: [String]
    var testDescription: String { "\(names.joined(separator: ", ")): \(stage)" }

    /// The name of its fixture.
    fileprivate var fixture: String { "\(names.count > 1 ? "all" : names[0])-\(stage)" }
    fileprivate var specification: String {
      let stages = names.map { "\($0): \(stage)" }.joined(separator: ", ")
      return "  \(fixture): {\(StagedTree.cluster), stage: {\(stages)}}\n"
    }
  }

  static let everything = ["ca", "etcd-ca", "front-proxy-ca", "sa"]
  static let all =
    [Case(stage: "idle", names: everything), Case(stage: "back", names: everything)]
    + ["prepared", "switched"].flatMap { stage in
      ([everything] + everything.map { [$0] }).map { Case(stage: stage, names: $0) }
    }
  /// The node of every tree.
  static let node = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--style", "kubeadm"]
  private static let cluster =
    "node-name: cp1, advertise-ip: 10.0.0.10, key-algorithm: ecdsa-p256, style: kubeadm"

  private static let fixtures = Task {
    let directory = try TemporaryDirectory()
    let specification = "clusters:\n" + all.map(\.specification).joined()
    try Data(specification.utf8).write(to: URL(filePath: directory.path("spec.yaml")))
    let outcome = try await Pkigen.run(
      "fixtures", "--spec", directory.path("spec.yaml"), "--out", directory.path("made"), "-q")
    try #require(outcome == Outcome(status: 0))
    return directory
  }

  let staged: Case
  let directory: TemporaryDirectory
  /// The directory of the tree.
  var path: String { directory.path("tree") }

  init(_ staged: Case) async throws {
    self.staged = staged
    directory = try TemporaryDirectory()
    let fixture = try await Self.fixtures.value.path("made/clusters/\(staged.fixture)")
    try FileManager.default.copyItem(atPath: fixture, toPath: path)
  }

  func pkigen(_ arguments: [String]) async throws -> Outcome {
    try await Pkigen.run(arguments + ["-d", path])
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
  }

  /// What is embedded in a field of a kubeconfig.
  static func embedded(_ field: String, in kubeconfig: String) throws -> String {
    let line = try #require(kubeconfig.split(separator: "\n").first { $0.contains("\(field): ") })
    let data = try #require(Data(base64Encoded: String(line.split(separator: " ")[1])))
    return String(decoding: data, as: UTF8.self)
  }

  /// The certificates of a text, each in PEM.
  static func certificates(in text: String) -> [String] {
    text.components(separatedBy: "-----BEGIN CERTIFICATE-----").dropFirst().map {
      "-----BEGIN CERTIFICATE-----" + $0
    }
  }
}

extension StagedTree {
  /// What each CA has signed.
  private static let leaves = [
    "ca": [
      "pki/apiserver.crt", "pki/apiserver-kubelet-client.crt", "admin.conf", "super-admin.conf",
      "kubelet.conf",
      "controller-manager.conf", "scheduler.conf",
    ],
    "etcd-ca": [
      "pki/etcd/server.crt", "pki/etcd/peer.crt", "pki/etcd/healthcheck-client.crt",
      "pki/apiserver-etcd-client.crt",
    ],
    "front-proxy-ca": ["pki/front-proxy-client.crt"],
  ]
  /// The files of a CA, without their endings.
  private static func stem(of ca: String) -> String { ca == "etcd-ca" ? "pki/etcd/ca" : "pki/\(ca)" }

  /// The files that a rotation is about, by name: of CAs, and of the key of service-account tokens.
  func trust() throws -> [String: String] {
    let files = try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
      let file = name.split(separator: "/").last ?? ""
      return !name.contains(".backup")
        && (file.hasPrefix("ca") || file.hasPrefix("front-proxy-ca") || file.hasPrefix("sa"))
        && (file.hasSuffix(".crt") || file.hasSuffix(".key") || file.hasSuffix(".pub"))
    }
    return Dictionary(uniqueKeysWithValues: try files.map { ($0, try text($0)) })
  }

  /// The certificate that a CA signs with.
  func signer(_ ca: String) throws -> String {
    try #require(Self.certificates(in: try text("\(Self.stem(of: ca)).crt")).first)
  }

  /// What follows everything that a CA signs: the cross certificate where it has switched.
  func chain(_ ca: String) throws -> [String] {
    guard staged.stage == "switched", staged.names.contains(ca) else { return [] }
    return Self.certificates(in: try text("\(Self.stem(of: ca))-cross.crt"))
  }

  /// Expects that what a CA has signed is by its first certificate and followed by what leads to the predecessor.
  ///
  /// - Parameter texts: the certificates in PEM, each with what follows it, by what they are.
  func expectSigned(
    _ texts: [String: String], by ca: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let files = try texts.keys.sorted().enumerated().map { number, what in
      let certificates = Self.certificates(in: texts[what] ?? "")
      let leaf = try #require(certificates.first, "\(what)", sourceLocation: sourceLocation)
      #expect(try Array(certificates.dropFirst()) == chain(ca), "\(what)", sourceLocation: sourceLocation)
      try leaf.write(toFile: directory.path("\(number).pem"), atomically: true, encoding: .utf8)
      return directory.path("\(number).pem")
    }
    let signer = directory.path("signer.pem")
    try self.signer(ca).write(toFile: signer, atomically: true, encoding: .utf8)
    let outcome = try await run(Judges.openssl, ["verify", "-partial_chain", "-trusted", signer] + files)
    #expect(
      outcome == Outcome(status: 0, stdout: files.map { "\($0): OK\n" }.joined()), "\(texts.keys.sorted())",
      sourceLocation: sourceLocation)
  }

  /// Expects that every certificate is by the present signer, that kubeconfigs trust what the CA's file holds, and that
  /// pkigen finds nothing wrong.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for (ca, names) in Self.leaves.sorted(by: { $0.key < $1.key }) {
      var texts: [String: String] = [:]
      for name in names {
        texts[name] = try text(name)
        guard name.hasSuffix(".conf") else { continue }
        texts[name] = try Self.embedded("client-certificate-data", in: text(name))
        #expect(
          try Self.embedded("certificate-authority-data", in: text(name)) == text("pki/ca.crt"), "\(name)",
          sourceLocation: sourceLocation)
      }
      try await expectSigned(texts, by: ca, sourceLocation: sourceLocation)
    }
    let status = try await pkigen(["rotate", "status", "-q"])
    #expect(status == Outcome(status: 0), sourceLocation: sourceLocation)
    let verified = try await pkigen(["verify", "--kubernetes-version", "v1.36.2"] + Self.node)
    #expect(
      verified.status == 0 && verified.stdout.contains("0 errors, 0 warnings, "), "\(verified)",
      sourceLocation: sourceLocation)
  }
}
