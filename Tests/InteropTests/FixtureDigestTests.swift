import FoundationEssentials
import TestSupport
import Testing

/// The specifications in fixtures/, and what is pinned of what they give.
///
/// With RECORD=1 in the environment the pinned files are written anew, and the tests fail.
@Suite(.timeLimit(.minutes(20)))
struct FixtureDigestTests {
  private static let folder = Judges.repository + "/fixtures"
  private static let made = Task {
    var trees: [String: FixtureTree] = [:]
    for name in ["algorithms", "clusters", "rotation"] {
      trees[name] = try await FixtureTree("--spec", "\(folder)/\(name).yaml")
    }
    return trees
  }

  @Test func `with OpenSSL 3.0, seeds give the pinned bytes`() async throws {
    let version = try await run(Judges.openssl, ["version"]).stdout
    guard version.hasPrefix("OpenSSL 3.0.") else {
      try Test.cancel("the digests are of OpenSSL 3.0, and this is \(version)")
    }
    var lines: [String] = []
    for (name, tree) in try await Self.made.value.sorted(by: { $0.key < $1.key }) {
      // Documents are words; what they say may change.
      for file in tree.manifest.files where file.kind != "document" {
        lines.append("\(file.sha256)  \(name)/\(file.path)")
      }
    }
    try expect(lines.joined(separator: "\n") + "\n", in: "openssl-3.0.sha256")
  }

  @Test func `the manifest's digests and modes are those of the files`() async throws {
    for tree in try await Self.made.value.values {
      for file in tree.manifest.files {
        let path = tree.directory.path(file.path)
        let digest = try await run("sha256sum", [path]).stdout.prefix(64)
        #expect(digest == file.sha256, "\(file.path)")
        let mode = try await run("stat", ["-c", "0%a", path]).stdout
        #expect(mode == file.mode + "\n", "\(file.path)")
      }
    }
  }

  @Test(arguments: ["documented", "kubeadm"])
  func `certificates say what the normalised texts say`(cluster: String) async throws {
    let tree = try #require(try await Self.made.value["clusters"])
    var texts: [String] = []
    for file in tree.manifest.files
    where file.path.hasPrefix("clusters/\(cluster)/") && file.kind == "certificate" {
      let outcome = try await run(
        Judges.openssl,
        [
          "x509", "-noout", "-text", "-in", tree.directory.path(file.path), "-certopt",
          "no_pubkey,no_sigdump,no_serial",
        ])
      try #require(outcome.status == 0, "\(outcome)")
      texts.append("\(file.path)\n\(normalised(outcome.stdout))")
    }
    try expect(texts.joined(separator: "\n"), in: "\(cluster).txt")
  }

  /// The text without key identifiers, which differ by key.
  private func normalised(_ text: String) -> String {
    text.split(separator: "\n").map { line in
      let content = line.drop { $0 == " " }
      let isIdentifier = content.count > 50 && content.allSatisfy { $0 == ":" || $0.isHexDigit }
      return isIdentifier ? line.prefix(line.count - content.count) + "<key identifier>" : line
    }.joined(separator: "\n") + "\n"
  }

  private func expect(_ content: String, in name: String) throws {
    let path = "\(Self.folder)/\(name)"
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      try Data(content.utf8).write(to: URL(filePath: path))
      Issue.record("\(name) was recorded")
    }
    let pinned = try text(of: path)
    #expect(content == pinned, "\(name): \(difference(content, pinned))")
  }

  private func difference(_ one: String, _ other: String) -> [Substring] {
    Array(
      one.split(separator: "\n").difference(from: other.split(separator: "\n")).map { change in
        switch change {
        case .insert(_, let line, _), .remove(_, let line, _): line
        }
      }.prefix(10))
  }
}
