import FoundationEssentials
import TestSupport
import Testing

/// Requests that were put together byte by byte to get what may not be granted.
@Suite(.timeLimit(.minutes(20)))
struct HostileRequestTests {
  /// The denial's code by the request's name; "" for sound ones, "unreadable" for what is no request any more.
  private let codes: [String: String]
  private let directory: TemporaryDirectory
  private let tree: Tree

  /// What a generous approver grants.
  private var arguments: [String] {
    [
      "-d", tree.directory.path, "--signer-name", "kubernetes.io/kube-apiserver-client", "--allow-cn", "jane",
      "--allow-org", "dev", "--allow-san", "*.example.com", "--allow-san", "10.0.0.0/24",
    ]
  }

  init() async throws {
    (directory, codes) = try await Self.corpus.value
    try #require(codes.count > 70)
    tree = try await Trees.made(with: .ecdsaP256)
  }

  /// The requests, made once for all tests.
  private static let corpus = Task {
    let directory = try TemporaryDirectory()
    let made = try await run(Judges.python, [Judges.hostile, directory.path])
    try #require(made.status == 0, "\(made.stderr)")
    return (directory, try made.document([String: String].self))
  }

  private func file(_ name: String) -> String { directory.path("\(name).csr") }

  @Test func `each is denied with its code, and the sound ones among them are signed`() async throws {
    let readable = codes.filter { $0.value != "unreadable" }.keys.sorted()
    let outcome = try await Pkigen.run(
      ["csr", "sign"] + arguments + ["--out", directory.path("out")] + readable.map(file))
    #expect(outcome.status == 1)
    let errors = outcome.stderr.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    // However much there is to be said against one.
    #expect(errors.count < 3 * readable.count)
    for name in readable {
      let code = try #require(codes[name])
      let own = errors.filter { $0.hasPrefix("error: \(file(name)): ") }
      if code.isEmpty {
        #expect(own.isEmpty, "\(name)")
      } else {
        #expect(own.contains { $0.hasPrefix("error: \(file(name)): \(code): ") }, "\(name): \(own)")
      }
    }
    let signed = try FileManager.default.contentsOfDirectory(atPath: directory.path("out"))
    #expect(Set(signed) == Set(codes.filter(\.value.isEmpty).keys.map { "\($0).crt" }))
    #expect(
      errors.contains { $0.contains("identifier-without-end") && $0.hasSuffix("(too long to be shown)") })
    // No reason is reported in words that a terminal would act upon.
    #expect(outcome.stderr.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7f })
  }

  @Test func `what is granted is what was checked, whatever else the sound ones carry`() async throws {
    for name in codes.filter(\.value.isEmpty).keys {
      let outcome = try await Pkigen.run(["csr", "sign", file(name)] + arguments)
      try #require(outcome.status == 0, "\(name): \(outcome)")
      let path = directory.path("\(name).crt")
      try outcome.stdout.write(toFile: path, atomically: true, encoding: .utf8)
      let certificate = try await CertificateText(path)
      let known: Set = [
        "Basic Constraints: critical", "Extended Key Usage", "Key Usage: critical",
        "Subject Alternative Name",
        "Subject Key Identifier", "Authority Key Identifier",
      ]
      #expect(Set(certificate.extensions.keys).isSubset(of: known), "\(name)")
      #expect(certificate.extensions["Basic Constraints: critical"] == "CA:FALSE", "\(name)")
      #expect(certificate.extensions["Extended Key Usage"] == "TLS Web Client Authentication", "\(name)")
    }
  }

  @Test func `what is no request is an unusable file, and nothing is written for the others either`()
    async throws
  {
    for name in codes.filter({ $0.value == "unreadable" }).keys {
      let outcome = try await Pkigen.run(
        ["csr", "sign"] + arguments + ["--out", directory.path("none"), file("sound"), file(name)])
      #expect(outcome.status == 65 && outcome.stdout.isEmpty, "\(name): \(outcome)")
      #expect(
        outcome.stderr.hasPrefix("error: \(file(name)) does not hold a certificate signing request"),
        "\(name)")
      #expect(!FileManager.default.fileExists(atPath: directory.path("none")))
    }
  }

  /// The author of the object learns it before the API server says so; what only a policy decides passes.
  @Test func `none becomes an object for the API but what a policy may grant`() async throws {
    for (code, name) in Dictionary(codes.map { ($1, $0) }, uniquingKeysWith: min) where code != "unreadable" {
      let outcome = try await Pkigen.run(
        "csr", "manifest", file(name), "--name", "x", "--signer-name", "kubernetes.io/kube-apiserver-client")
      #expect(outcome.status == (isPolicy(code) ? 0 : 1), "\(name): \(outcome)")
      #expect(outcome.stdout.isEmpty == !isPolicy(code), "\(name)")
    }
  }

  @Test func `each is shown with what an approver must see, in lines that it cannot forge`() async throws {
    let readable = codes.filter { $0.value != "unreadable" }.keys.sorted()
    let outcome = try await Pkigen.run(["csr", "show"] + readable.map(file))
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let text = outcome.stdout
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7f })
    #expect(!text.contains("\nKind: approved"))
    let parts = text.split(separator: "\n\n")
    try #require(parts.count == readable.count)
    for (name, part) in zip(readable, parts) {
      let code = codes[name] ?? ""
      #expect(part.contains("\(name).csr\n"), "\(name)")
      if !isPolicy(code) { #expect(part.contains("\(code): "), "\(name): \(part)") }
    }
  }

  /// Whether only the approver can say no, or a denial is not needed.
  private func isPolicy(_ code: String) -> Bool {
    ["common-name-not-allowed", "organization-not-allowed", "name-not-allowed", ""].contains(code)
  }
}
