/// Which parts of the catalog a command is about.
public struct Selection: Sendable, Hashable {
  /// The certificates.
  public var certificates: Set<CertificateProfile.ID> = []
  /// Whether the pair for service-account tokens belongs to it.
  public var serviceAccountKey = false
  /// The kubeconfigs.
  public var kubeconfigs: Set<KubeconfigProfile.ID> = []

  /// Nothing.
  public init() {}

  /// The whole catalog.
  public static func everything(in catalog: Catalog) -> Selection {
    var selection = certificates(in: catalog)
    selection.kubeconfigs = Set(catalog.kubeconfigs.map(\.id))
    return selection
  }

  /// All certificates but the optional ones, and the pair for service-account tokens.
  public static func certificates(in catalog: Catalog) -> Selection {
    var selection = Selection()
    selection.certificates = Set(catalog.certificates.filter { !$0.isOptional }.map(\.id))
    selection.serviceAccountKey = true
    return selection
  }

  /// What has to be known of the cluster to make all of it.
  public func facts(in catalog: Catalog) -> Set<ClusterConfiguration.Fact> {
    let ofCertificates = catalog.certificates.filter { certificates.contains($0.id) }.map(\.facts)
    let ofKubeconfigs = catalog.kubeconfigs.filter { kubeconfigs.contains($0.id) }.map(\.facts)
    return (ofCertificates + ofKubeconfigs).reduce(into: []) { $0.formUnion($1) }
  }
}

extension Selection {
  /// The certificates of these names, kubeadm's; `all` for all of them, `sa` for the service-account pair.
  ///
  /// - Throws: ``PKIErrors`` with every name that the catalog does not have.
  public init(certificateNames names: [String], in catalog: Catalog) throws(PKIErrors) {
    let known = catalog.certificates.map(\.id.rawValue) + [Catalog.serviceAccountKey]
    try Self.check(names, known: known)
    self.init()
    if names.contains("all") { self = .certificates(in: catalog) }
    certificates.formUnion(names.compactMap { CertificateProfile.ID(rawValue: $0) })
    if names.contains(Catalog.serviceAccountKey) { serviceAccountKey = true }
  }

  /// The kubeconfigs of these names, with or without `.conf`; `all` for all of them.
  ///
  /// - Throws: ``PKIErrors`` with every name that the catalog does not have.
  public init(kubeconfigNames names: [String], in catalog: Catalog) throws(PKIErrors) {
    let plain = names.map { $0.hasSuffix(".conf") ? String($0.dropLast(5)) : $0 }
    try Self.check(plain, known: catalog.kubeconfigs.map(\.id.rawValue))
    self.init()
    kubeconfigs =
      plain.contains("all")
      ? Set(catalog.kubeconfigs.map(\.id)) : Set(plain.compactMap { KubeconfigProfile.ID(rawValue: $0) })
  }

  private static func check(_ names: [String], known: [String]) throws(PKIErrors) {
    let unknown = names.filter { $0 != "all" && !known.contains($0) }
    guard !unknown.isEmpty else { return }
    throw PKIErrors(
      unknown.map {
        .invalidSetting(
          .option("NAME"), value: $0, problem: "not one of all, \(known.joined(separator: ", "))", hint: nil)
      })
  }
}
