import FileStore
import FoundationEssentials
@testable import KubernetesPKI
import PKITestSupport
import TestSupport
import Testing

/// What an audit says of a tree whose CAs are below a root.
struct AuditOneRootTests {
  private let directory: TemporaryDirectory
  private let rootDirectory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    rootDirectory = try TemporaryDirectory()
    let outcome = try await Pkigen.run(
      "init", "-d", directory.path, "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm",
      "ecdsa-p256", "--new-root", rootDirectory.path)
    try #require(outcome.status == 0, "\(outcome.stderr)")
  }

  private func findings(at instant: Date = .now) throws -> [Finding] {
    let owner = try FileSystem.status(directory.path)?.owner ?? 0
    let location = TreeLocation(
      certificateDirectory: directory.path("pki"), kubeconfigDirectory: directory.path)
    let cluster = try ClusterSettings().configuration(assumingDefaults: false)
    return try Audit(for: cluster, owner: owner).findings(of: location, at: instant)
  }

  /// What is worse than worth knowing.
  private func codes(at instant: Date = .now) throws -> [FindingCode] {
    try findings(at: instant).filter { $0.severity > .info }.map(\.code)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path("pki/\(name)"), encoding: .utf8)
  }

  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: directory.path("pki/\(name)"), atomically: false, encoding: .utf8)
  }

  @Test func `a tree as it was made is fine`() throws {
    #expect(try codes() == [])
  }

  @Test func `a bundle of another CA, without a root, or broken is found`() throws {
    let (ca, bundle) = (try read("ca.crt"), try read("ca-bundle.crt"))
    for (text, code) in [
      (try read("etcd/ca-bundle.crt"), FindingCode.bundleMismatch), (ca, .bundleMismatch),
      ("", .malformedFile),
    ] {
      try write(text, to: "ca-bundle.crt")
      #expect(try codes().contains(code))
    }
    try write(bundle + ca, to: "ca-bundle.crt")
    #expect(try codes() == [])
  }

  @Test func `leaves that lack the CA certificate are reported together`() throws {
    for name in ["apiserver.crt", "apiserver-kubelet-client.crt"] {
      let text = try read(name)
      let end = try #require(text.ranges(of: "-----END CERTIFICATE-----\n").first).upperBound
      try write(String(text[..<end]), to: name)
    }
    let found = try findings().filter { $0.code == .missingIntermediate }
    #expect(found.map(\.severity) == [.warning])
    #expect(
      found.first?.files
        == ["apiserver.crt", "apiserver-kubelet-client.crt", "ca.crt"].map { directory.path("pki/\($0)") })
  }

  @Test func `the end of the root is found, and the CAs that outlive it`() throws {
    let year = 365 * 86_400.0
    #expect(try codes(at: .now.addingTimeInterval(21 * year)).contains(.expired))
    let expired = try findings(at: .now.addingTimeInterval(21 * year)).filter { $0.code == .expired }
    #expect(expired.contains { $0.files == [directory.path("pki/ca-bundle.crt")] })
    let soon = try findings(at: .now.addingTimeInterval(20 * year - 86_400))
    #expect(
      soon.contains { $0.code == .expiringSoon && $0.files == [directory.path("pki/etcd/ca-bundle.crt")] })
  }
}
