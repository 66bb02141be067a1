public import FoundationEssentials
internal import Kubeconfigs
package import OpenSSLX509

/// When the certificates of a tree expire: an entry for each that is there, or that should be.
public struct ExpirationReport: Sendable {
  /// How a certificate stands.
  public enum State: String, Sendable, CaseIterable {
    /// Valid, for long enough.
    case valid
    /// Valid, but not for as long as was asked for.
    case expiring
    /// Expired.
    case expired
    /// Not yet valid.
    case notYetValid = "not-yet-valid"
    /// There is no such file.
    case missing
    /// There is a file, and no certificate can be read from it.
    case unreadable
  }

  /// One certificate.
  public struct Entry: Sendable {
    /// kubeadm's name: `apiserver`, `admin.conf`.
    public let name: String
    /// The certificate's file, or the kubeconfig that embeds it or refers to it.
    public let path: String
    /// The CA that signs it; `nil` for a CA.
    package let ca: String?
    /// The file that a kubeconfig refers to instead of embedding the certificate.
    public fileprivate(set) var referencedPath: String?
    /// How it stands.
    public fileprivate(set) var state = State.valid
    /// What is wrong: with one that is expired, not yet valid, missing or unreadable.
    public fileprivate(set) var finding: Finding?
    /// Whether the key of the CA, for a CA its own key, is somewhere else than in the tree.
    public fileprivate(set) var isExternallyManaged = false
    /// All that was found for it, the certificate itself first.
    fileprivate(set) var contents: [Content] = []
    /// The instant of the report.
    package let instant: Date

    package var certificate: Certificate? { contents.first?.certificates.first }

    /// The last second of the certificate, where there is one.
    public var notAfter: Date? { certificate?.validity.notAfter }

    /// The time to the end of the certificate, where there is one.
    package var residualTime: ResidualTime? { notAfter.map { ResidualTime(from: instant, to: $0) } }

    /// How much of its life the certificate has before it, from 0 to 1.
    public var remainingLife: Double? {
      guard let validity = certificate?.validity else { return nil }
      let life = validity.notAfter.timeIntervalSince(validity.notBefore)
      guard life > 0 else { return 0 }
      return min(max(validity.notAfter.timeIntervalSince(instant) / life, 0), 1)
    }
  }

  /// What one place holds: a file of certificates, or an entry of a kubeconfig.
  package struct Content: Sendable {
    /// An entry of a kubeconfig.
    package enum Kind: String { case cluster, user }

    package let embedding: (kind: Kind, name: String)?
    /// The certificate and what follows it; none where nothing can be read.
    package let certificates: [Certificate]
  }

  /// Leaves and clients of kubeconfigs, sorted by name as kubeadm does.
  public let certificates: [Entry]
  /// The CAs, in the same form.
  public let certificateAuthorities: [Entry]
  /// What a table has no room for: why files cannot be read, what waits for a certificate, or that there is no tree at all.
  public let remarks: [Finding]

  /// What was not looked at, as it is not part of the tree, or not needed on the machine that its files show.
  package let outside: [Finding]

  /// The run that is to replace some of the files, and has ended before it did; its remark is among ``remarks``.
  package let unfinishedRun: UnfinishedRun?

  /// The entries of a tree.
  ///
  /// - Parameters:
  ///   - catalog: which certificates a tree may have; `tree` was read with it.
  ///   - instant: the time of the report.
  ///   - margin: a certificate that ends sooner than this is ``State/expiring``.
  package init(of tree: TreeContents, catalog: Catalog, at instant: Date, margin: Lifetime? = nil) {
    let survey = Survey(
      examination: Examination(
        catalog: catalog, tree: tree, cluster: ClusterConfiguration.unknown, instant: instant),
      margin: margin)
    outside = tree.outsideFindings + [tree.roleFinding].compactMap(\.self)
    let catalog = catalog.held(at: tree.location)
    certificates = catalog.entries.filter { !$0.isCA }.compactMap(survey.entry).sorted { $0.name < $1.name }
    let cas = catalog.cas.compactMap(survey.entry)
    certificateAuthorities = (cas + survey.rootEntries).sorted { $0.name < $1.name }
    let entries = certificates + certificateAuthorities
    unfinishedRun = tree.unfinishedRun
    let unfinished = [unfinishedRun?.finding].compactMap(\.self)
    remarks =
      entries.allSatisfy { $0.state == .missing }
      ? [survey.examination.nothingThere] + unfinished
      : unfinished + entries.filter { $0.state == .unreadable }.compactMap(\.finding)
        + survey.examination.waitingFindings()
  }

