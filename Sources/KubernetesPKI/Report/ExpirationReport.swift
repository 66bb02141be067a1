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
    public internal(set) var referencedPath: String?
    /// How it stands.
    public internal(set) var state = State.valid
    /// What is wrong: with one that is expired, not yet valid, missing or unreadable.
    public internal(set) var finding: Finding?
    /// Whether the key of the CA, for a CA its own key, is somewhere else than in the tree.
    public internal(set) var isExternallyManaged = false
    /// What the certificate does, where it is a CA's.
    package internal(set) var role: CertificateRole?
    /// The certificates that belong to it besides: others of a bundle, the cross certificate, intermediates.
    package internal(set) var others: [OtherCertificate] = []
    /// All that was found for it, the certificate itself first.
    var contents: [Content] = []
    /// The instant of the report.
    package let instant: Date

    package var certificate: Certificate? { contents.first?.certificates.first }

    /// The last second of the certificate, where there is one.
    public var notAfter: Date? { certificate?.validity.notAfter }

    /// The time to the end of the certificate, where there is one.
    package var residualTime: ResidualTime? { notAfter.map { ResidualTime(from: instant, to: $0) } }

    /// How much of its life the certificate has before it, from 0 to 1.
    public var remainingLife: Double? { certificate.map { $0.validity.remainingLife(at: instant) } }

    /// Whether it ends before another; what cannot be read is as good as ended.
    package func endsBefore(_ other: Entry) -> Bool {
      (notAfter ?? .distantPast) < (other.notAfter ?? .distantPast)
    }

    /// Whether the certificate, and all without which it is not accepted, are valid for long enough.
    var isSound: Bool { state == .valid && others.allSatisfy { !$0.isNeeded || $0.state == .valid } }
  }

  /// What a certificate does beside another.
  package enum CertificateRole: String, Sendable {
    /// It is the CA that signs.
    case signs
    /// It is trusted, and its key is not here or does not sign.
    case trusted
    /// It is going to sign.
    case next
    /// It has signed until the switch of a rotation.
    case previous
    /// It is the successor or the present CA, certified by its predecessor.
    case cross
    /// It stands between a leaf and the CA.
    case intermediate
  }

  /// A certificate that belongs to an entry besides its own.
  package struct OtherCertificate: Sendable {
    /// What it does.
    package let role: CertificateRole
    /// Where it is.
    package let path: String
    /// The certificate.
    package let certificate: Certificate
    /// How it stands.
    package let state: State
    /// The instant of the report.
    let instant: Date

    /// Whether clients and servers do not accept the certificate of the entry without it.
    var isNeeded: Bool { role == .intermediate }

    /// How much of its life it has before it, from 0 to 1.
    package var remainingLife: Double { certificate.validity.remainingLife(at: instant) }

    /// The time to its end.
    package var residualTime: ResidualTime {
      ResidualTime(from: instant, to: certificate.validity.notAfter)
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
  package init(of tree: TreeContents, catalog: Catalog, at instant: Date, margin: ExpiryMargin? = nil) {
    let survey = ExpirationSurvey(
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
  public init(of tree: TreeContents, at instant: Date, margin: ExpiryMargin? = nil) {
    self.init(of: tree, catalog: tree.catalog, at: instant, margin: margin)
  }

  /// All entries, CAs last.
  public var entries: [Entry] { certificates + certificateAuthorities }

  /// What ends first: an entry of which nothing can be read, before all others.
  package var first: Entry? { entries.min { $0.endsBefore($1) } }

  /// Whether each certificate is there and valid, stays so for long enough, and is not about to be replaced by a run that
  /// has ended before its time.
  public var isSound: Bool { unfinishedRun == nil && entries.allSatisfy(\.isSound) }
}

extension Validity {
  /// How much of the time is left at an instant, from 0 to 1.
  fileprivate func remainingLife(at instant: Date) -> Double {
    let life = notAfter.timeIntervalSince(notBefore)
    guard life > 0 else { return 0 }
    return min(max(notAfter.timeIntervalSince(instant) / life, 0), 1)
  }
}

extension ExpiryMargin {
  /// Whether a certificate of this validity expires within the margin.
  fileprivate func includes(_ validity: Validity, at instant: Date) -> Bool {
    switch self {
    case .time(let lifetime): validity.notAfter.timeIntervalSince(instant) <= Double(lifetime.seconds)
    case .share(let share): validity.remainingLife(at: instant) < share
    }
  }
}

extension ExpirationReport.State {
  /// How a certificate of this validity stands at `instant`.
  package init(_ validity: Validity, at instant: Date, margin: ExpiryMargin? = nil) {
    let rest = validity.notAfter.timeIntervalSince(instant)
    if rest < 0 {
      self = .expired
    } else if instant < validity.notBefore {
      self = .notYetValid
    } else {
      self = margin?.includes(validity, at: instant) == true ? .expiring : .valid
    }
  }
}
