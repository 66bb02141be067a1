public import FoundationEssentials
public import KubernetesPKI
internal import OpenSSLX509

/// A set of fixtures, made in memory.
public struct FixtureSet: Sendable {
  /// The files, sorted by path, the manifest last.
  public let files: [FixtureFile]
  /// What they are.
  public let manifest: FixtureManifest

  /// Whether the keys come from a seed, so that anyone who knows it can make them.
  public var isSeeded: Bool { manifest.seed != nil }

  /// The name of the file that warns of the keys.
  static let warningName = "INSECURE-TEST-KEYS.md"
  /// The name of the copy of the specification.
  static let specificationName = "specification.yaml"

  /// Makes what a specification says.
  ///
  /// - Parameters:
  ///   - seed: what keys, serial numbers and signatures are made of; `nil` for fresh ones.
  ///   - instant: the instant from which lifetimes count; fractions of a second do not matter.
  ///   - jobs: how many keys are made at once; it changes nothing in the files.
  /// - Throws: ``PKIErrors`` when OpenSSL refuses something.
  public init(
    _ specification: FixtureSpecification, seed: String?, at instant: Date, jobs: Int
  ) throws(PKIErrors) {
    let instant = Date(timeIntervalSince1970: instant.timeIntervalSince1970.rounded(.down))
    let random = FixtureRandom(seed: seed)
    var clusters: [MadeCluster] = []
    for cluster in specification.clusters {
      clusters.append(try MadeCluster(cluster, random: random, at: instant, jobs: jobs))
    }
    let items = try MadeItems(
      specification, clusters: clusters, random: random, at: instant, jobs: jobs)
    let scenes = specification.faults.compactMap { fault in
      clusters.first { $0.specification.name == fault.cluster }.map {
        DefectScene(fault: fault, cluster: $0, random: random, instant: instant)
      }
    }
    do throws(OpenSSLError) {
      let defects = try Parallel.map(scenes, jobs: jobs) { (scene) throws(OpenSSLError) in
        try scene.files()
      }
      let files =
        clusters.flatMap { $0.fixtures() } + items.files + defects.flatMap(\.self)
        + Self.documents(specification, isSeeded: seed != nil)
      manifest = try FixtureManifest(
        files, faults: scenes.map(FixtureManifest.Fault.init), seed: seed, at: instant)
      self.files =
        files.sorted { $0.path < $1.path } + [
          FixtureFile(
            .document, at: FixtureManifest.fileName, manifest.encoded(), purpose: "what the files are")
        ]
    } catch {
      throw PKIErrors([.cryptography(subject: "the fixtures", reason: error.description)])
    }
  }

  private static func documents(
    _ specification: FixtureSpecification, isSeeded: Bool
  ) -> [FixtureFile] {
    let copy = FixtureFile(
      .document, at: specificationName, SecretBytes(specification.text.utf8),
      purpose: "the specification of the set")
    guard isSeeded else { return [copy] }
    let directories = [""] + specification.clusters.map { MadeCluster.directory($0.name) + "/" }
    return [copy]
      + directories.map {
        FixtureFile(
          .document, at: $0 + warningName, SecretBytes(warning.utf8), purpose: "a warning of the keys")
      }
  }

  private static let warning = """
    # These keys are public

    `pkigen fixtures` made all private keys here of a seed. Anyone who knows the seed, which is in `manifest.json`
    or in a repository, has the keys too. They are for tests.

    Never let a cluster, a server or a person trust a CA of this directory.

    """
}

extension FixtureManifest.Fault {
  fileprivate init(_ scene: DefectScene) {
    let defect = scene.fault.defect
    self.init(
      name: defect.name, summary: defect.summary, path: "\(scene.directory)/\(defect.path)",
      cluster: MadeCluster.directory(scene.fault.cluster), directory: scene.directory,
      verdicts: defect.verdicts)
  }
}
