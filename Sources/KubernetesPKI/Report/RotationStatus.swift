internal import Kubeconfigs
internal import FileStore
package import FoundationEssentials
internal import OpenSSLX509

/// Where the rotations of a tree stand, and which of its certificates lag behind.
package struct RotationStatus: Sendable, Encodable {
  /// The rotation of one CA, or of the key of service-account tokens.
  package struct Entry: Sendable, Encodable {
    /// kubeadm's name: `ca`, `etcd-ca`, `front-proxy-ca` or `sa`.
    package let name: String
    /// The stage; in a document its name: `idle`, `prepared`, `switched`, `keyless` or `irregular`.
    package let stage: RotationStage
    /// What is trusted, in the order of the file.
    package let trusted: [Trusted]
    /// The files of this tree that do not fit the stage: certificates of a predecessor after the switch, and kubeconfigs that
    /// trust something else than the CA's file.
    package let laggards: [String]
    /// kubeconfigs whose certificate is in a file that is not part of the tree, and was not looked at.
    package let unseen: [String]
    /// What is wrong with the files of the rotation.
    package var problem: String? { finding?.message }
    /// The same, with what can be done about it.
    package let finding: Finding?
    /// What makes again what is lost of the stage: `prepare`, `switch` or `retire`.
    package let repair: String?
    /// The furthest of the other nodes, where this one is behind it.
    package fileprivate(set) var behind: Lead?

    private enum CodingKeys: String, CodingKey {
      case name, stage, trusted, laggards, unseen, problem, repair, behind
    }

    /// Writes what a document has of it.
    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(stage, forKey: .stage)
      try container.encode(trusted, forKey: .trusted)
      try container.encode(laggards, forKey: .laggards)
      try container.encode(unseen, forKey: .unseen)
      try container.encodeIfPresent(problem, forKey: .problem)
      try container.encodeIfPresent(repair, forKey: .repair)
      try container.encodeIfPresent(behind, forKey: .behind)
    }
  }

  /// A node that is further than another.
  package struct Lead: Sendable, Encodable {
    /// The directory of its certificates.
    package let certificateDirectory: String
    /// What the node that is behind has to do next: `prepare`, `switch`, `retire`, or `back` where it has another successor,
    /// or a CA's file from before the way back.
    package let next: String
    /// The files of this one that have to be copied there first, relative to the directory of the certificates.
    package let copy: [String]
  }

  /// A certificate of a CA, or a public key.
  package struct Trusted: Sendable, Encodable {
    /// What it does: `signs`, `next`, `previous`, or `trusted` where its key is not here.
    package let role: String
    /// The subject of a certificate; for a public key, the SHA-256 of its SubjectPublicKeyInfo in hexadecimal.
    package let name: String
    /// When a certificate expires, RFC 3339.
    package let notAfter: String?
  }

  /// The directory of the certificates.
  package let certificateDirectory: String
  /// The CAs that are there, and `sa`.
  package private(set) var rotations: [Entry]

  /// The stages of the trees of several nodes, and which of them are behind others.
  ///
  /// - Parameters:
  ///   - catalog: what a tree may hold; the trees were read with it.
  ///   - instant: the time of the run.
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a public key cannot be encoded.
  package static func all(
    of trees: [TreeContents], catalog: Catalog, at instant: Date
  ) throws(PKIError) -> [RotationStatus] {
    var statuses: [RotationStatus] = []
    for tree in trees { statuses.append(try RotationStatus(of: tree, catalog: catalog, at: instant)) }
    for ca in catalog.cas.map(Optional.some) + [nil] {
      let (progress, name) = (RotationProgress(ca, in: trees), ca?.name ?? Catalog.serviceAccountKey)
      for index in statuses.indices {
        guard let entry = statuses[index].rotations.firstIndex(where: { $0.name == name }),
          let (leader, verb, copies) = progress.lead(over: index)
        else { continue }
        statuses[index].rotations[entry].behind = Lead(
          certificateDirectory: statuses[leader].certificateDirectory, next: verb.rawValue, copy: copies)
      }
    }
    return statuses
  }

  /// The stages of a tree.
  ///
  /// - Parameters:
  ///   - catalog: what a tree may hold; `tree` was read with it.
  ///   - instant: the time of the run.
  /// - Throws: ``PKIError/cryptography(subject:reason:)`` when a public key cannot be encoded.
  package init(of tree: TreeContents, catalog: Catalog, at instant: Date) throws(PKIError) {
    certificateDirectory = tree.location.certificateDirectory
    let examination = Examination(
      catalog: catalog, tree: tree, cluster: ClusterConfiguration.unknown, instant: instant)
    var entries: [Entry] = []
    for ca in catalog.cas where tree.stage(of: ca) != .absent {
      entries.append(Self.entry(ca, tree, examination))
    }
    if tree.serviceAccountStage != .absent {
      do throws(OpenSSLError) {
        entries.append(try Self.serviceAccountEntry(tree, examination))
      } catch {
        throw .cryptography(subject: Catalog.serviceAccountKey, reason: error.description)
      }
    }
    rotations = entries
  }

  private static func entry(
    _ ca: CatalogEntry, _ tree: TreeContents, _ examination: Examination
  ) -> Entry {
    let catalog = examination.catalog
    let lost = [examination.crossFinding(ca), examination.signingFinding(ca)].compactMap(\.self).first
    let (stage, keys) = (tree.stage(of: ca), tree.keys(of: ca.id))
    let trusted = (tree.ca(ca.id)?.accepted ?? []).map { certificate in
      Trusted(
        role: keys?.role(of: certificate.publicKey) ?? "trusted", name: certificate.subject.description,
        notAfter: certificate.validity.notAfter.rfc3339)
    }
    return Entry(
      name: ca.name, stage: stage, trusted: trusted, laggards: laggards(of: ca, tree, catalog),
      unseen: unseen(of: ca, tree, catalog),
      finding: finding(stage).map(examination.located) ?? examination.successionKeyFinding(ca) ?? lost,
      repair: lost.flatMap { _ in stage.verb?.rawValue })
  }

  private static func laggards(
    of ca: CatalogEntry, _ tree: TreeContents, _ catalog: Catalog
  ) -> [String] {
    guard let authority = tree.ca(ca.id) else { return [] }
    return catalog.entries.filter { entry in
      guard entry.ca == ca.id, let leaf = tree[entry.id].certificate else { return false }
      let client = entry.isKubeconfig ? tree.kubeconfigClient(at: tree.location.path(of: entry)).value : nil
      return !leaf.isIssued(by: authority.issuing)
        || client?.sourceToTrust(ClientTrust(authority.trust, isExact: true)) != nil
    }.map { tree.location.path(of: $0) }
  }

  private static func unseen(of ca: CatalogEntry, _ tree: TreeContents, _ catalog: Catalog) -> [String] {
    catalog.entries.filter { entry in
      entry.ca == ca.id && tree[entry.id].certificate == nil && tree.outsideFinding(entry) != nil
    }.map { tree.location.path(of: $0) }
  }

  private static func serviceAccountEntry(
    _ tree: TreeContents, _ examination: Examination
  ) throws(OpenSSLError) -> Entry {
    let (stage, keys) = (tree.serviceAccountStage, tree.serviceAccountKeys)
    let trusted = try (tree.serviceAccountPublicKeys.value ?? []).map { (key) throws(OpenSSLError) in
      Trusted(
        role: keys?.role(of: key) ?? "trusted", name: try Digest.sha256(key.der).hexadecimal, notAfter: nil)
    }
    return Entry(
      name: Catalog.serviceAccountKey, stage: stage, trusted: trusted, laggards: [], unseen: [],
      finding: finding(stage).map(examination.located), repair: nil)
  }

  private static func finding(_ stage: RotationStage) -> Finding? {
    if case .irregular(let finding) = stage { finding } else { nil }
  }
}
