package import FoundationEssentials
package import OpenSSLX509

/// What a run is going to do, decided before anything is made: ordered steps.
///
/// A plan is made from values alone. ``Issuer`` carries it out, ``TreeWriter`` writes the result to the disk.
public struct Plan: Sendable {
  /// Something that has files in a tree, or above it.
  package enum Item: Sendable {
    /// The root CA above the tree.
    case root(RootCA)
    /// The certificates that lead from a CA to the root CA.
    case rootChain(CatalogEntry)
    /// A certificate and its key.
    case entry(CatalogEntry)
    /// The key pair of service-account tokens.
    case serviceAccountKey
  }

  /// What happens to an item.
  package enum Step: Sendable {
    /// It is there, was checked, and stays.
    case keep(Item)
    /// It waits for a certificate that an external CA has to sign.
    case wait(CatalogEntry)
    /// The root CA is made, with a new key.
    case createRoot(RootCA, CertificateSpecification)
    /// The certificates that lead from a CA to the root CA are written to a file.
    case writeRootChain(CatalogEntry)
    /// A certificate is made, with a new key.
    case create(CatalogEntry, CertificateSpecification)
    /// A CSR for a certificate is made.
    case request(CatalogEntry, PlannedCSR)
    /// A certificate that an external CA has signed is put in its place.
    case install(CatalogEntry, Installation)
    /// A certificate is replaced by its successor.
    case replace(CatalogEntry, Replacement)
    /// The files of a CA are brought to a stage of its rotation.
    case rotate(CatalogEntry, CARotation)
    /// A certificate stays, and what follows it, or what its kubeconfig trusts, changes with a rotation.
    case adjust(CatalogEntry, Adjustment)
    /// The files of the key of service-account tokens are brought to a stage of its rotation.
    case rotateServiceAccountKey(ServiceAccountRotation)
    /// The key pair of service-account tokens is made.
    case createServiceAccountKey(KeyAlgorithm)
    /// The public key of service-account tokens is derived from the private key that is there.
    case derivePublicKey

    /// What the step is about.
    package var item: Item {
      switch self {
      case .keep(let item): item
      case .createRoot(let root, _): .root(root)
      case .writeRootChain(let entry): .rootChain(entry)
      case .wait(let entry), .create(let entry, _), .request(let entry, _), .install(let entry, _),
        .replace(let entry, _), .rotate(let entry, _), .adjust(let entry, _):
        .entry(entry)
      case .rotateServiceAccountKey, .createServiceAccountKey, .derivePublicKey: .serviceAccountKey
      }
    }

    /// The certificate or the kubeconfig that the step is about, where it is one.
    package var entry: CatalogEntry? {
      switch item {
      case .entry(let entry): entry
      case .root, .rootChain, .serviceAccountKey: nil
      }
    }

    /// kubeadm's name of what the step is about.
    package var name: String {
      switch item {
      case .root: RootCA.itemName
      case .rootChain(let entry): "\(entry.name)-bundle"
      case .entry(let entry): entry.name
      case .serviceAccountKey: Catalog.serviceAccountKey
      }
    }

    /// The kind of key that has to be made.
    package var newKeyAlgorithm: KeyAlgorithm? {
      switch self {
      case .keep, .wait, .writeRootChain, .install, .adjust, .derivePublicKey: nil
      case .createRoot(_, let specification), .create(_, let specification):
        specification.content.key.newAlgorithm
      case .request(_, let csr): csr.content.key.newAlgorithm
      case .replace(_, let replacement): replacement.specification.content.key.newAlgorithm
      case .rotate(_, let rotation): rotation.newKeyAlgorithm
      case .rotateServiceAccountKey(let rotation): rotation.newKeyAlgorithm
      case .createServiceAccountKey(let algorithm): algorithm
      }
    }

    /// Whether the step writes anything.
    package var changesSomething: Bool {
      switch self {
      case .keep, .wait: false
      case .request(_, let csr): csr.place != .same
      case .createRoot, .writeRootChain, .create, .install, .replace, .rotate, .adjust,
        .rotateServiceAccountKey, .createServiceAccountKey, .derivePublicKey:
        true
      }
    }
  }

  /// The steps, CAs before what they sign.
  package let steps: [Step]
  /// What the user should know although it stops nothing.
  public let warnings: [String]
  /// What could not be done of what was asked for, and why.
  public let refusals: [Finding]
  /// SANs that stay although the node or its load balancer has other names now.
  package internal(set) var formerNames: [FormerName] = []
  /// What was valid for longer than its successor, where no lifetime was asked for; the longest first.
  public internal(set) var shortenedLifetimes: [ShortenedLifetime] = []
  /// What is there already.
  package let tree: TreeContents
  /// The root CA above the tree, where one was named.
  package let root: RootCA?
  /// What all of it is for.
  package let cluster: ClusterConfiguration
  /// The instant of the run.
  package let instant: Date

  package init(
    steps: [Step], warnings: [String] = [], refusals: [Finding] = [], root: RootCA? = nil,
    _ examination: Examination
  ) {
    self.steps = steps
    self.warnings = warnings
    self.refusals = refusals
    self.root = root
    tree = examination.tree
    cluster = examination.cluster
    instant = examination.instant
  }

  /// Whether the run would write anything.
  public var changesSomething: Bool { steps.contains(where: \.changesSomething) }

  /// How many keys the run makes.
  public var newKeyCount: Int { steps.count { $0.newKeyAlgorithm != nil } }

  /// Whether kubeconfigs are part of it.
  package var hasKubeconfigs: Bool { steps.contains { $0.entry?.isKubeconfig == true } }
}

extension Plan {
  /// What an external CA has to sign.
  package struct Outstanding: Sendable {
    /// The CA.
    package let ca: CatalogEntry
    /// kubeadm's names of the certificates and kubeconfigs.
    package fileprivate(set) var names: [String] = []
    /// Where the CSRs are, or will be.
    package fileprivate(set) var csrPaths: [String] = []
    /// Whether some of them are not made yet.
    package fileprivate(set) var lacksCSRs = false
  }

  /// What commands for the same tree and cluster say.
  package func context(of catalog: Catalog) -> TreeContext { TreeContext(tree, catalog, cluster) }

  /// What waits for certificates, by CA.
  ///
  /// - Parameter catalog: the one of the plan.
  package func outstanding(of catalog: Catalog) -> [Outstanding] {
    var all: [Outstanding] = []
    for (entry, isRequested) in steps.compactMap(waiting) {
      guard let ca = entry.ca.flatMap({ catalog[$0] }) else { continue }
      let index = all.firstIndex { $0.ca.id == ca.id } ?? all.endIndex
      if index == all.endIndex { all.append(Outstanding(ca: ca)) }
      all[index].names.append(entry.name)
      all[index].csrPaths.append(tree.location.path(of: entry, .request))
      if !isRequested { all[index].lacksCSRs = true }
    }
    return all
  }

  /// The entry of a step that waits for a certificate, and whether there is a CSR for it.
  private func waiting(_ step: Step) -> (entry: CatalogEntry, isRequested: Bool)? {
    switch step {
    case .request(let entry, _): (entry, true)
    case .wait(let entry): (entry, tree.hasCSR(for: entry))
    case .keep, .createRoot, .writeRootChain, .create, .install, .replace, .rotate, .adjust,
      .rotateServiceAccountKey, .createServiceAccountKey, .derivePublicKey:
      nil
    }
  }
}
