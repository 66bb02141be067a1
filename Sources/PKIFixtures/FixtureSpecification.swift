public import FoundationEssentials
internal import KubernetesPKI
internal import OpenSSLX509

/// What a set of fixtures consists of: read from YAML, and checked.
public struct FixtureSpecification: Sendable {
  /// A cluster with a whole tree.
  struct Cluster: Sendable {
    let name: String
    let configuration: ClusterConfiguration
    /// How far its CAs and its key of service-account tokens are rotated.
    let stages: FixtureStages
    /// What its tree consists of.
    var catalog: Catalog { configuration.catalog }
  }

  /// What CAs, leaves, requests and users have in common.
  struct Identity: Sendable {
    let name: String
    let commonName: String
    let organizations: [String]
    let names: [GeneralName]
    let purposes: [ExtendedKeyUsage.Purpose]
    let keyAlgorithm: KeyAlgorithm
    let lifetime: Lifetime
  }

  /// A CA beside those of the clusters.
  struct CA: Sendable {
    let identity: Identity
    let pathLength: Int?
    /// The CA above it; `nil` for one that signs itself.
    let signer: String?
  }

  /// A certificate of any CA.
  struct Leaf: Sendable {
    let identity: Identity
    let ca: String
  }

  /// Someone's kubeconfig.
  struct User: Sendable {
    let identity: Identity
    let cluster: String
  }

  /// Something wrong that is wanted.
  struct Fault: Sendable {
    let defect: Defect
    let cluster: String
    /// The end of the validity, for the defect that has one.
    let end: Date?
  }

  /// What keys, serial numbers and signatures are made of; `nil` for fresh ones.
  public internal(set) var seed: String?
  /// The instant from which lifetimes count; `nil` for that of the run.
  public internal(set) var time: Date?
  var clusters: [Cluster] = []
  var cas: [CA] = []
  var leaves: [Leaf] = []
  var requests: [Identity] = []
  var users: [User] = []
  var faults: [Fault] = []
  /// The text that it was read from.
  let text: String

  /// The specification that is used where none is named: one good cluster, every defect.
  public static let builtIn = """
    # One good cluster, and every defect. See docs/fixtures.md.
    clusters:
      good:
        node-name: cp1
        advertise-ip: 10.0.0.10
        key-algorithm: ecdsa-p256
    defects: all

    """
}
