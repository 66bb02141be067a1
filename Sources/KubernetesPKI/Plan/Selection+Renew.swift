extension Selection {
  /// What can be renewed: every leaf certificate and every kubeconfig.
  public static func renewable(in catalog: Catalog) -> Selection {
    var selection = Selection()
    selection.certificates = Set(catalog.certificates.filter { $0.role != .authority }.map(\.id))
    selection.kubeconfigs = Set(catalog.kubeconfigs.map(\.id))
    return selection
  }

  /// The leaf certificates and kubeconfigs of these names; `all` for all of them.
  ///
  /// - Throws: ``PKIErrors`` with every name that is none, or that of something that is never renewed.
  public init(renewing names: [String], in catalog: Catalog) throws(PKIErrors) {
    let all = Selection.renewable(in: catalog)
    let certificates = catalog.certificates.filter { all.certificates.contains($0.id) }.map(\.id.rawValue)
    let kubeconfigs = catalog.kubeconfigs.map(\.fileName)
    var errors: [PKIError] = []
    self = names.contains("all") ? all : Selection()
    for name in names where name != "all" {
      let plain = name.hasSuffix(".conf") ? String(name.dropLast(5)) : name
      if certificates.contains(name), let id = CertificateProfile.ID(rawValue: name) {
        self.certificates.insert(id)
      } else if let id = KubeconfigProfile.ID(rawValue: plain), catalog[id] != nil {
        self.kubeconfigs.insert(id)
      } else {
        errors.append(Self.notRenewable(name, known: certificates + kubeconfigs))
      }
    }
    if !errors.isEmpty { throw PKIErrors(errors) }
  }

  private static func notRenewable(_ name: String, known: [String]) -> PKIError {
    if name == Catalog.serviceAccountKey {
      return .invalidSetting(
        .option("NAME"), value: name, problem: "a key pair, which has no lifetime to renew", hint: nil)
    }
    if CertificateProfile.ID(rawValue: name) != nil {
      return .invalidSetting(
        .option("NAME"), value: name, problem: "an authority, and authorities are never renewed",
        hint: "a new authority is a new cluster: nothing that trusts the old one would trust it")
    }
    return .invalidSetting(
      .option("NAME"), value: name, problem: "not one of all, \(known.joined(separator: ", "))", hint: nil)
  }
}
