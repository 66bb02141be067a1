public import FoundationEssentials
internal import OpenSSLX509

extension Selection {
  /// What certificates are requested for: the leaf certificates and kubeconfigs of these names; with `all`, everything that
  /// an authority signs whose certificate is in the tree and whose key is not.
  ///
  /// - Throws: ``PKIErrors`` with every name that is none, or whose authority can sign it here.
  public init(requesting names: [String], of catalog: Catalog, in tree: TreeContents) throws(PKIErrors) {
    let named = try Selection(renewing: names.filter { $0 != "all" }, in: catalog)
    let certificates = catalog.certificates.filter { named.certificates.contains($0.id) }
    let kubeconfigs = catalog.kubeconfigs.filter { named.kubeconfigs.contains($0.id) }
    var errors: [PKIError] = []
    for (name, authority) in certificates.compactMap({ row in row.authority.map { (row.id.rawValue, $0) } })
      + kubeconfigs.map({ ($0.fileName, $0.authority) }) where !tree.isElsewhere(authority)
    {
      errors.append(Self.needless(name, authority, catalog, tree))
    }
    guard errors.isEmpty else { throw PKIErrors(errors) }
    self = named
    guard names.contains("all") else { return }
    self.certificates.formUnion(
      catalog.certificates.filter { !$0.isOptional && $0.authority.map(tree.isElsewhere) == true }.map(\.id))
    self.kubeconfigs.formUnion(catalog.kubeconfigs.filter { tree.isElsewhere($0.authority) }.map(\.id))
    guard self == Selection() else { return }
    throw PKIErrors([
      .invalidSetting(
        .option("NAME"), value: "all",
        problem:
          "nothing here: \(tree.location.certificateDirectory) has no authority whose key is elsewhere",
        hint:
          "put the authority's certificate there without its key, as ca.crt for example; what is signed here,"
          + " pkigen init makes")
    ])
  }

  /// Why nobody requests an item.
  private static func needless(
    _ name: String, _ id: CertificateProfile.ID, _ catalog: Catalog, _ tree: TreeContents
  ) -> PKIError {
    let path = catalog[id].map(tree.location.certificate) ?? id.rawValue
    guard tree.certificates[id]?.isAbsent == false else {
      return .invalidSetting(
        .option("NAME"), value: name,
        problem:
          "not to be requested yet: the certificate of the authority that has to sign it, \(path), is missing",
        hint: "put that certificate there first; or make an authority with pkigen init")
    }
    let command = name.hasSuffix(".conf") ? "phase kubeconfig" : "phase cert"
    return .invalidSetting(
      .option("NAME"), value: name, problem: "signed here: the key of \(path) is in this tree",
      hint: "make it with pkigen \(command) \(name)\(tree.location.commandOptions)")
  }
}

/// A request for a certificate that an authority elsewhere has to sign.
public struct PlannedRequest: Sendable {
  /// What stands where it goes.
  public enum Place: Sendable {
    /// Nothing.
    case empty
    /// A request for something else, or for another key.
    case other
    /// The same request.
    case same
  }

  /// What it asks for.
  public let specification: RequestSpecification
  /// The key that is to be certified.
  public let key: Replacement.KeySource
  /// What is there.
  public let place: Place
}

extension Plan {
  /// The plan that makes requests for certificates which authorities elsewhere have to sign, and keys where there are none.
  ///
  /// - Parameter instant: the time at which the authorities must be in force.
  /// - Throws: ``PKIErrors`` with everything that is wrong with what is there or what is needed.
  public init(
    requesting selection: Selection, of catalog: Catalog, in tree: TreeContents,
    for cluster: ClusterConfiguration, at instant: Date
  ) throws(PKIErrors) {
    var builder = RequestBuilder(
      examination: Examination(catalog: catalog, tree: tree, cluster: cluster, instant: instant))
    for profile in catalog.certificates where selection.certificates.contains(profile.id) {
      builder.add(profile)
    }
    for profile in catalog.kubeconfigs where selection.kubeconfigs.contains(profile.id) {
      builder.add(profile)
    }
    guard builder.errors.isEmpty else { throw PKIErrors(builder.errors) }
    self.init(
      steps: builder.steps, warnings: [], refusals: [], tree: tree, cluster: cluster, instant: instant)
  }
}
