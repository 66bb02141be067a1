import FoundationEssentials
import TestSupport
import Testing

/// Values that want to be more than values, in every option that takes one.
@Suite(.timeLimit(.minutes(20)))
struct HostileInputTests {
  static let names = [
    "a,IP:10.0.0.1", "a\nIP:10.0.0.1", "a\rb", "a\u{1b}[31mb", "a\u{9b}31mb", "a\u{202e}b", "../x",
    "/etc/passwd",
    "👩‍🚀", "a b", "$(id)", "`id`", "a;b", "a'b", "a\"b", "a\\b", "-", "%s%n", "system:masters",
    String(repeating: "x", count: 10_000),
  ]

  /// The options that take names or addresses.
  static let options = [
    "--node-name", "--advertise-ip", "--bind-port", "--control-plane-endpoint", "--service-cidr",
    "--service-dns-domain", "--apiserver-san", "--etcd-server-san", "--etcd-peer-san", "--key-algorithm",
    "--validity", "--ca-validity",
  ]

  @Test(arguments: names)
  func `a hostile value is refused in every option, quoted, and nothing is written`(name: String) async throws
  {
    let directory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      ["init", "-d", directory.path("out")] + Self.options.map { "\($0)=\(name)" })
    #expect(outcome.status == 64 && outcome.stdout.isEmpty)
    expectPlain(outcome.stderr)
    let errors = outcome.stderr.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    for option in Self.options {
      let own = errors.filter { $0.hasPrefix("error: \(option): \"") }
      #expect(
        !own.isEmpty && own.allSatisfy { $0.utf8.count < 300 }, "\(option): \(outcome.stderr.prefix(300))")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }

  @Test(arguments: [["phase", "cert"], ["phase", "kubeconfig"], [], ["init", "--dry-run"]])
  func `a hostile argument is refused`(command: [String]) async throws {
    for name in ["a\nb", "a\u{1b}[31mb", "a\u{9b}31mb", "a\u{202e}b", "../x", "👩‍🚀", ""] {
      let outcome = try await Pkigen.run(command + [name])
      #expect(outcome.status == 64 && outcome.stdout.isEmpty, "\(name.prefix(80)): \(outcome)")
      expectPlain(outcome.stderr)
    }
  }

  /// The names of a file system are bytes: whatever is in them, messages stay lines and say which file it is.
  @Test(arguments: [
    "a b", "a\nb", "a\u{1b}[31mb", "a'b", "$(id)", "-d", "ü", "👩‍🚀", "a\u{202e}b", "%s", "a\\b", ".",
  ])
  func `a directory may be called anything, and messages stay whole`(name: String) async throws {
    let directory = try TemporaryDirectory()
    let options = [
      "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256",
      "--kubernetes-dir=\(name)",
    ]
    let made = try await Pkigen.run(["init"] + options, directory: directory.path)
    #expect(made.status == 0, "\(made)")
    expectPlain(made.stdout)
    #expect(made.stdout.split(separator: "\n").count { $0.hasPrefix("create") } == 26)
    let kept = try await Pkigen.run(["init", "-o", "json"] + options, directory: directory.path)
    let document = try kept.document(RunDocument.self)
    #expect(document.files.count == 26 && document.files.allSatisfy { $0.action == "keep" })
    #expect(document.files.last?.path == "\(name)/scheduler.conf")
    let key = directory.path("\(name)/pki/apiserver.key")
    #expect(FileManager.default.fileExists(atPath: key))
    try FileManager.default.removeItem(atPath: key)
    let refused = try await Pkigen.run(["init"] + options, directory: directory.path)
    #expect(refused.status == 65 && refused.stderr.split(separator: "\n").count == 2, "\(refused.stderr)")
    expectPlain(refused.stderr)
  }

  /// A subject is whatever the maker of a certificate wanted it to be.
  @Test func `a certificate cannot write to the terminal`() async throws {
    let directory = try TemporaryDirectory()
    try await directory.copyTree()
    let subject = "/CN=a\u{1b}[31m\nkeep  all is well"
    let outcome = try await run(
      Judges.openssl,
      [
        "req", "-x509", "-utf8", "-key", directory.path("pki/front-proxy-ca.key"), "-subj", subject,
        "-addext",
        "keyUsage=critical,keyCertSign", "-out", directory.path("pki/front-proxy-ca.crt"),
      ])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    for name in ["crt", "key"] {
      try FileManager.default.removeItem(atPath: directory.path("pki/front-proxy-client.\(name)"))
    }
    for options in [["--dry-run"], []] {
      let made = try await Pkigen.run(
        ["init", "-d", directory.path, "--node-name", "cp1", "--advertise-ip", "10.0.0.10"] + options)
      #expect(made.status == 0, "\(made)")
      expectPlain(made.stdout)
      #expect(!made.stdout.split(separator: "\n").contains { $0.hasPrefix("keep  all is well") })
    }
  }

  /// Not every argument of a Unix process is text, and a path with other bytes put in place is another path.
  @Test(arguments: ["-d", "--cert-dir", "--kubeconfig-dir"])
  func `a path that is not UTF-8 is refused`(option: String) async throws {
    let directory = try TemporaryDirectory()
    let script = #"exec "$0" init -d out --node-name cp1 --advertise-ip 10.0.0.10 "$1" "$(printf 'a\377b')""#
    let outcome = try await run("sh", ["-c", script, Pkigen.path, option], directory: directory.path)
    #expect(outcome.status == 64 && outcome.stderr.contains("UTF-8"), "\(outcome)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }
}

/// Expects lines of text in which nothing is hidden and nothing commands a terminal.
func expectPlain(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let hidden = text.unicodeScalars.filter { scalar in
    scalar != "\n"
      && [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
      || scalar.properties.isBidiControl
  }
  #expect(hidden.isEmpty, "\(text.prefix(300).debugDescription)", sourceLocation: sourceLocation)
  #expect(text.isEmpty || text.hasSuffix("\n"), sourceLocation: sourceLocation)
}
