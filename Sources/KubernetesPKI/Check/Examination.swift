public import FoundationEssentials
package import OpenSSLX509

/// Looks at the files of a tree and says what is wrong with them for this cluster, at this instant.
///
/// Before a file is kept, and when a tree is audited, it is this that judges it.
public struct Examination: Sendable {
  /// What the tree should hold.
  public let catalog: Catalog
  /// What it holds.
  public let tree: TreeContents
  /// The cluster that it is for; what is not known of it is not asked for.
  public let cluster: ClusterConfiguration
  /// The instant at which certificates must be in force.
  public let instant: Date
  /// How long before its end a certificate is said to end soon; `nil` when nobody wants to know.
  public let expiryMargin: Lifetime?

  package var location: TreeLocation { tree.location }

  /// An examination of `tree`.
  public init(
    catalog: Catalog, tree: TreeContents, cluster: ClusterConfiguration, instant: Date,
    expiryMargin: Lifetime? = nil
  ) {
    self.catalog = catalog
    self.tree = tree
    self.cluster = cluster
    self.instant = instant
    self.expiryMargin = expiryMargin
  }

  /// Whether the tree is not expected to hold the certificates of an etcd member.
  package var isEtcdExternal: Bool { catalog[CertificateProfile.ID.etcdServer] == nil }

  /// The authority's certificate that is in the tree and can be read.
  package func authority(_ id: CertificateProfile.ID) -> Certificate? { tree.certificates[id]?.value?.first }

  /// What is wrong with a certificate that is there, and its key.
  public func findings(_ profile: CertificateProfile) -> [Finding] {
    ownFindings(profile) + (leaf(profile).map(issuerFindings) ?? [])
  }

  /// What is wrong with a certificate and its key, whoever signed it.
  package func ownFindings(_ profile: CertificateProfile) -> [Finding] {
    let certificate = tree.certificates[profile.id] ?? .absent
    let key = tree.keys[profile.id] ?? .absent
    let path = location.certificate(profile)
    let keyPath = location.key(profile)
    var findings = [certificate.finding, key.finding].compactMap(\.self)
    guard let first = certificate.value?.first else {
      if !findings.isEmpty { return findings }
      if key.isAbsent { return [absence(of: profile)] }
      return [awaiting(profile) ?? certificateMissing(path, keyPath)]
    }
    if key.isAbsent, profile.role != .authority { findings.append(keyMissing(path, keyPath)) }
    if let key = key.value {
      findings += pairFindings(first, path, key, keyPath, remedy: replaceRemedy(profile))
    }
    if let leaf = leaf(profile) {
      findings += contentFindings(leaf) + nameFindings(leaf, profile)
    } else {
      findings +=
        validityFindings(first, path, remedy: renewRemedy(profile)) + authorityFindings(first, path)
        + strengthFindings(first, path, remedy: renewRemedy(profile))
    }
    // A key of a kind that cannot be read is the certificate's too.
    return key.finding == nil ? findings : findings.filter { $0.code != .unsupportedKey }
  }

  /// What is wrong with the pair that service-account tokens are signed with, where the private key is there.
  public func serviceAccountFindings() -> [Finding] {
    let unusable = [tree.serviceAccountPrivateKey.finding, tree.serviceAccountPublicKeys.finding].compactMap(
      \.self)
    guard unusable.isEmpty else { return unusable }
    let (path, publicPath) = (location.serviceAccountPrivateKey, location.serviceAccountPublicKey)
    switch (tree.serviceAccountPrivateKey.value, tree.serviceAccountPublicKeys.value) {
    case (nil, nil): return [missing(path, "run pkigen phase cert sa\(location.commandOptions)")]
    case (nil, .some):
      return [
        Finding(
          .keyMissing, [path, publicPath], "\(publicPath) is there, but its private key \(path) is not",
          remedy:
            "put back \(path); or move \(publicPath) away for a new pair, which makes every token invalid"
        )
      ]
    case (.some, nil): return [missing(publicPath, "run pkigen phase cert sa\(location.commandOptions)")]
    case (let key?, let publicKeys?):
      // Further keys verify tokens that were signed before a rotation.
      guard !publicKeys.contains(where: { (try? key.isPair(of: $0)) == true }) else {
        return strengthFindings(key, path)
      }
      return [
        Finding(
          .serviceAccountKeyMismatch, [publicPath, path], "\(publicPath) is not the public key of \(path)",
          remedy:
            "move \(publicPath) away, then run pkigen phase cert sa\(location.commandOptions) to derive it again"
        )
      ]
    }
  }
}

extension Examination {
  package func missing(_ path: String, _ command: String) -> Finding {
    Finding(.missingFile, [path], "\(path) is missing", remedy: command)
  }

  /// A certificate is missing, and its key too.
  package func absence(of profile: CertificateProfile) -> Finding {
    let command = profile.authority.map(tree.isElsewhere) == true ? "csr create" : "phase cert"
    return missing(
      location.certificate(profile), "run pkigen \(command) \(profile.id.rawValue)\(location.commandOptions)")
  }

  /// A kubeconfig is missing.
  package func absence(of profile: KubeconfigProfile) -> Finding {
    let command = tree.isElsewhere(profile.authority) ? "csr create" : "phase kubeconfig"
    return missing(
      location.kubeconfig(profile), "run pkigen \(command) \(profile.id.rawValue)\(location.commandOptions)")
  }

  package func replaceRemedy(_ profile: CertificateProfile) -> String {
    "move \(location.certificate(profile)) and \(location.key(profile)) away, then run"
      + " pkigen phase cert \(profile.id.rawValue)\(location.commandOptions) with the cluster's options"
  }

  package func renewRemedy(_ profile: CertificateProfile) -> String {
    profile.role == .authority
      ? "an authority is never renewed in place: nothing that trusts the old one would trust the new one"
      : "run pkigen renew \(profile.id.rawValue)\(location.commandOptions)"
  }

  private func certificateMissing(_ path: String, _ keyPath: String) -> Finding {
    Finding(
      .certificateMissing, [path, keyPath], "\(keyPath) is there, but its certificate \(path) is not",
      remedy: "put back \(path), or move \(keyPath) away for a new pair")
  }

  package func keyMissing(_ path: String, _ keyPath: String) -> Finding {
    Finding(
      .keyMissing, [keyPath, path], "\(path) is there, but its private key \(keyPath) is not",
      remedy: "put back \(keyPath), or move \(path) away for a new pair")
  }
}
