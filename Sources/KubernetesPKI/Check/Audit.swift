internal import FileStore
public import FoundationEssentials
internal import Kubeconfigs
internal import OpenSSLX509
internal import StructuredText

/// Looks at a whole tree: at every file for itself, at what the files have to do with each other, and at the trees of
/// other nodes.
///
/// One cause is told once: of an authority that is missing, not of everything that it signed.
public struct Audit: Sendable {
  /// The identities that the tree should carry; `nil` for those that fit it best.
  public var catalog: Catalog?
  /// The cluster that the tree is for; what is not known of it is not asked for.
  public var cluster: ClusterConfiguration
  /// How long before its end a certificate is said to end soon.
  public var expiryMargin = Lifetime.days(30)
  /// The trees of other control-plane nodes of the cluster.
  public var peers: [TreeLocation] = []
  /// The user who should own the private keys.
  public var owner: UInt32

  /// An audit for a cluster, in the name of a user.
  public init(for cluster: ClusterConfiguration, owner: UInt32) {
    self.cluster = cluster
    self.owner = owner
  }

  /// Everything that there is to say of a tree, the worst first.
  ///
  /// - Throws: ``PKIErrors`` when a peer is no other tree.
  public func findings(of location: TreeLocation, at instant: Date) throws(PKIErrors) -> [Finding] {
    try checkPeers(of: location)
    let tree = TreeContents(
      reading: location, catalog: .allFiles, externalEtcd: cluster.externalEtcd)
    let style = catalog == nil ? KnownStyle.nearest(to: tree, cluster) : nil
    let all = catalog ?? style?.catalog ?? .documented
    let examination = Examination(
      catalog: (cluster.externalEtcd == nil ? all : all.withoutEtcd).expected(in: tree), tree: tree,
      cluster: cluster, instant: instant,
      expiryMargin: expiryMargin)
    guard !examination.isEmpty else { return [examination.nothingThere] }
    var findings = examination.itemFindings() + examination.externalEtcdFindings()
    let unreadable = findings.filter { $0.code == .unreadableFile }.flatMap(\.files)
    findings +=
      examination.authorityRelationFindings() + examination.serverNameFindings()
      + examination.fileFindings(owner: owner, unreadable: Set(unreadable)) + examination.leftoverFindings()
      + examination.testKeyFindings()
    for peer in peers {
      findings += examination.peerFindings(TreeContents(reading: peer, catalog: .allFiles))
    }
    findings += examination.facts()
    if let style {
      findings = findings.map { examination.tolerating($0, in: style) } + [style.finding]
    }
    return Finding.merged(findings)
  }

  private func checkPeers(of location: TreeLocation) throws(PKIErrors) {
    var errors: [PKIError] = []
    for peer in peers {
      let problem: String?
      do throws(PKIError) {
        if try files(FileSystem.status(peer.certificateDirectory, followingLinks: true))?.isDirectory != true
        {
          problem = "not the directory of a tree: there is no pki in it"
        } else {
          problem =
            try files(FileSystem.isSame(peer.certificateDirectory, location.certificateDirectory))
            ? "the tree itself; a peer is the tree of another node" : nil
        }
      } catch {
        errors.append(error)
        continue
      }
      if let problem {
        errors.append(
          .invalidSetting(.option("--peer"), value: peer.kubeconfigDirectory, problem: problem, hint: nil))
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }
}

extension Catalog {
  /// The catalog without what a tree need not hold and does not hold.
  fileprivate func expected(in tree: TreeContents) -> Catalog {
    Catalog(
      certificates: certificates.filter { row in
        tree.shouldHold(row) || tree.certificates[row.id]?.isAbsent == false
          || tree.keys[row.id]?.isAbsent == false
      },
      kubeconfigs: kubeconfigs.filter { tree.shouldHold($0) || tree.kubeconfigs[$0.id]?.isAbsent == false })
  }
}

extension Finding {
  /// The findings without repetitions, the worst first, and of those as bad in their order; what one lack of a permission
  /// keeps from being read is one finding.
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
          remedy: "run the command as the owner of the tree, or with sudo", cause: first.cause), at: 0)
    }
    return Severity.allCases.sorted(by: >).flatMap { severity in merged.filter { $0.severity == severity } }
  }
}