  /// The entries of a tree.
  ///
  /// - Parameters:
  ///   - instant: the time of the report.
  ///   - margin: a certificate that expires sooner than this is ``State/expiring``.
  public init(of tree: TreeContents, at instant: Date, margin: Lifetime? = nil) {
    self.init(of: tree, catalog: tree.catalog, at: instant, margin: margin)
  }

  /// All entries, CAs last.
  public var entries: [Entry] { certificates + certificateAuthorities }

  /// Whether each certificate is there and valid, stays so for long enough, and is not about to be replaced by a run that
  /// has ended before its time.
  public var isSound: Bool { unfinishedRun == nil && entries.allSatisfy { $0.state == .valid } }
}

extension ExpirationReport.State {
  /// How a certificate of this validity stands at `instant`.
  package init(_ validity: Validity, at instant: Date, margin: Lifetime? = nil) {
    let rest = validity.notAfter.timeIntervalSince(instant)
    if rest < 0 {
      self = .expired
    } else if instant < validity.notBefore {
      self = .notYetValid
    } else {
      self = margin.map { rest <= Double($0.seconds) } == true ? .expiring : .valid
    }
  }
}

/// Looks at the certificates of a tree, one after the other.
private struct Survey {
  typealias Entry = ExpirationReport.Entry
  typealias Content = ExpirationReport.Content

  let examination: Examination
  let margin: Lifetime?

  private var tree: TreeContents { examination.tree }
  private var location: TreeLocation { examination.tree.location }

  func entry(_ row: CatalogEntry) -> Entry? {
    let contents = tree[row.id]
    let isAbsent = contents.certificates.isAbsent && contents.kubeconfig.isAbsent
    guard !isAbsent || tree.shouldHold(row) else { return nil }
    // Of a certificate outside of the tree, nothing is known.
    if contents.certificates.isAbsent, tree.outsideFinding(row) != nil { return nil }
    var entry = Entry(
      name: row.name, path: location.path(of: row), ca: row.ca?.rawValue, instant: examination.instant)
    entry.contents = self.contents(row)
    entry.isExternallyManaged = tree.isExternal(row.ca ?? row.id)
    entry.referencedPath = contents.kubeconfig.value?.files[.clientCertificate]
    entry.finding =
      contents.certificates.isAbsent
      ? examination.waiting(row) ?? examination.absence(of: row) : contents.certificates.finding
    check(&entry, examination.renewAction(row))
    return entry
  }

  /// What the places of an entry hold.
  private func contents(_ row: CatalogEntry) -> [Content] {
    guard row.isKubeconfig else {
      return [Content(embedding: nil, certificates: tree[row.id].certificates.value ?? [])]
    }
    guard let kubeconfig = tree[row.id].kubeconfig.value else {
      return [Content(embedding: nil, certificates: [])]
    }
    return [
      Content(embedding: (.user, kubeconfig.userName), certificates: kubeconfig.clientCertificates),
      Content(embedding: (.cluster, kubeconfig.clusterName), certificates: kubeconfig.certificateAuthorities),
    ]
  }

  /// The root CAs above the CAs, each once.
  var rootEntries: [Entry] {
    var roots: [Certificate] = []
    return examination.catalog.cas.compactMap { row in
      guard let root = tree.ca(row.id)?.root, !roots.contains(root) else { return nil }
      roots.append(root)
      var entry = Entry(
        name: RootCA.itemName, path: location.path(of: row, .rootChain), ca: nil,
        instant: examination.instant)
      entry.contents = [Content(embedding: nil, certificates: [root])]
      entry.isExternallyManaged = true
      check(&entry, .replaceRoot)
      return entry
    }
  }

  /// Sets the state: by what keeps the certificate from being read, or by its times.
  private func check(_ entry: inout Entry, _ action: Remedy.Action) {
    if let finding = entry.finding {
      entry.state = [.missingFile, .awaitingCertificate].contains(finding.code) ? .missing : .unreadable
    } else if let certificate = entry.certificate {
      entry.finding = examination.validityFindings(certificate, entry.path, action).first
      entry.state = ExpirationReport.State(certificate.validity, at: examination.instant, margin: margin)
    }
  }
}
