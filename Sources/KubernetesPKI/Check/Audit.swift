internal import FileStore
public import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// Checks a whole tree: every file, what the files have to do with each other, and the trees of other nodes.
///
/// One cause is one finding: that a CA is missing, not that each certificate lacks its CA.
public struct Audit: Sendable {
  /// The identities that the tree should carry; `nil` for those that fit it best.
  package var catalog: Catalog?
  /// The style of which the identities are, where ``catalog`` does not say which; `nil` for the one that fits best.
  public var style: NamingStyle?
  /// The cluster that the tree is for; what is not known of it is not checked.
  public var cluster: ClusterConfiguration
  /// How long before it expires a certificate gets a warning.
  public var expiryMargin = Lifetime.days(30)
  /// The trees of other control-plane nodes of the cluster.
  public var peers: [TreeLocation] = []
  /// What the machine is whose tree it is; `nil` for what its files show.
  public var role: NodeRole?
  /// The files that the arguments of static pods name.
  package var fileUses: [FileUse] = []
  /// What the manifests of static pods say, and what is wrong with them.
  package var manifestFindings: [Finding] = []
  /// The user who should own the private keys.
  public var owner: UInt32

  /// An audit for a cluster; `owner` should own the private keys.
  public init(for cluster: ClusterConfiguration, owner: UInt32) {
    self.cluster = cluster
    self.owner = owner
  }

  /// All findings of a tree, the worst first.
  ///
  /// - Throws: ``PKIErrors`` when a peer is not the tree of another node.
  public func findings(of location: TreeLocation, at instant: Date) throws(PKIErrors) -> [Finding] {
    let peers = try location.peers(peers)
    var cluster = cluster
    cluster.externalEtcd = cluster.externalEtcd?.placed(at: location)
    var tree = TreeContents(
      reading: location, catalog: .allFiles, externalEtcd: cluster.externalEtcd)
    tree.statedRole = role
    let known = catalog == nil ? KnownStyle.nearest(to: tree, cluster, of: style) : nil
    let all = catalog ?? known?.catalog ?? (style == .kubeadm ? .allFiles : .documented)
    let examination = Examination(
      catalog: (cluster.externalEtcd == nil ? all : all.withoutEtcd).expected(in: tree), tree: tree,
      cluster: cluster, instant: instant,
      expiryMargin: expiryMargin)
    guard !examination.isEmpty else { return [examination.nothingThere] }
    var findings =
      examination.itemFindings() + examination.timeFindings() + examination.expiredTrustFindings()
      + examination.externalEtcdFindings()
    let unreadable = findings.filter { $0.code == .unreadableFile }.flatMap(\.files)
    findings +=
      examination.caRelationFindings() + examination.serverNameFindings()
      + examination.fileFindings(owner: owner, unreadable: Set(unreadable))
      + examination.skippedBlockFindings() + examination.leftoverFindings()
      + examination.testKeyFindings()
    findings += manifestFindings + outsideFindings(of: location)
    findings += ManifestCheck(fileUses, in: examination).findings(beside: findings)
    findings += examination.kubeletFindings(fileUses)
    findings += examination.peerFindings(peers)
    findings +=
      tree.outsideFindings.filter { $0.files.isEmpty } + examination.facts() + examination.backupFindings()
    findings += [tree.roleFinding].compactMap(\.self)
    findings = examination.withoutConsequences(findings)
    if let known { findings.append(known.finding) }
    return Finding.merged(findings)
  }

  /// That files of an external etcd are not here; of those that manifests name, the check of these says so.
  private func outsideFindings(of location: TreeLocation) -> [Finding] {
    let paths = (cluster.externalEtcd?.outside(of: location) ?? []).filter { path in
      !fileUses.contains { $0.hostPath == path }
    }
    guard !paths.isEmpty else { return [] }
    return [
      Finding(
        .outsideTree, [],
        "\(paths.listed), the external etcd's, \(paths.count == 1 ? "is" : "are") outside of the tree: not read",
        .nameRootDirectory)
    ]
  }
}

extension Catalog {
  /// The catalog without what a tree need not hold and does not hold.
  fileprivate func expected(in tree: TreeContents) -> Catalog {
    tree.concerned(held(at: tree.location)).filter {
      tree.shouldHold($0) || !tree[$0.id].isAbsent || !tree[$0.id].kubeconfig.isAbsent
    }
  }
}

extension Finding {
  /// The findings without repetitions, the worst first, and those of one severity in their order; all files that a missing
  /// permission keeps from being read are one finding.
  package static func merged(_ findings: [Finding]) -> [Finding] {
    let forbidden = findings.filter { $0.code == .unreadableFile && $0.cause?.isPermission == true }
    var seen: Set<Finding> = []
    var merged = findings.filter { !forbidden.contains($0) && seen.insert($0).inserted }
    if let first = forbidden.first {
      var files: [String] = []
      for file in forbidden.flatMap(\.files) where !files.contains(file) { files.append(file) }
      merged.insert(
        Finding(
          .unreadableFile, files, "\(files.listed) cannot be read: \(first.cause?.description ?? "")",
          .runAsOwner, cause: first.cause), at: 0)
    }
    return Severity.allCases.sorted(by: >).flatMap { severity in merged.filter { $0.severity == severity } }
  }
}
