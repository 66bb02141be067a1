import Foundation
import TestSupport
import Testing

/// The example of docs/library.md: `Tests/example`, a package of its own. The package of these tests builds its source too.
struct LibraryExampleTests {
  @Test func `the page shows the example as it is`() throws {
    let page = try text(of: Judges.repository + "/docs/library.md")
    let example = try text(of: Judges.repository + "/Tests/example/Sources/example/Example.swift")
    #expect(page.contains("\n```swift\n\(example)```\n"))
  }

  @Test func `the example makes, renews, writes and lists a PKI that others accept`() async throws {
    let directory = try TemporaryDirectory()
    let example = try URL(filePath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appending(path: "example").path
    let outcome = try await run(example, [directory.path])
    #expect(outcome.status == 0 && outcome.stderr.isEmpty, "\(outcome)")
    let lines = outcome.stdout.split(separator: "\n").map(String.init)
    #expect(lines.first == "made 26 files")
    #expect(lines.contains("renewed 18 files"))
    #expect(lines.contains { $0.hasPrefix("the replaced files are in \(directory.path)/pki/.backup/") })
    #expect(lines.count { $0.contains(" valid until ") } == 14)
    #expect(!outcome.stdout.contains("error:") && !outcome.stdout.contains("not renewed"))

    let checked = try await run(
      Judges.openssl,
      [
        "verify", "-x509_strict", "-attime", "\(Int(Date().timeIntervalSince1970) + 301 * 86_400)", "-CAfile",
        directory.path("pki/ca.crt"), directory.path("pki/apiserver.crt"),
      ])
    #expect(checked.status == 0, "\(checked)")
    let later = try await run(
      Judges.clock, ["301 days", Pkigen.path, "verify", "-d", directory.path, "-q"])
    #expect(later.status == 0, "\(later)")
  }
}
