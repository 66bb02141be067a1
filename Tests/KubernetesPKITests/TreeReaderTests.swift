import FileStore
import FoundationEssentials
import Glibc
@testable import KubernetesPKI
import OpenSSLX509
import PKITestSupport
import TestSupport
import Testing

/// What stands where a file of the tree should be, and cannot be used.
@Suite(.timeLimit(.minutes(20)))
struct TreeReaderTests {
  /// Something in place of a file, what is said of it after the path, and what the operating system had to say.
  struct Obstacle: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: FindingCode
    let message: String
    let place: @Sendable (String) throws -> Void

    init(
      _ name: String, _ code: FindingCode, _ message: String,
      place: @escaping @Sendable (String) throws -> Void
    ) {
      (testDescription, self.code, self.message, self.place) = (name, code, message, place)
    }
  }

  static let anywhere = [
    Obstacle("a directory", .unreadableFile, "cannot read PATH: Is a directory") {
      try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false)
    },
    Obstacle("a FIFO", .unreadableFile, "PATH is not a regular file") {
      _ = mkfifo($0, 0o600)
    },
    Obstacle("a device", .unreadableFile, "PATH is not a regular file") {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/dev/zero")
    },
    Obstacle("a link to nothing", .unreadableFile, "PATH is a symbolic link to nothing") {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "nothing")
    },
    Obstacle(
      "a link to itself", .unreadableFile, "cannot look at PATH: Too many levels of symbolic links"
    ) { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: $0) },
    Obstacle("a huge file", .unreadableFile, "cannot read PATH: File too large") {
      try Data().write(to: URL(filePath: $0))
      _ = truncate($0, 1 << 40)
    },
  ]

  @Test(
    arguments: anywhere,
    ["pki/ca.crt", "pki/ca.key", "pki/etcd/peer.key", "pki/sa.pub", "pki/sa.key", "admin.conf"])
  func `what is no file is refused, and nothing hangs`(obstacle: Obstacle, name: String) throws {
    let tree = try MadeTree(.documented)
    try tree.remove(name)
    try obstacle.place(tree.path(name))
    let finding = try #require(try Self.findings(in: tree).first)
    #expect(finding.code == obstacle.code && finding.files == [tree.path(name)])
    #expect(finding.message == obstacle.message.replacing("PATH", with: tree.path(name)))
  }

  /// A file's content, and what is said of it in place of a certificate, a key, a public key and a kubeconfig.
  static let contents: [(String, String)] = [
    ("empty", ""), ("spaces", " \n\n"), ("text", "hello\n"), ("binary", "\0\u{1}\u{7f}"),
    ("torn", "-----BEGIN CERTIFICATE-----\nMIIB"),
    ("of base64 that is none", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"),
    ("of DER that is none", "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n"),
  ]

  @Test(arguments: contents)
  func `a file without what it should hold is refused`(kind: String, content: String) throws {
    for (name, what) in [
      ("pki/apiserver.crt", "a certificate"), ("pki/ca.key", "a private key"),
      ("pki/sa.key", "a private key"),
      ("pki/sa.pub", "a public key"),
    ] {
      let tree = try MadeTree(.documented)
      try tree.write(content, to: name)
      let findings = try Self.findings(in: tree)
      #expect(findings.map(\.code) == [.malformedFile], "\(kind), \(name)")
      #expect(
        findings[0].message.hasPrefix(
          "\(tree.path(name)) does not hold \(what) that can be used: cannot read the "))
    }
  }

  @Test(arguments: [
    ("", "it is empty"), ("\n# nothing\n", "it is empty"), ("hello", "it is not a YAML mapping"),
    ("- a", "it is not a YAML mapping"),
    ("a: b: c", "it is not YAML: line 1: mapping values are not allowed in this context"),
    ("kind: Pod", "its kind is not Config"), ("kind: Config", "it has no current-context"),
    (
      "current-context: a\ncontexts:\n- name: b\n  context: {}\n",
      #"it has no context "a" in contexts"#
    ),
    (
      "current-context: a\ncontexts:\n- name: a\n  context: {cluster: c}\n",
      #"its context "a" does not name a cluster and a user"#
    ),
    (
      "current-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: u}\n",
      #"it has no cluster "c" in clusters"#
    ),
  ])
  func `a file that is no kubeconfig is refused`(content: String, problem: String) throws {
    let tree = try MadeTree(.documented)
    try tree.write(content, to: "admin.conf")
    let findings = try Self.findings(in: tree)
    #expect(findings.map(\.code) == [.malformedFile])
    #expect(findings.map(\.message) == ["\(tree.path("admin.conf")) is not a usable kubeconfig: \(problem)"])
  }

  @Test(arguments: ["[", "{a: ", "- "])
  func `YAML of any depth is refused and not followed`(opening: String) throws {
    let tree = try MadeTree(.documented)
    try tree.write(String(repeating: opening, count: 100_000), to: "admin.conf")
    #expect(try Self.findings(in: tree).map(\.code) == [.malformedFile])
  }

  /// Aliases of aliases: a few lines that stand for 10^9 entries.
  @Test func `YAML that multiplies itself is not written out`() throws {
    let tree = try MadeTree(.documented)
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in 1...9 {
      lines.append(
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]")
    }
    try tree.write(
      (lines + ["current-context: a", "contexts: *a9"]).joined(separator: "\n"), to: "admin.conf")
    #expect(try Self.findings(in: tree).map(\.code) == [.malformedFile])
  }

  @Test func `a private key in a broken kubeconfig is not repeated`() throws {
    let tree = try MadeTree(.documented)
    let text = try tree.text("admin.conf")
    let key = try tree.embedded("client-key-data", in: "admin.conf").prefix(30)
    for damage in [
      "client-key-data: [", "client-key-data: !!binary \"", "client-key-data:\t", "client-key-data: &",
    ] {
      try tree.write(text.replacing("client-key-data: ", with: damage), to: "admin.conf")
      for finding in try Self.findings(in: tree) {
        #expect(!finding.message.contains("LS0t") && !finding.message.contains(key), "\(finding.message)")
      }
    }
  }

  /// Links are followed: some keep keys in other directories.
  @Test func `a link to a good file is as good as the file`() throws {
    let tree = try MadeTree(.documented)
    for name in ["pki/ca.key", "pki/etcd", "admin.conf"] {
      try FileManager.default.moveItem(atPath: tree.path(name), toPath: tree.path("moved"))
      try FileManager.default.createSymbolicLink(
        atPath: tree.path(name), withDestinationPath: tree.path("moved"))
      #expect(try !tree.plan().changesSomething, "\(name)")
      try tree.remove(name)
      try FileManager.default.moveItem(atPath: tree.path("moved"), toPath: tree.path(name))
    }
  }

  // MARK: Directories

  static let directories = [
    Obstacle("a file", .unreadableFile, "") { try Data().write(to: URL(filePath: $0)) },
    Obstacle("a FIFO", .unreadableFile, "") { _ = mkfifo($0, 0o600) },
    Obstacle("a link to a file", .unreadableFile, "") {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/etc/passwd")
    },
    Obstacle("a link to nothing", .unreadableFile, "") {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "nothing")
    },
  ]

  @Test(arguments: directories, ["pki", "pki/etcd", "sub"])
  func `what is no directory is said once, and is not a file's fault`(obstacle: Obstacle, name: String) throws
  {
    let tree = try MadeTree(empty: .documented)
    if name.hasPrefix("pki/") {
      try FileManager.default.createDirectory(atPath: tree.path("pki"), withIntermediateDirectories: false)
    }
    try obstacle.place(tree.path(name))
    let certificates = name == "sub" ? "sub/a/pki" : "pki"
    let location = TreeLocation(
      certificateDirectory: tree.path(certificates), kubeconfigDirectory: tree.directory.path)
    let errors = try #require(throws: PKIErrors.self) {
      try Plan(
        completing: .everything(in: .documented), of: .documented,
        in: TreeContents(reading: location, catalog: .documented), for: MadeTree.cluster(),
        at: MadeTree.instant)
    }
    #expect(errors.errors == [Self.notADirectory(tree.path(name))])
  }

  @Test func `both directories of a tree are looked at`() throws {
    let tree = try MadeTree(empty: .documented)
    for name in ["a", "b"] { try tree.write("", to: name) }
    let location = TreeLocation(certificateDirectory: tree.path("a"), kubeconfigDirectory: tree.path("b"))
    let errors = try #require(throws: PKIErrors.self) {
      try Plan(
        completing: .everything(in: .documented), of: .documented,
        in: TreeContents(reading: location, catalog: .documented), for: MadeTree.cluster(),
        at: MadeTree.instant)
    }
    #expect(errors.errors == [Self.notADirectory(tree.path("a")), Self.notADirectory(tree.path("b"))])
  }

  private static func notADirectory(_ path: String) -> PKIError {
    .unsound(
      Finding(
        .unreadableFile, [path], "\(path) is not a directory", .putBack([path]), cause: .notADirectory
      ))
  }

  private static func findings(in tree: MadeTree) throws -> [Finding] {
    do {
      _ = try tree.plan()
      return []
    } catch let errors as PKIErrors {
      return errors.errors.compactMap { if case .unsound(let finding) = $0 { finding } else { nil } }
    }
  }
}
