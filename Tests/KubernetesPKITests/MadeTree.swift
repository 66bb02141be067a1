import FoundationEssentials
import OpenSSLX509
import TestSupport
import Testing

@testable import KubernetesPKI

/// A tree on the disk, made by the library at an instant of the test's choice.
struct MadeTree {
  static let instant = Date(timeIntervalSince1970: 1_800_000_000)

  static let catalog = Catalog.kubeadm(.newestKnown)

  /// Made once, and copied for every test: a tree that is written for good takes its time.
  private static let original = Result { try makeOriginal() }

  let directory: TemporaryDirectory

  /// The whole tree in kubeadm's style, keys on P-256.
  init() throws {
    directory = try TemporaryDirectory()
    let original = try Self.original.get()
    for name in try FileManager.default.contentsOfDirectory(atPath: original.path) {
      try FileManager.default.copyItem(atPath: original.path(name), toPath: directory.path(name))
    }
  }

  /// The tree in a directory.
  init(in directory: TemporaryDirectory) { self.directory = directory }

  private static func makeOriginal() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let location = TreeLocation(
      certificateDirectory: directory.path("pki"), kubeconfigDirectory: directory.path)
    var request = ClusterRequest()
    request.nodeName = Setting("cp1", from: .option("--node-name"))
    request.advertiseAddress = Setting("10.0.0.10", from: .option("--advertise-ip"))
    request.keyAlgorithm = Setting("ecdsa-p256", from: .option("--key-algorithm"))
    let plan = try Plan(
      completing: .everything(in: catalog), of: catalog,
      in: TreeContents(reading: location, catalog: catalog),
      for: request.configuration(needing: []), at: instant)
    _ = try TreeWriter(location).write(Issuer(jobs: 1).issue(plan))
    return directory
  }

  var location: TreeLocation {
    TreeLocation(certificateDirectory: path("pki"), kubeconfigDirectory: directory.path)
  }

  func path(_ name: String) -> String { directory.path(name) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }

  func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(atPath: path(name)) }
  }

  /// Replaces all lines of a file that begin with spaces and `field:`.
  func replace(_ field: String, in name: String, with replacement: String) throws {
    let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false)
    let isField = { (line: Substring) in line.drop { $0 == " " }.hasPrefix("\(field):") }
    try #require(lines.contains(where: isField))
    try write(lines.map { isField($0) ? "    \(replacement)" : String($0) }.joined(separator: "\n"), to: name)
  }

  /// What is embedded in a kubeconfig's field.
  func embedded(_ field: String, in name: String) throws -> String {
    let line = try #require(try text(name).split(separator: "\n").first { $0.contains("\(field): ") })
    let data = try #require(Data(base64Encoded: String(line.split(separator: " ")[1])))
    return String(decoding: data, as: UTF8.self)
  }

  /// The report of the tree as it is now, so long after it was made.
  func report(after seconds: Double = 0, margin: Lifetime? = nil) -> ExpirationReport {
    ExpirationReport(
      of: TreeContents(reading: location, catalog: Self.catalog), catalog: Self.catalog,
      at: Self.instant.addingTimeInterval(seconds), margin: margin)
  }
}
