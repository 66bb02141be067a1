package import FoundationEssentials
package import KubernetesPKI
import OpenSSLX509
package import TestSupport
import Testing

/// A tree on the disk, made by the library at one instant for the node cp1, keys on P-256.
package struct MadeTree {
  /// 2027-01-15T08:00:00Z.
  package static let instant = Date(timeIntervalSince1970: 1_800_000_000)

  package static let catalog = Catalog.kubeadm(.newestKnown)

  /// Made once, and copied for every test: a tree that is written for good takes its time.
  private static let originals = [
    NamingStyle.documented: Result { try makeOriginal(.documented) },
    .kubeadm: Result { try makeOriginal(catalog) },
  ]

  package let directory: TemporaryDirectory
  package let catalog: Catalog

  /// The whole tree in this style.
  package init(_ style: NamingStyle = .kubeadm) throws {
    let original = try #require(try Self.originals[style]?.get())
    self = try MadeTree(empty: original.catalog)
    for name in try FileManager.default.contentsOfDirectory(atPath: original.directory.path) {
      try FileManager.default.copyItem(atPath: original.path(name), toPath: path(name))
    }
  }

  /// A directory for a tree of which nothing is there.
  package init(empty catalog: Catalog) throws {
    directory = try TemporaryDirectory()
    self.catalog = catalog
  }

  private static func makeOriginal(_ catalog: Catalog) throws -> MadeTree {
    let tree = try MadeTree(empty: catalog)
    try tree.complete()
    return tree
  }

  /// The node cp1, and whatever is said beside that.
  package static func cluster(
    _ change: (inout ClusterConfiguration) throws -> Void = { _ in }
  ) throws -> ClusterConfiguration {
    var cluster = try configuration(nodeName: "cp1", advertiseAddress: "10.0.0.10")
    cluster.keyAlgorithm = .ecdsaP256
    try change(&cluster)
    return cluster
  }

  /// The plan that completes the tree, or a part of it.
  package func plan(
    _ selection: Selection? = nil, for cluster: ClusterConfiguration? = nil, at instant: Date = instant
  ) throws -> Plan {
    try Plan(
      completing: selection ?? .everything(in: catalog), of: catalog,
      in: TreeContents(reading: location, catalog: catalog), for: cluster ?? Self.cluster(), at: instant)
  }

  /// Carries that plan out; CAs that are missing beside others are made before.
  package func complete(
    _ selection: Selection? = nil, for cluster: ClusterConfiguration? = nil, at instant: Date = instant
  ) throws {
    if selection == nil {
      let tree = TreeContents(reading: location, catalog: catalog)
      var missing = Selection(Set(catalog.cas.map(\.id).filter { tree[$0].isAbsent }))
      missing.serviceAccountKey = tree.serviceAccountKey.isAbsent && tree.serviceAccountPublicKeys.isAbsent
      if missing.entries.count < catalog.cas.count { try complete(missing, for: cluster, at: instant) }
    }
    let plan = try plan(selection, for: cluster, at: instant)
    _ = try TreeWriter(location).write(Issuer(jobs: 1).issue(plan))
  }

  /// Where it is: a tree of this machine, whose kubeconfigs may name any files.
  package var location: TreeLocation {
    TreeLocation(
      certificateDirectory: path("pki"), kubeconfigDirectory: directory.path, rootDirectory: "/")
  }

  package func path(_ name: String) -> String { directory.path(name) }

  package func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  package func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }

  package func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(atPath: path(name)) }
  }

  /// Replaces all lines of a file that begin with spaces and `field:`.
  package func replace(_ field: String, in name: String, with replacement: String) throws {
    let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false)
    let isField = { (line: Substring) in line.drop { $0 == " " }.hasPrefix("\(field):") }
    try #require(lines.contains(where: isField))
    try write(lines.map { isField($0) ? "    \(replacement)" : String($0) }.joined(separator: "\n"), to: name)
  }

  /// What is embedded in a kubeconfig's field.
  package func embedded(_ field: String, in name: String) throws -> String {
    let line = try #require(try text(name).split(separator: "\n").first { $0.contains("\(field): ") })
    let data = try #require(Data(base64Encoded: String(line.split(separator: " ")[1])))
    return String(decoding: data, as: UTF8.self)
  }

  /// The report of the tree as it is now, so long after it was made.
  package func report(after seconds: Double = 0, margin: ExpiryMargin? = nil) -> ExpirationReport {
    ExpirationReport(
      of: TreeContents(reading: location, catalog: Self.catalog), catalog: Self.catalog,
      at: Self.instant.addingTimeInterval(seconds), margin: margin)
  }
}
